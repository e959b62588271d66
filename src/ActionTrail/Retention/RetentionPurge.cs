using ActionTrail.Compaction;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Retention;

/// <summary>
/// Deletes commits past their retention in two steps: a run marks the longest run of old commits at the beginning of each
/// partition, a run at least a grace period later deletes them. Nothing younger is touched, a crash anywhere is made good
/// by the next run, and two runs at once do no harm. Also deletes objects that no commit names, and has compaction retire segments whose events are all
/// past their retention.
/// </summary>
public sealed class RetentionPurge(ITableStore tables, IObjectStore objects, TimeProvider time, RetentionOptions options, Compactor compactor, IPurgeFloor? floor = null)
{
    /// <summary>The cut-off of a store that is kept for ever: before every event; not so early that it could not be moved by a grace.</summary>
    private static readonly DateTimeOffset Never = DateTimeOffset.MinValue.AddYears(2);

    private readonly CommitLog log = new(tables, time);

    /// <param name="dryRun">True: reads and reports, writes nothing.</param>
    /// <param name="cancellationToken">Stops between two requests; the next run goes on.</param>
    /// <exception cref="StoreException">The store is away, throttles or refuses; the next run goes on where this one ended.</exception>
    public Task<PurgeReport> RunAsync(bool dryRun, CancellationToken cancellationToken) => RunAsync(dryRun, force: false, cancellationToken);

    /// <summary>As <see cref="RunAsync(bool, CancellationToken)"/>.</summary>
    /// <param name="dryRun">True: reads and reports, writes nothing.</param>
    /// <param name="force">True: an operator vouches for a clock that jumped ahead. A clock that is behind stays refused.</param>
    /// <param name="cancellationToken">Stops between two requests.</param>
    public Task<PurgeReport> RunAsync(bool dryRun, bool force, CancellationToken cancellationToken) => RunAsync(StoreName.History, options.Days, dryRun, force, cancellationToken);

    /// <summary>As <see cref="RunAsync(bool, bool, CancellationToken)"/>, for any store. A hold stops the purge of every store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="days">Its retention; null: for ever, so that only objects that no commit names go.</param>
    /// <param name="dryRun">As above.</param>
    /// <param name="force">As above.</param>
    /// <param name="cancellationToken">Stops between two requests.</param>
    public async Task<PurgeReport> RunAsync(StoreName store, int? days, bool dryRun, bool force, CancellationToken cancellationToken)
    {
        using var activity = PurgeMetrics.Start(store, dryRun);
        var report = await PurgeAsync(store, days, dryRun, force, cancellationToken);
        activity?.SetTag("actiontrail.events", PurgeMetrics.DeletedEvents(report)).SetTag("actiontrail.refused", report.Refusal is not null);
        if (!dryRun)
            PurgeMetrics.Ran(report);
        return report;
    }

    private async Task<PurgeReport> PurgeAsync(StoreName store, int? days, bool dryRun, bool force, CancellationToken cancellationToken)
    {
        var heads = new SortedDictionary<string, (PartitionName Partition, PartitionHead Head)>(StringComparer.Ordinal);
        await foreach (var partition in log.ReadPartitionsAsync(store, cancellationToken))
            heads[partition.ToString()] = (partition, await log.ReadHeadAsync(store, partition, cancellationToken));

        var newest = heads.Values.Where(static h => h.Head.Last >= 0).Select(static h => (DateTimeOffset?)h.Head.CommittedAt).Max();
        var memory = await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Retention, cancellationToken);
        var clock = PurgeClock.Judge(time.GetUtcNow(), newest, memory?.FindTime("LastRunAt"), force);
        var cutoff = days is { } kept ? clock.Now - TimeSpan.FromDays(kept) : Never;
        var report = new PurgeReport { Store = store, IsDryRun = dryRun, At = time.GetUtcNow(), Cutoff = days is null ? null : cutoff, Warning = clock.Warning, Refusal = clock.Refusal, Doubt = clock.Refusal ?? clock.Warning };
        if (clock.Refusal is null && await new LegalHolds(tables, time).FindAsync(LegalHolds.Everything, cancellationToken) is { } hold)
            report = report with { Refusal = "A legal hold stops the purge: " + hold.Reason };
        if (report.Refusal is not null)
            return report;

        // Holds on accounts are for all stores; digests are of what the history delivers.
        var limits = new PurgeLimits(await AccountHolds.ReadAsync(tables, cancellationToken), floor is null || store != StoreName.History ? null : await floor.FindAsync(cancellationToken));
        report = report with { HeldAccounts = [.. limits.Holds.All.Select(static hold => hold.AccountId)], Unsealed = limits.Floor?.Reason };
        var (partitions, undatable) = (new List<PartitionPurge>(), new List<string>());
        foreach (var (partition, head) in heads.Values)
        {
            var purge = new PartitionPurger(tables, objects, log, options, store, partition, limits, dryRun);
            try
            {
                partitions.Add(await purge.RunAsync(head, cutoff, clock.Now, cancellationToken));
            }
            catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
            {
                partitions.Add(new PartitionPurge(partition) { IsContended = true });
            }

            undatable.AddRange(purge.Undatable);
        }

        var segments = await new SegmentPurger(tables, compactor, options, store, limits, dryRun).RunAsync(cutoff, clock.Now, cancellationToken);

        // A run under a doubtful clock does not count as a run: else the next one would trust it.
        if (!dryRun && clock.Warning is null)
            await tables.UpsertAsync(Tables.Progress, new TableRow(store.ToString(), Keys.Retention).With("LastRunAt", time.GetUtcNow()), cancellationToken);
        return report with { Partitions = partitions, Segments = segments, Undatable = [.. undatable.Take(100)] };
    }
}
