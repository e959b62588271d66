using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>What a repair found. The caller records it as an audit event.</summary>
/// <param name="Checked">Commits looked at.</param>
/// <param name="Lost">Commits that this run marked as lost.</param>
/// <param name="Returned">Commits whose mark this run took away, because their segment is there again.</param>
public sealed record RepairReport(long Checked, IReadOnlyList<Commit> Lost, IReadOnlyList<Commit> Returned)
{
    /// <summary>Events in <see cref="Lost"/>.</summary>
    public long LostEvents => Lost.Sum(static commit => (long)commit.Count);
}

/// <summary>
/// Acknowledges commits whose segment is gone for good (an emulator was killed with writes that it had only in memory), so that
/// lookups and deliveries go on without them. The chain stays whole; a commit whose segment exists is never touched, but
/// for a mark that no longer holds. Run it after the hub has delivered again: what can be rebuilt is rebuilt by that.
/// </summary>
public sealed class StoreRepair(ITableStore tables, IObjectStore objects, TimeProvider time)
{
    private readonly CommitLog log = new(tables, time);

    /// <param name="store">The store.</param>
    /// <param name="window">Only commits made within this time before now; null: all.</param>
    /// <param name="cancellationToken">Stops between two commits; the next run goes on.</param>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task<RepairReport> RepairAsync(StoreName store, TimeSpan? window, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var from = window is null ? DateTimeOffset.MinValue : now - window.Value;
        var (seen, lost, returned) = (0L, new List<Commit>(), new List<Commit>());
        await foreach (var partition in log.ReadPartitionsAsync(store, cancellationToken))
        {
            // What the purge has begun to delete is not lost.
            var purge = PurgePosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(partition), cancellationToken));
            await foreach (var commit in log.ReadCommitsAsync(store, partition, purge.PurgedThrough, cancellationToken))
            {
                if (commit.CommittedAt < from || commit.Segment is not { } segment)
                    continue;
                seen++;
                var isThere = await objects.FindAsync(Containers.Events, segment.Name, cancellationToken) is not null;
                if (isThere == (commit.LostAt is null) || !await log.MarkLostAsync(commit, isThere ? null : now, cancellationToken))
                    continue;
                (isThere ? returned : lost).Add(commit with { LostAt = isThere ? null : now });
            }
        }

        return new RepairReport(seen, lost, returned);
    }
}
