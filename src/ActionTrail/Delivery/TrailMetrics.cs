using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Delivery;

/// <summary>Counts of one period. <paramref name="Start"/>: where it begins, UTC.</summary>
public sealed record PeriodCounts(DateTimeOffset Start, MinuteCounts Counts);

/// <summary>Reads what the deliveries of a trail came to over time. Kept by minute for <see cref="Kept"/>, an attempt in the minute in which it ended.</summary>
public sealed class TrailMetrics(ITableStore tables)
{
    /// <summary>Most periods of an answer.</summary>
    public const int MaxPeriods = 1440;

    /// <summary>How long counts are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>Counts by period, oldest first, empty periods too.</summary>
    /// <param name="trail">The trail.</param>
    /// <param name="kind">Which of its destinations; null: all of them together.</param>
    /// <param name="from">Inclusive; cut to the minute.</param>
    /// <param name="to">Exclusive; at most <see cref="MaxPeriods"/> periods after <paramref name="from"/>.</param>
    /// <param name="period">Length of a period: whole minutes.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<IReadOnlyList<PeriodCounts>> ReadAsync(Trail trail, DestinationKind? kind, DateTimeOffset from, DateTimeOffset to, TimeSpan period, CancellationToken cancellationToken)
    {
        var length = CountPeriods(from, to, period);
        if (length is < 0 or > MaxPeriods)
            throw new ArgumentException("The range has too many periods.", nameof(period));
        var periods = new MinuteCounts[(int)length];
        foreach (var one in kind is { } named ? [named] : DestinationKinds.All)
        {
            await foreach (var hour in ReadHoursAsync(DeliveryKeys.Destination(trail.Key, one), from, to, cancellationToken))
            {
                for (var minute = 0; minute < 60; minute++)
                {
                    var at = DateTimeOffset.FromUnixTimeMilliseconds(hour.Hour).AddMinutes(minute);
                    if (at > from.AddMinutes(-1) && at < to)
                        periods[Math.Max(0, (int)Math.Floor((at - from) / period))] += hour.At(minute);
                }
            }
        }

        return [.. periods.Select((counts, i) => new PeriodCounts(from + (period * i), counts))];
    }

    /// <summary>How many periods, the last one perhaps cut, the range has.</summary>
    public static double CountPeriods(DateTimeOffset from, DateTimeOffset to, TimeSpan period) => Math.Ceiling((to - from) / period);

    private async IAsyncEnumerable<HourCounts> ReadHoursAsync(
        string key, DateTimeOffset from, DateTimeOffset to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The status first: an hour that ends meanwhile is then seen twice at most, as a row too, never not at all.
        var current = TrailDeliveries.FromRow(key, await tables.FindAsync(Tables.Deliveries, key, DeliveryKeys.Status, cancellationToken)).Counts;
        var (first, last) = (Math.Max(0, HourCounts.HourOf(from)), Math.Max(0, to.ToUnixTimeMilliseconds()));
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, key, DeliveryKeys.Hour(first), DeliveryKeys.Hour(last), cancellationToken))
        {
            var hour = DeliveryKeys.ParseWindow(row.RowKey);
            if (hour != current?.Hour)
                yield return HourCounts.Parse(hour, row.GetBytes("Counts"));
        }

        if (current is not null && current.Hour >= first && current.Hour < last)
            yield return current;
    }
}
