using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Query;

/// <summary>
/// The commits of one partition that are not compacted. Commit rows never change but for the mark that they are lost, so each is read once
/// and kept until it is compacted.
/// </summary>
/// <param name="tables">The store's tables.</param>
/// <param name="store">The store.</param>
/// <param name="partition">Its partition.</param>
/// <param name="since">A generation of compaction: what it holds is not read.</param>
internal sealed class PartitionTail(ITableStore tables, StoreName store, PartitionName partition, CompactionHead since)
{
    private readonly Lock gate = new();
    private readonly List<Commit> commits = [];

    /// <summary>Commits that have no segment to read now and may get it back, by their last sequence number.</summary>
    private readonly HashSet<long> lost = [.. since.Passed.Where(passed => passed.Partition == partition).Select(static passed => passed.Last)];

    private long last = since.Position(partition);
    private bool wasRead;
    private Task current = Task.CompletedTask;
    private Task? next;

    public PartitionName Partition => partition;

    /// <summary>
    /// False when nothing can have been committed that is not known here. True also for a tail that was never read: a store that lost its last seconds may have lost
    /// an announcement and kept its commit.
    /// </summary>
    /// <param name="announced">What the partition's registration said after the caller's lookup had begun.</param>
    public bool IsBehind(long announced)
    {
        lock (gate)
            return !wasRead || last < announced || lost.Count > 0;
    }

    /// <summary>
    /// Reads what was committed since the last read. A read that is under way may have begun before the caller's commit, so the
    /// caller joins the next one; all who wait share it.
    /// </summary>
    public Task RefreshAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            next ??= ReadAfterAsync(current);
            return next.WaitAsync(cancellationToken);
        }
    }

    public void CopyTo(List<LookupSource> target, ulong accountHash, long fromMs, long toMs)
    {
        lock (gate)
        {
            foreach (var commit in commits)
            {
                if (commit.Segment!.MinEventTimeMs < toMs && commit.Segment.MaxEventTimeMs >= fromMs && commit.MayHold(accountHash))
                    target.Add(new(commit.Segment, commit));
            }
        }
    }

    /// <summary>Forgets a commit whose segment is gone; should it come back, it is found again.</summary>
    public void Forget(Commit commit)
    {
        lock (gate)
        {
            commits.RemoveAll(known => known.Last == commit.Last);
            lost.Add(commit.Last);
        }
    }

    /// <summary>Forgets what a generation holds, and what is past the retention.</summary>
    public void Forget(CompactionHead head, long olderThanMs)
    {
        lock (gate)
        {
            if (commits.Count > 0 && (commits[0].Last <= head.Position(partition) || commits[0].Segment!.MaxEventTimeMs < olderThanMs))
                commits.RemoveAll(commit => head.Holds(commit) || commit.Segment!.MaxEventTimeMs < olderThanMs);
            lost.RemoveWhere(number => head.Holds(partition, number));
        }
    }

    private async Task ReadAfterAsync(Task before)
    {
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            current = next!;
            next = null;
        }

        // Rows that this read finds lost are looked at by the next one.
        var waiting = LostNumbers();
        await foreach (var row in tables.QueryAsync(Tables.Commits, Keys.CommitPartition(store, partition), Keys.Commit(last + 1), Keys.AfterCommits, CancellationToken.None))
        {
            var commit = Commit.FromRow(store, partition, row);
            lock (gate)
            {
                last = commit.Last;
                Keep(commit);
            }
        }

        foreach (var number in waiting)
        {
            var row = await tables.FindAsync(Tables.Commits, Keys.CommitPartition(store, partition), Keys.Commit(number), CancellationToken.None);
            lock (gate)
            {
                if (lost.Remove(number) && row is not null)
                    Keep(Commit.FromRow(store, partition, row));
            }
        }

        lock (gate)
            wasRead = true;
    }

    private void Keep(Commit commit)
    {
        if (commit is { Segment: not null, LostAt: null })
            commits.Add(commit);
        else if (commit.LostAt is not null)
            lost.Add(commit.Last);
    }

    /// <summary>A lost segment may come back when its messages are delivered again, so lost commits are looked at anew. There are few: only an emulator loses any.</summary>
    private long[] LostNumbers()
    {
        lock (gate)
        {
            return [.. lost];
        }
    }
}
