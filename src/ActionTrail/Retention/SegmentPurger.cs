using ActionTrail.Compaction;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Retention;

/// <summary>
/// One run of the purge over the compacted segments of a store. A segment is past its retention when its newest event is. As with commits, one run
/// marks and one a grace later retires what the mark covers: from then on nobody sees it, and compaction's sweep deletes it after a grace of its own.
/// </summary>
internal sealed class SegmentPurger(ITableStore tables, Compactor compactor, RetentionOptions options, StoreName store, PurgeLimits limits, bool dryRun)
{
    /// <summary>Segments that one plan retires.</summary>
    private const int PlanSegments = 500;

    private readonly CompactionLog log = new(tables);

    public async Task<SegmentPurge> RunAsync(DateTimeOffset cutoff, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var old = await FindOldAsync(cutoff, cancellationToken);
        var row = await tables.FindAsync(Tables.Progress, store.ToString(), Keys.SegmentPurge, cancellationToken);
        var result = new SegmentPurge { Held = old.RemoveAll(segment => limits.Keep(segment, cutoff)) };

        // 1. What was past its retention when the mark was set, and still is.
        if (row is not null && now >= row.GetTime("MarkedAt") + options.Grace)
        {
            var marked = row.GetTime("Cutoff");
            var due = old.FindAll(segment => IsBefore(segment, marked < cutoff ? marked : cutoff));
            foreach (var some in due.Chunk(PlanSegments))
            {
                if (!dryRun && await compactor.RetireAsync(store, [.. some.Select(static s => new SegmentKey(s.Shard, s.Id))], cancellationToken) is null)
                    return result with { IsContended = true };
                result = result with
                {
                    Retired = result.Retired + some.Length,
                    RetiredEvents = result.RetiredEvents + some.Sum(static s => (long)s.Count),
                    RetiredBytes = result.RetiredBytes + some.Sum(static s => s.Segment.Length),
                };
            }

            old.RemoveAll(due.Contains);
            row = null;
        }

        // 2. Mark anew only when the last mark is used up: a mark that moved on with every run would never come of age.
        if (row is not null || old.Count == 0)
            return result;
        if (!dryRun)
            await tables.UpsertAsync(Tables.Progress, new TableRow(store.ToString(), Keys.SegmentPurge).With("Cutoff", cutoff).With("MarkedAt", now), cancellationToken);
        return result with { Marked = old.Count, MarkedEvents = old.Sum(static s => (long)s.Count) };
    }

    private async Task<List<CompactedSegment>> FindOldAsync(DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        var (head, old) = (await log.ReadHeadAsync(store, cancellationToken), new List<CompactedSegment>());
        for (var shard = 0; shard < head.Shards && head.Generation > 0; shard++)
        {
            await foreach (var segment in log.ReadAllSegmentsAsync(store, shard, cancellationToken))
            {
                if (IsBefore(segment, cutoff) && segment.IsInForce(head.Generation))
                    old.Add(segment);
                else if (IsBefore(segment, cutoff - options.Grace) && segment.LostAt is not null && segment.Until <= head.Generation && !dryRun)
                    await tables.DeleteAsync(Tables.Segments, CompactionKeys.Shard(store, shard), segment.Id, segment.ETag, cancellationToken);
            }
        }

        return old;
    }

    private static bool IsBefore(CompactedSegment segment, DateTimeOffset time) => segment.Segment.MaxEventTimeMs < time.ToUnixTimeMilliseconds();
}
