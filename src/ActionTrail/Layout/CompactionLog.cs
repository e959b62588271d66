using System.Runtime.CompilerServices;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>
/// Reads what compaction wrote: the generation in force, its segments, the plans. A reader takes the head first, then the segments of the
/// account's shard at that generation, then the commits that the head does not hold: whatever happens meanwhile, that is each event.
/// All methods throw <see cref="StoreException"/>.
/// </summary>
public sealed class CompactionLog(ITableStore tables)
{
    /// <summary>The generation in force; generation 0 without positions while nothing was ever compacted.</summary>
    public async Task<CompactionHead> ReadHeadAsync(StoreName store, CancellationToken cancellationToken) =>
        CompactionHead.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), CompactionKeys.Head, cancellationToken));

    /// <summary>The segments of a shard that are in force at a generation that the head has shown, oldest plan first.</summary>
    public async IAsyncEnumerable<CompactedSegment> ReadSegmentsAsync(StoreName store, int shard, long generation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var segment in ReadAllSegmentsAsync(store, shard, cancellationToken))
        {
            if (segment.IsInForce(generation))
                yield return segment;
        }
    }

    /// <summary>All rows of a shard: also retired ones that are not deleted yet, and those of a plan under way.</summary>
    public async IAsyncEnumerable<CompactedSegment> ReadAllSegmentsAsync(StoreName store, int shard, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Segments, CompactionKeys.Shard(store, shard), fromRowKey: null, toRowKey: null, cancellationToken))
            yield return CompactedSegment.FromRow(store, shard, row);
    }

    /// <summary>The rows of a shard that one generation added and that are not deleted, retired ones too.</summary>
    public async IAsyncEnumerable<CompactedSegment> ReadAddedAsync(StoreName store, int shard, long generation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (from, to) = (CompactionKeys.FirstSegment(generation), CompactionKeys.FirstSegment(generation + 1));
        await foreach (var row in tables.QueryAsync(Tables.Segments, CompactionKeys.Shard(store, shard), from, to, cancellationToken))
            yield return CompactedSegment.FromRow(store, shard, row);
    }

    /// <summary>One segment's row, or null when it is deleted (or never was).</summary>
    public async Task<CompactedSegment?> FindSegmentAsync(StoreName store, SegmentKey key, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Segments, CompactionKeys.Shard(store, key.Shard), key.Id, cancellationToken) is { } row
            ? CompactedSegment.FromRow(store, key.Shard, row)
            : null;

    /// <summary>The plans with <paramref name="after"/> &lt; generation ≤ <paramref name="through"/>, in order; those up to the head's generation are built and in effect.</summary>
    public async IAsyncEnumerable<CompactionPlan> ReadPlansAsync(StoreName store, long after, long through, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Progress, store.ToString(), CompactionKeys.Plan(after + 1), CompactionKeys.Plan(through + 1), cancellationToken))
            yield return CompactionPlan.FromRow(store, row);
    }

    /// <summary>Where the chain of plans begins; read it before the plans.</summary>
    public async Task<PlanCheckpoint> ReadCheckpointAsync(StoreName store, CancellationToken cancellationToken) =>
        PlanCheckpoint.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), CompactionKeys.Checkpoint, cancellationToken));

    public async Task<CompactionPlan?> FindPlanAsync(StoreName store, long generation, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Progress, store.ToString(), CompactionKeys.Plan(generation), cancellationToken) is { } row
            ? CompactionPlan.FromRow(store, row)
            : null;
}
