using System.Text.Json;
using ActionTrail.Compaction;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>Proves the plans of compaction against one another, the catalog of compacted segments against the plans, and counts against the commits.</summary>
internal sealed class GenerationCheck(ITableStore tables, IObjectStore objects, StoreName store, VerifyOptions options, VerifyReport report)
{
    private readonly CompactionLog log = new(tables);
    private readonly List<CompactionPlan> plans = [];

    /// <summary>The segments that the catalog has in force at the head's generation.</summary>
    public async Task<List<CompactedSegment>> CheckAsync(CompactionHead head, CancellationToken cancellationToken)
    {
        // 1. The rows, while none of them can have been freed since the head was read.
        var rows = new Dictionary<SegmentKey, CompactedSegment>();
        for (var shard = 0; shard < head.Shards && head.Generation > 0; shard++)
        {
            await foreach (var segment in log.ReadAllSegmentsAsync(store, shard, cancellationToken))
            {
                if (segment.IsInForce(head.Generation))
                    rows.Add(new(shard, segment.Id), segment);
                else if (segment.LostAt is { } lostAt && segment.Until <= head.Generation)
                    report.Add(new VerifyLostSegment(segment.Segment.Name, segment.Count, lostAt));
            }
        }

        // 2. The plans, each against the one before, and what they come to together.
        var expected = new Dictionary<SegmentKey, CompactedSegment>();
        var checkpoint = await log.ReadCheckpointAsync(store, cancellationToken);
        var (link, last) = (checkpoint.PlanHash, checkpoint.Through);
        var isWhole = options.ReadObjects && await BeginAsync(checkpoint, expected, cancellationToken);
        await foreach (var plan in log.ReadPlansAsync(store, checkpoint.Through, head.Generation, cancellationToken))
        {
            var name = Name(plan.Generation);
            if (plan.Generation != last + 1)
                report.Add(name, $"Plan {last + 1} is missing before it.");
            else if (!plan.PreviousHash.AsSpan().SequenceEqual(link))
                report.Add(name, "The plan's previous chain link is not the link of the plan before it.");
            last = plan.Generation;
            plans.Add(plan);
            if (plan.Built is not { } built)
            {
                report.Add(name, "The plan is in effect and is not built.");
                return [.. rows.Values];
            }

            if (!CompactionPlan.ComputeHash(plan).AsSpan().SequenceEqual(built.Hash))
                report.Add(name, "The plan's chain link does not fit its content: the row was changed.");
            if (built.RowsIn != built.RowsOut + built.Copies)
                report.Add(name, $"The plan read {built.RowsIn} events and wrote {built.RowsOut} and {built.Copies} copies.");
            link = built.Hash;
            isWhole = isWhole && await ApplyAsync(plan, built, name, expected, cancellationToken);
        }

        if (last != head.Generation || !link.AsSpan().SequenceEqual(head.PlanHash))
            report.Add(Name(head.Generation), "The head names a generation with a chain link that the last plan does not have.");
        if (isWhole)
            Compare(rows, expected);
        return [.. rows.Values];
    }

    /// <summary>Holds what plans took up against the commits that are still there.</summary>
    /// <param name="counts">Events of each commit by partition and last sequence number.</param>
    /// <param name="purged">Per partition the last sequence number that the purge may have deleted.</param>
    /// <param name="whole">Where to say what is wrong.</param>
    public void CheckCounts(IReadOnlyDictionary<(PartitionName Partition, long Last), int> counts, IReadOnlyDictionary<PartitionName, long> purged, VerifyReport whole)
    {
        var byPartition = counts.ToLookup(static one => one.Key.Partition, static one => (one.Key.Last, one.Value));
        var sorted = byPartition.ToDictionary(static one => one.Key, static one => one.OrderBy(static c => c.Last).ToList());
        foreach (var plan in plans.Where(static p => p is { Kind: CompactionKind.Fresh, Built: not null }))
        {
            var isOld = plan.Commits.Any(range => range.After < purged.GetValueOrDefault(range.Partition, -1))
                || plan.Returned.Any(one => one.Last <= purged.GetValueOrDefault(one.Partition, -1));
            if (isOld)
                continue;
            var passed = plan.Built!.Passed.ToHashSet();
            var taken = plan.Commits.Sum(range => Sum(sorted.GetValueOrDefault(range.Partition, []), range, passed))
                + plan.Returned.Where(one => !passed.Contains(one)).Sum(one => (long)counts.GetValueOrDefault(one));
            if (taken != plan.Built.RowsIn)
                whole.Add(Name(plan.Generation), $"The plan read {plan.Built.RowsIn} events; its commits count {taken}.");
        }
    }

    private static long Sum(List<(long Last, int Count)> commits, CommitRange range, HashSet<(PartitionName, long)> passed)
    {
        var first = commits.BinarySearch((range.After + 1, int.MinValue));
        var sum = 0L;
        for (var i = first < 0 ? ~first : first; i < commits.Count && commits[i].Last <= range.Through; i++)
            sum += passed.Contains((range.Partition, commits[i].Last)) ? 0 : commits[i].Count;
        return sum;
    }

    /// <summary>What was in force when the plans began that are kept; false when that cannot be told.</summary>
    private async Task<bool> BeginAsync(PlanCheckpoint checkpoint, Dictionary<SegmentKey, CompactedSegment> expected, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var segment in await OutputList.ReadAsync(objects, store, checkpoint, cancellationToken))
                expected[new(segment.Shard, segment.Id)] = segment;
            return true;
        }
        catch (Exception error) when (error is JsonException or FormatException or StoreException { Kind: StoreErrorKind.NotFound or StoreErrorKind.Corrupt })
        {
            report.Add($"{Containers.Events}/{checkpoint.Segments}", "The list of the segments in force at the checkpoint cannot be read: " + error.Message);
            return false;
        }
    }

    /// <summary>What is expected to be in force after the plan; false when that cannot be told.</summary>
    private async Task<bool> ApplyAsync(CompactionPlan plan, BuiltPlan built, string name, Dictionary<SegmentKey, CompactedSegment> expected, CancellationToken cancellationToken)
    {
        List<CompactedSegment> added;
        try
        {
            added = await OutputList.ReadAsync(objects, plan, cancellationToken);
        }
        catch (Exception error) when (error is JsonException or FormatException or StoreException { Kind: StoreErrorKind.NotFound or StoreErrorKind.Corrupt })
        {
            report.Add($"{Containers.Events}/{built.Outputs}", "The list of the plan's segments cannot be read: " + error.Message);
            return false;
        }

        if (added.Sum(static s => (long)s.Count) is var written && written != built.RowsOut)
            report.Add(name, $"The plan wrote {built.RowsOut} events; its segments count {written}.");
        long taken = 0;
        foreach (var key in plan.Retired)
        {
            if (expected.Remove(key, out var retired))
                taken += retired.Count;
            else
                report.Add(name, $"The plan retires segment {key.Id} of shard {key.Shard}, which was not in force.");
        }

        if (plan.Kind == CompactionKind.Merge && built.Damaged.Count == 0 && taken != built.RowsIn)
            report.Add(name, $"The plan read {built.RowsIn} events; the segments it merged count {taken}.");
        foreach (var segment in added)
            expected[new(segment.Shard, segment.Id)] = segment;
        return true;
    }

    private void Compare(Dictionary<SegmentKey, CompactedSegment> rows, Dictionary<SegmentKey, CompactedSegment> expected)
    {
        foreach (var (key, segment) in expected)
        {
            var name = $"{Tables.Segments}/{CompactionKeys.Shard(store, key.Shard)}/{key.Id}";
            if (!rows.TryGetValue(key, out var row))
                report.Add(name, "The row of a segment that the plans have in force is missing or retired.");
            else if (!IsSame(row, segment))
                report.Add(name, "The row is not the one that its plan wrote.");
        }

        foreach (var (key, _) in rows.Where(row => !expected.ContainsKey(row.Key)))
            report.Add($"{Tables.Segments}/{CompactionKeys.Shard(store, key.Shard)}/{key.Id}", "The row is in force, and no plan says so.");
    }

    private static bool IsSame(CompactedSegment row, CompactedSegment written) =>
        (row.Segment.Name, row.Segment.Length, row.Segment.HeadOffset, row.Segment.MinEventTimeMs, row.Segment.MaxEventTimeMs, row.Count, row.Level, row.Since)
            == (written.Segment.Name, written.Segment.Length, written.Segment.HeadOffset, written.Segment.MinEventTimeMs, written.Segment.MaxEventTimeMs, written.Count, written.Level, written.Since)
        && row.Segment.Sha256.AsSpan().SequenceEqual(written.Segment.Sha256)
        && row.Segment.Accounts.ToBytes().AsSpan().SequenceEqual(written.Segment.Accounts.ToBytes())
        && row.Segment.Sieve == written.Segment.Sieve && row.Account == written.Account && row.IsFull == written.IsFull && row.Without.SequenceEqual(written.Without)
        && row.Ranges.SequenceEqual(written.Ranges);

    private string Name(long generation) => $"{Tables.Progress}/{store}/{CompactionKeys.Plan(generation)}";
}
