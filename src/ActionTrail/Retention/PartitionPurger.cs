using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Retention;

/// <summary>One run of the purge over one partition.</summary>
internal sealed class PartitionPurger(
    ITableStore tables, IObjectStore objects, CommitLog log, RetentionOptions options, StoreName store, PartitionName partition, PurgeLimits limits, bool dryRun)
{
    private readonly List<string> undatable = [];

    public IReadOnlyList<string> Undatable => undatable;

    /// <summary>Order: sweep what was marked long enough ago, then mark anew, then orphans. Each step is recorded before anything depends on it.</summary>
    public async Task<PartitionPurge> RunAsync(PartitionHead head, DateTimeOffset cutoff, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var result = new PartitionPurge(partition);
        var row = await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(partition), cancellationToken);
        var position = PurgePosition.FromRow(row);

        // 1. The anchor moves before the first row goes: readers and the verifier start behind it. A hold that came after the mark counts.
        if (position.MarkedThrough > position.PurgedThrough && now >= position.MarkedAt + options.Grace)
        {
            position = await KeepHeldAsync(position, cancellationToken);
            if (position.MarkedThrough > position.PurgedThrough)
                position = await AnchorAsync(position, cancellationToken);
        }

        // 2. Delete what lies before the anchor: also what an earlier run left when it died.
        result = await SweepAsync(result, position.PurgedThrough, cancellationToken);

        // 3. Mark anew only when the last mark is used up: a mark that moved on with every run would never come of age.
        if (position.MarkedThrough <= position.PurgedThrough)
            (position, result) = await MarkAsync(position, result, cutoff, now, cancellationToken);

        // 4. Orphans.
        (position, result) = await OrphansAsync(position, result, head, now, cancellationToken);
        return result with { MarkedThrough = position.MarkedThrough, Waiting = Math.Max(0, position.MarkedThrough - position.PurgedThrough) };
    }

    /// <summary>Takes the mark back to before the first commit that must stay.</summary>
    private async Task<PurgePosition> KeepHeldAsync(PurgePosition position, CancellationToken cancellationToken)
    {
        var through = position.PurgedThrough;
        await foreach (var commit in log.ReadCommitsAsync(store, partition, position.PurgedThrough, cancellationToken))
        {
            if (commit.Last > position.MarkedThrough || limits.Keep(commit))
                break;
            through = commit.Last;
        }

        return through == position.MarkedThrough ? position : await SaveAsync(position with { MarkedThrough = through }, cancellationToken);
    }

    private async Task<PurgePosition> AnchorAsync(PurgePosition position, CancellationToken cancellationToken)
    {
        var last = await log.FindCommitAsync(store, partition, position.MarkedThrough, cancellationToken)
            ?? throw new StoreException(StoreErrorKind.Conflict, $"The commit {partition} {position.MarkedThrough} was marked and is gone: another run sweeps.");
        return await SaveAsync(position with { PurgedThrough = last.Last, PurgedHash = last.Hash }, cancellationToken);
    }

    private async Task<PartitionPurge> SweepAsync(PartitionPurge result, long through, CancellationToken cancellationToken)
    {
        if (through < 0)
            return result;
        await foreach (var commit in log.ReadCommitsAsync(store, partition, afterLast: -1, cancellationToken))
        {
            if (commit.Last > through)
                break;

            // The hold came after the anchor, and the run that set it died: what is left is kept, though nobody sees it any more.
            if (limits.Holds.Keep(commit))
            {
                result = result with { IsHeld = true };
                continue;
            }

            result = result with
            {
                Deleted = result.Deleted + 1,
                DeletedEvents = result.DeletedEvents + commit.Count,
                DeletedQuarantined = result.DeletedQuarantined + (commit.Quarantine?.Count ?? 0),
            };
            result = result with { DeletedBytes = result.DeletedBytes + await DeleteAsync(commit, cancellationToken) };
        }

        return result;
    }

    /// <summary>Objects before rows: a row is the only way to find its objects. The bytes of the segment, which compaction may have freed before.</summary>
    private async Task<long> DeleteAsync(Commit commit, CancellationToken cancellationToken)
    {
        if (dryRun)
            return commit.Segment is { } found && await objects.FindAsync(Containers.Events, found.Name, cancellationToken) is not null ? found.Length : 0;
        var bytes = 0L;
        var key = Keys.CommitPartition(store, partition);
        if (commit.Segment is { } segment && await objects.DeleteAsync(Containers.Events, segment.Name, cancellationToken))
            bytes = segment.Length;
        if (commit.Quarantine is { } quarantine)
        {
            await objects.DeleteAsync(Containers.Quarantine, quarantine.Name, cancellationToken);
            await foreach (var mark in tables.QueryAsync(Tables.Quarantine, key, Keys.Replay(commit.Last, 0), Keys.Replay(commit.Last + 1, 0), cancellationToken))
                await tables.DeleteAsync(Tables.Quarantine, key, mark.RowKey, etag: null, cancellationToken);
            await tables.DeleteAsync(Tables.Commits, key, Keys.Quarantine(commit.Last), etag: null, cancellationToken);
        }

        if (commit.Mark is { } appended)
            await tables.DeleteAsync(Tables.Commits, key, Keys.Appended(appended.Key), etag: null, cancellationToken);
        await tables.DeleteAsync(Tables.Commits, key, Keys.Commit(commit.Last), etag: null, cancellationToken);
        return bytes;
    }

    private async Task<(PurgePosition Position, PartitionPurge Result)> MarkAsync(PurgePosition position, PartitionPurge result, DateTimeOffset cutoff, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var through = position.PurgedThrough;
        await foreach (var commit in log.ReadCommitsAsync(store, partition, position.PurgedThrough, cancellationToken))
        {
            if (NewestOf(commit) >= cutoff)
                break;
            if (limits.Keep(commit))
            {
                result = result with { IsHeld = true };
                break;
            }

            through = commit.Last;
            result = result with { Marked = result.Marked + 1, MarkedEvents = result.MarkedEvents + commit.Count };
        }

        if (through > position.PurgedThrough)
            position = await SaveAsync(position with { MarkedThrough = through, MarkedAt = now }, cancellationToken);
        return (position, result);
    }

    /// <summary>What keeps a commit longest: its newest event; quarantined records, which have no time that could be trusted, count from their commit.</summary>
    private static DateTimeOffset NewestOf(Commit commit)
    {
        if (commit.Segment is not { } segment)
            return commit.CommittedAt;
        var newestEvent = DateTimeOffset.FromUnixTimeMilliseconds(segment.MaxEventTimeMs);
        return commit.Quarantine is not null && commit.CommittedAt > newestEvent ? commit.CommittedAt : newestEvent;
    }

    /// <summary>
    /// An object is an orphan when the log has gone past its range and the commit there names another one or none. A range the log has
    /// not reached is left alone whatever its age: a writer that comes back may still commit just that object.
    /// </summary>
    private async Task<(PurgePosition Position, PartitionPurge Result)> OrphansAsync(PurgePosition position, PartitionPurge result, PartitionHead head, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var searchedThrough = head.Last;
        foreach (var (container, prefix) in new[] { (Containers.Events, Keys.FreshPrefix(store, partition)), (Containers.Quarantine, Keys.QuarantinePrefix(store, partition)) })
        {
            await foreach (var item in objects.ListAsync(container, prefix, cancellationToken))
            {
                if (!Keys.TryParseRange(item.Name, out var first, out var last))
                {
                    undatable.Add($"{container}/{item.Name}");
                    continue;
                }

                if (last <= position.OrphansThrough)
                    continue;
                if (item.LastModified > now - options.OrphanGrace || last > head.Last)
                {
                    // Later runs look at it again.
                    searchedThrough = Math.Min(searchedThrough, first - 1);
                    continue;
                }

                var commit = await log.FindCommitAsync(store, partition, last, cancellationToken);
                var named = container == Containers.Events ? commit?.Segment?.Name : commit?.Quarantine?.Name;
                if (named == item.Name)
                    continue;
                result = result with { Orphans = result.Orphans + 1, OrphanBytes = result.OrphanBytes + item.Length };
                if (!dryRun)
                    await objects.DeleteAsync(container, item.Name, cancellationToken);
            }
        }

        if (searchedThrough > position.OrphansThrough)
            position = await SaveAsync(position with { OrphansThrough = searchedThrough }, cancellationToken);
        return (position, result);
    }

    /// <summary>Writes the position under its ETag; Conflict means that another run is at work, which then goes on alone.</summary>
    private async Task<PurgePosition> SaveAsync(PurgePosition position, CancellationToken cancellationToken)
    {
        if (dryRun)
            return position;
        var row = position.ToRow(store, partition);
        var etag = position.ETag is null
            ? await tables.InsertAsync(Tables.Progress, row, cancellationToken)
            : await tables.ReplaceAsync(Tables.Progress, row, position.ETag, cancellationToken);
        return position with { ETag = etag };
    }
}
