using System.Collections.Concurrent;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Query;

/// <summary>
/// The commits of a store as lookups see them. Commit rows never change, so each is read once and kept; every call reads
/// only what was committed since: one range query per partition, all at once. What is returned holds every commit that was
/// made before the call began.
/// </summary>
public sealed class CommitCatalog(ITableStore tables, TimeProvider clock, LookupOptions options)
{
    private readonly ConcurrentDictionary<(StoreName, PartitionName), PartitionTail> tails = new();

    /// <summary>
    /// The commits that may hold events of the account with an event time in [<paramref name="fromMs"/>, <paramref name="toMs"/>),
    /// none of them known to be purged or lost, in no particular order.
    /// </summary>
    /// <exception cref="StoreException">The tables cannot be read.</exception>
    public async Task<List<Commit>> ReadAsync(StoreName store, string accountId, long fromMs, long toMs, CancellationToken cancellationToken)
    {
        // Known partitions are refreshed while the registry is read; partitions that are new to us follow.
        var known = tails.Where(tail => tail.Key.Item1 == store).Select(tail => tail.Value).ToArray();
        var refreshed = Array.ConvertAll(known, tail => tail.RefreshAsync(cancellationToken));
        var added = new List<Task>();
        await foreach (var row in tables.QueryAsync(Tables.Progress, store.ToString(), Keys.FirstPartition, Keys.AfterPartitions, cancellationToken))
        {
            if (PartitionName.TryParse(row.RowKey[Keys.FirstPartition.Length..], out var partition) && !known.Any(tail => tail.Partition == partition))
            {
                var tail = tails.GetOrAdd((store, partition), _ => new PartitionTail(tables, store, partition));
                added.Add(tail.RefreshAsync(cancellationToken));
            }
        }

        await Task.WhenAll([.. refreshed, .. added]);
        var oldest = clock.GetUtcNow().AddDays(-options.RetentionDays - 2).ToUnixTimeMilliseconds();
        var accountHash = Hash64.Of(accountId);
        var commits = new List<Commit>();
        foreach (var tail in tails.Where(tail => tail.Key.Item1 == store))
        {
            tail.Value.Forget(oldest);
            tail.Value.CopyTo(commits, accountHash, fromMs, toMs);
        }

        return commits;
    }

    /// <summary>
    /// Called when a commit's segment is not there. Reads the row again and forgets the commit when it was purged or marked
    /// lost meanwhile; otherwise the store is damaged.
    /// </summary>
    /// <exception cref="StoreException">Unavailable: the row still names a segment that is missing.</exception>
    public async Task ForgetAsync(Commit commit, CancellationToken cancellationToken)
    {
        var row = await tables.FindAsync(Tables.Commits, Keys.CommitPartition(commit.Store, commit.Partition), Keys.Commit(commit.Last), cancellationToken);
        if (row is not null && Commit.FromRow(commit.Store, commit.Partition, row).LostAt is null)
        {
            throw new StoreException(StoreErrorKind.Unavailable, $"Segment {commit.Segment?.Name} of a committed batch is missing. Run a repair.");
        }

        if (tails.TryGetValue((commit.Store, commit.Partition), out var tail))
        {
            tail.Forget(commit);
        }
    }

    private sealed class PartitionTail(ITableStore tables, StoreName store, PartitionName partition)
    {
        private readonly Lock gate = new();
        private readonly List<Commit> commits = [];
        private readonly HashSet<long> lost = [];
        private long last = -1;
        private Task current = Task.CompletedTask;
        private Task? next;

        public PartitionName Partition => partition;

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

        private async Task ReadAfterAsync(Task before)
        {
            await Task.Yield();
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (gate)
            {
                current = next!;
                next = null;
            }

            await foreach (var row in tables.QueryAsync(Tables.Commits, Keys.CommitPartition(store, partition), Keys.Commit(last + 1), Keys.AfterCommits, CancellationToken.None))
            {
                var commit = Commit.FromRow(store, partition, row);
                lock (gate)
                {
                    last = commit.Last;
                    Keep(commit);
                }
            }

            foreach (var number in LostNumbers())
            {
                var row = await tables.FindAsync(Tables.Commits, Keys.CommitPartition(store, partition), Keys.Commit(number), CancellationToken.None);
                lock (gate)
                {
                    if (lost.Remove(number) && row is not null)
                    {
                        Keep(Commit.FromRow(store, partition, row));
                    }
                }
            }
        }

        private void Keep(Commit commit)
        {
            if (commit is { Segment: not null, LostAt: null })
            {
                commits.Add(commit);
            }
            else if (commit.LostAt is not null)
            {
                lost.Add(commit.Last);
            }
        }

        /// <summary>A lost segment may come back when its messages are delivered again, so lost commits are looked at anew. There are few: only an emulator loses any.</summary>
        private long[] LostNumbers()
        {
            lock (gate)
            {
                return [.. lost];
            }
        }

        public void CopyTo(List<Commit> target, ulong accountHash, long fromMs, long toMs)
        {
            lock (gate)
            {
                foreach (var commit in commits)
                {
                    if (commit.Segment!.MinEventTimeMs < toMs && commit.Segment.MaxEventTimeMs >= fromMs && commit.MayHold(accountHash))
                    {
                        target.Add(commit);
                    }
                }
            }
        }

        public void Forget(Commit commit)
        {
            lock (gate)
            {
                commits.RemoveAll(known => known.Last == commit.Last);
                lost.Add(commit.Last);
            }
        }

        public void Forget(long olderThanMs)
        {
            lock (gate)
            {
                if (commits.Count > 0 && commits[0].Segment!.MaxEventTimeMs < olderThanMs)
                {
                    commits.RemoveAll(commit => commit.Segment!.MaxEventTimeMs < olderThanMs);
                }
            }
        }
    }
}
