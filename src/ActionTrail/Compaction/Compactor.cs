using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Compaction;

/// <summary>
/// Turns fresh segments into few larger ones and those into fewer. Safe to run twice at once and to die anywhere: a plan is written before any work,
/// every run works on the plan that is not in effect yet, and what readers see changes only when the head is replaced.
/// </summary>
public sealed class Compactor(ITableStore tables, IObjectStore objects, TimeProvider time, CompactionOptions options, ILogger<Compactor> logger)
{
    private const int LossAttempts = 5;

    private readonly CompactionLog log = new(tables);
    private readonly PlanLedger ledger = new(tables, objects, time);

    /// <summary>Compacts until nothing is due or the time of a run is used up, then deletes what is free.</summary>
    /// <exception cref="StoreException">The store is away or throttles; the next run goes on where this one ended.</exception>
    public Task<CompactionReport> RunAsync(StoreName store, CancellationToken cancellationToken) => RunAsync(store, options.RunTime, cancellationToken);

    /// <summary>As <see cref="RunAsync(StoreName, CancellationToken)"/>, but begins no plan after <paramref name="runTime"/>, at most <see cref="CompactionOptions.RunTime"/>.</summary>
    public async Task<CompactionReport> RunAsync(StoreName store, TimeSpan runTime, CancellationToken cancellationToken)
    {
        var begun = time.GetUtcNow();
        var catalog = new ShardCatalog(tables, options);
        var (fresh, merges) = (new FreshPlanner(tables, objects, catalog, time, options, logger), new MergePlanner(catalog, time, options));
        var report = new CompactionReport();
        var notice = new BacklogNotice(tables, time, options, store);
        var looksForPassed = true;
        while (true)
        {
            // 1. Whoever finds a plan finishes it: two plans of one generation would take up the same events twice.
            var head = await log.ReadHeadAsync(store, cancellationToken);
            var plan = await log.FindPlanAsync(store, head.Generation + 1, cancellationToken);
            if (plan is null && time.GetUtcNow() - begun >= runTime)
            {
                await fresh.LookAsync(store, head, cancellationToken);
                await notice.GiveAsync(fresh.Backlog, cancellationToken);
                break;
            }

            // 2. Else a new one: commits first, since lookups pay for each fresh segment.
            if (plan is null)
            {
                var wanted = await fresh.PlanAsync(store, head, looksForPassed, cancellationToken) ?? await merges.PlanAsync(store, head, cancellationToken);
                looksForPassed = false;
                await notice.GiveAsync(fresh.Backlog, cancellationToken);
                if (wanted is null)
                    break;
                plan = await ledger.StartAsync(wanted, cancellationToken);
                if (plan is null)
                {
                    logger.Contended(wanted.Generation);
                    continue;
                }
            }

            // 3. Work it off.
            report = await FinishAsync(plan, report, cancellationToken);
        }

        return await CloseAsync(store, report, fresh, catalog, begun, cancellationToken);
    }

    /// <summary>
    /// Retires segments whose events are all past their retention: from the next generation on nobody sees them, and they are deleted after the
    /// grace for fresh segments, unless a hold is on. The generation; null when another plan is under way or one of them is not in force: try again later.
    /// </summary>
    /// <exception cref="StoreException">As <see cref="RunAsync(StoreName, CancellationToken)"/>.</exception>
    public async Task<long?> RetireAsync(StoreName store, IReadOnlyList<SegmentKey> segments, CancellationToken cancellationToken)
    {
        var head = await log.ReadHeadAsync(store, cancellationToken);
        if (segments.Count == 0 || await log.FindPlanAsync(store, head.Generation + 1, cancellationToken) is not null)
            return null;
        foreach (var key in segments)
        {
            if (await log.FindSegmentAsync(store, key, cancellationToken) is not { } segment || !segment.IsInForce(head.Generation))
                return null;
        }

        return (await EndAsync(store, head, CompactionKind.Purge, segments, cancellationToken))?.Generation;
    }

    /// <summary>
    /// Ends the force of a segment that is gone for good: readers go on without its events. The plans record it, and its row stays. A plan that is under
    /// way is finished first. Null when the segment is not in force (any more), or others kept coming first: look again.
    /// </summary>
    /// <exception cref="StoreException">As <see cref="RunAsync(StoreName, CancellationToken)"/>.</exception>
    public async Task<CompactedSegment?> AcceptLossAsync(StoreName store, SegmentKey key, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < LossAttempts; attempt++)
        {
            var head = await log.ReadHeadAsync(store, cancellationToken);
            if (await log.FindPlanAsync(store, head.Generation + 1, cancellationToken) is { } plan)
            {
                await FinishAsync(plan, new CompactionReport(), cancellationToken);
                continue;
            }

            if (await log.FindSegmentAsync(store, key, cancellationToken) is not { } segment || !segment.IsInForce(head.Generation))
                return null;
            if (await EndAsync(store, head, CompactionKind.Loss, [key], cancellationToken) is { } ended)
                return segment with { Until = ended.Generation, LostAt = ended.Built!.At };
        }

        return null;
    }

    /// <summary>A plan without outputs, brought about; null when there is one already.</summary>
    private async Task<CompactionPlan?> EndAsync(StoreName store, CompactionHead head, CompactionKind kind, IReadOnlyList<SegmentKey> segments, CancellationToken cancellationToken)
    {
        var plan = await ledger.StartAsync(new CompactionPlan
        {
            Store = store,
            Generation = head.Generation + 1,
            Kind = kind,
            PlannedAt = time.GetUtcNow(),
            Shards = head.Shards,
            PreviousHash = head.PlanHash,
            Segments = [.. segments],
        }, cancellationToken);
        if (plan is null)
            return null;
        await FinishAsync(plan, new CompactionReport(), cancellationToken);
        return await log.FindPlanAsync(store, plan.Generation, cancellationToken);
    }

    /// <summary>
    /// Writes again the segments of plans in effect that a killed storage lost, as long as what they were made of is there. The names of those that are
    /// back; no row changes, so it may be done at any time and twice.
    /// </summary>
    /// <exception cref="StoreException">As <see cref="RunAsync(StoreName, CancellationToken)"/>.</exception>
    public async Task<IReadOnlyList<string>> RestoreAsync(StoreName store, CancellationToken cancellationToken) =>
        await new LostOutputs(tables, objects, time, options, logger).RestoreAsync(store, cancellationToken);

    private async Task<CompactionReport> FinishAsync(CompactionPlan plan, CompactionReport report, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        using var activity = CompactionMetrics.Start(plan);
        List<CompactedSegment>? added = null;
        if (plan.Built is null)
        {
            var (built, written) = await new PlanBuilder(tables, objects, time, options, logger).BuildAsync(plan, cancellationToken);
            plan = await ledger.FixAsync(plan, built, cancellationToken);
            added = plan.Built!.OutputsSha256.AsSpan().SequenceEqual(built.OutputsSha256) ? written : null;
        }

        // Another run may have brought it about long ago, and merges may have freed what it wrote.
        if (added is null && (await log.ReadHeadAsync(plan.Store, cancellationToken)).Generation < plan.Generation)
            added = await new LostOutputs(tables, objects, time, options, logger).ReadOrRestoreAsync(plan, cancellationToken);

        var head = await ledger.BringAboutAsync(plan, added, cancellationToken);
        var took = time.GetElapsedTime(begun);
        var outcome = plan.Built!;
        activity?.SetTag("actiontrail.events", outcome.RowsOut);
        CompactionMetrics.Done(plan.Kind, outcome.RowsOut, took);
        logger.InEffect(plan.Kind, plan.Generation, outcome.RowsIn, outcome.RowsOut, added?.Count ?? 0, plan.Retired.Count, took.TotalSeconds);
        return report with
        {
            Generation = head.Generation,
            Plans = report.Plans + 1,
            RowsIn = report.RowsIn + outcome.RowsIn,
            RowsOut = report.RowsOut + outcome.RowsOut,
            Copies = report.Copies + outcome.Copies,
            Passed = report.Passed + outcome.Passed.Count,
        };
    }

    private async Task<CompactionReport> CloseAsync(StoreName store, CompactionReport report, FreshPlanner fresh, ShardCatalog catalog, DateTimeOffset begun, CancellationToken cancellationToken)
    {
        var isBehind = fresh.Backlog.Age > options.BacklogAlarm;
        if (store == StoreName.History)
        {
            CompactionMetrics.Waiting(fresh.Backlog, isBehind);
            foreach (var (level, count) in catalog.InForce)
                CompactionMetrics.InForce(level, count);
        }

        if (isBehind)
            logger.Behind(fresh.Backlog.Commits, fresh.Backlog.Bytes, fresh.Backlog.Age);
        var deleted = await new CatalogSweeper(tables, objects, time, options).RunAsync(store, begun + options.RunTime + options.RunTime, cancellationToken);
        if (deleted > 0)
            logger.Swept(deleted);
        await new PlanPruner(tables, objects, options, logger).RunAsync(store, cancellationToken);
        var head = await log.ReadHeadAsync(store, cancellationToken);
        return report with { Generation = head.Generation, Deleted = deleted, Backlog = fresh.Backlog };
    }
}
