using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Proofs;

/// <summary>
/// Deletes leaf hashes whose commits the purge has deleted, with their rows, and leaf hashes that no sealing names. Tiles stay, and of old checkpoints the last of each day: whoever kept
/// any checkpoint can be shown that the log continues it. Doing it twice is doing it once.
/// </summary>
public sealed class SealPruner(ITableStore tables, IObjectStore objects, TimeProvider time)
{
    /// <summary>An object that no sealing names is looked for within this time after the first day; each run comes long before it is over.</summary>
    private static readonly TimeSpan OrphanGrace = TimeSpan.FromDays(1);

    private readonly SealLog log = new(tables, objects);

    /// <summary>Deletes what is due and returns how many objects that were.</summary>
    /// <exception cref="StoreException">The store is away, throttles or refuses; the next run goes on.</exception>
    public async Task<long> RunAsync(StoreName store, CancellationToken cancellationToken)
    {
        // The hold is on all stores, as the purge has it.
        if (await tables.FindAsync(Tables.Progress, StoreName.History.ToString(), Keys.Hold, cancellationToken) is not null)
            return 0;
        return await DeletePurgedAsync(store, cancellationToken) + await DeleteOrphansAsync(store, cancellationToken);
    }

    private async Task<long> DeletePurgedAsync(StoreName store, CancellationToken cancellationToken)
    {
        var (deleted, purged, before) = (0L, new Dictionary<PartitionName, long>(), default(Sealing));
        await foreach (var sealing in log.ReadSealingsAsync(store, after: -1, cancellationToken))
        {
            if (before is not null)
            {
                await DeleteAsync(store, before, isLastOfDay: before.SealedAt.UtcDateTime.Date != sealing.SealedAt.UtcDateTime.Date, cancellationToken);
                deleted++;
                before = null;
            }

            foreach (var (partition, _) in sealing.Partitions.Where(p => !purged.ContainsKey(p.Partition)))
                purged[partition] = PurgePosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(partition), cancellationToken)).PurgedThrough;
            if (sealing.Partitions.Any(p => p.Through > purged[p.Partition]))
                break;
            before = sealing;
        }

        // The newest sealing stays whatever became of its commits: the log shows where it ends.
        return deleted;
    }

    /// <summary>The row goes last: it is the only way to find the rest.</summary>
    private async Task DeleteAsync(StoreName store, Sealing sealing, bool isLastOfDay, CancellationToken cancellationToken)
    {
        await objects.DeleteAsync(Containers.Proofs, sealing.Leaves, cancellationToken);
        foreach (var (partition, through) in sealing.Partitions)
            await tables.DeleteAsync(Tables.Checkpoints, store.ToString(), SealKeys.Commits(partition, through), etag: null, cancellationToken);
        if (!isLastOfDay)
            await tables.DeleteAsync(Tables.Checkpoints, store.ToString(), SealKeys.Checkpoint(sealing.To), etag: null, cancellationToken);
        await tables.DeleteAsync(Tables.Checkpoints, store.ToString(), SealKeys.Sealing(sealing.To), etag: null, cancellationToken);
    }

    private async Task<long> DeleteOrphansAsync(StoreName store, CancellationToken cancellationToken)
    {
        var (deleted, now) = (0L, time.GetUtcNow());
        await foreach (var item in objects.ListAsync(Containers.Proofs, SealKeys.LeavesPrefix(store), cancellationToken))
        {
            if (item.LastModified > now - OrphanGrace || item.LastModified < now - (2 * OrphanGrace) || !SealKeys.TryParseLeaves(item.Name, out var to))
                continue;
            if ((await log.FindSealingAsync(store, to, cancellationToken))?.Leaves != item.Name && await objects.DeleteAsync(Containers.Proofs, item.Name, cancellationToken))
                deleted++;
        }

        return deleted;
    }
}
