using System.Buffers;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Proofs;

/// <summary>Gathers what is to be sealed: the commits behind a head, proved against the chain, with the leaf hashes of their events.</summary>
internal sealed class CommitReader(ITableStore tables, IObjectStore objects, TimeProvider time, SealOptions options, ILogger logger)
{
    /// <summary>One sealing is one transaction of 100 actions: the head, the sealing, and one per partition.</summary>
    private const int MaxPartitions = 90;

    private readonly CommitLog log = new(tables, time);
    private readonly CompactionLog compaction = new(tables);
    private readonly SegmentSource source = new(objects, new SegmentCacheOptions { HeadBytes = 0, BlockBytes = 0 });

    /// <summary>The next commits of all partitions, as many as one sealing takes.</summary>
    public async Task<SealBatch> ReadAsync(StoreName store, SealHead head, CancellationToken cancellationToken)
    {
        var batch = new SealBatch(head.Positions);
        var compacted = await compaction.ReadHeadAsync(store, cancellationToken);
        await foreach (var partition in log.ReadPartitionsAsync(store, cancellationToken))
        {
            if (IsFull(batch) || batch.Changed.Count == MaxPartitions)
            {
                batch.IsCut = true;
                break;
            }

            await ReadPartitionAsync(store, partition, compacted, batch, cancellationToken);
        }

        return batch;
    }

    /// <summary>The leaf hashes of a commit's events, in the order of its segment.</summary>
    /// <exception cref="StoreException">NotFound or Corrupt: the segment is missing or not what its commit says.</exception>
    public async Task<byte[]> HashEventsAsync(Commit commit, CancellationToken cancellationToken)
    {
        var leaves = new byte[MerkleTree.HashBytes * commit.Count];
        var at = 0;
        if (commit.Segment is not null)
        {
            await foreach (var one in source.ReadAllAsync(commit.Segment, cancellationToken))
            {
                if (at == leaves.Length)
                    throw new StoreException(StoreErrorKind.Corrupt, $"Segment {commit.Segment.Name} holds more events than its commit says.");
                MerkleTree.LeafHash(one.Body.Span).CopyTo(leaves, at);
                at += MerkleTree.HashBytes;
            }
        }

        return at == leaves.Length ? leaves : throw new StoreException(StoreErrorKind.Corrupt, $"The segment of {commit.Partition} {commit.Last} holds fewer events than its commit says.");
    }

    private bool IsFull(SealBatch batch) => batch.Commits.Count >= options.MaxCommits || batch.Events >= options.MaxEvents;

    private async Task ReadPartitionAsync(StoreName store, PartitionName partition, CompactionHead compacted, SealBatch batch, CancellationToken cancellationToken)
    {
        // 1. Whether the partition still ends at or behind what is sealed of it.
        var isKnown = batch.Positions.TryGetValue(partition, out var position);
        var end = await log.ReadHeadAsync(store, partition, cancellationToken);
        if (isKnown && end.Last < position!.Last)
        {
            Block(store, batch, partition, $"It ends with {end.Last}, and it is sealed through {position.Last}: its newest commits are gone.");
            return;
        }

        if (end.Last < 0 || (isKnown && end.Last == position!.Last && end.Hash.AsSpan().SequenceEqual(position.Link)))
            return;

        // 2. Each commit must follow the one before it, or what the purge left.
        var purge = PurgePosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(partition), cancellationToken));
        if (!isKnown || purge.PurgedThrough > position!.Last)
            position = new SealedPosition(purge.PurgedThrough, purge.PurgedHash);
        var isAny = false;
        await foreach (var commit in log.ReadCommitsAsync(store, partition, position.Last, cancellationToken))
        {
            isAny = true;
            if (commit.CommittedAt > time.GetUtcNow() - options.Settle)
                return;
            if (IsFull(batch))
            {
                batch.IsCut = true;
                return;
            }

            if (commit.Previous != position.Last || !commit.PreviousHash.AsSpan().SequenceEqual(position.Link))
            {
                Block(store, batch, partition, $"Commit {commit.Last} follows {commit.Previous} and not {position.Last} with the chain link that is sealed: a commit is missing or was changed.");
                return;
            }

            if (!Commit.ComputeHash(commit).AsSpan().SequenceEqual(commit.Hash))
            {
                Block(store, batch, partition, $"The chain link of commit {commit.Last} does not fit its content: the row was changed.");
                return;
            }

            if (await HashAsync(commit, compacted, batch, cancellationToken) is not { } leaves)
                return;
            position = new SealedPosition(commit.Last, commit.Hash);
            batch.Add(commit, leaves.Length == MerkleTree.HashBytes * commit.Count ? leaves : null, position);
        }

        if (!isAny && end.Last == position.Last)
            Block(store, batch, partition, $"It ends with {end.Last} under another chain link than the one that is sealed: its commits were rewritten.");
    }

    /// <summary>The leaf hashes; empty when they cannot be had any more; null after the partition was blocked.</summary>
    private async Task<byte[]?> HashAsync(Commit commit, CompactionHead compacted, SealBatch batch, CancellationToken cancellationToken)
    {
        if (commit.LostAt is not null)
            return [];
        try
        {
            return await HashEventsAsync(commit, cancellationToken);
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.NotFound or StoreErrorKind.Corrupt)
        {
            if (compacted.Holds(commit))
            {
                logger.WithoutEvents(commit.Store, commit.Partition, commit.Last);
                return [];
            }

            Block(commit.Store, batch, commit.Partition, $"The segment of commit {commit.Last} cannot be read: {error.Message}");
            return null;
        }
    }

    private void Block(StoreName store, SealBatch batch, PartitionName partition, string reason)
    {
        logger.Blocked(store, partition, reason);
        batch.Blocked.Add(new BlockedPartition(partition, reason));
    }
}

/// <summary>What one sealing puts into the log.</summary>
internal sealed class SealBatch(IReadOnlyDictionary<PartitionName, SealedPosition> positions)
{
    private readonly Dictionary<PartitionName, SealedPosition> positions = new(positions);
    private readonly ArrayBufferWriter<byte> leaves = new();

    public List<SealedCommit> Commits { get; } = [];

    public long Events { get; private set; }

    /// <summary>There is more behind it.</summary>
    public bool IsCut { get; set; }

    public List<BlockedPartition> Blocked { get; } = [];

    /// <summary>Where every partition is after it.</summary>
    public IReadOnlyDictionary<PartitionName, SealedPosition> Positions => positions;

    /// <summary>The partitions that it has commits of.</summary>
    public HashSet<PartitionName> Changed { get; } = [];

    public ReadOnlySpan<byte> Leaves => leaves.WrittenSpan;

    /// <param name="commit">The commit.</param>
    /// <param name="hashes">Leaf hashes of its events; null when they cannot be had.</param>
    /// <param name="position">Where its partition is with it.</param>
    public void Add(Commit commit, byte[]? hashes, SealedPosition position)
    {
        Commits.Add(new SealedCommit(commit.Partition, commit.First, commit.Last, commit.CommittedAt, commit.Hash, commit.Count, hashes is null ? null : MerkleTree.Root(hashes)));
        leaves.Write(hashes ?? []);
        Events += commit.Count;
        positions[commit.Partition] = position;
        Changed.Add(commit.Partition);
    }
}
