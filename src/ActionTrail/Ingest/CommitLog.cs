using System.Runtime.CompilerServices;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Ingest;

/// <summary>
/// The commit log on tables: per partition a row <c>head</c>, a row per commit and a row per commit that quarantined records, all
/// under one PartitionKey, so that an append is one entity-group transaction. Grammar of the keys: <see cref="Keys"/>.
/// </summary>
public sealed class CommitLog(ITableStore tables, TimeProvider time)
{
    /// <summary>How often one append is sent when the answers are lost. The storage client has retried each of them already.</summary>
    private const int AppendAttempts = 3;

    private readonly CommitAnnouncements announcements = new(tables, time);

    /// <summary>The partitions that hold commits, in ordinal order. A partition is registered before its first commit.</summary>
    public async IAsyncEnumerable<PartitionName> ReadPartitionsAsync(StoreName store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = tables.QueryAsync(Tables.Progress, store.ToString(), Keys.FirstPartition, Keys.AfterPartitions, cancellationToken);
        await foreach (var row in rows)
        {
            if (PartitionName.TryParse(row.RowKey[Keys.FirstPartition.Length..], out var partition))
                yield return partition;
        }
    }

    /// <summary>Where the partition ends now; a head with Last -1 and no ETag while it holds no commit.</summary>
    public async Task<PartitionHead> ReadHeadAsync(StoreName store, PartitionName partition, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Commits, Keys.CommitPartition(store, partition), Keys.Head, cancellationToken) is { } row
            ? PartitionHead.FromRow(row)
            : new PartitionHead();

    /// <summary>Commits whose last sequence number is greater than <paramref name="afterLast"/> (-1: all), in log order.</summary>
    public async IAsyncEnumerable<Commit> ReadCommitsAsync(
        StoreName store, PartitionName partition, long afterLast, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = Keys.Commit(Math.Max(afterLast, -1) + 1);
        await foreach (var row in tables.QueryAsync(Tables.Commits, Keys.CommitPartition(store, partition), from, Keys.AfterCommits, cancellationToken))
            yield return Commit.FromRow(store, partition, row);
    }

    /// <summary>The commit that ends with sequence number <paramref name="last"/>, or null.</summary>
    public async Task<Commit?> FindCommitAsync(StoreName store, PartitionName partition, long last, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Commits, Keys.CommitPartition(store, partition), Keys.Commit(last), cancellationToken) is { } row
            ? Commit.FromRow(store, partition, row)
            : null;

    /// <summary>
    /// Says that commits of the partition up to <paramref name="last"/> are to be expected, and registers it if need be; whoever does so beside writing the
    /// objects tells the append by <see cref="CommitDraft.IsAnnounced"/>. An announcement that no commit follows costs readers a request and nothing else.
    /// </summary>
    /// <exception cref="StoreException">The announcement may or may not have been written.</exception>
    public Task AnnounceAsync(StoreName store, PartitionName partition, long last, CancellationToken cancellationToken) =>
        announcements.WriteAsync(store, partition, last, cancellationToken);

    /// <summary>
    /// Appends one commit behind <paramref name="head"/>, atomically. Null when another writer was first, or the draft's mark is there: nothing was written, the
    /// caller reads mark and head again and decides anew. An answer that got lost is settled by reading, never by a second append: the
    /// same commit is sent again under the same ETag, and it is ours if the row under its key bears its chain link.
    /// </summary>
    /// <exception cref="StoreException">Throttled or Denied: nothing was written. Unavailable: it may have been written; the next reader of the head sees it.</exception>
    public async Task<Commit?> AppendAsync(StoreName store, PartitionName partition, PartitionHead head, CommitDraft draft, CancellationToken cancellationToken)
    {
        if (draft.First <= head.Last || draft.Last < draft.First)
            throw new ArgumentException($"{draft.First}..{draft.Last} does not follow {head.Last}.", nameof(draft));

        // 1. A reader finds partitions and new commits through the registry only, so the registry comes first.
        if (!draft.IsAnnounced)
            await AnnounceAsync(store, partition, draft.Last, cancellationToken);

        // 2. The commit is fixed before the first attempt: a second attempt sends the same bytes and can be recognised.
        var commit = Link(store, partition, head, draft);
        var actions = Actions(commit, head, draft);

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await tables.SubmitAsync(Tables.Commits, actions, cancellationToken);
                return commit;
            }
            catch (StoreException error) when (error.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound or StoreErrorKind.Unavailable)
            {
                // 3. Conflict may come from our own first request whose answer the storage client lost: look before giving up.
                if (await FindCommitAsync(store, partition, commit.Last, cancellationToken) is { } found && found.Hash.AsSpan().SequenceEqual(commit.Hash))
                    return commit;
                if (error.Kind is not StoreErrorKind.Unavailable)
                    return null;
                var now = await ReadHeadAsync(store, partition, cancellationToken);
                if (now.ETag != head.ETag)
                    return null;
                if (attempt == AppendAttempts)
                    throw;
            }
        }
    }

    /// <summary>Whether compacted segments hold the events of this commit: then nobody needs its own any more.</summary>
    public async Task<bool> IsCompactedAsync(Commit commit, CancellationToken cancellationToken) =>
        (await new CompactionLog(tables).ReadHeadAsync(commit.Store, cancellationToken)).Holds(commit);

    /// <summary>
    /// Marks a commit as lost, or takes the mark away (null); everything else of the row stays. False when the row is gone or
    /// changed meanwhile.
    /// </summary>
    public async Task<bool> MarkLostAsync(Commit commit, DateTimeOffset? lostAt, CancellationToken cancellationToken)
    {
        var key = Keys.CommitPartition(commit.Store, commit.Partition);
        if (await tables.FindAsync(Tables.Commits, key, Keys.Commit(commit.Last), cancellationToken) is not { } row)
            return false;
        try
        {
            await tables.ReplaceAsync(Tables.Commits, row.With("LostAt", lostAt), row.ETag!, cancellationToken);
            return true;
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            return false;
        }
    }

    private Commit Link(StoreName store, PartitionName partition, PartitionHead head, CommitDraft draft)
    {
        var now = time.GetUtcNow();
        var commit = new Commit
        {
            Store = store,
            Partition = partition,
            First = draft.First,
            Last = draft.Last,
            Previous = head.Last,
            CommittedAt = now > head.CommittedAt ? now : head.CommittedAt,
            Count = draft.Count,
            Segment = draft.Segment,
            Quarantine = draft.Quarantine,
            Mark = draft.Mark,
            PreviousHash = head.Hash,
            Hash = [],
        };
        return commit with { Hash = Commit.ComputeHash(commit) };
    }

    private static List<TableAction> Actions(Commit commit, PartitionHead head, CommitDraft draft)
    {
        var next = head with
        {
            Last = commit.Last,
            Hash = commit.Hash,
            CommittedAt = commit.CommittedAt,
            HubBase = draft.HubBase ?? head.HubBase,
            LastEnqueuedMs = Math.Max(head.LastEnqueuedMs, draft.LastEnqueuedMs),
        };
        var row = next.ToRow(commit.Store, commit.Partition);
        var swap = head.ETag is null ? TableAction.Insert(row) : TableAction.Replace(row, head.ETag);
        var actions = new List<TableAction> { TableAction.Insert(commit.ToRow()), swap };
        var key = Keys.CommitPartition(commit.Store, commit.Partition);
        if (commit.Quarantine is { } quarantine)
        {
            actions.Add(TableAction.Insert(new TableRow(key, Keys.Quarantine(commit.Last))
                .With("Last", commit.Last).With("Name", quarantine.Name).With("Count", quarantine.Count).With("CommittedAt", commit.CommittedAt)));
        }

        if (draft.Mark is { } mark)
            actions.Add(TableAction.Insert(new Appended(commit.Last, commit.Count, mark.Sha256!).ToRow(key, mark.Key)));
        return actions;
    }
}
