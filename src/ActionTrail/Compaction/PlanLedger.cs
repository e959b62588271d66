using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Compaction;

/// <summary>
/// Writes heads, plans and catalog rows. Each step may be done by several at once, or again after a death, and comes to the same: a plan row is
/// created once, built once, and what it brings about depends on nothing but the row.
/// </summary>
internal sealed class PlanLedger(ITableStore tables, IObjectStore objects, TimeProvider time)
{
    /// <summary>Actions of one transaction: with account summaries of 64 KiB each they stay below 4 MiB.</summary>
    private const int TransactionRows = 40;

    private const int Attempts = 5;

    private readonly CompactionLog log = new(tables);

    /// <summary>Writes a new plan. Null when there is one already: then that one is to be finished.</summary>
    public async Task<CompactionPlan?> StartAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return plan with { ETag = await tables.InsertAsync(Tables.Progress, plan.ToRow(), cancellationToken) };
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            return null;
        }
    }

    /// <summary>Fixes how the plan came out; what is returned is what counts, which another run may have fixed otherwise.</summary>
    public async Task<CompactionPlan> FixAsync(CompactionPlan plan, BuiltPlan built, CancellationToken cancellationToken)
    {
        var fixedPlan = plan with { Built = built };
        fixedPlan = fixedPlan with { Built = built with { Hash = CompactionPlan.ComputeHash(fixedPlan) } };
        try
        {
            return fixedPlan with { ETag = await tables.ReplaceAsync(Tables.Progress, fixedPlan.ToRow(), plan.ETag!, cancellationToken) };
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            var found = await log.FindPlanAsync(plan.Store, plan.Generation, cancellationToken);
            return found?.Built is not null ? found : throw new StoreException(StoreErrorKind.Conflict, $"Plan {plan.Generation} changed and is not built.", error);
        }
    }

    /// <summary>Writes the rows of a built plan, then the head. Returns the head, which may be further already.</summary>
    /// <param name="plan">The plan as it was read or fixed.</param>
    /// <param name="added">Its segments; null: read from the object that lists them.</param>
    /// <param name="cancellationToken">Stops between two requests; anyone can go on.</param>
    public async Task<CompactionHead> BringAboutAsync(CompactionPlan plan, List<CompactedSegment>? added, CancellationToken cancellationToken)
    {
        var head = await log.ReadHeadAsync(plan.Store, cancellationToken);
        if (head.Generation >= plan.Generation)
            return head;
        added ??= await OutputList.ReadAsync(objects, plan, cancellationToken);
        foreach (var shard in plan.Built!.Touched)
            await WriteShardAsync(plan, shard, [.. added.Where(s => s.Shard == shard)], cancellationToken);

        var next = head.After(plan, time.GetUtcNow());
        try
        {
            var row = next.ToRow(plan.Store);
            var etag = head.ETag is null
                ? await tables.InsertAsync(Tables.Progress, row, cancellationToken)
                : await tables.ReplaceAsync(Tables.Progress, row, head.ETag, cancellationToken);
            return next with { ETag = etag };
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            // Another run was first with the same head.
            return await log.ReadHeadAsync(plan.Store, cancellationToken);
        }
    }

    /// <summary>
    /// Adds and retires rows of one shard. Rows are inserted, never replaced, and a row is retired by one plan only: a run that comes late with what
    /// others have done changes nothing.
    /// </summary>
    private async Task WriteShardAsync(CompactionPlan plan, int shard, List<CompactedSegment> added, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var actions = await MissingAsync(plan, shard, added, cancellationToken);
            try
            {
                foreach (var chunk in actions.Chunk(TransactionRows))
                    await tables.SubmitAsync(Tables.Segments, chunk, cancellationToken);
                return;
            }
            catch (StoreException error) when (attempt < Attempts && error.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                // Another run writes the same rows: look what is left.
            }
        }
    }

    private async Task<List<TableAction>> MissingAsync(CompactionPlan plan, int shard, List<CompactedSegment> added, CancellationToken cancellationToken)
    {
        var actions = new List<TableAction>();
        if (added.Count > 0)
        {
            var there = new HashSet<string>(StringComparer.Ordinal);
            var (from, to) = (CompactionKeys.FirstSegment(plan.Generation), CompactionKeys.FirstSegment(plan.Generation + 1));
            await foreach (var row in tables.QueryAsync(Tables.Segments, CompactionKeys.Shard(plan.Store, shard), from, to, cancellationToken))
                there.Add(row.RowKey);
            actions.AddRange(added.Where(s => !there.Contains(s.Id)).Select(static s => TableAction.Insert(s.ToRow())));
        }

        var isDamaged = plan.Built!.Damaged.Count > 0;
        foreach (var key in (isDamaged ? plan.Built.Damaged : plan.Segments).Where(k => k.Shard == shard))
        {
            var row = await tables.FindAsync(Tables.Segments, CompactionKeys.Shard(plan.Store, shard), key.Id, cancellationToken);
            if (row is null || row.Properties.ContainsKey(isDamaged ? "DamagedAt" : "Until"))
                continue;
            row = isDamaged ? row.With("DamagedAt", plan.Built.At) : row.With("Until", plan.Generation);
            if (plan.Kind == CompactionKind.Loss)
                row = row.With("LostAt", plan.Built.At);
            actions.Add(TableAction.Replace(row, row.ETag!));
        }

        return actions;
    }
}
