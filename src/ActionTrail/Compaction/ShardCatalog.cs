using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Compaction;

/// <summary>The segments in force, shard by shard, as one run of compaction sees them: read once, then again only where its plans changed them.</summary>
internal sealed class ShardCatalog(ITableStore tables, CompactionOptions options)
{
    private readonly CompactionLog log = new(tables);
    private readonly Dictionary<int, IReadOnlyList<CompactedSegment>> shards = [];
    private long generation = -1;

    /// <summary>Segments in force by level, as of the last look.</summary>
    public IEnumerable<(int Level, long Count)> InForce =>
        shards.Values.SelectMany(static s => s).GroupBy(static s => s.Level).Select(static g => (g.Key, g.LongCount()));

    /// <summary>The segments of each shard that are in force at the head's generation.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<CompactedSegment>>> ReadAsync(StoreName store, CompactionHead head, CancellationToken cancellationToken)
    {
        if (generation < 0)
        {
            shards.Clear();
        }
        else
        {
            await foreach (var plan in log.ReadPlansAsync(store, generation, head.Generation, cancellationToken))
            {
                foreach (var shard in plan.Built?.Touched ?? [])
                    shards.Remove(shard);
            }
        }

        for (var shard = 0; shard < head.Shards && head.Generation > 0; shard++)
        {
            if (shards.ContainsKey(shard))
                continue;
            var segments = new List<CompactedSegment>();
            await foreach (var segment in log.ReadSegmentsAsync(store, shard, head.Generation, cancellationToken))
                segments.Add(segment);
            shards[shard] = segments;
        }

        generation = head.Generation;
        return [.. shards.OrderBy(static one => one.Key).Select(static one => one.Value)];
    }

    /// <summary>
    /// The accounts of a shard that keep to segments of their own, in ordinal order: those whose own segments in force hold enough events, at most so many of the
    /// largest. An account becomes one of them when a plan has enough of it, and ceases to be when retention has left too few.
    /// </summary>
    /// <param name="segments">The segments of the shard.</param>
    /// <param name="merged">The account whose segments are merged now; it is among them in any case.</param>
    public IReadOnlyList<string> LargeAccounts(IReadOnlyList<CompactedSegment> segments, string? merged) =>
    [
        .. segments.Where(static s => s.Account is not null).GroupBy(static s => s.Account!, static s => (long)s.Count, StringComparer.Ordinal)
            .Select(static g => (Account: g.Key, Rows: g.Sum())).Where(one => one.Rows >= options.LargeAccountRows)
            .OrderByDescending(static one => one.Rows).ThenBy(static one => one.Account, StringComparer.Ordinal).Take(options.MaxLargeAccounts)
            .Select(static one => one.Account).Union(merged is null ? [] : [merged], StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];
}
