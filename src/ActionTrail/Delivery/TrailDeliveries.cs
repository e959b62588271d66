using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>The row <c>status</c> of the deliveries to one destination of a trail, kept with every delivery in one transaction.</summary>
internal sealed record TrailDeliveries(string Key, string? ETag)
{
    /// <summary>When objects were last written.</summary>
    public DateTimeOffset? LatestDeliveryTime { get; init; }

    /// <summary>What went wrong last; null when the last attempt that asked the destination went well.</summary>
    public string? LatestError { get; init; }

    public DateTimeOffset? LatestErrorTime { get; init; }

    /// <summary>False when the last attempt found the destination gone, full or closed to us.</summary>
    public bool IsUsable { get; init; } = true;

    /// <summary>The newest window that is done, Unix milliseconds; -1 when none is.</summary>
    public long LastWindow { get; init; } = -1;

    /// <summary>No attempt begins before: the last one failed, or one is under way that nobody else may make beside it. Null: go ahead.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>Attempts that failed since the last that went well, of whichever window.</summary>
    public int Failures { get; init; }

    /// <summary>Attempts failed and were tried again: deliveries may be waiting for the destination to come back.</summary>
    public bool HasBacklog { get; init; }

    /// <summary>The counts of the hour of the newest attempt; those of earlier hours are rows of their own. Null before the first.</summary>
    public HourCounts? Counts { get; init; }

    /// <summary>Nothing is added to the digests that end up to this, Unix milliseconds; null while no delivery of the trail is for a digest.</summary>
    public long? ClosedThrough { get; init; }

    /// <summary>A window with nothing to deliver did not ask the destination: it neither ends its failures nor holds up the next attempt.</summary>
    public TrailDeliveries Delivered(long window, DateTimeOffset? wroteAt) => this with
    {
        LatestDeliveryTime = wroteAt ?? LatestDeliveryTime,
        LatestError = wroteAt is null && Failures > 0 ? LatestError : null,
        IsUsable = wroteAt is not null || IsUsable,
        LastWindow = Math.Max(LastWindow, window),
        NextAttempt = wroteAt is null && Failures > 0 ? Overdue : null,
        Failures = wroteAt is null ? Failures : 0,
    };

    /// <param name="outcome">What went wrong.</param>
    /// <param name="at">When.</param>
    /// <param name="next">When it is tried again; null when a person must act first.</param>
    public TrailDeliveries Failed(DeliveryOutcome outcome, DateTimeOffset at, DateTimeOffset? next) => this with
    {
        NextAttempt = next,
        Failures = Failures + 1,
        HasBacklog = HasBacklog || next is not null,
        LatestError = outcome.Detail is null ? outcome.Category.ToString() : $"{outcome.Category}: {outcome.Detail}",
        LatestErrorTime = at,
        IsUsable = IsUsable && outcome.Category is not (DeliveryCategory.Misconfigured or DeliveryCategory.Denied or DeliveryCategory.Full),
    };

    /// <summary>Counts an attempt in the minute in which it ended; where clocks differ, not before an hour that others counted in.</summary>
    public TrailDeliveries Counted(DateTimeOffset at, MinuteCounts counts)
    {
        var hour = HourCounts.HourOf(at);
        if (Counts is { } current && hour <= current.Hour)
            return this with { Counts = current.With(hour == current.Hour ? at : DateTimeOffset.FromUnixTimeMilliseconds(current.Hour), counts) };
        return this with { Counts = new HourCounts(hour).With(at, counts) };
    }

    /// <summary>The row of an hour that is over.</summary>
    public static TableRow HourRow(string key, HourCounts hour) => new TableRow(key, DeliveryKeys.Hour(hour.Hour)).With("Counts", hour.ToBytes());

    /// <summary>A time that is over: anybody may try, one at a time.</summary>
    private static DateTimeOffset Overdue => DateTimeOffset.UnixEpoch;

    public TableAction ToAction()
    {
        var row = new TableRow(Key, DeliveryKeys.Status)
            .With("LatestDeliveryTime", LatestDeliveryTime).With("LatestError", LatestError).With("LatestErrorTime", LatestErrorTime)
            .With("ContainerUsable", IsUsable).With("LastWindow", LastWindow).With("ClosedThrough", ClosedThrough)
            .With("NextAttempt", NextAttempt).With("HasBacklog", HasBacklog ? true : null).With("Failures", Failures == 0 ? null : Failures)
            .With("Hour", Counts?.Hour).With("Counts", Counts?.ToBytes());
        return ETag is null ? TableAction.Insert(row) : TableAction.Replace(row, ETag);
    }

    public static TrailDeliveries FromRow(string key, TableRow? row) => row is null ? new(key, null) : new(key, row.ETag)
    {
        LatestDeliveryTime = row.Known(1).FindTime("LatestDeliveryTime"),
        LatestError = row.FindString("LatestError"),
        LatestErrorTime = row.FindTime("LatestErrorTime"),
        IsUsable = row.GetBoolean("ContainerUsable"),
        LastWindow = row.GetInt64("LastWindow"),
        NextAttempt = row.FindTime("NextAttempt"),
        Failures = row.Properties.ContainsKey("Failures") ? row.GetInt32("Failures") : 0,
        HasBacklog = row.Properties.ContainsKey("HasBacklog"),
        Counts = row.FindBytes("Counts") is { } counts ? HourCounts.Parse(row.GetInt64("Hour"), counts) : null,
        ClosedThrough = row.Properties.ContainsKey("ClosedThrough") ? row.GetInt64("ClosedThrough") : null,
    };
}
