using ActionTrail.Compaction;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Query;

/// <summary>
/// Compaction one step at a time, so that a test can do anything between two steps: plan, build, take effect, sweep. Small segments, all in
/// memory; for readers' tests only.
/// </summary>
internal sealed class HandCompaction(ITableStore tables, IObjectStore objects, TimeProvider clock, int shards, int rowsPerSegment)
{
    private readonly CompactionLog log = new(tables);
    private readonly CommitLog commits = new(tables, clock);
    private readonly SegmentSource source = new(objects, new SegmentCacheOptions());
    private CompactionPlan? plan;

    public bool IsPlanned => plan is not null;

    public bool IsBuilt => plan?.Built is not null;

    /// <summary>All four steps.</summary>
    public async Task RunAsync(CompactionKind kind = CompactionKind.Fresh, Func<CompactedSegment, bool>? takes = null)
    {
        if (!await PlanAsync(kind, takes))
            return;
        await BuildAsync();
        await TakeEffectAsync();
    }

    /// <summary>False when there is nothing to do.</summary>
    public async Task<bool> PlanAsync(CompactionKind kind = CompactionKind.Fresh, Func<CompactedSegment, bool>? takes = null)
    {
        var head = await log.ReadHeadAsync(StoreName.History, default);
        var draft = new CompactionPlan
        {
            Store = StoreName.History,
            Generation = head.Generation + 1,
            Kind = kind,
            PlannedAt = clock.GetUtcNow(),
            Shards = shards,
            PreviousHash = head.PlanHash,
        };
        if (kind == CompactionKind.Fresh)
        {
            var ranges = new List<CommitRange>();
            await foreach (var partition in commits.ReadPartitionsAsync(StoreName.History, default))
            {
                var last = (await commits.ReadHeadAsync(StoreName.History, partition, default)).Last;
                if (last > head.Position(partition))
                    ranges.Add(new(partition, head.Position(partition), last));
            }

            draft = draft with { Commits = ranges };
        }
        else
        {
            draft = draft with { Segments = [.. (await InForceAsync(head)).Where(takes ?? (static _ => true)).Select(static s => new SegmentKey(s.Shard, s.Id))] };
        }

        if (draft.Commits.Count == 0 && draft.Segments.Count == 0)
            return false;
        plan = draft;
        await tables.UpsertAsync(Tables.Progress, plan.ToRow(), default);
        return true;
    }

    public async Task BuildAsync()
    {
        var current = plan!;
        var retired = (await InForceAsync(await log.ReadHeadAsync(StoreName.History, default)))
            .Where(s => current.Segments.Contains(new SegmentKey(s.Shard, s.Id))).ToList();
        var rows = current.Kind switch
        {
            CompactionKind.Fresh => await FreshRowsAsync(current),
            CompactionKind.Merge => await RowsAsync(retired),
            _ => [],
        };
        var added = await WriteAsync(current, rows);
        foreach (var segment in added)
            await tables.UpsertAsync(Tables.Segments, segment.ToRow(), default);
        foreach (var segment in retired)
            await tables.UpsertAsync(Tables.Segments, (segment with { Until = current.Generation }).ToRow(), default);
        var (outputs, sha256) = await OutputList.WriteAsync(objects, current, added, default);
        var built = new BuiltPlan
        {
            At = clock.GetUtcNow(),
            Outputs = outputs,
            OutputsSha256 = sha256,
            Touched = [.. added.Concat(retired).Select(static s => s.Shard).Distinct().Order()],
            RowsIn = rows.Count,
            RowsOut = added.Sum(static s => s.Count),
            Copies = rows.Count - added.Sum(static s => s.Count),
        };
        plan = current with { Built = built };
        plan = current with { Built = built with { Hash = CompactionPlan.ComputeHash(plan) } };
        await tables.UpsertAsync(Tables.Progress, plan.ToRow(), default);
    }

    public async Task TakeEffectAsync()
    {
        var head = await log.ReadHeadAsync(StoreName.History, default);
        await tables.UpsertAsync(Tables.Progress, head.After(plan!, clock.GetUtcNow()).ToRow(StoreName.History), default);
        plan = null;
    }

    /// <summary>Deletes what no generation from now on needs: as if every grace were over.</summary>
    public async Task SweepAsync()
    {
        var head = await log.ReadHeadAsync(StoreName.History, default);
        for (var shard = 0; shard < shards; shard++)
        {
            await foreach (var segment in log.ReadAllSegmentsAsync(StoreName.History, shard, default))
            {
                if (segment.Until is not { } until || until > head.Generation)
                    continue;
                await objects.DeleteAsync(Containers.Events, segment.Segment.Name, default);
                await tables.DeleteAsync(Tables.Segments, CompactionKeys.Shard(StoreName.History, shard), segment.Id, etag: null, default);
            }
        }

        await foreach (var partition in commits.ReadPartitionsAsync(StoreName.History, default))
        {
            await foreach (var commit in commits.ReadCommitsAsync(StoreName.History, partition, -1, default))
            {
                if (head.Holds(commit) && commit.Segment is { } segment)
                    await objects.DeleteAsync(Containers.Events, segment.Name, default);
            }
        }
    }

    public async Task<List<CompactedSegment>> InForceAsync(CompactionHead head)
    {
        var all = new List<CompactedSegment>();
        for (var shard = 0; shard < shards; shard++)
        {
            await foreach (var segment in log.ReadSegmentsAsync(StoreName.History, shard, head.Generation, default))
                all.Add(segment);
        }

        return all;
    }

    private async Task<List<Row>> FreshRowsAsync(CompactionPlan current)
    {
        var rows = new List<Row>();
        foreach (var range in current.Commits)
        {
            await foreach (var commit in commits.ReadCommitsAsync(StoreName.History, range.Partition, range.After, default))
            {
                if (commit.Last > range.Through || commit.Segment is not { } segment)
                    continue;
                await AddAsync(rows, segment, new CommitOrigin(commit.Partition, commit.First, commit.Last, commit.CommittedAt));
            }
        }

        return rows;
    }

    private async Task<List<Row>> RowsAsync(List<CompactedSegment> inputs)
    {
        var rows = new List<Row>();
        foreach (var segment in inputs)
            await AddAsync(rows, segment.Segment, null);
        return rows;
    }

    private async Task AddAsync(List<Row> rows, SegmentReference segment, CommitOrigin? origin)
    {
        var head = await source.OpenAsync(segment, default);
        var blocks = await source.ReadBlocksAsync(segment, head, [.. Enumerable.Range(0, head.BlockCount)], default);
        for (var row = 0; row < head.Count; row++)
        {
            var facts = new EventFacts();
            head.ReadFacts(row, facts);
            rows.Add(new(facts, blocks[head.BlockOf(row)].Event(row).ToArray(), head.At(row), origin ?? head.OriginOf(row)!.Value));
        }
    }

    private async Task<List<CompactedSegment>> WriteAsync(CompactionPlan current, List<Row> rows)
    {
        var added = new List<CompactedSegment>();
        using var builder = new CompactSegmentBuilder(current.Kind == CompactionKind.Fresh ? 1 : 2);
        foreach (var shard in rows.GroupBy(row => CompactionHead.ShardOf(row.Facts.AccountId, shards)).OrderBy(static g => g.Key))
        {
            var sorted = shard.OrderBy(static r => r.Facts.AccountId, StringComparer.Ordinal).ThenBy(static r => r.Facts.EventTimeMs).ThenBy(static r => CompactRow.IdPrefix(r.Facts)).ToList();
            for (int start = 0, end; start < sorted.Count; start = end)
            {
                // Rows of one place stay together, so that copies meet.
                end = Math.Min(start + rowsPerSegment, sorted.Count);
                while (end < sorted.Count && Place(sorted[end]) == Place(sorted[end - 1]))
                    end++;
                builder.Clear();
                foreach (var row in sorted[start..end])
                    builder.Add(new CompactRow(row.Body, row.Facts, row.At, row.Origin));
                using var image = builder.Build();
                var number = added.Count;
                var name = CompactionKeys.Segment(StoreName.History, current.Generation, shard.Key, number, image.Sha256);
                await objects.CreateAsync(Containers.Events, name, image.Content, ObjectLabel.Binary, default);
                added.Add(new()
                {
                    Store = StoreName.History,
                    Shard = shard.Key,
                    Id = CompactionKeys.SegmentId(current.Generation, number),
                    Level = current.Kind == CompactionKind.Fresh ? 1 : 2,
                    Since = current.Generation,
                    Segment = image.ToReference(name),
                    Count = image.Count,
                    Ranges = [.. sorted[start..end].GroupBy(static r => r.Origin.Partition).Select(static g => new SequenceRange(g.Key, g.Min(static r => r.Origin.First), g.Max(static r => r.Origin.Last)))],
                });
            }
        }

        return added;
    }

    private static (string Account, long TimeMs, uint Id) Place(Row row) => (row.Facts.AccountId, row.Facts.EventTimeMs, CompactRow.IdPrefix(row.Facts));

    private sealed record Row(EventFacts Facts, byte[] Body, EventCoordinates At, CommitOrigin Origin);
}
