using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Proofs;

/// <summary>Why there is, or is not, a proof.</summary>
public enum ProofOutcome
{
    Found,

    /// <summary>The event is committed and not in the log yet, or the log is not signed yet: ask again a minute later.</summary>
    NotSealed,

    /// <summary>The commit went into the log without its events: it was made, compacted and freed before there was a log, or its segment was lost.</summary>
    SealedWithoutEvents,

    /// <summary>The checkpoint asked for is older than the event, or newer than the log.</summary>
    NotInCheckpoint,
}

/// <summary>A proof with the checkpoint that it leads to; <paramref name="Checkpoint"/> is null when none of this size is stored any more.</summary>
public sealed record ProofResult(ProofOutcome Outcome, EventProof? Proof = null, StoredCheckpoint? Checkpoint = null);

/// <summary>Makes inclusion and consistency proofs out of what sealing wrote. Whatever it gives was followed up to the root first.</summary>
public sealed class ProofFinder(ITableStore tables, IObjectStore objects)
{
    private readonly SealLog log = new(tables, objects);

    /// <summary>The newest checkpoint; null when nothing was ever sealed.</summary>
    public async Task<StoredCheckpoint?> FindLatestAsync(StoreName store, CancellationToken cancellationToken)
    {
        // The head may be a sealing ahead of the newest signature.
        var head = await log.ReadHeadAsync(store, cancellationToken);
        if (head.Size == 0)
            return null;
        if (await log.FindCheckpointAsync(store, head.Size, cancellationToken) is { } newest)
            return newest;
        await foreach (var checkpoint in log.ReadCheckpointsAsync(store, head.Size, cancellationToken))
            return checkpoint;
        return null;
    }

    /// <summary>The proof for an event that a lookup found.</summary>
    /// <param name="store">The store.</param>
    /// <param name="partition">The partition of its commit.</param>
    /// <param name="sequenceNumber">Its sequence number there.</param>
    /// <param name="body">Its bytes as they are stored.</param>
    /// <param name="size">Size of the checkpoint that the proof shall lead to; null: the newest.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <exception cref="StoreException">The store cannot be read. Corrupt: the event is not one that was sealed, or what was sealed is damaged.</exception>
    public async Task<ProofResult> FindAsync(StoreName store, PartitionName partition, long sequenceNumber, ReadOnlyMemory<byte> body, long? size, CancellationToken cancellationToken)
    {
        // 1. The commit in the log.
        if (await log.FindAsync(store, partition, sequenceNumber, cancellationToken) is not { } place)
            return new(ProofOutcome.NotSealed);
        var sealing = await log.FindSealingAsync(store, place.To, cancellationToken)
            ?? throw new StoreException(StoreErrorKind.Corrupt, $"{Tables.Checkpoints}/{store}/{SealKeys.Sealing(place.To)} is missing.");
        var commits = await ReadAsync(() => log.ReadCommitsAsync(sealing, cancellationToken));
        var number = commits.FindIndex(c => c.Partition == partition && c.First <= sequenceNumber && sequenceNumber <= c.Last);
        if (number < 0 || commits[number].Root is null)
            return new(ProofOutcome.SealedWithoutEvents);
        var (commit, logIndex) = (commits[number], sealing.From + number);

        // 2. The checkpoint.
        var checkpoint = size is null ? await FindLatestAsync(store, cancellationToken) : await log.FindCheckpointAsync(store, size.Value, cancellationToken);
        var head = await log.ReadHeadAsync(store, cancellationToken);
        if (size is null && (checkpoint is null || checkpoint.Size <= logIndex))
            return new(ProofOutcome.NotSealed);
        var logSize = size ?? checkpoint!.Size;
        if (logSize <= logIndex || logSize > head.Size)
            return new(ProofOutcome.NotInCheckpoint);

        // 3. The event in the commit, by its hash.
        var leaves = await ReadAsync(() => log.ReadLeavesAsync(sealing, commits, number, cancellationToken));
        var leafHash = MerkleTree.LeafHash(body.Span);
        if (IndexOf(leaves, leafHash) is not (>= 0 and var index))
            throw new StoreException(StoreErrorKind.Corrupt, $"The event at {partition} {sequenceNumber} is none of those that were sealed with its commit.");

        // 4. The paths, and whether they lead where they should.
        var tiles = new LogTiles(objects, store, head);
        var proof = new EventProof
        {
            LeafHash = leafHash,
            Index = index,
            Count = commit.Count,
            Path = MerkleTree.InclusionRanges(index, commit.Count).ConvertAll(r => MerkleTree.Root(leaves.AsSpan((int)r.From * MerkleTree.HashBytes, (int)(r.To - r.From) * MerkleTree.HashBytes))),
            CommittedAt = commit.CommittedAt,
            Link = commit.Link,
            LogIndex = logIndex,
            LogSize = logSize,
            LogPath = await ReadAsync(() => tiles.RangesAsync(MerkleTree.InclusionRanges(logIndex, logSize), cancellationToken)),
        };
        var root = checkpoint?.Root ?? await ReadAsync(() => tiles.RootAsync(logSize, cancellationToken));
        return proof.Root().AsSpan().SequenceEqual(root)
            ? new(ProofOutcome.Found, proof, checkpoint)
            : throw new StoreException(StoreErrorKind.Corrupt, $"What is sealed of {partition} {commit.Last} does not lead to the root of the log of size {logSize}.");
    }

    /// <summary>That the log of one size is a beginning of the log of a larger one; null when the log was never that long.</summary>
    /// <exception cref="StoreException">The store cannot be read, or what was sealed is damaged.</exception>
    public async Task<IReadOnlyList<byte[]>?> FindConsistencyAsync(StoreName store, long size, long larger, CancellationToken cancellationToken)
    {
        var head = await log.ReadHeadAsync(store, cancellationToken);
        if (size <= 0 || larger < size || larger > head.Size)
            return null;
        return await ReadAsync(() => new LogTiles(objects, store, head).RangesAsync(MerkleTree.ConsistencyRanges(size, larger), cancellationToken));
    }

    private static int IndexOf(byte[] leaves, byte[] leafHash)
    {
        for (var i = 0; i < leaves.Length / MerkleTree.HashBytes; i++)
        {
            if (leaves.AsSpan(i * MerkleTree.HashBytes, MerkleTree.HashBytes).SequenceEqual(leafHash))
                return i;
        }

        return -1;
    }

    /// <summary>An object that is not there is damage too.</summary>
    private static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"An object in container {Containers.Proofs} is missing: {missing.Message}", missing);
        }
    }
}
