using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>
/// Re-reads a store and proves that it is as it was written: the hash chain of every partition, order and gaps, the head, the chain of compaction's plans and
/// the catalog they come to, the sealed log and its checkpoints; then every segment and quarantine object down to the single event. Safe beside writers, compaction and the purge. In one run or
/// in parts: the first part proves the rows, each further one reads the objects behind the position where the last one stopped.
/// </summary>
public sealed class StoreVerifier(ITableStore tables, IObjectStore objects, TimeProvider time)
{
    /// <exception cref="StoreException">The store cannot be read. What is wrong in it is reported, not thrown.</exception>
    public async Task<VerifyReport> VerifyAsync(StoreName store, VerifyOptions options, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var report = new VerifyReport();
        var (head, segments) = options.After is null
            ? await VerifyRowsAsync(store, options, report, cancellationToken)
            : await ReadCatalogAsync(store, report, cancellationToken);
        if (options.ReadObjects)
            report.Next = await new ObjectSweep(tables, objects, time, store, options, head, started, report).RunAsync(segments, cancellationToken);
        return report;
    }

    private async Task<(CompactionHead Head, List<CompactedSegment> Segments)> VerifyRowsAsync(
        StoreName store, VerifyOptions options, VerifyReport report, CancellationToken cancellationToken)
    {
        // 1. The generation of compaction, its plans and its catalog.
        var (head, generations, segments) = await VerifyGenerationsAsync(store, options, report, cancellationToken);
        report.Plans = head.Generation;

        // 2. The log; how much of it is sealed is read before it.
        var seals = new SealCheck(tables, objects, store, report);
        var log = await seals.ReadHeadAsync(cancellationToken);
        var (counts, purged) = (new Dictionary<(PartitionName, long), int>(), new Dictionary<PartitionName, long>());
        await foreach (var partition in new CommitLog(tables, time).ReadPartitionsAsync(store, cancellationToken))
        {
            report.Add(await VerifyPartitionAsync(store, partition, head, counts, seals, options, cancellationToken));
            purged[partition] = (await ReadPurgeAsync(store, partition, cancellationToken)).PurgedThrough;
        }

        // 3. One against the other.
        generations.CheckCounts(counts, purged, report);
        if (log is not null)
            await seals.CheckAsync(log, options.ReadObjects, cancellationToken);
        return (head, segments);
    }

    /// <summary>The segments in force now, for a part that goes on; what the first part proved is not proved again.</summary>
    private async Task<(CompactionHead Head, List<CompactedSegment> Segments)> ReadCatalogAsync(StoreName store, VerifyReport report, CancellationToken cancellationToken)
    {
        var (log, segments) = (new CompactionLog(tables), new List<CompactedSegment>());
        var head = await ReadGenerationAsync(store, report, cancellationToken) ?? new CompactionHead();
        try
        {
            for (var shard = 0; shard < head.Shards && head.Generation > 0; shard++)
            {
                await foreach (var segment in log.ReadSegmentsAsync(store, shard, head.Generation, cancellationToken))
                    segments.Add(segment);
            }
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            report.Add($"{Tables.Segments}/{store}", error.Message);
        }

        return (head, segments);
    }

    /// <summary>Plans that are forgotten during the run look like damage; when the checkpoint has moved, they are read once more.</summary>
    private async Task<(CompactionHead Head, GenerationCheck Check, List<CompactedSegment> Segments)> VerifyGenerationsAsync(
        StoreName store, VerifyOptions options, VerifyReport report, CancellationToken cancellationToken)
    {
        var log = new CompactionLog(tables);
        while (true)
        {
            var part = new VerifyReport();
            var through = await FindCheckpointAsync(log, store, cancellationToken);
            var head = await ReadGenerationAsync(store, part, cancellationToken);
            var check = new GenerationCheck(tables, objects, store, options, part);
            var segments = head is null ? [] : await CheckGenerationsAsync(check, head, store, part, cancellationToken);
            if (!part.IsSound && await FindCheckpointAsync(log, store, cancellationToken) != through)
                continue;
            report.Add(part);
            return (head ?? new CompactionHead(), check, segments);
        }
    }

    /// <summary>The last plan that is forgotten; null when the row cannot be read, which the check reports.</summary>
    private static async Task<long?> FindCheckpointAsync(CompactionLog log, StoreName store, CancellationToken cancellationToken)
    {
        try
        {
            return (await log.ReadCheckpointAsync(store, cancellationToken)).Through;
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            return null;
        }
    }

    /// <summary>Null after reporting that the row cannot be read.</summary>
    private async Task<CompactionHead?> ReadGenerationAsync(StoreName store, VerifyReport report, CancellationToken cancellationToken)
    {
        try
        {
            return await new CompactionLog(tables).ReadHeadAsync(store, cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            report.Add($"{Tables.Progress}/{store}/{CompactionKeys.Head}", error.Message);
            return null;
        }
    }

    private static async Task<List<CompactedSegment>> CheckGenerationsAsync(
        GenerationCheck generations, CompactionHead head, StoreName store, VerifyReport report, CancellationToken cancellationToken)
    {
        try
        {
            return await generations.CheckAsync(head, cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            report.Add($"{Tables.Progress}/{store}/{CompactionKeys.Head}", "A plan or a row of the catalog cannot be read: " + error.Message);
            return [];
        }
    }

    /// <summary>What the purge deletes during the run looks like damage; when its anchor has moved, the partition is read once more.</summary>
    private async Task<VerifyReport> VerifyPartitionAsync(
        StoreName store, PartitionName partition, CompactionHead compaction, Dictionary<(PartitionName, long), int> counts, SealCheck seals, VerifyOptions options, CancellationToken cancellationToken)
    {
        while (true)
        {
            var purge = await ReadPurgeAsync(store, partition, cancellationToken);
            var report = new VerifyReport { Partitions = 1 };
            await VerifyPartitionAsync(store, partition, purge, new CommitContents(tables, objects, compaction, options, report), counts, seals, report, cancellationToken);
            if (report.IsSound || (await ReadPurgeAsync(store, partition, cancellationToken)).PurgedThrough == purge.PurgedThrough)
                return report;
        }
    }

    private async Task VerifyPartitionAsync(
        StoreName store, PartitionName partition, PurgePosition purge, CommitContents contents, Dictionary<(PartitionName, long), int> counts, SealCheck seals, VerifyReport report,
        CancellationToken cancellationToken)
    {
        var key = Keys.CommitPartition(store, partition);
        var headName = $"{Tables.Commits}/{key}/{Keys.Head}";
        try
        {
            // 1. The purge anchor was read before the rows: it is written before the first row is deleted.
            var head = await ReadHeadAsync(key, cancellationToken);

            // 2. The rows, each against the one before.
            var chain = new ChainCheck(report, purge);
            var marks = new MarkCheck(tables, new CommitLog(tables, time), store, partition, report);
            await foreach (var row in tables.QueryAsync(Tables.Commits, key, Keys.Commit(purge.PurgedThrough + 1), Keys.AfterCommits, cancellationToken))
            {
                var name = $"{Tables.Commits}/{key}/{row.RowKey}";
                Commit commit;
                try
                {
                    commit = Commit.FromRow(store, partition, row);
                }
                catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
                {
                    report.Add(name, error.Message);
                    return;
                }

                chain.Add(commit, row.RowKey, name);
                marks.Add(commit, name);
                counts[(partition, commit.Last)] = commit.Count;
                seals.Add(commit);
                await CheckIndexAsync(commit, key, name, report, cancellationToken);
                contents.CheckRow(commit, name);
            }

            await marks.CheckAsync(purge.PurgedThrough, cancellationToken);

            // 3. The head. A writer may have gone on meanwhile: only then is it read again.
            if (head.Last < chain.Last)
                head = await ReadHeadAsync(key, cancellationToken);
            if (head.Last < chain.Last)
                report.Add(headName, $"The head says {head.Last}; the last commit is {chain.Last}.");
            else if (!chain.HasSeen(head.Last, head.Hash))
                report.Add(headName, $"The head names {head.Last} with a chain link that no commit has.");
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            report.Add(headName, error.Message);
        }
    }

    private async Task<PurgePosition> ReadPurgeAsync(StoreName store, PartitionName partition, CancellationToken cancellationToken) =>
        PurgePosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(partition), cancellationToken));

    private async Task<PartitionHead> ReadHeadAsync(string key, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Commits, key, Keys.Head, cancellationToken) is { } row ? PartitionHead.FromRow(row) : new PartitionHead();

    private async Task CheckIndexAsync(Commit commit, string key, string name, VerifyReport report, CancellationToken cancellationToken)
    {
        if (commit.Quarantine is null)
            return;
        var row = await tables.FindAsync(Tables.Commits, key, Keys.Quarantine(commit.Last), cancellationToken);
        if (row is null || row.FindString("Name") != commit.Quarantine.Name)
            report.Add(name, "The commit quarantined records and its index row is missing or names another object.");
    }
}
