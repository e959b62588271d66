using ActionTrail.Layout;

namespace ActionTrail.Compaction;

/// <summary>
/// Which segments are merged next. While a day is open, <see cref="CompactionOptions.MergeCount"/> segments of like size; once it is closed, what is left
/// of it; once its week is closed, what is left of that. A few late events wait until they are worth reading the large segment again: a segment joins only when
/// the smaller ones before it have a quarter of its bytes. So each event is rewritten a few times, not once per late arrival. Segments of a large account
/// are merged with each other only: every merge leaves fewer segments that can be merged, so that it ends.
/// </summary>
internal sealed class MergePlanner(ShardCatalog catalog, TimeProvider time, CompactionOptions options)
{
    private const int ClosedRatio = 4;

    /// <summary>Smaller ones count as this large: reading them costs a request, not their bytes.</summary>
    private const long LeastBytes = 64 * 1024;

    /// <summary>The plan that follows the head, or null when nothing is due.</summary>
    public async Task<CompactionPlan?> PlanAsync(StoreName store, CompactionHead head, CancellationToken cancellationToken)
    {
        var shards = await catalog.ReadAsync(store, head, cancellationToken);
        var best = shards.Select(Choose).Where(static c => c.Count > 0).MaxBy(static c => c.Count);
        return best is null ? null : new CompactionPlan
        {
            Store = store,
            Generation = head.Generation + 1,
            Kind = CompactionKind.Merge,
            PlannedAt = time.GetUtcNow(),
            Shards = head.Shards,
            PreviousHash = head.PlanHash,
            Segments = [.. best.Select(static s => new SegmentKey(s.Shard, s.Id))],
            LargeAccounts = catalog.LargeAccounts(shards[best[0].Shard], best[0].Account),
        };
    }

    /// <summary>The segments of one shard to merge; none when nothing is due.</summary>
    internal List<CompactedSegment> Choose(IReadOnlyList<CompactedSegment> segments)
    {
        var now = time.GetUtcNow();
        var small = segments.Where(s => s.DamagedAt is null && !s.IsFull && s.Count < options.FullRows && s.Segment.Length < options.FullBytes);
        var best = new List<CompactedSegment>();
        foreach (var week in small.GroupBy(static s => (StartMs: TimeSlice.Start(s.Segment.MinEventTimeMs, TimeSlice.WeekMs), s.Account)))
        {
            if (IsOver(week.Key.StartMs + TimeSlice.WeekMs, now - options.WeekGrace))
            {
                best = Larger(best, Pick(week, least: 2, ClosedRatio));
                continue;
            }

            foreach (var day in week.GroupBy(DayOf))
            {
                var isClosed = day.Key is null || IsOver(day.Key.Value + TimeSlice.DayMs, now - options.DayGrace);
                best = Larger(best, isClosed ? Pick(day, least: 2, ClosedRatio) : Pick(day, options.MergeCount, ratio: 1));
            }
        }

        return best;
    }

    private static List<CompactedSegment> Larger(List<CompactedSegment> one, List<CompactedSegment> other) => other.Count > one.Count ? other : one;

    private static bool IsOver(long endMs, DateTimeOffset now) => endMs <= now.ToUnixTimeMilliseconds();

    /// <summary>The day that holds all events; null when there is none.</summary>
    private static long? DayOf(CompactedSegment segment)
    {
        var day = TimeSlice.Start(segment.Segment.MinEventTimeMs, TimeSlice.DayMs);
        return day == TimeSlice.Start(segment.Segment.MaxEventTimeMs, TimeSlice.DayMs) ? day : null;
    }

    /// <summary>The smallest, as long as the next one is not larger than <paramref name="ratio"/> times those before together, or than twice the one before.</summary>
    private List<CompactedSegment> Pick(IEnumerable<CompactedSegment> group, int least, int ratio)
    {
        var picked = new List<CompactedSegment>();
        long bytes = 0, before = 0;
        foreach (var segment in group.OrderBy(static s => s.Segment.Length).ThenBy(static s => s.Id, StringComparer.Ordinal))
        {
            var length = Math.Max(LeastBytes, segment.Segment.Length);
            var joins = picked.Count == 0 || (picked.Count < options.MaxMergeCount && bytes + length <= options.MaxMergeBytes && length <= Math.Max(ratio * bytes, 2 * before));
            if (!joins)
            {
                if (picked.Count >= least)
                    break;

                // Too large for those before, which wait on: it may begin a group of larger ones.
                picked.Clear();
                bytes = 0;
            }

            picked.Add(segment);
            bytes += length;
            before = length;
        }

        return picked.Count >= least ? picked : [];
    }
}
