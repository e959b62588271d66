using ActionTrail.Delivery;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.HistoryJobs;

/// <summary>
/// Finds the commits that were made in a time. Delivery windows are the index: a commit lies in a window whose boundary is later than it, seldom in
/// one much later, and times rise within a partition.
/// </summary>
internal sealed class HistoryCommits(ITableStore tables, CommitLog commits, WindowLog windows)
{
    // Commits appear at most seconds after their time, and schedulers may stand still longer than that.
    private static readonly TimeSpan Lateness = TimeSpan.FromHours(1);

    /// <summary>
    /// The commits with events made in <c>[from, to)</c> that <paramref name="isDue"/> accepts: by partition, then in the order of the log. What retention has purged is
    /// left out.
    /// </summary>
    /// <exception cref="WindowExpiredException">The log has a gap that no purge made.</exception>
    public async Task<List<Commit>> ReadAsync(StoreName store, DateTimeOffset from, DateTimeOffset to, Func<Commit, bool> isDue, CancellationToken cancellationToken)
    {
        var due = new List<Commit>();
        foreach (var (name, after) in await FindStartsAsync(store, from, to, cancellationToken))
        {
            var partition = PartitionName.Parse(name);
            var reached = Math.Max(after, await ReadPurgedAsync(store, partition, cancellationToken));
            await foreach (var commit in commits.ReadCommitsAsync(store, partition, reached, cancellationToken))
            {
                if (commit.Previous != reached && commit.Previous > await ReadPurgedAsync(store, partition, cancellationToken))
                    throw new WindowExpiredException($"Commits {reached + 1}..{commit.Previous} of partition {partition} are not in the log.");
                reached = commit.Last;
                if (commit.CommittedAt >= to)
                    break;
                if (commit.CommittedAt >= from && commit.Segment is not null && commit.LostAt is null && isDue(commit))
                    due.Add(commit);
            }
        }

        return due;
    }

    /// <summary>By partition, in ordinal order: a sequence number after which all its commits made since <paramref name="from"/> come. A partition that has none before <paramref name="to"/> may be left out.</summary>
    private async Task<SortedDictionary<string, long>> FindStartsAsync(StoreName store, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        // The head first: windows that are cut meanwhile are then read as windows.
        var head = await windows.ReadHeadAsync(store, cancellationToken);
        var starts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var through = (to + Lateness).ToUnixTimeMilliseconds();
        await foreach (var window in windows.ReadRangeAsync(store, from.ToUnixTimeMilliseconds(), through, cancellationToken))
        {
            foreach (var range in window.Ranges)
                starts.TryAdd(range.Partition.ToString(), range.From);
        }

        if (head.Boundary > through)
            return starts;
        await foreach (var partition in commits.ReadPartitionsAsync(store, cancellationToken))
            starts.TryAdd(partition.ToString(), head.To(partition));
        return starts;
    }

    private async Task<long> ReadPurgedAsync(StoreName store, PartitionName partition, CancellationToken cancellationToken) =>
        PurgePosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(partition), cancellationToken)).PurgedThrough;
}
