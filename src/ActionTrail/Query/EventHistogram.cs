using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Query;

/// <summary>Counts events over time from the heads of segments: nothing is decoded but what <see cref="MatchSweep"/> must see.</summary>
public sealed class EventHistogram(CommitCatalog catalog, SegmentSource segments, TimeProvider clock, LookupOptions options, ILogger<EventHistogram> log)
{
    /// <summary>Most buckets of an answer.</summary>
    public const int MaxBuckets = 2000;

    private readonly MatchReader reader = new(catalog, segments, clock, options, log);

    /// <summary>How many buckets a histogram of the query has: those of <paramref name="interval"/> that its range touches, within the retention and what can have happened.</summary>
    public long CountBuckets(LookupQuery query, BucketInterval interval)
    {
        var (fromMs, toMs) = reader.Clip(query);
        return fromMs < toMs ? ((interval.Floor(toMs - 1) - interval.Floor(fromMs)) / interval.Milliseconds) + 1 : 0;
    }

    /// <summary>The events of the query by time: every bucket that the range touches, oldest first, those without events too.</summary>
    /// <param name="store">The store.</param>
    /// <param name="query">Its range and conditions; direction, page and position are not looked at.</param>
    /// <param name="interval">Length of a bucket; at most <see cref="MaxBuckets"/> may come of it.</param>
    /// <param name="split">By which attribute each bucket is divided, and into how many of its values that are the most frequent over the whole range; null: not.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public Task<HistogramAnswer> ReadAsync(StoreName store, LookupQuery query, BucketInterval interval, (EventAttribute Attribute, int Values)? split, CancellationToken cancellationToken)
    {
        if (CountBuckets(query, interval) > MaxBuckets)
            throw new ArgumentException("The interval is too short for the range.", nameof(interval));
        return reader.ReadAsync(store, query, scan => CountAsync(scan, interval, split, cancellationToken), cancellationToken);
    }

    private async Task<HistogramAnswer> CountAsync(MatchScan scan, BucketInterval interval, (EventAttribute Attribute, int Values)? split, CancellationToken cancellationToken)
    {
        var first = interval.Floor(scan.FromMs);
        var length = scan.FromMs < scan.ToMs ? (int)((interval.Floor(scan.ToMs - 1) - first) / interval.Milliseconds) + 1 : 0;
        var counts = new long[length];
        if (split is not { } by)
        {
            await scan.SweepAsync(rows => Count(rows, first, interval.Milliseconds, counts), cancellationToken);
            return new HistogramAnswer(scan.FromMs, scan.ToMs, [], Buckets(first, interval, counts, null, null), IsTruncated: false, scan.Statistics);
        }

        // The same segments twice: which values there are most of, then when.
        var tallies = new TallyTable(options.MaxDistinctValues);
        await scan.SweepAsync(rows => tallies.Add(rows, by.Attribute), cancellationToken);
        var top = tallies.Top(by.Values);
        var places = top.Select(static (one, i) => (one.Prefix, i)).ToDictionary(static one => one.Prefix, static one => one.i);
        var byValue = new long[length, top.Count];
        var others = new long[length];
        await scan.SweepAsync(rows => Count(rows, by.Attribute, first, interval.Milliseconds, places, counts, byValue, others), cancellationToken);
        var values = await TallyTable.SpellAsync(scan.Bodies, by.Attribute, top, cancellationToken);
        return new HistogramAnswer(scan.FromMs, scan.ToMs, values, Buckets(first, interval, counts, byValue, others), tallies.IsTruncated, scan.Statistics);
    }

    private static List<HistogramBucket> Buckets(long first, BucketInterval interval, long[] counts, long[,]? byValue, long[]? others) =>
    [
        .. counts.Select((count, i) => new HistogramBucket(
            first + (i * interval.Milliseconds), count, byValue is null ? [] : [.. Enumerable.Range(0, byValue.GetLength(1)).Select(k => byValue[i, k])], others?[i] ?? 0)),
    ];

    /// <summary>Rows ascend in time: each bucket's end is sought, not every row looked at.</summary>
    private static void Count(MatchedRows rows, long first, long length, long[] counts)
    {
        for (int at = 0, end; at < rows.Count; at = end)
        {
            var bucket = (rows.Head.EventTimeMs(rows[at]) - first) / length;
            end = rows.FirstNotBefore(new(first + ((bucket + 1) * length), 0), at);
            counts[bucket] += end - at;
        }
    }

    private static void Count(MatchedRows rows, EventAttribute attribute, long first, long length, Dictionary<uint, int> places, long[] counts, long[,] byValue, long[] others)
    {
        var prefixes = new List<uint>();
        for (var at = 0; at < rows.Count; at++)
        {
            var bucket = (rows.Head.EventTimeMs(rows[at]) - first) / length;
            counts[bucket]++;
            prefixes.Clear();
            rows.Head.ReadValues(attribute, rows[at], prefixes);
            var isOther = true;
            foreach (var prefix in prefixes)
            {
                if (!places.TryGetValue(prefix, out var place))
                    continue;
                byValue[bucket, place]++;
                isOther = false;
            }

            others[bucket] += isOther ? 1 : 0;
        }
    }
}

/// <summary>A part of the range: [<paramref name="StartMs"/>, the next one's start), Unix milliseconds.</summary>
/// <param name="StartMs">Where it begins by the clock; the first one may begin before the range, whose events alone are counted.</param>
/// <param name="Count">Events in it.</param>
/// <param name="Values">Of these the ones with each value of <see cref="HistogramAnswer.Values"/>; empty when it is not split.</param>
/// <param name="Other">Of these the ones with none of those values, or with no value at all.</param>
public sealed record HistogramBucket(long StartMs, long Count, IReadOnlyList<long> Values, long Other);

/// <summary>Events by time.</summary>
/// <param name="FromMs">Where the range begins after it was clipped to the retention; inclusive, Unix milliseconds.</param>
/// <param name="ToMs">Where it ends; exclusive.</param>
/// <param name="Values">The values by which buckets are split, most frequent first.</param>
/// <param name="Buckets">All buckets, oldest first.</param>
/// <param name="IsTruncated">There were more distinct values than are counted: others may be more frequent than those named. The counts are exact.</param>
/// <param name="Statistics">What it cost.</param>
public sealed record HistogramAnswer(
    long FromMs, long ToMs, IReadOnlyList<string> Values, IReadOnlyList<HistogramBucket> Buckets, bool IsTruncated, LookupStatistics Statistics);
