using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Compaction;

/// <summary>Which commits the next plan takes up: the oldest of all partitions first, as many as a plan bears.</summary>
internal sealed class FreshPlanner(ITableStore tables, IObjectStore objects, ShardCatalog catalog, TimeProvider time, CompactionOptions options, ILogger logger)
{
    /// <summary>Commits passed over beyond which nothing new is taken up: something is wrong at large, and the head row has its bounds.</summary>
    private const int MaxPassed = 5_000;

    /// <summary>Passed commits that one run looks for.</summary>
    private const int MaxSought = 100;

    private const int LeastRead = 16;

    private readonly CommitLog log = new(tables, time);

    /// <summary>What the last call saw waiting.</summary>
    public Backlog Backlog { get; private set; }

    /// <summary>The plan that follows the head, or null when nothing is due.</summary>
    /// <param name="store">The store.</param>
    /// <param name="head">The head as it was read.</param>
    /// <param name="looksForPassed">Whether to look for commits that were passed over before.</param>
    /// <param name="cancellationToken">Stops the reads.</param>
    public async Task<CompactionPlan?> PlanAsync(StoreName store, CompactionHead head, bool looksForPassed, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var waiting = await LookAsync(store, head, cancellationToken);
        if (head.Passed.Count > MaxPassed)
        {
            logger.TooManyPassed(head.Passed.Count);
            return null;
        }

        var settled = waiting.FindAll(c => c.CommittedAt <= now - options.Settle);
        var isDue = settled.Count > 0 && (settled[0].CommittedAt <= now - options.Delay || settled.Sum(Bytes) >= options.EnoughBytes || settled.Count >= options.MaxFreshCommits);
        var (returned, forgotten) = looksForPassed ? await SeekPassedAsync(store, head, cancellationToken) : ([], []);
        if (!isDue && returned.Count == 0 && forgotten.Count == 0)
            return null;
        return new CompactionPlan
        {
            Store = store,
            Generation = head.Generation + 1,
            Kind = CompactionKind.Fresh,
            PlannedAt = now,
            Shards = head.ETag is null ? options.Shards : head.Shards,
            PreviousHash = head.PlanHash,
            Commits = isDue ? Ranges(head, Take(settled)) : [],
            Returned = returned,
            Forgotten = forgotten,
            LargeAccounts = [.. (await catalog.ReadAsync(store, head, cancellationToken)).SelectMany(segments => catalog.LargeAccounts(segments, merged: null)).Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>Commits behind the positions by age; of a partition with many only the first. Brings <see cref="Backlog"/> up to date.</summary>
    public async Task<List<Commit>> LookAsync(StoreName store, CompactionHead head, CancellationToken cancellationToken)
    {
        var waiting = await ReadWaitingAsync(store, head, cancellationToken);
        var age = waiting.Count == 0 ? TimeSpan.Zero : time.GetUtcNow() - waiting[0].CommittedAt;
        Backlog = new Backlog(waiting.Count, waiting.Sum(static c => (long)c.Count), waiting.Sum(Bytes), age);
        return waiting;
    }

    private static long Bytes(Commit commit) => commit.Segment?.Length ?? 0;

    private async Task<List<Commit>> ReadWaitingAsync(StoreName store, CompactionHead head, CancellationToken cancellationToken)
    {
        var partitions = new List<PartitionName>();
        await foreach (var partition in log.ReadPartitionsAsync(store, cancellationToken))
            partitions.Add(partition);
        var most = Math.Max(LeastRead, 2 * options.MaxFreshCommits / Math.Max(1, partitions.Count));
        var waiting = new List<Commit>();
        foreach (var partition in partitions)
        {
            var seen = 0;
            await foreach (var commit in log.ReadCommitsAsync(store, partition, head.Position(partition), cancellationToken))
            {
                waiting.Add(commit);
                if (++seen == most)
                    break;
            }
        }

        waiting.Sort(static (a, b) =>
        {
            var order = a.CommittedAt.CompareTo(b.CommittedAt);
            order = order != 0 ? order : string.CompareOrdinal(a.Partition.ToString(), b.Partition.ToString());
            return order != 0 ? order : a.Last.CompareTo(b.Last);
        });
        return waiting;
    }

    /// <summary>The oldest; in each partition that is the beginning, since commit times never go back there.</summary>
    private List<Commit> Take(List<Commit> settled)
    {
        long bytes = 0;
        var count = 0;
        while (count < settled.Count && count < options.MaxFreshCommits && (count == 0 || bytes + Bytes(settled[count]) <= options.MaxFreshBytes))
            bytes += Bytes(settled[count++]);
        return settled[..count];
    }

    private static CommitRange[] Ranges(CompactionHead head, List<Commit> taken) =>
    [
        .. taken.GroupBy(static c => c.Partition)
            .Select(g => new CommitRange(g.Key, head.Position(g.Key), g.Max(static c => c.Last)))
            .OrderBy(static r => r.Partition.ToString(), StringComparer.Ordinal),
    ];

    private async Task<(List<(PartitionName, long)> Returned, List<(PartitionName, long)> Forgotten)> SeekPassedAsync(StoreName store, CompactionHead head, CancellationToken cancellationToken)
    {
        var (returned, forgotten) = (new List<(PartitionName, long)>(), new List<(PartitionName, long)>());
        foreach (var (partition, last) in head.Passed.OrderBy(static p => p.Partition.ToString(), StringComparer.Ordinal).ThenBy(static p => p.Last).Take(MaxSought))
        {
            var commit = await log.FindCommitAsync(store, partition, last, cancellationToken);
            if (commit is null)
                forgotten.Add((partition, last));
            else if (commit.LostAt is null && await IsReadableAsync(commit, cancellationToken))
                returned.Add((partition, last));
        }

        return (returned, forgotten);
    }

    private async Task<bool> IsReadableAsync(Commit commit, CancellationToken cancellationToken)
    {
        try
        {
            await SegmentRun.OpenAsync(objects, commit.Segment!, new(commit.Partition, commit.First, commit.Last, commit.CommittedAt), keep: null, cancellationToken);
            return true;
        }
        catch (Exception error) when (error is Segments.SegmentFormatException or StoreException { Kind: StoreErrorKind.NotFound or StoreErrorKind.Corrupt })
        {
            return false;
        }
    }
}
