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
internal sealed record CatalogView(long Generation, List<LookupSource> Sources)
{
    /// <summary>Whether both name the same segments. Two views of the same segments can be told apart when a list was read anew, which costs work and no truth.</summary>
    public bool IsSameAs(CatalogView other)
    {
        if (Generation != other.Generation || Sources.Count != other.Sources.Count)
            return false;
        for (var i = 0; i < Sources.Count; i++)
        {
            if (!ReferenceEquals(Sources[i].Segment, other.Sources[i].Segment) || !ReferenceEquals(Sources[i].Commit, other.Sources[i].Commit))
                return false;
        }

        return true;
    }
}

/// <summary>A segment is gone because compaction went on since the view was taken: take another one.</summary>
internal sealed class ViewOutdatedException(long generation, string message) : Exception(message)
{
    /// <summary>The generation of the view.</summary>
    public long Generation => generation;
}
