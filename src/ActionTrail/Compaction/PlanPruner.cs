using System.Text.Json;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Compaction;

/// <summary>
/// Forgets old plans: rows and lists of what a store did years ago are no use to anyone, and a verification would read them all. A checkpoint takes their place,
/// which says what they came to together and with which chain link the plans that are kept go on. A plan is forgotten when nothing of its is left to
/// delete and the chain up to it is whole: a broken one is evidence. Doing it twice is doing it once.
/// </summary>
internal sealed class PlanPruner(ITableStore tables, IObjectStore objects, CompactionOptions options, ILogger logger)
{
    /// <summary>Plans that one run forgets at most.</summary>
    private const int MostPlans = 5_000;

    private readonly CompactionLog log = new(tables);

    public async Task RunAsync(StoreName store, CancellationToken cancellationToken)
    {
        var checkpoint = await log.ReadCheckpointAsync(store, cancellationToken);
        var sweep = SweepPosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), CompactionKeys.Sweep, cancellationToken));
        if (sweep.Through - options.KeptPlans - checkpoint.Through >= options.ForgottenPlans)
            checkpoint = await MoveAsync(store, checkpoint, Math.Min(sweep.Through - options.KeptPlans, checkpoint.Through + MostPlans), cancellationToken);
        if (checkpoint.Through > 0)
            await DeleteAsync(store, checkpoint, cancellationToken);
    }

    /// <summary>The checkpoint that counts from now on: the old one, when the plans do not bear a new one or another run was first.</summary>
    private async Task<PlanCheckpoint> MoveAsync(StoreName store, PlanCheckpoint checkpoint, long through, CancellationToken cancellationToken)
    {
        if (await AddUpAsync(store, checkpoint, through, cancellationToken) is not { } sum)
            return checkpoint;
        var (name, sha256) = await OutputList.WriteCheckpointAsync(objects, store, through, sum.InForce, cancellationToken);
        var next = new PlanCheckpoint { Through = through, PlanHash = sum.Link, Segments = name, SegmentsSha256 = sha256 };
        try
        {
            if (checkpoint.ETag is null)
                await tables.InsertAsync(Tables.Progress, next.ToRow(store), cancellationToken);
            else
                await tables.ReplaceAsync(Tables.Progress, next.ToRow(store), checkpoint.ETag, cancellationToken);
            logger.Forgot(through, sum.InForce.Count);
            return next;
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            return await log.ReadCheckpointAsync(store, cancellationToken);
        }
    }

    /// <summary>What the plans through a generation come to; null when their chain is not whole or a list cannot be read.</summary>
    private async Task<(List<CompactedSegment> InForce, byte[] Link)?> AddUpAsync(StoreName store, PlanCheckpoint checkpoint, long through, CancellationToken cancellationToken)
    {
        var (generation, link) = (checkpoint.Through, checkpoint.PlanHash);
        try
        {
            var inForce = new SortedDictionary<(int Shard, string Id), CompactedSegment>(Comparer<(int Shard, string Id)>.Create(static (a, b) =>
                a.Shard != b.Shard ? a.Shard.CompareTo(b.Shard) : string.CompareOrdinal(a.Id, b.Id)));
            foreach (var segment in await OutputList.ReadAsync(objects, store, checkpoint, cancellationToken))
                inForce.Add((segment.Shard, segment.Id), segment);
            await foreach (var plan in log.ReadPlansAsync(store, checkpoint.Through, through, cancellationToken))
            {
                generation++;
                var isNext = plan.Generation == generation && plan.PreviousHash.AsSpan().SequenceEqual(link)
                    && plan.Built is { } built && CompactionPlan.ComputeHash(plan).AsSpan().SequenceEqual(built.Hash);
                if (!isNext)
                    return Keep(generation, "the chain of plans is broken");
                link = plan.Built!.Hash;
                foreach (var segment in await OutputList.ReadAsync(objects, plan, cancellationToken))
                    inForce.Add((segment.Shard, segment.Id), segment);
                if (plan.Retired.Any(key => !inForce.Remove((key.Shard, key.Id))))
                    return Keep(generation, "it retires a segment that was not in force");
            }

            // Another run may have been first, and be deleting them.
            return generation == through ? ([.. inForce.Values], link) : null;
        }
        catch (Exception error) when (error is JsonException or FormatException or StoreException { Kind: StoreErrorKind.NotFound or StoreErrorKind.Corrupt })
        {
            return Keep(generation, error.Message);
        }
    }

    private (List<CompactedSegment>, byte[])? Keep(long generation, string reason)
    {
        logger.PlansKept(generation, reason);
        return null;
    }

    /// <summary>Plans through the checkpoint, each after its list, and the lists of earlier checkpoints.</summary>
    private async Task DeleteAsync(StoreName store, PlanCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        var isAny = false;
        await foreach (var plan in log.ReadPlansAsync(store, 0, checkpoint.Through, cancellationToken))
        {
            if (!isAny)
                await DeleteListsAsync(store, checkpoint, cancellationToken);
            isAny = true;
            if (plan.Built?.Outputs is { } list)
                await objects.DeleteAsync(Containers.Events, list, cancellationToken);
            await tables.DeleteAsync(Tables.Progress, store.ToString(), CompactionKeys.Plan(plan.Generation), etag: null, cancellationToken);
        }
    }

    /// <summary>Before the first plan goes: whoever dies in between does it again. Later ones stay, another run may be about to name one.</summary>
    private async Task DeleteListsAsync(StoreName store, PlanCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        var bound = CompactionKeys.CheckpointList(store, checkpoint.Through, new byte[8]);
        await foreach (var item in objects.ListAsync(Containers.Events, CompactionKeys.Checkpoints(store), cancellationToken))
        {
            if (string.CompareOrdinal(item.Name, bound) < 0)
                await objects.DeleteAsync(Containers.Events, item.Name, cancellationToken);
        }
    }
}
