using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Query;

/// <summary>Counts events by the values of an attribute from the heads of segments; one event is decoded for each value that is shown.</summary>
public sealed class TopValues(CommitCatalog catalog, SegmentSource segments, TimeProvider clock, LookupOptions options, ILogger<TopValues> log)
{
    /// <summary>Most values of an answer.</summary>
    public const int MaxValues = 1000;

    private readonly MatchReader reader = new(catalog, segments, clock, options, log);

    /// <summary>The <paramref name="limit"/> most frequent values among the events of the query.</summary>
    /// <param name="store">The store.</param>
    /// <param name="query">Its range and conditions; direction, page and position are not looked at.</param>
    /// <param name="attribute">Whose values are counted.</param>
    /// <param name="limit">1 to <see cref="MaxValues"/>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public Task<TopAnswer> ReadAsync(StoreName store, LookupQuery query, EventAttribute attribute, int limit, CancellationToken cancellationToken) =>
        reader.ReadAsync(store, query, scan => CountAsync(scan, attribute, limit, cancellationToken), cancellationToken);

    private async Task<TopAnswer> CountAsync(MatchScan scan, EventAttribute attribute, int limit, CancellationToken cancellationToken)
    {
        var tallies = new TallyTable(options.MaxDistinctValues);
        await scan.SweepAsync(rows => tallies.Add(rows, attribute), cancellationToken);
        var top = tallies.Top(limit);
        var texts = await TallyTable.SpellAsync(scan.Bodies, attribute, top, cancellationToken);
        return new TopAnswer(
            scan.FromMs, scan.ToMs, [.. top.Zip(texts, static (one, text) => new TopValue(text, one.Count, one.NewestMs))], tallies.Distinct, tallies.Events,
            tallies.Occurrences - top.Sum(static one => one.Count), tallies.Events - tallies.EventsWithValue, tallies.MaxError, scan.Statistics);
    }
}

/// <summary>A value, how many events have it, and when the newest of them was, Unix milliseconds.</summary>
public sealed record TopValue(string Value, long Count, long NewestMs);

/// <summary>The most frequent values.</summary>
/// <param name="FromMs">Where the range begins after it was clipped to the retention; inclusive, Unix milliseconds.</param>
/// <param name="ToMs">Where it ends; exclusive.</param>
/// <param name="Values">Most frequent first; of equally frequent ones that whose newest event is newer, then that of the lower hash.</param>
/// <param name="Distinct">Distinct values; at least so many when <paramref name="MaxError"/> is not 0.</param>
/// <param name="Total">Events of the query.</param>
/// <param name="Other">Counts of the values that are not shown, together.</param>
/// <param name="Without">Events that have no value.</param>
/// <param name="MaxError">0: counts are exact. Else there were more distinct values than <see cref="LookupOptions.MaxDistinctValues"/>: counts may be short by so much.</param>
/// <param name="Statistics">What it cost.</param>
public sealed record TopAnswer(
    long FromMs, long ToMs, IReadOnlyList<TopValue> Values, int Distinct, long Total, long Other, long Without, long MaxError, LookupStatistics Statistics);
