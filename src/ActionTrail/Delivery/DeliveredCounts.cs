using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Delivery;

/// <summary>The events of a trail that lie in one of its destinations. <paramref name="Start"/>: where the period of the count begins, UTC.</summary>
public sealed record DeliveredCount(DateTimeOffset Start, long Events);

/// <summary>Counts what a trail delivered over time, from the rows of its deliveries.</summary>
public sealed class DeliveredCounts(ITableStore tables)
{
    /// <summary>Most periods of an answer.</summary>
    public const int MaxPeriods = 1440;

    /// <summary>
    /// Events delivered by period, oldest first, periods without any too. An event counts at the boundary of the delivery window that it was
    /// committed in, however late the delivery was made.
    /// </summary>
    /// <param name="trail">The trail.</param>
    /// <param name="kind">Which of its destinations.</param>
    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive; at most <see cref="MaxPeriods"/> periods after <paramref name="from"/>.</param>
    /// <param name="period">Length of a period, more than zero.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<IReadOnlyList<DeliveredCount>> ReadAsync(Trail trail, DestinationKind kind, DateTimeOffset from, DateTimeOffset to, TimeSpan period, CancellationToken cancellationToken)
    {
        var length = CountPeriods(from, to, period);
        if (length is < 0 or > MaxPeriods)
            throw new ArgumentException("The range has too many periods.", nameof(period));
        var counts = new long[(int)length];
        var first = Math.Max(0, from.ToUnixTimeMilliseconds());
        var last = Math.Max(0, to.ToUnixTimeMilliseconds());
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, DeliveryKeys.Destination(trail.Key, kind), DeliveryKeys.Delivery(first), DeliveryKeys.Delivery(last), cancellationToken))
        {
            var record = DeliveryRecord.FromRow(row);
            if (record.State == DeliveryState.Done)
                counts[(int)((DateTimeOffset.FromUnixTimeMilliseconds(record.Window) - from) / period)] += record.Events;
        }

        return [.. counts.Select((events, i) => new DeliveredCount(from + (period * i), events))];
    }

    /// <summary>How many periods, the last one perhaps cut, the range has.</summary>
    public static double CountPeriods(DateTimeOffset from, DateTimeOffset to, TimeSpan period) => Math.Ceiling((to - from) / period);
}
