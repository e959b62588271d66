using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>Reads the objects of a store in the order of <see cref="VerifyPosition"/>, from one position until the time is over, and at least one of them.</summary>
internal sealed class ObjectSweep(
    ITableStore tables, IObjectStore objects, TimeProvider time, StoreName store, VerifyOptions options, CompactionHead head, long started, VerifyReport report)
{
    private readonly CommitLog log = new(tables, time);
    private VerifyPosition? done = options.After;

    private bool IsOver => options.TimeLimit is { } limit && done != options.After && time.GetElapsedTime(started) >= limit;

    /// <summary>The position to go on from; null when everything is read.</summary>
    public async Task<VerifyPosition?> RunAsync(IReadOnlyList<CompactedSegment> segments, CancellationToken cancellationToken)
    {
        await foreach (var partition in log.ReadPartitionsAsync(store, cancellationToken))
        {
            var after = options.After?.DoneOf(partition) ?? -1;
            if (after < long.MaxValue && !await CheckPartitionAsync(partition, after, cancellationToken))
                return done;
        }

        var contents = new CompactedContents(tables, objects, head, options, report);
        foreach (var segment in segments)
        {
            if (options.After?.IsDone(segment) == true)
                continue;
            if (IsOver)
                return done;
            await contents.CheckAsync(segment, cancellationToken);
            done = VerifyPosition.After(new SegmentKey(segment.Shard, segment.Id));
        }

        return null;
    }

    /// <summary>False when the time was over. What the purge deletes during the run looks like damage; when its anchor has moved, the partition is read once more.</summary>
    private async Task<bool> CheckPartitionAsync(PartitionName partition, long after, CancellationToken cancellationToken)
    {
        var before = done;
        while (true)
        {
            done = before;
            var part = new VerifyReport();
            var purged = await ReadPurgedAsync(partition, cancellationToken);
            var isWhole = await CheckCommitsAsync(partition, Math.Max(after, purged), part, cancellationToken);
            if (!part.IsSound && await ReadPurgedAsync(partition, cancellationToken) != purged)
                continue;
            report.Add(part);
            return isWhole;
        }
    }

    private async Task<bool> CheckCommitsAsync(PartitionName partition, long after, VerifyReport part, CancellationToken cancellationToken)
    {
        var contents = new CommitContents(tables, objects, head, options, part);
        var key = Keys.CommitPartition(store, partition);
        try
        {
            await foreach (var commit in log.ReadCommitsAsync(store, partition, after, cancellationToken))
            {
                if (IsOver)
                    return false;
                await contents.CheckObjectsAsync(commit, $"{Tables.Commits}/{key}/{Keys.Commit(commit.Last)}", cancellationToken);
                done = VerifyPosition.After(partition, commit.Last);
            }
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            part.Add($"{Tables.Commits}/{key}", "Objects behind a row that cannot be read are not verified: " + error.Message);
        }

        return true;
    }

    private async Task<long> ReadPurgedAsync(PartitionName partition, CancellationToken cancellationToken) =>
        PurgePosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(partition), cancellationToken)).PurgedThrough;
}
