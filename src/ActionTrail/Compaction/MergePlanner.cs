using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Compaction;

/// <summary>
/// Which segments are merged next. While a day is open, <see cref="CompactionOptions.MergeCount"/> segments of like size; once it is closed, what is left
/// of it; once its week is closed, what is left of that. A few late events wait until they are worth reading the large segment again: a segment joins only when
/// the smaller ones before it have a quarter of its bytes. So each event is rewritten a few times, not once per late arrival. Segments of a large account
/// are merged with each other only: every merge leaves fewer segments that can be merged, so that it ends.
/// </summary>
internal sealed class MergePlanner(ITableStore tables, TimeProvider time, CompactionOptions options)
{
    private const int ClosedRatio = 4;

    /// <summary>Smaller ones count as this large: reading them costs a request, not their bytes.</summary>
    private const long LeastBytes = 64 * 1024;

    private readonly CompactionLog log = new(tables);
    private readonly Dictionary<int, List<CompactedSegment>> shards = [];
    private long generation = -1;

    /// <summary>Segments in force by level, as of the last look.</summary>
    public IEnumerable<(int Level, long Count)> InForce =>
        shards.Values.SelectMany(static s => s).GroupBy(static s => s.Level).Select(static g => (g.Key, g.LongCount()));

    /// <summary>The plan that follows the head, or null when nothing is due.</summary>
    public async Task<CompactionPlan?> PlanAsync(StoreName store, CompactionHead head, CancellationToken cancellationToken)
    {
        await RefreshAsync(store, head, cancellationToken);
        var best = shards.OrderBy(static s => s.Key).Select(s => Choose(s.Value)).Where(static c => c.Count > 0).MaxBy(static c => c.Count);
        return best is null ? null : new CompactionPlan
        {
            Store = store,
            Generation = head.Generation + 1,
            Kind = CompactionKind.Merge,
            PlannedAt = time.GetUtcNow(),
            Shards = head.Shards,
            PreviousHash = head.PlanHash,
            Segments = [.. best.Select(static s => new SegmentKey(s.Shard, s.Id))],
        };
    }

    /// <summary>The catalog is read anew where plans changed it since the last look.</summary>
    private async Task RefreshAsync(StoreName store, CompactionHead head, CancellationToken cancellationToken)
    {
        if (generation < 0)
        {
            shards.Clear();
        }
        else
        {
            await foreach (var plan in log.ReadPlansAsync(store, generation, head.Generation, cancellationToken))
            {
                foreach (var shard in plan.Built?.Touched ?? [])
                    shards.Remove(shard);
            }
        }

        for (var shard = 0; shard < head.Shards; shard++)
        {
            if (shards.ContainsKey(shard))
                continue;
            var segments = new List<CompactedSegment>();
            await foreach (var segment in log.ReadSegmentsAsync(store, shard, head.Generation, cancellationToken))
                segments.Add(segment);
            shards[shard] = segments;
        }

        generation = head.Generation;
    }

    /// <summary>The segments of one shard to merge; none when nothing is due.</summary>
    internal List<CompactedSegment> Choose(List<CompactedSegment> segments)
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
