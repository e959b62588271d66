using ActionTrail.Compaction;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>What a repair found. The caller records it as an audit event.</summary>
/// <param name="Checked">Commits looked at.</param>
/// <param name="Lost">Commits that this run marked as lost.</param>
/// <param name="Returned">Commits whose mark this run took away, because their segment is there again.</param>
/// <param name="Restored">Names of compacted segments that were missing and that this run wrote again.</param>
/// <param name="Missing">Compacted segments in force that are not there and could not be written again; nothing is changed about them.</param>
/// <param name="Accepted">Compacted segments whose loss the caller accepted with this run.</param>
public sealed record RepairReport(
    long Checked, IReadOnlyList<Commit> Lost, IReadOnlyList<Commit> Returned, IReadOnlyList<string> Restored, IReadOnlyList<CompactedSegment> Missing,
    IReadOnlyList<CompactedSegment> Accepted)
{
    /// <summary>Events in <see cref="Lost"/>.</summary>
    public long LostEvents => Lost.Sum(static commit => (long)commit.Count);
}

/// <summary>
/// Acknowledges commits whose segment is gone for good (an emulator was killed with writes that it had only in memory), so that
/// lookups and deliveries go on without them. The chain stays whole; a commit whose segment exists is never touched, but
/// for a mark that no longer holds. Run it after the hub has delivered again: what can be rebuilt is rebuilt by that. Commits that are compacted need
/// their segment no more. A compacted segment that is missing is written again while what it was made of is there; else it is named, and lookups that need
/// it go on failing: whoever gave it up in silence would hide
/// a loss of many commits. An operator who names it gives it up; every verification names it from then on.
/// </summary>
public sealed class StoreRepair(ITableStore tables, IObjectStore objects, TimeProvider time, Compactor compactor)
{
    private readonly CommitLog log = new(tables, time);
    private readonly CompactionLog compaction = new(tables);

    /// <param name="store">The store.</param>
    /// <param name="window">Only commits made within this time before now; null: all.</param>
    /// <param name="cancellationToken">Stops between two commits; the next run goes on.</param>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public Task<RepairReport> RepairAsync(StoreName store, TimeSpan? window, CancellationToken cancellationToken) => RepairAsync(store, window, acceptLoss: null, cancellationToken);

    /// <summary>As <see cref="RepairAsync(StoreName, TimeSpan?, CancellationToken)"/>.</summary>
    /// <param name="store">The store.</param>
    /// <param name="window">Only commits made within this time before now; null: all.</param>
    /// <param name="acceptLoss">
    /// Name of a compacted segment whose events the operator gives up: when it is missing, or cannot be read, and cannot be written again, it counts no more from now
    /// on. One that can be read stays as it is.
    /// </param>
    /// <param name="cancellationToken">Stops between two commits; the next run goes on.</param>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task<RepairReport> RepairAsync(StoreName store, TimeSpan? window, string? acceptLoss, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var from = window is null ? DateTimeOffset.MinValue : now - window.Value;
        var (seen, lost, returned) = (0L, new List<Commit>(), new List<Commit>());
        var head = await compaction.ReadHeadAsync(store, cancellationToken);
        await foreach (var partition in log.ReadPartitionsAsync(store, cancellationToken))
        {
            // What the purge has begun to delete is not lost.
            var purge = PurgePosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(partition), cancellationToken));
            await foreach (var commit in log.ReadCommitsAsync(store, partition, purge.PurgedThrough, cancellationToken))
            {
                if (commit.CommittedAt < from || commit.Segment is not { } segment || head.Holds(commit))
                    continue;
                seen++;
                var isThere = await objects.FindAsync(Containers.Events, segment.Name, cancellationToken) is not null;
                if (!isThere && (await compaction.ReadHeadAsync(store, cancellationToken)).Holds(commit))
                    continue;
                if (isThere == (commit.LostAt is null) || !await log.MarkLostAsync(commit, isThere ? null : now, cancellationToken))
                    continue;
                (isThere ? returned : lost).Add(commit with { LostAt = isThere ? null : now });
            }
        }

        var restored = await compactor.RestoreAsync(store, cancellationToken);
        var accepted = acceptLoss is null ? null : await AcceptAsync(store, acceptLoss, cancellationToken);
        head = await compaction.ReadHeadAsync(store, cancellationToken);
        return new RepairReport(seen, lost, returned, restored, await FindMissingAsync(store, head, cancellationToken), accepted is null ? [] : [accepted]);
    }

    private async Task<CompactedSegment?> AcceptAsync(StoreName store, string name, CancellationToken cancellationToken)
    {
        var head = await compaction.ReadHeadAsync(store, cancellationToken);
        for (var shard = 0; shard < head.Shards && head.Generation > 0; shard++)
        {
            await foreach (var segment in compaction.ReadSegmentsAsync(store, shard, head.Generation, cancellationToken))
            {
                if (segment.Segment.Name == name)
                    return await IsReadableAsync(segment, cancellationToken) ? null : await compactor.AcceptLossAsync(store, new(shard, segment.Id), cancellationToken);
            }
        }

        return null;
    }

    private async Task<bool> IsReadableAsync(CompactedSegment segment, CancellationToken cancellationToken)
    {
        try
        {
            var count = 0;
            await foreach (var one in new SegmentSource(objects, new SegmentCacheOptions { HeadBytes = 0, BlockBytes = 0 }).ReadAllAsync(segment.Segment, cancellationToken))
                count++;
            return count == segment.Count;
        }
        catch (Exception error) when (error is SegmentFormatException or StoreException { Kind: StoreErrorKind.NotFound or StoreErrorKind.Corrupt })
        {
            return false;
        }
    }

    private async Task<List<CompactedSegment>> FindMissingAsync(StoreName store, CompactionHead head, CancellationToken cancellationToken)
    {
        var missing = new List<CompactedSegment>();
        for (var shard = 0; shard < head.Shards && head.Generation > 0; shard++)
        {
            await foreach (var segment in compaction.ReadSegmentsAsync(store, shard, head.Generation, cancellationToken))
            {
                if (await objects.FindAsync(Containers.Events, segment.Segment.Name, cancellationToken) is not null)
                    continue;
                var now = await compaction.ReadHeadAsync(store, cancellationToken);
                if (await compaction.FindSegmentAsync(store, new(shard, segment.Id), cancellationToken) is { } row && row.IsInForce(now.Generation))
                    missing.Add(segment);
            }
        }

        return missing;
    }
}
