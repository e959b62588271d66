using System.Collections.Concurrent;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Query;

/// <summary>The compacted segments of a store, shard by shard, each list as of one generation and kept while no later plan touched its shard.</summary>
internal sealed class ShardLists(ITableStore tables, StoreName store)
{
    /// <summary>Plans that are looked through rather than reading a list again.</summary>
    private const int MaxPlans = 100;

    private readonly CompactionLog compaction = new(tables);
    private readonly ConcurrentDictionary<int, ShardList> lists = new();

    /// <summary>
    /// The segments of the shard that are in force at the head's generation; null when another generation took effect while they were read, whose
    /// sweep may have deleted some of them.
    /// </summary>
    public async Task<IReadOnlyList<CompactedSegment>?> ReadAsync(CompactionHead head, int shard, CancellationToken cancellationToken)
    {
        if (head.Generation == 0)
            return [];
        if (lists.TryGetValue(shard, out var known))
        {
            if (known.Generation == head.Generation)
                return known.Segments;
            if (known.Generation < head.Generation && !await IsTouchedAsync(shard, known.Generation, head.Generation, cancellationToken))
                return Keep(shard, known with { Generation = head.Generation });
        }

        var segments = new List<CompactedSegment>();
        await foreach (var segment in compaction.ReadSegmentsAsync(store, shard, head.Generation, cancellationToken))
            segments.Add(segment);
        if ((await compaction.ReadHeadAsync(store, cancellationToken)).Generation != head.Generation)
            return null;
        return Keep(shard, new(head.Generation, segments));
    }

    /// <summary>The list as of this very generation, if it is here; null otherwise.</summary>
    public IReadOnlyList<CompactedSegment>? Known(CompactionHead head, int shard)
    {
        if (head.Generation == 0)
            return [];
        return lists.TryGetValue(shard, out var known) && known.Generation == head.Generation ? known.Segments : null;
    }

    /// <summary>A list that is not newer than the one kept is used once.</summary>
    private IReadOnlyList<CompactedSegment> Keep(int shard, ShardList list)
    {
        lists.AddOrUpdate(shard, static (_, added) => added, static (_, kept, added) => added.Generation > kept.Generation ? added : kept, list);
        return list.Segments;
    }

    private async Task<bool> IsTouchedAsync(int shard, long after, long through, CancellationToken cancellationToken)
    {
        if (through - after > MaxPlans)
            return true;
        var untouched = 0L;
        await foreach (var plan in compaction.ReadPlansAsync(store, after, through, cancellationToken))
        {
            if (plan.Built is not { } built || built.Touched.Contains(shard))
                return true;
            untouched++;
        }

        return untouched < through - after;
    }

    private sealed record ShardList(long Generation, IReadOnlyList<CompactedSegment> Segments);
}
