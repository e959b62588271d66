using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Query;

/// <summary>A segment that a lookup may have to read: the fresh one of a commit, or a compacted one, which knows the commit of each of its rows.</summary>
internal sealed class LookupSource(SegmentReference segment, Commit? commit)
{
    public SegmentReference Segment => segment;

    /// <summary>The commit of a fresh segment; null for a compacted one.</summary>
    public Commit? Commit => commit;

    /// <summary>The commit that brought the event of a row.</summary>
    public CommitOrigin OriginOf(SegmentHead head, int row) => commit is not null
        ? new(commit.Partition, commit.First, commit.Last, commit.CommittedAt)
        : head.OriginOf(row) ?? throw new SegmentFormatException($"Segment {segment.Name} is compacted by its row and fresh by its head.");
}

/// <summary>What a store consisted of at one moment, as far as one account and range of time is concerned.</summary>
/// <param name="Generation">The generation of compaction that was in force.</param>
/// <param name="Sources">In no particular order; together they hold every event exactly once, copies that were sent again aside.</param>
internal sealed record CatalogView(long Generation, List<LookupSource> Sources);

/// <summary>A segment is gone because compaction went on since the view was taken: take another one.</summary>
internal sealed class ViewOutdatedException(string message) : Exception(message);
