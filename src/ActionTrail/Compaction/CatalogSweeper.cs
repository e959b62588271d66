using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Compaction;

/// <summary>
/// Deletes what plans freed, a grace after they took effect: what was written for a plan and is not its outcome, merged segments, and later
/// what the purge retired and the fresh segments of the commits taken up. Objects go before their rows. Doing it twice is doing it once.
/// </summary>
internal sealed class CatalogSweeper(ITableStore tables, IObjectStore objects, TimeProvider time, CompactionOptions options)
{
    /// <summary>How long after the last sealing fresh segments are kept for the next one.</summary>
    private static readonly TimeSpan SealPatience = TimeSpan.FromDays(7);

    private readonly CompactionLog log = new(tables);
    private readonly CommitLog commits = new(tables, time);

    /// <summary>Deletes what is due and returns how many objects that were.</summary>
    public async Task<long> RunAsync(StoreName store, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var head = await log.ReadHeadAsync(store, cancellationToken);
        if (head.Generation == 0)
            return 0;
        var sweep = SweepPosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), CompactionKeys.Sweep, cancellationToken));
        long deleted = 0;
        foreach (var (kind, grace) in new[] { (CompactionKind.Merge, options.Grace), (CompactionKind.Fresh, options.FreshGrace), (CompactionKind.Purge, options.PurgeGrace) })
        {
            var (begun, through) = (sweep.Of(kind), sweep.Of(kind));
            await foreach (var plan in DueAsync(store, head, begun, time.GetUtcNow() - grace, cancellationToken))
            {
                if (kind == CompactionKind.Purge && plan.Kind == kind && await IsHeldAsync(store, plan, cancellationToken))
                    break;
                if (kind == CompactionKind.Fresh && plan.Kind == kind && !await IsSealedAsync(plan, cancellationToken))
                    break;
                deleted += await DeleteAsync(kind, plan, cancellationToken);
                through = plan.Generation;
                if (time.GetUtcNow() >= until)
                    break;
            }

            if (through == begun)
                continue;
            sweep = sweep.With(kind, through);
            await tables.UpsertAsync(Tables.Progress, sweep.ToRow(store), cancellationToken);
        }

        return deleted;
    }

    /// <summary>The plans after a generation that took effect before a time. A plan had done so when the next one was made; the head knows it of the last.</summary>
    private async IAsyncEnumerable<CompactionPlan> DueAsync(
        StoreName store, CompactionHead head, long after, DateTimeOffset before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CompactionPlan? last = null;
        await foreach (var plan in log.ReadPlansAsync(store, after, head.Generation, cancellationToken))
        {
            if (last is not null && plan.PlannedAt > before)
                yield break;
            if (last is not null)
                yield return last;
            last = plan;
        }

        if (last is not null && head.DoneAt <= before)
            yield return last;
    }

    /// <summary>What the plan freed of this kind.</summary>
    private async Task<long> DeleteAsync(CompactionKind kind, CompactionPlan plan, CancellationToken cancellationToken) => kind switch
    {
        CompactionKind.Merge => await SweepAsync(plan, cancellationToken),
        CompactionKind.Fresh => await FreeAsync(plan, cancellationToken),
        _ => plan.Kind == CompactionKind.Purge ? await DeleteRetiredAsync(plan, cancellationToken) : 0,
    };

    private async Task<long> SweepAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        long deleted = 0;
        var named = await NamedAsync(plan, cancellationToken);
        await foreach (var item in objects.ListAsync(Containers.Events, CompactionKeys.Prefix(plan.Store, plan.Generation), cancellationToken))
        {
            if (!named.Contains(item.Name) && item.Name != plan.Built!.Outputs && await objects.DeleteAsync(Containers.Events, item.Name, cancellationToken))
                deleted++;
        }

        return plan.Kind == CompactionKind.Merge ? deleted + await DeleteRetiredAsync(plan, cancellationToken) : deleted;
    }

    /// <summary>What the plan's list or the catalog names: a list that the storage lost stops nothing.</summary>
    private async Task<HashSet<string>> NamedAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var shard in plan.Built!.Touched)
        {
            await foreach (var row in log.ReadAddedAsync(plan.Store, shard, plan.Generation, cancellationToken))
                named.UnionWith(Names(row));
        }

        try
        {
            named.UnionWith((await OutputList.ReadAsync(objects, plan, cancellationToken)).SelectMany(Names));
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.NotFound or StoreErrorKind.Corrupt)
        {
            // Verify names it; the rows of what it listed are there until their objects are deleted.
        }

        return named;
    }

    private async Task<long> FreeAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        long deleted = 0;
        var passed = plan.Built!.Passed.ToHashSet();
        foreach (var (partition, last) in plan.Returned.Where(r => !passed.Contains(r)))
        {
            if (await commits.FindCommitAsync(plan.Store, partition, last, cancellationToken) is { Segment: { } segment })
                deleted += await DeleteAsync(segment.Name, cancellationToken);
        }

        foreach (var range in plan.Commits)
        {
            await foreach (var commit in commits.ReadCommitsAsync(plan.Store, range.Partition, range.After, cancellationToken))
            {
                if (commit.Last > range.Through)
                    break;
                if (commit.Segment is { } segment && !passed.Contains((commit.Partition, commit.Last)))
                    deleted += await DeleteAsync(segment.Name, cancellationToken);
            }
        }

        return deleted;
    }

    private async Task<long> DeleteRetiredAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        long deleted = 0;
        foreach (var key in plan.Retired)
        {
            if (await log.FindSegmentAsync(plan.Store, key, cancellationToken) is not { Until: not null } segment)
                continue;
            foreach (var name in Names(segment))
                deleted += await DeleteAsync(name, cancellationToken);
            await tables.DeleteAsync(Tables.Segments, CompactionKeys.Shard(plan.Store, key.Shard), key.Id, etag: null, cancellationToken);
        }

        return deleted;
    }

    private static IEnumerable<string> Names(CompactedSegment segment) => segment.Segment.Sieve is { } sieve ? [sieve.Name, segment.Segment.Name] : [segment.Segment.Name];

    private async Task<int> DeleteAsync(string name, CancellationToken cancellationToken) => await objects.DeleteAsync(Containers.Events, name, cancellationToken) ? 1 : 0;

    /// <summary>
    /// Whether the log of commits holds the plan's, so that nobody needs their segments to hash the events; true where nothing was sealed for long: there is no log, or nobody keeps it.
    /// </summary>
    private async Task<bool> IsSealedAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        var seals = await new SealLog(tables, objects).ReadHeadAsync(plan.Store, cancellationToken);
        return seals.SealedAt < time.GetUtcNow() - SealPatience
            || (plan.Commits.All(range => seals.Holds(range.Partition, range.Through)) && plan.Returned.All(one => seals.Holds(one.Partition, one.Last)));
    }

    /// <summary>Whether a hold keeps what the plan retired: one on everything, or one on an account that may have events in it. Holds are for all stores.</summary>
    private async Task<bool> IsHeldAsync(StoreName store, CompactionPlan plan, CancellationToken cancellationToken)
    {
        if (await tables.FindAsync(Tables.Progress, StoreName.History.ToString(), Keys.Hold, cancellationToken) is not null)
            return true;
        var holds = await AccountHolds.ReadAsync(tables, cancellationToken);
        if (holds.All.Count == 0)
            return false;
        foreach (var key in plan.Retired)
        {
            if (await log.FindSegmentAsync(store, key, cancellationToken) is { } segment && holds.Keep(segment))
                return true;
        }

        return false;
    }
}
