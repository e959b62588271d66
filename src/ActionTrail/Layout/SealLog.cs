using System.Runtime.CompilerServices;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>Reads what sealing wrote: the head of the log of commits, sealings, checkpoints, keys. All methods throw <see cref="StoreException"/>.</summary>
public sealed class SealLog(ITableStore tables, IObjectStore objects)
{
    /// <summary>Where the log ends; an empty one while nothing was ever sealed.</summary>
    public async Task<SealHead> ReadHeadAsync(StoreName store, CancellationToken cancellationToken) =>
        SealHead.FromRow(await tables.FindAsync(Tables.Checkpoints, store.ToString(), SealKeys.Head, cancellationToken));

    /// <summary>Sealings that end behind <paramref name="after"/>, in order.</summary>
    public async IAsyncEnumerable<Sealing> ReadSealingsAsync(StoreName store, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Checkpoints, store.ToString(), SealKeys.Sealing(after + 1), SealKeys.AfterSealings, cancellationToken))
            yield return Sealing.FromRow(row);
    }

    public async Task<Sealing?> FindSealingAsync(StoreName store, long to, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Checkpoints, store.ToString(), SealKeys.Sealing(to), cancellationToken) is { } row ? Sealing.FromRow(row) : null;

    /// <summary>The end of the sealing that put the commit with this sequence number into the log, and the last number of its partition there; null when none is known to have.</summary>
    public async Task<(long To, long Through)?> FindAsync(StoreName store, PartitionName partition, long sequenceNumber, CancellationToken cancellationToken)
    {
        var rows = tables.QueryAsync(Tables.Checkpoints, store.ToString(), SealKeys.Commits(partition, sequenceNumber), SealKeys.AfterCommits(partition), cancellationToken);
        await foreach (var row in rows)
            return (row.GetInt64("To"), row.GetInt64("Through"));
        return null;
    }

    /// <summary>The commits of a sealing, in the order of the log.</summary>
    public async Task<List<SealedCommit>> ReadCommitsAsync(Sealing sealing, CancellationToken cancellationToken)
    {
        var bytes = await objects.ReadAsync(Containers.Proofs, sealing.Leaves, 0, sealing.ListLength, cancellationToken);
        try
        {
            var commits = SealedLeaves.ReadList(bytes);
            return commits.Count == sealing.To - sealing.From && sealing.ListLength + commits.Sum(static c => c.LeavesLength) == sealing.Length
                ? commits
                : throw new FormatException("Its lengths are not those of its row.");
        }
        catch (FormatException error)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"{Containers.Proofs}/{sealing.Leaves} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The leaf hashes of one of the commits, one after another.</summary>
    public Task<byte[]> ReadLeavesAsync(Sealing sealing, IReadOnlyList<SealedCommit> commits, int number, CancellationToken cancellationToken)
    {
        var offset = sealing.ListLength + commits.Take(number).Sum(static c => c.LeavesLength);
        return commits[number].LeavesLength == 0
            ? Task.FromResult<byte[]>([])
            : objects.ReadAsync(Containers.Proofs, sealing.Leaves, offset, (int)commits[number].LeavesLength, cancellationToken);
    }

    /// <summary>Checkpoints of at most this size, largest first.</summary>
    public async IAsyncEnumerable<StoredCheckpoint> ReadCheckpointsAsync(StoreName store, long size, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Checkpoints, store.ToString(), SealKeys.Checkpoint(size), SealKeys.AfterCheckpoints, cancellationToken))
            yield return StoredCheckpoint.FromRow(row);
    }

    public async Task<StoredCheckpoint?> FindCheckpointAsync(StoreName store, long size, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Checkpoints, store.ToString(), SealKeys.Checkpoint(size), cancellationToken) is { } row ? StoredCheckpoint.FromRow(row) : null;

    /// <summary>Every key that ever signed.</summary>
    public async IAsyncEnumerable<StoredNoteKey> ReadKeysAsync(StoreName store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Checkpoints, store.ToString(), SealKeys.FirstKey, SealKeys.AfterKeys, cancellationToken))
            yield return StoredNoteKey.FromRow(row);
    }
}
