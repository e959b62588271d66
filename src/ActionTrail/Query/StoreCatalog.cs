using System.Collections.Concurrent;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Query;

/// <summary>The catalog of one store.</summary>
internal sealed class StoreCatalog(ITableStore tables, StoreName store)
{
    private readonly CompactionLog compaction = new(tables);
    private readonly ShardLists shards = new(tables, store);
    private readonly ConcurrentDictionary<PartitionName, PartitionTail> tails = new();
    private readonly Lock gate = new();
    private CompactionHead? newest;

    /// <remarks>
    /// 1. The head of compaction and the tails of the log are read at once, in any order: commit rows stay when a commit is compacted, so a commit
    /// made before the call is in a tail, and either behind the head's positions or in a segment that is in force.
    /// 2. The segments that are in force follow the head: it says which are.
    /// 3. Tails forget what the newest head known here has compacted, so a view is taken of that one and no older one.
    /// </remarks>
    public async Task<CatalogView> ReadAsync(string accountId, long fromMs, long toMs, long forgetBeforeMs, CancellationToken cancellationToken)
    {
        var isFirst = newest is null;
        var reading = ReadHeadAsync(cancellationToken);
        if (isFirst)
            await reading;
        await RefreshTailsAsync(cancellationToken);
        await reading;
        var accountHash = Hash64.Of(accountId);
        while (true)
        {
            var head = newest!;
            if (await shards.ReadAsync(head, head.ShardOf(accountId), cancellationToken) is not { } segments)
            {
                await ReadHeadAsync(cancellationToken);
                continue;
            }

            lock (gate)
            {
                if (newest != head)
                    continue;
                var sources = new List<LookupSource>();
                foreach (var segment in segments)
                {
                    if (segment.Segment.MinEventTimeMs < toMs && segment.Segment.MaxEventTimeMs >= fromMs && segment.Segment.Accounts.MayHold(accountHash))
                        sources.Add(new(segment.Segment, null));
                }

                foreach (var tail in tails.Values)
                {
                    tail.Forget(head, forgetBeforeMs);
                    tail.CopyTo(sources, accountHash, fromMs, toMs);
                }

                return new CatalogView(head.Generation, sources);
            }
        }
    }

    public async Task ForgetAsync(long generation, LookupSource source, CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(cancellationToken);
        if (source.Commit is not { } commit)
        {
            throw head.Generation > generation
                ? new ViewOutdatedException($"Segment {source.Segment.Name} was retired.")
                : new StoreException(StoreErrorKind.Unavailable, $"Compacted segment {source.Segment.Name} is missing. Run a verification.");
        }

        var row = await tables.FindAsync(Tables.Commits, Keys.CommitPartition(store, commit.Partition), Keys.Commit(commit.Last), cancellationToken);
        if (row is not null && Commit.FromRow(store, commit.Partition, row).LostAt is null)
        {
            throw head.Holds(commit)
                ? new ViewOutdatedException($"Segment {source.Segment.Name} was compacted.")
                : new StoreException(StoreErrorKind.Unavailable, $"Segment {source.Segment.Name} of a committed batch is missing. Run a repair.");
        }

        if (tails.TryGetValue(commit.Partition, out var tail))
            tail.Forget(commit);
    }

    /// <summary>Heads may be answered out of order: the newest counts.</summary>
    private async Task<CompactionHead> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var head = await compaction.ReadHeadAsync(store, cancellationToken);
        lock (gate)
        {
            if (newest is null || head.Generation > newest.Generation)
                newest = head;
            return newest;
        }
    }

    /// <summary>Known partitions are refreshed while the registry is read; partitions that are new to us follow.</summary>
    private async Task RefreshTailsAsync(CancellationToken cancellationToken)
    {
        var known = tails.Values.ToArray();
        var refreshed = Array.ConvertAll(known, tail => tail.RefreshAsync(cancellationToken));
        var added = new List<Task>();
        await foreach (var row in tables.QueryAsync(Tables.Progress, store.ToString(), Keys.FirstPartition, Keys.AfterPartitions, cancellationToken))
        {
            if (PartitionName.TryParse(row.RowKey[Keys.FirstPartition.Length..], out var partition) && !Array.Exists(known, tail => tail.Partition == partition))
            {
                var tail = tails.GetOrAdd(partition, name => new PartitionTail(tables, store, name, newest!));
                added.Add(tail.RefreshAsync(cancellationToken));
            }
        }

        await Task.WhenAll([.. refreshed, .. added]);
    }
}
