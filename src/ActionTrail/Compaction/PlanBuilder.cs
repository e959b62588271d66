using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Compaction;

/// <summary>
/// Does the work of a plan: reads its inputs, writes its segments, says how it came out. Changes nothing that a reader sees. The same
/// inputs make the same objects, so that a second run finds them written.
/// </summary>
internal sealed class PlanBuilder(ITableStore tables, IObjectStore objects, TimeProvider time, CompactionOptions options, ILogger logger)
{
    private readonly CommitLog commits = new(tables, time);
    private readonly CompactionLog log = new(tables);

    public Task<(BuiltPlan Built, List<CompactedSegment> Added)> BuildAsync(CompactionPlan plan, CancellationToken cancellationToken) => plan.Kind switch
    {
        CompactionKind.Fresh => BuildFreshAsync(plan, cancellationToken),
        CompactionKind.Merge => BuildMergeAsync(plan, cancellationToken),
        _ => Task.FromResult((new BuiltPlan { At = time.GetUtcNow(), Touched = Shards(plan.Segments), RowsIn = 0, RowsOut = 0, Copies = 0 }, new List<CompactedSegment>())),
    };

    private async Task<(BuiltPlan, List<CompactedSegment>)> BuildFreshAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        var (runs, passed) = (new List<SegmentRun>(), new List<(PartitionName Partition, long Last)>());
        var keep = new KeptBlocks(options.KeptBytes);
        await foreach (var commit in ReadCommitsAsync(plan, cancellationToken))
        {
            if (commit.Segment is null)
                continue;
            var (run, reason) = commit.LostAt is null ? await TryOpenAsync(commit, keep, cancellationToken) : (null, "it is marked as lost");
            if (run is not null)
            {
                runs.Add(run);
            }
            else if (await commits.FindCommitAsync(plan.Store, commit.Partition, commit.Last, cancellationToken) is not null)
            {
                // Lost or damaged. A commit whose row is gone too was purged meanwhile.
                logger.Passed(commit.Partition, commit.Last, reason);
                passed.Add((commit.Partition, commit.Last));
            }
        }

        while (true)
        {
            using var output = new SegmentOutput(objects, plan, level: 1, options.SieveRows);
            try
            {
                await CompactAsync(plan, runs, output, cancellationToken);
                var built = await FinishAsync(plan, output, runs, cancellationToken);
                return (built with { Passed = passed }, output.Written);
            }
            catch (Exception error) when (IsUnreadable(error))
            {
                // A block of one of them: it is passed over, and what was written so far is an orphan.
                foreach (var (run, reason) in await FindDamagedAsync(plan, runs, cancellationToken))
                {
                    var origin = runs[run].Origin!.Value;
                    logger.Passed(origin.Partition, origin.Last, reason);
                    passed.Add((origin.Partition, origin.Last));
                    runs.RemoveAt(run);
                }
            }
        }
    }

    private async Task CompactAsync(CompactionPlan plan, List<SegmentRun> runs, SegmentOutput output, CancellationToken cancellationToken)
    {
        var planned = plan.PlannedAt.ToUnixTimeMilliseconds();
        var merge = new RunMerge(runs, plan.Shards, plan.LargeAccounts, options.LargeAccountRows);
        for (var shard = 0; shard < plan.Shards; shard++)
        {
            foreach (var slice in merge.Slices(shard, timeMs => TimeSlice.Of(timeMs, planned)))
                await merge.WriteAsync(shard, slice, output, cancellationToken);
        }
    }

    private async IAsyncEnumerable<Commit> ReadCommitsAsync(CompactionPlan plan, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (partition, last) in plan.Returned)
        {
            if (await commits.FindCommitAsync(plan.Store, partition, last, cancellationToken) is { } commit)
                yield return commit;
        }

        foreach (var range in plan.Commits)
        {
            await foreach (var commit in commits.ReadCommitsAsync(plan.Store, range.Partition, range.After, cancellationToken))
            {
                if (commit.Last > range.Through)
                    break;
                yield return commit;
            }
        }
    }

    private async Task<(SegmentRun? Run, string Reason)> TryOpenAsync(Commit commit, KeptBlocks keep, CancellationToken cancellationToken)
    {
        try
        {
            return (await SegmentRun.OpenAsync(objects, commit.Segment!, new(commit.Partition, commit.First, commit.Last, commit.CommittedAt), keep, cancellationToken), "");
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            return (null, error.Message);
        }
    }

    private async Task<(BuiltPlan, List<CompactedSegment>)> BuildMergeAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        var (runs, damaged) = (new List<SegmentRun>(), new List<SegmentKey>());
        foreach (var key in plan.Segments)
        {
            var segment = await log.FindSegmentAsync(plan.Store, key, cancellationToken)
                ?? throw new StoreException(StoreErrorKind.Conflict, $"Segment {key.Id} of shard {key.Shard} is gone: the plan was finished by another run.");
            try
            {
                runs.Add(await SegmentRun.OpenAsync(objects, segment.Segment, origin: null, keep: null, cancellationToken));
            }
            catch (Exception error) when (IsUnreadable(error))
            {
                logger.Damaged(segment.Segment.Name, error.Message);
                damaged.Add(key);
            }
        }

        using var output = new SegmentOutput(objects, plan, level: 2, options.SieveRows);
        try
        {
            if (damaged.Count == 0)
                await MergeAsync(plan, runs, output, cancellationToken);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            // A block of one of them: which one is found by reading each to its end.
            foreach (var (run, reason) in await FindDamagedAsync(plan, runs, cancellationToken))
            {
                logger.Damaged(plan.Segments[run].Id, reason);
                damaged.Add(plan.Segments[run]);
            }
        }

        if (damaged.Count == 0)
            return (await FinishAsync(plan, output, runs, cancellationToken), output.Written);
        return (new BuiltPlan { At = time.GetUtcNow(), Touched = Shards(damaged), RowsIn = 0, RowsOut = 0, Copies = 0, Damaged = damaged }, []);
    }

    private async Task MergeAsync(CompactionPlan plan, List<SegmentRun> runs, SegmentOutput output, CancellationToken cancellationToken)
    {
        var merge = new RunMerge(runs, plan.Shards, plan.LargeAccounts, options.LargeAccountRows);
        foreach (var shard in Shards(plan.Segments))
            await merge.WriteAsync(shard, new(long.MinValue, long.MaxValue), output, cancellationToken);
    }

    /// <summary>The runs that cannot be read to their end, the last first.</summary>
    private static async Task<List<(int Run, string Reason)>> FindDamagedAsync(CompactionPlan plan, List<SegmentRun> runs, CancellationToken cancellationToken)
    {
        var damaged = new List<(int, string)>();
        for (var run = runs.Count - 1; run >= 0; run--)
        {
            try
            {
                for (var row = 0; row < runs[run].Head.Count; row++)
                {
                    var block = runs[run].TryBlock(row, out var known) ? known : await runs[run].LoadAsync(row, cancellationToken);
                    block.Event(row);
                }
            }
            catch (Exception error) when (IsUnreadable(error))
            {
                damaged.Add((run, error.Message));
            }
        }

        return damaged.Count > 0 ? damaged : throw new StoreException(StoreErrorKind.Unavailable, $"Plan {plan.Generation} failed, and each of its inputs can be read.");
    }

    private async Task<BuiltPlan> FinishAsync(CompactionPlan plan, SegmentOutput output, List<SegmentRun> runs, CancellationToken cancellationToken)
    {
        await output.FlushAsync(cancellationToken);
        var rowsIn = runs.Sum(static run => (long)run.Head.Count);
        if (rowsIn != output.Rows + output.Copies)
            throw new InvalidOperationException($"Plan {plan.Generation} read {rowsIn} events and wrote {output.Rows} and {output.Copies} copies.");
        var (name, sha256) = await OutputList.WriteAsync(objects, plan, output.Written, cancellationToken);
        return new BuiltPlan
        {
            At = time.GetUtcNow(),
            Outputs = name,
            OutputsSha256 = sha256,
            Touched = [.. output.Written.Select(static s => s.Shard).Concat(plan.Segments.Select(static s => s.Shard)).Distinct().Order()],
            RowsIn = rowsIn,
            RowsOut = output.Rows,
            Copies = output.Copies,
        };
    }

    private static int[] Shards(IEnumerable<SegmentKey> keys) => [.. keys.Select(static k => k.Shard).Distinct().Order()];

    private static bool IsUnreadable(Exception error) =>
        error is SegmentFormatException or StoreException { Kind: StoreErrorKind.NotFound or StoreErrorKind.Corrupt };
}
