using ActionTrail.Directories;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>
/// Hands windows out: for every destination of every trail that may be due, a delivery with the trail frozen in it, then its message; the position moves
/// when all of a window have theirs. Whoever dies or races in between repeats: rows are create-only, deliveries idempotent.
/// </summary>
internal sealed class WindowFanOut(
    WindowLog windows, WindowLane lane, CommitLog commits, TrailStore trails, DirectoryReader directories, DeliveryRecords records, IWorkQueue queue, DeliveryOptions options, ILogger<WindowFanOut> log)
{
    /// <summary>Hands out the windows after the position. Returns how many, and whether that was all of them.</summary>
    public async Task<(int Windows, int Deliveries, bool Complete)> RunAsync(StoreName store, CancellationToken cancellationToken)
    {
        var (position, etag) = await windows.ReadPositionAsync(store, cancellationToken);
        var waiting = await windows.ReadAfterAsync(store, position, cancellationToken);
        if (waiting.Count == 0)
            return (0, 0, true);

        // After the windows, so that a start or a stop that was answered before a boundary is in what we see.
        var candidates = await ReadTrailsAsync(cancellationToken);
        var deliveries = 0;
        for (var done = 0; done < waiting.Count; done++)
        {
            deliveries += await HandOutAsync(waiting[done], candidates, cancellationToken);
            if (!await windows.MovePositionAsync(waiting[done], etag, cancellationToken))
                return (done, deliveries, false);
            (_, etag) = await windows.ReadPositionAsync(store, cancellationToken);
        }

        var last = await windows.ReadAfterAsync(store, waiting[^1].Boundary, cancellationToken);
        return (waiting.Count, deliveries, last.Count == 0);
    }

    private async Task<int> HandOutAsync(DeliveryWindow window, List<Candidate> candidates, CancellationToken cancellationToken)
    {
        var (facts, whole) = await ReadCommitsAsync(window, cancellationToken);
        if (!whole)
            DeliveryLog.CommitsGone(log, window.Store.ToString(), window.Boundary);
        var due = candidates.Select(c => (c.Trail, Coverage: Cover(c, facts))).Where(static c => c.Coverage is not null)
            .SelectMany(c => DestinationsOf(c.Trail).Select(kind => (Order: new DeliveryOrder(kind, c.Trail, window.Boundary), Coverage: c.Coverage!))).ToList();
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = options.FanOutParallelism, CancellationToken = cancellationToken },
            async (one, token) =>
            {
                if (await records.AddAsync(window.Store, one.Order, one.Coverage, token))
                    await queue.SendAsync(DestinationKinds.Queue(one.Order.Kind), new DeliveryMessage(window.Store, one.Order.Key, window.Boundary).ToJson(), TimeSpan.Zero, token);
            });
        DeliveryLog.HandedOut(log, window.Store.ToString(), window.Boundary, due.Count, facts.Count);
        return due.Count;
    }

    private async Task<(List<Commit> Commits, bool Whole)> ReadCommitsAsync(DeliveryWindow window, CancellationToken cancellationToken)
    {
        var (found, whole) = (new List<Commit>(), true);
        foreach (var range in window.Ranges)
        {
            var reached = range.From;
            await foreach (var commit in commits.ReadCommitsAsync(window.Store, range.Partition, range.From, cancellationToken))
            {
                if (commit.Last > range.To)
                    break;
                whole &= commit.Previous == reached;
                reached = commit.Last;
                if (commit.Segment is not null && commit.LostAt is null)
                    found.Add(commit);
            }

            whole &= reached == range.To;
        }

        return (found, whole);
    }

    private async Task<List<Candidate>> ReadTrailsAsync(CancellationToken cancellationToken)
    {
        var candidates = new List<Candidate>();
        await foreach (var trail in trails.ScanAsync(cancellationToken))
        {
            if (trail.Intervals.Count > 0 && DestinationsOf(trail).Any())
                candidates.Add(new(trail, []));
        }

        // After the trails: who joined before a trail was started is seen with it.
        for (var i = 0; i < candidates.Count; i++)
        {
            var trail = candidates[i].Trail;
            IReadOnlyList<CoveredAccount> accounts = trail.DirectoryId is { } directory
                ? await directories.ReadCoverageAsync(directory, cancellationToken)
                : [.. Coverage.Own.Of(trail)];
            candidates[i] = candidates[i] with { Accounts = [.. accounts.Select(static a => (a, Hash64.Of(a.Account)))] };
        }

        return candidates;
    }

    private IEnumerable<DestinationKind> DestinationsOf(Trail trail) => trail.Destinations.Where(kind => trail.LaneOf(kind) == lane);

    /// <summary>Whose events the window may hold for the trail; null when nobody's.</summary>
    private static Coverage? Cover(Candidate candidate, List<Commit> facts)
    {
        var trail = candidate.Trail;
        var logged = facts.Where(f => trail.LoggedAt(f.CommittedAt)).ToList();
        var accounts = new List<CoveredAccount>();
        foreach (var (account, hash) in candidate.Accounts)
        {
            // Only the times that matter here: an account may have come and gone often.
            var holding = logged.Where(f => f.MayHold(hash)).ToList();
            var intervals = account.Intervals.Where(i => holding.Exists(f => i.Holds(f.CommittedAt))).ToList();
            if (intervals.Count > 0)
                accounts.Add(account with { Intervals = intervals });
        }

        return accounts.Count == 0 ? null : trail.IsOrganizationTrail ? new(accounts) : Coverage.Own;
    }

    private readonly record struct Candidate(Trail Trail, IReadOnlyList<(CoveredAccount Account, ulong Hash)> Accounts);
}
