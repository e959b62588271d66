using System.Security.Cryptography;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Proofs;

/// <summary>
/// Writes leaf hashes and tiles again that rows name and the store has lost (an emulator forgets objects when it is killed while the rows survive). Both are functions of the commits:
/// what does not come out as the rows say is not written.
/// </summary>
public sealed class SealRestore(ITableStore tables, IObjectStore objects, TimeProvider time, ILogger<SealRestore> logger)
{
    private readonly SealLog log = new(tables, objects);
    private readonly CommitLog commits = new(tables, time);
    private readonly CommitReader reader = new(tables, objects, time, new SealOptions(), logger);

    /// <summary>The names of the objects that are there again.</summary>
    /// <param name="store">The store.</param>
    /// <param name="window">Only what was sealed within this time before now; null: everything.</param>
    /// <param name="cancellationToken">Stops between two objects; the next run goes on.</param>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(StoreName store, TimeSpan? window, CancellationToken cancellationToken)
    {
        var from = window is { } length ? time.GetUtcNow() - length : DateTimeOffset.MinValue;
        var (restored, sealings) = (new List<string>(), new List<Sealing>());
        await foreach (var sealing in log.ReadSealingsAsync(store, after: -1, cancellationToken))
        {
            sealings.Add(sealing);
            if (sealing.SealedAt < from || await objects.FindAsync(Containers.Proofs, sealing.Leaves, cancellationToken) is not null)
                continue;
            if (await RebuildAsync(store, sealing, cancellationToken) is { } content)
                await WriteAsync(sealing.Leaves, content, restored, cancellationToken);
        }

        if (sealings.Find(s => s.SealedAt >= from) is { } first)
            await RestoreTilesAsync(store, first.From, sealings, restored, cancellationToken);
        return restored;
    }

    /// <summary>The object of a sealing out of its commits; null when it does not come out as it was.</summary>
    private async Task<byte[]?> RebuildAsync(StoreName store, Sealing sealing, CancellationToken cancellationToken)
    {
        var batch = new SealBatch(new Dictionary<PartitionName, SealedPosition>());
        foreach (var (partition, through) in sealing.Partitions)
        {
            var after = await FindBeforeAsync(store, partition, through, cancellationToken);
            await foreach (var commit in commits.ReadCommitsAsync(store, partition, after, cancellationToken))
            {
                if (commit.Last > through)
                    break;
                batch.Add(commit, await FindHashesAsync(commit, cancellationToken), new SealedPosition(commit.Last, commit.Hash));
            }
        }

        var (content, _) = SealedLeaves.Write(sealing.From, batch.Commits, batch.Leaves);
        return SHA256.HashData(content).AsSpan().SequenceEqual(sealing.Sha256) ? content : null;
    }

    /// <summary>The last number of the partition that the sealing before put into the log; -1 when there is none.</summary>
    private async Task<long> FindBeforeAsync(StoreName store, PartitionName partition, long through, CancellationToken cancellationToken)
    {
        var before = -1L;
        await foreach (var row in tables.QueryAsync(Tables.Checkpoints, store.ToString(), SealKeys.Commits(partition, 0), SealKeys.Commits(partition, through), cancellationToken))
            before = row.GetInt64("Through");
        return before;
    }

    private async Task<byte[]?> FindHashesAsync(Commit commit, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.HashEventsAsync(commit, cancellationToken);
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.NotFound or StoreErrorKind.Corrupt)
        {
            return null;
        }
    }

    /// <summary>From the top down: the name of a tile is in the tile above it, up to the head.</summary>
    private async Task RestoreTilesAsync(StoreName store, long from, List<Sealing> sealings, List<string> restored, CancellationToken cancellationToken)
    {
        var head = await log.ReadHeadAsync(store, cancellationToken);
        for (var level = head.Tiles.Count - 2; level >= 0; level--)
        {
            var shift = 8 * (level + 1);
            for (var number = from >> shift; number < head.Size >> shift; number++)
            {
                // The root of a full tile is the leaf of a log one level up.
                var root = await new LogTiles(objects, store, head).NodeAsync(level + 1, number, cancellationToken);
                var name = SealKeys.Tile(store, level, number, root);
                if (await objects.FindAsync(Containers.Proofs, name, cancellationToken) is not null)
                    continue;
                if (await HashesAsync(level, number << shift, sealings, cancellationToken) is { } hashes && MerkleTree.Root(hashes).AsSpan().SequenceEqual(root))
                    await WriteAsync(name, hashes, restored, cancellationToken);
            }
        }
    }

    /// <summary>The 256 hashes of a tile whose first leaf is given, out of the commits that are listed; null when some are not any more.</summary>
    private async Task<byte[]?> HashesAsync(int level, long first, List<Sealing> sealings, CancellationToken cancellationToken)
    {
        var (frontier, next, end) = (new LogFrontier(0, []), first, first + (256L << (8 * level)));
        foreach (var sealing in sealings.Where(s => s.To > first && s.From < end))
        {
            if (sealing.From > next)
                return null;
            foreach (var commit in (await log.ReadCommitsAsync(sealing, cancellationToken)).Skip((int)(next - sealing.From)).Take((int)(end - next)))
            {
                frontier.Append(MerkleTree.LeafHash(commit.ToLeaf()));
                next++;
            }
        }

        return next == end ? frontier.Full[^1].Hashes : null;
    }

    private async Task WriteAsync(string name, byte[] content, List<string> restored, CancellationToken cancellationToken)
    {
        await CommitSealer.WriteAsync(objects, name, content, cancellationToken);
        restored.Add(name);
        logger.Restored(name);
    }
}
