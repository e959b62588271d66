using System.Security.Cryptography;
using System.Text;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Proofs;

/// <summary>
/// Puts the commits of all partitions into the log, then signs a checkpoint of it. Safe to run twice at once and to die anywhere: one transaction under the
/// head's ETag is what counts, and only what is in it is signed.
/// </summary>
public sealed class CommitSealer(ITableStore tables, IObjectStore objects, TimeProvider time, SealOptions options, ICheckpointKey signingKey, ILogger<CommitSealer> logger)
{
    /// <summary>Every lost race is a sealing of another run, which then goes on alone.</summary>
    private const int MaxLostRaces = 3;

    private readonly SealLog log = new(tables, objects);

    /// <summary>As <see cref="RunAsync(StoreName, TimeSpan, CancellationToken)"/>, with all the time there is.</summary>
    public Task<SealReport> RunAsync(StoreName store, CancellationToken cancellationToken) => RunAsync(store, options.TimeLimit, cancellationToken);

    /// <summary>Seals until nothing is left or the time is used up, at least once; the next run goes on.</summary>
    /// <exception cref="StoreException">The store is away, throttles or refuses; the next run goes on where this one ended.</exception>
    public async Task<SealReport> RunAsync(StoreName store, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var activity = SealMetrics.Start(store);
        var (started, commits, events, blocked) = (time.GetTimestamp(), 0L, 0L, new List<BlockedPartition>());
        var reader = new CommitReader(tables, objects, time, options, logger);
        for (var lostRaces = 0; lostRaces < MaxLostRaces;)
        {
            var head = await log.ReadHeadAsync(store, cancellationToken);
            var batch = await reader.ReadAsync(store, head, cancellationToken);
            blocked = batch.Blocked;
            if (batch.Commits.Count == 0)
                break;
            if (await AppendAsync(store, head, batch, cancellationToken) is not { } next)
            {
                logger.LostRace(store, head.Size);
                lostRaces++;
                continue;
            }

            logger.Sealed(store, batch.Commits.Count, batch.Events, next.Size);
            (commits, events) = (commits + batch.Commits.Count, events + batch.Events);
            if (!batch.IsCut || time.GetElapsedTime(started) >= limit)
                break;
        }

        var (size, checkpoint) = await SignAsync(store, cancellationToken);
        activity?.SetTag("actiontrail.commits", commits).SetTag("actiontrail.events", events).SetTag("actiontrail.size", size);
        return new SealReport(size, commits, events, checkpoint, blocked);
    }

    /// <summary>Order: leaf hashes and full tiles, then head, sealing and index in one transaction. Null when another run was first.</summary>
    private async Task<SealHead?> AppendAsync(StoreName store, SealHead head, SealBatch batch, CancellationToken cancellationToken)
    {
        var frontier = new LogFrontier(head.Size, head.Tiles);
        foreach (var commit in batch.Commits)
            frontier.Append(MerkleTree.LeafHash(commit.ToLeaf()));
        var (content, list) = SealedLeaves.Write(head.Size, batch.Commits, batch.Leaves);
        var sha256 = SHA256.HashData(content);
        var sealing = new Sealing
        {
            From = head.Size,
            To = frontier.Size,
            SealedAt = time.GetUtcNow(),
            Leaves = SealKeys.Leaves(store, head.Size, frontier.Size, sha256),
            Length = content.Length,
            ListLength = list,
            Sha256 = sha256,
            Partitions = [.. batch.Changed.Order(Comparer<PartitionName>.Create(static (a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))).Select(p => (p, batch.Positions[p].Last))],
        };
        await WriteAsync(objects, sealing.Leaves, content, cancellationToken);
        foreach (var tile in frontier.Full)
            await WriteAsync(objects, SealKeys.Tile(store, tile.Level, tile.Number, tile.Root), tile.Hashes, cancellationToken);

        var next = head with { Size = frontier.Size, SealedAt = sealing.SealedAt, Positions = batch.Positions, Tiles = frontier.Tiles };
        var row = next.ToRow(store);
        List<TableAction> actions = [head.ETag is null ? TableAction.Insert(row) : TableAction.Replace(row, head.ETag), TableAction.Insert(sealing.ToRow(store))];
        foreach (var (partition, through) in sealing.Partitions)
            actions.Add(TableAction.Insert(new TableRow(store.ToString(), SealKeys.Commits(partition, through)).With("To", sealing.To).With("Through", through)));
        try
        {
            await tables.SubmitAsync(Tables.Checkpoints, actions, cancellationToken);
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            // Perhaps our own request, whose answer the storage client lost: the next round reads the head and finds it done.
            return null;
        }

        return next;
    }

    /// <summary>Signs the log as it is now, unless that is done. What is signed is in the store already: no run can bring about another log of this size.</summary>
    private async Task<(long Size, StoredCheckpoint? Checkpoint)> SignAsync(StoreName store, CancellationToken cancellationToken)
    {
        var head = await log.ReadHeadAsync(store, cancellationToken);
        if (head.Size == 0)
            return (0, null);
        if (await log.FindCheckpointAsync(store, head.Size, cancellationToken) is { } known)
            return (head.Size, known);
        var key = new NoteKey(options.OriginOf(store), signingKey.PublicKey);
        var checkpoint = new Checkpoint(key.Name, head.Size, new LogFrontier(head.Size, head.Tiles).Root());
        var signature = await signingKey.SignAsync(SHA256.HashData(Encoding.UTF8.GetBytes(checkpoint.Text)), cancellationToken);
        var note = new SignedNote(checkpoint.Text, [new NoteSignature(key.Name, key.Id, signature)]);
        var stored = new StoredCheckpoint(head.Size, checkpoint.Root, time.GetUtcNow(), note.ToString());
        await InsertAsync(new StoredNoteKey(key.ToString(), stored.SignedAt).ToRow(store, key.Id), cancellationToken);
        await InsertAsync(stored.ToRow(store), cancellationToken);
        logger.Signed(store, head.Size, key.Id);
        return (head.Size, stored);
    }

    /// <summary>Another run may have written it, or we ourselves.</summary>
    private async Task InsertAsync(TableRow row, CancellationToken cancellationToken)
    {
        try
        {
            await tables.InsertAsync(Tables.Checkpoints, row, cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            // Written once is enough.
        }
    }

    /// <summary>Writes what is not there yet. The name carries the hash of the content, so that an object that exists is this one.</summary>
    internal static async Task WriteAsync(IObjectStore objects, string name, byte[] content, CancellationToken cancellationToken)
    {
        try
        {
            await objects.CreateAsync(Containers.Proofs, name, content, ObjectLabel.Binary, cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            // An earlier attempt wrote it.
        }
    }
}
