using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ActionTrail.Layout;
using ActionTrail.Proofs;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>Holds the log of commits against the commits, and every checkpoint against the log.</summary>
internal sealed class SealCheck(ITableStore tables, IObjectStore objects, StoreName store, VerifyReport report)
{
    private const int ListsAtOnce = 32;

    private readonly SealLog log = new(tables, objects);
    private readonly Dictionary<(PartitionName, long), (long First, int Count, UInt128 Link)> commits = [];

    /// <summary>The log as it was before the first commit was read; null when it cannot be read, which is reported.</summary>
    public async Task<SealHead?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await log.ReadHeadAsync(store, cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Corrupt)
        {
            report.Add(Name(SealKeys.Head), error.Message);
            return null;
        }
    }

    /// <summary>A commit as its row has it.</summary>
    public void Add(Commit commit) => commits[(commit.Partition, commit.Last)] = (commit.First, commit.Count, Short(commit.Hash));

    /// <param name="head">The log before the commits were read.</param>
    /// <param name="readObjects">False checks rows alone: the newest checkpoint, and the newest commit of each partition.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    public async Task CheckAsync(SealHead head, bool readObjects, CancellationToken cancellationToken)
    {
        if (head.Size == 0)
            return;
        try
        {
            // 1. No partition ends before what is sealed of it, or under another chain link.
            var purged = new Dictionary<PartitionName, long>();
            foreach (var (partition, position) in head.Positions)
            {
                purged[partition] = PurgePosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(partition), cancellationToken)).PurgedThrough;
                if (position.Last > purged[partition])
                    CheckCommit(report, partition, position.Last, position.Link, listed: null);
            }

            // 2. The newest checkpoint.
            await foreach (var checkpoint in log.ReadCheckpointsAsync(store, head.Size, cancellationToken))
            {
                if (checkpoint.Size == head.Size)
                    CheckRoot(report, checkpoint, new LogFrontier(head.Size, head.Tiles).Root());
                break;
            }

            // 3. Every commit that is listed, and every checkpoint on the way.
            if (readObjects)
                await CheckSealingsAsync(head, purged, cancellationToken);
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.Corrupt or StoreErrorKind.NotFound)
        {
            report.Add(Name(SealKeys.Head), error.Message);
        }
    }

    private async Task CheckSealingsAsync(SealHead head, Dictionary<PartitionName, long> purged, CancellationToken cancellationToken)
    {
        var checkpoints = new Dictionary<long, StoredCheckpoint>();
        await foreach (var checkpoint in log.ReadCheckpointsAsync(store, head.Size, cancellationToken))
            checkpoints[checkpoint.Size] = checkpoint;
        LogFrontier? frontier = null;
        await foreach (var (sealing, list) in ReadListsAsync(head, cancellationToken))
        {
            // The oldest sealings may be pruned meanwhile: what is listed then begins later.
            if (frontier is not null && sealing.From != frontier.Size && await log.FindSealingAsync(store, frontier.Size, cancellationToken) is null)
                frontier = null;
            frontier ??= await new LogTiles(objects, store, head).FrontierAsync(sealing.From, cancellationToken);
            if (sealing.From != frontier.Size)
            {
                report.Add(Name(SealKeys.Sealing(sealing.To)), $"The sealing begins at {sealing.From}, and the one before it ends at {frontier.Size}: one is missing.");
                return;
            }

            report.Bytes += sealing.ListLength;
            if (list is null)
            {
                if (await log.FindSealingAsync(store, sealing.To, cancellationToken) is { } stays)
                {
                    report.Add($"{Containers.Proofs}/{stays.Leaves}", "The object of a sealing is missing or cannot be read.");
                    return;
                }

                frontier = null;
                continue;
            }

            var part = new VerifyReport();
            foreach (var commit in list)
            {
                frontier.Append(MerkleTree.LeafHash(commit.ToLeaf()));
                if (commit.Last > purged.GetValueOrDefault(commit.Partition, -1))
                    CheckCommit(part, commit.Partition, commit.Last, commit.Link, commit);
            }

            if (checkpoints.TryGetValue(frontier.Size, out var checkpoint))
                CheckRoot(part, checkpoint, frontier.Root());
            if (!part.IsSound)
                await CheckObjectAsync(sealing, cancellationToken);
            report.Add(part);
        }

        if (frontier is null)
            return;
        if (frontier.Size != head.Size || !frontier.Root().AsSpan().SequenceEqual(new LogFrontier(head.Size, head.Tiles).Root()))
            report.Add(Name(SealKeys.Head), $"The sealings make another log of {frontier.Size} commits than the head's of {head.Size}.");
        foreach (var tile in frontier.Full)
        {
            var name = SealKeys.Tile(store, tile.Level, tile.Number, tile.Root);
            if (await objects.FindAsync(Containers.Proofs, name, cancellationToken) is null)
                report.Add($"{Containers.Proofs}/{name}", "The object is missing.");
        }
    }

    /// <summary>The sealings with their lists (null: it cannot be read), in order; some lists are read at once, since a busy store has a sealing for each minute of its retention.</summary>
    private async IAsyncEnumerable<(Sealing Sealing, List<SealedCommit>? List)> ReadListsAsync(SealHead head, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var some = new List<Sealing>(ListsAtOnce);
        await foreach (var sealing in log.ReadSealingsAsync(store, after: -1, cancellationToken))
        {
            if (sealing.To > head.Size)
                break;
            some.Add(sealing);
            if (some.Count < ListsAtOnce)
                continue;
            foreach (var one in await ReadListsAsync(some, cancellationToken))
                yield return one;
            some.Clear();
        }

        foreach (var one in await ReadListsAsync(some, cancellationToken))
            yield return one;
    }

    private async Task<IEnumerable<(Sealing Sealing, List<SealedCommit>? List)>> ReadListsAsync(List<Sealing> some, CancellationToken cancellationToken) =>
        some.Zip(await Task.WhenAll(some.Select(sealing => ReadListAsync(sealing, cancellationToken))));

    private async Task<List<SealedCommit>?> ReadListAsync(Sealing sealing, CancellationToken cancellationToken)
    {
        try
        {
            return await log.ReadCommitsAsync(sealing, isExact: true, cancellationToken);
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.NotFound or StoreErrorKind.Corrupt)
        {
            return null;
        }
    }

    /// <summary>When log and commits part it may be the list that was changed: its row has the SHA-256 of the whole object.</summary>
    private async Task CheckObjectAsync(Sealing sealing, CancellationToken cancellationToken)
    {
        await using var content = await objects.OpenReadAsync(Containers.Proofs, sealing.Leaves, cancellationToken);
        if (!(await SHA256.HashDataAsync(content, cancellationToken)).AsSpan().SequenceEqual(sealing.Sha256))
            report.Add($"{Containers.Proofs}/{sealing.Leaves}", "The object's SHA-256 is not the one in its row.");
    }

    private void CheckCommit(VerifyReport report, PartitionName partition, long last, byte[] link, SealedCommit? listed)
    {
        var name = $"{Tables.Commits}/{Keys.CommitPartition(store, partition)}/{Keys.Commit(last)}";
        if (!commits.TryGetValue((partition, last), out var found))
            report.Add(name, "The commit is in the sealed log, and its row is not there: it was removed.");
        else if (found.Link != Short(link) || (listed is not null && (found.First, found.Count) != (listed.First, listed.Count)))
            report.Add(name, "The commit is in the sealed log under another chain link: it was rewritten.");
    }

    private void CheckRoot(VerifyReport report, StoredCheckpoint stored, byte[] root)
    {
        var isAsSigned = SignedNote.TryParse(stored.Note, out var note) && Checkpoint.TryParse(note.Text, out var signed)
            && signed.Size == stored.Size && signed.Root.AsSpan().SequenceEqual(stored.Root);
        if (!isAsSigned || !stored.Root.AsSpan().SequenceEqual(root))
            report.Add(Name(SealKeys.Checkpoint(stored.Size)), $"The checkpoint of size {stored.Size} is not one of the log as it is now.");
    }

    private string Name(string rowKey) => $"{Tables.Checkpoints}/{store}/{rowKey}";

    private static UInt128 Short(byte[] link) => BinaryPrimitives.ReadUInt128LittleEndian(link);
}
