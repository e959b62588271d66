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
    public Task<List<SealedCommit>> ReadCommitsAsync(Sealing sealing, CancellationToken cancellationToken) => ReadCommitsAsync(sealing, isExact: false, cancellationToken);

    /// <param name="sealing">The sealing.</param>
    /// <param name="isExact">Refuses what is not byte for byte what is written today: no leaf covers header and first numbers.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<List<SealedCommit>> ReadCommitsAsync(Sealing sealing, bool isExact, CancellationToken cancellationToken)
    {
        var bytes = await objects.ReadAsync(Containers.Proofs, sealing.Leaves, 0, sealing.ListLength, cancellationToken);
        try
        {
            var commits = SealedLeaves.ReadList(bytes);
            return commits.Count == sealing.To - sealing.From && sealing.ListLength + commits.Sum(static c => c.LeavesLength) == sealing.Length
                && (!isExact || (IsListed(sealing, commits) && SealedLeaves.Write(sealing.From, commits, []).Content.AsSpan().SequenceEqual(bytes)))
                ? commits
                : throw new FormatException("It is not what its row says.");
        }
        catch (FormatException error)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"{Containers.Proofs}/{sealing.Leaves} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Whether the commits of each partition follow one another up to where the row says.</summary>
    private static bool IsListed(Sealing sealing, List<SealedCommit> commits)
    {
        var through = new Dictionary<PartitionName, long>();
        foreach (var commit in commits)
        {
            if (commit.First <= through.GetValueOrDefault(commit.Partition, -1) || commit.Last < commit.First)
                return false;
            through[commit.Partition] = commit.Last;
        }

        return through.Count == sealing.Partitions.Count && sealing.Partitions.All(p => through.TryGetValue(p.Partition, out var last) && last == p.Through);
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
