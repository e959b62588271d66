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
    /// 1. One query shows the head of compaction and what every partition announced. A commit is announced before it is made, so a commit made before the call is in
    /// a tail, or its partition announces more than its tail knows and the tail is read on.
    /// 2. Head and tails may be read in any order: commit rows stay when a commit is compacted, so a commit that a tail showed is either behind the head's
    /// positions or in a segment that is in force.
    /// 3. The segments that are in force follow the head: it says which are.
    /// 4. Tails forget what the newest head known here has compacted, so a view is taken of that one and no older one.
    /// </remarks>
    public async Task<CatalogView> ReadAsync(string accountId, long fromMs, long toMs, long forgetBeforeMs, CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
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
                foreach (var tail in tails.Values)
                    tail.Forget(head, forgetBeforeMs);
                return View(head, segments, accountId, fromMs, toMs);
            }
        }
    }

    /// <summary>What <see cref="ReadAsync"/> would answer if nothing had happened since it was called last; null when that is not known. Asks nobody.</summary>
    public CatalogView? Guess(string accountId, long fromMs, long toMs)
    {
        lock (gate)
        {
            return newest is { } head && shards.Known(head, head.ShardOf(accountId)) is { } segments
                ? View(head, segments, accountId, fromMs, toMs)
                : null;
        }
    }

    public async Task ForgetAsync(long generation, LookupSource source, CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(cancellationToken);
        if (source.Commit is not { } commit)
        {
            throw head.Generation > generation
                ? new ViewOutdatedException(generation, $"Segment {source.Segment.Name} was retired.")
                : new StoreException(StoreErrorKind.Unavailable, $"Compacted segment {source.Segment.Name} is missing. Run a verification.");
        }

        var row = await tables.FindAsync(Tables.Commits, Keys.CommitPartition(store, commit.Partition), Keys.Commit(commit.Last), cancellationToken);
        if (row is not null && Commit.FromRow(store, commit.Partition, row).LostAt is null)
        {
            throw head.Holds(commit)
                ? new ViewOutdatedException(generation, $"Segment {source.Segment.Name} was compacted.")
                : new StoreException(StoreErrorKind.Unavailable, $"Segment {source.Segment.Name} of a committed batch is missing. Run a repair.");
        }

        if (tails.TryGetValue(commit.Partition, out var tail))
            tail.Forget(commit);
    }

    private CatalogView View(CompactionHead head, IReadOnlyList<CompactedSegment> segments, string accountId, long fromMs, long toMs)
    {
        var accountHash = Hash64.Of(accountId);
        var sources = new List<LookupSource>();
        foreach (var segment in segments)
        {
            if (segment.Segment.MinEventTimeMs < toMs && segment.Segment.MaxEventTimeMs >= fromMs && segment.MayHold(accountId, accountHash))
                sources.Add(new(segment.Segment, null));
        }

        foreach (var tail in tails.Values)
            tail.CopyTo(sources, accountHash, fromMs, toMs);
        return new CatalogView(head.Generation, sources);
    }

    private async Task<CompactionHead> ReadHeadAsync(CancellationToken cancellationToken) => Keep(await compaction.ReadHeadAsync(store, cancellationToken));

    /// <summary>Heads may be answered out of order: the newest counts.</summary>
    private CompactionHead Keep(CompactionHead head)
    {
        lock (gate)
        {
            if (newest is null || head.Generation > newest.Generation)
                newest = head;
            return newest;
        }
    }

    /// <summary>One query; then the tails of the partitions that announced what is not known here, all at once. Without the row of compaction nothing is compacted.</summary>
    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var (head, known) = (new CompactionHead(), newest);
        var registrations = new List<PartitionRegistration>();
        await foreach (var row in tables.QueryAsync(Tables.Progress, store.ToString(), CompactionKeys.Head, Keys.AfterPartitions, cancellationToken))
        {
            if (row.RowKey == CompactionKeys.Head)
                head = known?.ETag is { } etag && etag == row.ETag ? known : CompactionHead.FromRow(row);
            else if (row.RowKey.StartsWith(Keys.FirstPartition, StringComparison.Ordinal) && PartitionName.TryParse(row.RowKey[Keys.FirstPartition.Length..], out var partition))
                registrations.Add(PartitionRegistration.FromRow(partition, row));
        }

        head = Keep(head);
        var behind = registrations
            .Select(registration => (Tail: tails.GetOrAdd(registration.Partition, name => new PartitionTail(tables, store, name, head)), registration.Announced))
            .Where(static one => one.Tail.IsBehind(one.Announced ?? long.MaxValue))
            .Select(one => one.Tail.RefreshAsync(cancellationToken));
        await Task.WhenAll([.. behind]);
    }
}
