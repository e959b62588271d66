using System.Diagnostics;
using ActionTrail.Benchmarks.Report;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Benchmarks.Store;

/// <summary>Means and percentiles over the lookups of one kind.</summary>
internal sealed record LookupFigures(double P50, double P99, double Found, double Heads, double Reads, double KiB)
{
    /// <summary>Asks one after another; the first once more before, untimed.</summary>
    public static async Task<LookupFigures> TakeAsync(Func<EventLookup> lookup, IReadOnlyList<LookupQuery> queries)
    {
        await lookup().LookupAsync(StoreName.History, queries[0], default);
        var ms = new List<double>();
        var (found, heads, reads, bytes) = (0L, 0L, 0L, 0L);
        foreach (var query in queries)
        {
            var one = lookup();
            var started = Stopwatch.GetTimestamp();
            var page = await one.LookupAsync(StoreName.History, query, default);
            ms.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            found += page.Events.Count;
            heads += page.Statistics.Heads;
            reads += page.Statistics.Reads;
            bytes += page.Statistics.Bytes;
        }

        ms.Sort();
        double n = ms.Count;
        return new LookupFigures(Percentile.Of(ms, 50), Percentile.Of(ms, 99), found / n, heads / n, reads / n, bytes / 1024.0 / n);
    }
}
