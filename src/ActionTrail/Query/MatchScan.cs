using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Query;

/// <summary>A query over one view of the store, which may be swept more than once.</summary>
internal sealed class MatchScan(LookupPlan plan, RowBodies bodies, SegmentReads reads, LookupOptions options)
{
    private int heads;
    private int matches;

    public long FromMs => plan.FromMs;

    public long ToMs => plan.ToMs;

    public RowBodies Bodies => bodies;

    public LookupStatistics Statistics => new(plan.Sources.Count, heads, matches, bodies.Blocks, reads.Requests, reads.Bytes);

    /// <summary>Hands over every event of the query once. The times after which a segment is handed over and the order within it ascend.</summary>
    public async Task SweepAsync(Action<MatchedRows> take, CancellationToken cancellationToken)
    {
        var sweep = new MatchSweep(plan, bodies, options);
        await sweep.RunAsync(take, cancellationToken);
        (heads, matches) = (sweep.Heads, sweep.Matches);
    }
}

/// <summary>Counts the events of a query, on a view of the store that holds what was committed before the call; on a newer one when compaction freed it meanwhile.</summary>
internal sealed class MatchReader(CommitCatalog catalog, SegmentSource segments, TimeProvider clock, LookupOptions options, ILogger log)
{
    /// <summary>Views that one call tries, as a lookup does.</summary>
    private const int MaxViews = 4;

    /// <summary>How far ahead of now an event may be: a day by the rules of ingestion, and another for clocks that are wrong.</summary>
    private const int DaysAhead = 2;

    /// <summary>The range that can hold events: no older than the retention, no further ahead than events are accepted.</summary>
    public (long FromMs, long ToMs) Clip(LookupQuery query)
    {
        var now = clock.GetUtcNow();
        var from = Math.Max(query.FromMs, query.Reach.OldestMs(now, options));
        return (from, Math.Max(from, Math.Min(query.ToMs, now.AddDays(DaysAhead).ToUnixTimeMilliseconds())));
    }

    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<T> ReadAsync<T>(StoreName store, LookupQuery query, Func<MatchScan, Task<T>> count, CancellationToken cancellationToken)
    {
        var (fromMs, toMs) = Clip(query);
        var reads = new SegmentReads();
        var forward = query with { Direction = LookupDirection.Forward, After = null };
        for (var views = 1; ; views++)
        {
            var view = fromMs < toMs ? await catalog.ReadAsync(store, query.AccountId, fromMs, toMs, cancellationToken) : new CatalogView(0, []);
            try
            {
                var scan = new MatchScan(new LookupPlan(forward, fromMs, toMs, view), new RowBodies(catalog, segments, store, view.Generation, reads), reads, options);
                var answer = await count(scan);
                LookupMetrics.Counted(scan.Statistics);
                LookupLog.Counted(log, query.AccountId, view.Generation, scan.Statistics);
                return answer;
            }
            catch (ViewOutdatedException outdated) when (views < MaxViews)
            {
                LookupLog.Outdated(log, view.Generation, outdated.Message);
            }
            catch (ViewOutdatedException outdated)
            {
                throw new StoreException(StoreErrorKind.Unavailable, outdated.Message, outdated);
            }
        }
    }
}
