using System.Runtime.CompilerServices;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Retention;

/// <summary>What a run over a store that nobody finds any more came to.</summary>
/// <param name="IsDone">Nothing of the store is left.</param>
/// <param name="Hold">What keeps it; null: nothing does.</param>
/// <param name="Objects">Objects that were deleted.</param>
/// <param name="Bytes">Bytes of these.</param>
/// <param name="Rows">Rows that were deleted.</param>
public sealed record ErasureReport(bool IsDone, string? Hold, long Objects, long Bytes, long Rows);

/// <summary>
/// Erases a whole store: its objects, then the rows that lead to them, those last that lead to the rows. It may die between any two requests and be run again, also
/// twice at once. Who calls it has seen to it that nobody reads the store.
/// </summary>
public sealed class StoreErasure(ITableStore tables, IObjectStore objects, TimeProvider time, RetentionOptions options)
{
    /// <summary>Longer than any run of a delivery or of compaction that began before the store was hidden.</summary>
    private static readonly TimeSpan LeastGrace = TimeSpan.FromMinutes(15);

    private const int Parallelism = 16;

    private readonly CommitLog commits = new(tables, time);
    private readonly CompactionLog compaction = new(tables);

    /// <summary>How long a store is hidden before it is erased: the grace of the purge, at least 15 minutes.</summary>
    public TimeSpan Grace => options.Grace > LeastGrace ? options.Grace : LeastGrace;

    /// <summary>Why the store must be kept: the hold on everything, one on its owner, or one on an account that may have events in it. Null: it need not be.</summary>
    public async Task<string?> FindHoldAsync(StoreName store, string owner, CancellationToken cancellationToken)
    {
        if (await new LegalHolds(tables, time).FindAsync(LegalHolds.Everything, cancellationToken) is not null)
            return "Everything is held.";
        var holds = await AccountHolds.ReadAsync(tables, cancellationToken);
        if (holds.All.Count == 0)
            return null;
        if (holds.All.Any(hold => hold.AccountId == owner))
            return $"Account {owner} is held.";

        // The head before the commits: those that are compacted meanwhile are seen in the one or the other place.
        var head = await compaction.ReadHeadAsync(store, cancellationToken);
        await foreach (var commit in ReadFreshAsync(store, head, cancellationToken))
        {
            if (holds.Keep(commit))
                return "An account whose events may be in it is held.";
        }

        for (var shard = 0; shard < head.Shards; shard++)
        {
            await foreach (var segment in compaction.ReadAllSegmentsAsync(store, shard, cancellationToken))
            {
                if (holds.Keep(segment))
                    return "An account whose events may be in it is held.";
            }
        }

        return null;
    }

    /// <summary>Deletes what is left of the store for as long as <paramref name="runTime"/>; the next run goes on.</summary>
    /// <param name="store">The store; never the history.</param>
    /// <param name="owner">Whose it was.</param>
    /// <param name="runTime">No request begins after it.</param>
    /// <param name="cancellationToken">Stops between two requests.</param>
    /// <exception cref="StoreException">The store is away, throttles or refuses; the next run goes on.</exception>
    public async Task<ErasureReport> RunAsync(StoreName store, string owner, TimeSpan runTime, CancellationToken cancellationToken)
    {
        if (store == StoreName.History)
            throw new ArgumentException("The history is not erased.", nameof(store));
        if (await FindHoldAsync(store, owner, cancellationToken) is { } hold)
            return new(IsDone: false, hold, 0, 0, 0);
        var until = time.GetUtcNow() + runTime;
        var (count, bytes, rows) = (0L, 0L, 0L);
        foreach (var container in new[] { Containers.Events, Containers.Quarantine, Containers.Proofs })
        {
            await foreach (var some in ChunksAsync(objects.ListAsync(container, $"{store}/", cancellationToken), cancellationToken))
            {
                if (time.GetUtcNow() >= until)
                    return new(IsDone: false, Hold: null, count, bytes, rows);
                await Parallel.ForEachAsync(some, Limits(cancellationToken), async (item, token) => await objects.DeleteAsync(container, item.Name, token));
                (count, bytes) = (count + some.Count, bytes + some.Sum(static item => item.Length));
            }
        }

        // The registry of partitions and the number of shards are in the rows of progress: these go last, so that a run after a death finds the others.
        var places = new List<(string Table, string Partition)>();
        await foreach (var partition in commits.ReadPartitionsAsync(store, cancellationToken))
        {
            places.Add((Tables.Commits, Keys.CommitPartition(store, partition)));
            places.Add((Tables.Quarantine, Keys.CommitPartition(store, partition)));
        }

        var shards = (await compaction.ReadHeadAsync(store, cancellationToken)).Shards;
        places.AddRange(Enumerable.Range(0, shards).Select(shard => (Tables.Segments, CompactionKeys.Shard(store, shard))));
        places.Add((Tables.Checkpoints, store.ToString()));
        places.Add((Tables.Progress, store.ToString()));
        foreach (var (table, partition) in places)
        {
            await foreach (var some in ChunksAsync(tables.QueryAsync(table, partition, fromRowKey: null, toRowKey: null, cancellationToken), cancellationToken))
            {
                if (time.GetUtcNow() >= until)
                    return new(IsDone: false, Hold: null, count, bytes, rows);
                await Parallel.ForEachAsync(some, Limits(cancellationToken), async (row, token) => await tables.DeleteAsync(table, partition, row.RowKey, etag: null, token));
                rows += some.Count;
            }
        }

        return new(IsDone: true, Hold: null, count, bytes, rows);
    }

    /// <summary>The commits whose events lie in no compacted segment.</summary>
    private async IAsyncEnumerable<Commit> ReadFreshAsync(StoreName store, CompactionHead head, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (partition, last) in head.Passed)
        {
            if (await commits.FindCommitAsync(store, partition, last, cancellationToken) is { } commit)
                yield return commit;
        }

        await foreach (var partition in commits.ReadPartitionsAsync(store, cancellationToken))
        {
            await foreach (var commit in commits.ReadCommitsAsync(store, partition, head.Position(partition), cancellationToken))
                yield return commit;
        }
    }

    private static ParallelOptions Limits(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };

    private static async IAsyncEnumerable<List<T>> ChunksAsync<T>(IAsyncEnumerable<T> all, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var some = new List<T>(1000);
        await foreach (var one in all.WithCancellation(cancellationToken))
        {
            some.Add(one);
            if (some.Count < 1000)
                continue;
            yield return some;
            some = new(1000);
        }

        if (some.Count > 0)
            yield return some;
    }
}
