using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Compaction;

/// <summary>
/// Writes again what a storage that was killed lost of plans in effect: the same inputs make the same objects, so a plan whose inputs are still there
/// (fresh segments and merged ones stay for a grace) is worked off once more. Changes no row.
/// </summary>
internal sealed class LostOutputs(ITableStore tables, IObjectStore objects, TimeProvider time, CompactionOptions options, ILogger logger)
{
    private readonly CompactionLog log = new(tables);

    /// <summary>Names of the segments that were missing and are there again. Oldest plans first: what they wrote may be what later ones merged.</summary>
    public async Task<List<string>> RestoreAsync(StoreName store, CancellationToken cancellationToken)
    {
        var head = await log.ReadHeadAsync(store, cancellationToken);
        var restored = new List<string>();
        foreach (var (generation, missing) in await FindAsync(store, head, cancellationToken))
        {
            if (await log.FindPlanAsync(store, generation, cancellationToken) is not { Built: { } built } plan || !await TryBuildAsync(plan, built, cancellationToken))
                continue;
            foreach (var segment in missing)
            {
                if (await objects.FindAsync(Containers.Events, segment.Segment.Name, cancellationToken) is not null)
                    restored.Add(segment.Segment.Name);
            }
        }

        await foreach (var name in RestoreSievesAsync(store, head, cancellationToken))
            restored.Add(name);
        return restored;
    }

    /// <summary>A sieve is made of its segment alone.</summary>
    private async IAsyncEnumerable<string> RestoreSievesAsync(StoreName store, CompactionHead head, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var source = new SegmentSource(objects, new SegmentCacheOptions { HeadBytes = 0, BlockBytes = 0, SieveBytes = 0 });
        for (var shard = 0; shard < head.Shards && head.Generation > 0; shard++)
        {
            await foreach (var segment in log.ReadSegmentsAsync(store, shard, head.Generation, cancellationToken))
            {
                if (segment.Segment.Sieve is not { } sieve || await objects.FindAsync(Containers.Events, sieve.Name, cancellationToken) is not null)
                    continue;
                if (await TryRestoreAsync(source, segment.Segment, sieve, cancellationToken))
                    yield return sieve.Name;
            }
        }
    }

    private async Task<bool> TryRestoreAsync(SegmentSource source, SegmentReference segment, SieveReference sieve, CancellationToken cancellationToken)
    {
        try
        {
            var content = SieveBuilder.Build(await source.OpenAsync(segment, cancellationToken), segment.Sha256);
            await objects.CreateAsync(Containers.Events, sieve.Name, content, ObjectLabel.Binary, cancellationToken);
            return true;
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.NotFound or StoreErrorKind.Corrupt or StoreErrorKind.Conflict)
        {
            // Its segment is gone, which a verification names; or another run was first.
            return false;
        }
    }

    /// <summary>Generations with objects that are not there, in order, and their segments among these.</summary>
    private async Task<SortedDictionary<long, List<CompactedSegment>>> FindAsync(StoreName store, CompactionHead head, CancellationToken cancellationToken)
    {
        var missing = new SortedDictionary<long, List<CompactedSegment>>();
        for (var shard = 0; shard < head.Shards && head.Generation > 0; shard++)
        {
            await foreach (var segment in log.ReadAllSegmentsAsync(store, shard, cancellationToken))
            {
                if (segment.Since > head.Generation || segment.LostAt is not null || await objects.FindAsync(Containers.Events, segment.Segment.Name, cancellationToken) is not null)
                    continue;
                if (!missing.TryGetValue(segment.Since, out var segments))
                    missing[segment.Since] = segments = [];
                segments.Add(segment);
            }
        }

        await foreach (var plan in log.ReadPlansAsync(store, Math.Max(0, head.Generation - options.KeptPlans), head.Generation, cancellationToken))
        {
            if (plan.Built?.Outputs is { } name && !missing.ContainsKey(plan.Generation) && await objects.FindAsync(Containers.Events, name, cancellationToken) is null)
                missing[plan.Generation] = [];
        }

        return missing;
    }

    /// <summary>
    /// What a plan wrote that is built and not in effect yet. A storage that was killed in between may have forgotten some of it: then it is made again.
    /// </summary>
    /// <exception cref="StoreException">Corrupt: some of it is gone, and it cannot be made again.</exception>
    public async Task<List<CompactedSegment>> ReadOrRestoreAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        if (await FindWrittenAsync(plan, cancellationToken) is { } written)
            return written;
        if (await TryBuildAsync(plan, plan.Built!, cancellationToken))
            return await OutputList.ReadAsync(objects, plan, cancellationToken);
        throw new StoreException(StoreErrorKind.Corrupt, $"What plan {plan.Generation} wrote is missing in part and cannot be written again.");
    }

    private async Task<List<CompactedSegment>?> FindWrittenAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            var written = await OutputList.ReadAsync(objects, plan, cancellationToken);
            foreach (var segment in written)
            {
                if (await objects.FindAsync(Containers.Events, segment.Segment.Name, cancellationToken) is null)
                    return null;
            }

            return written;
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>False when the plan's inputs are no longer what they were; what came of them is taken away again.</summary>
    private async Task<bool> TryBuildAsync(CompactionPlan plan, BuiltPlan built, CancellationToken cancellationToken)
    {
        var before = await ListAsync(plan, cancellationToken);
        var reason = "its inputs are not what they were";
        try
        {
            var (again, _) = await new PlanBuilder(tables, objects, time, options, logger).BuildAsync(plan with { Built = null }, cancellationToken);
            if (again.OutputsSha256.AsSpan().SequenceEqual(built.OutputsSha256))
                return true;
        }
        catch (Exception error) when (error is SegmentFormatException or StoreException { Kind: StoreErrorKind.NotFound or StoreErrorKind.Corrupt or StoreErrorKind.Conflict })
        {
            reason = error.Message;
        }

        logger.Unrestored(plan.Generation, reason);
        var named = await NamedAsync(plan, cancellationToken);
        foreach (var name in (await ListAsync(plan, cancellationToken)).Except(before).Where(name => name != built.Outputs && !named.Contains(name)))
            await objects.DeleteAsync(Containers.Events, name, cancellationToken);
        return false;
    }

    private async Task<HashSet<string>> ListAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var item in objects.ListAsync(Containers.Events, CompactionKeys.Prefix(plan.Store, plan.Generation), cancellationToken))
            names.Add(item.Name);
        return names;
    }

    /// <summary>Names of the plan's segments that the catalog has.</summary>
    private async Task<HashSet<string>> NamedAsync(CompactionPlan plan, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var shard in plan.Built!.Touched)
        {
            await foreach (var row in log.ReadAddedAsync(plan.Store, shard, plan.Generation, cancellationToken))
                names.UnionWith(row.Segment.Sieve is { } sieve ? [row.Segment.Name, sieve.Name] : [row.Segment.Name]);
        }

        return names;
    }
}
