using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>The row <c>status</c> of the deliveries to one destination of a trail, kept with every delivery in one transaction.</summary>
internal sealed record TrailDeliveries(string Key, string? ETag)
{
    /// <summary>When objects were last written.</summary>
    public DateTimeOffset? LatestDeliveryTime { get; init; }

    /// <summary>What went wrong last; null when the last attempt went well.</summary>
    public string? LatestError { get; init; }

    public DateTimeOffset? LatestErrorTime { get; init; }

    /// <summary>False when the last attempt found the destination gone or closed to us.</summary>
    public bool IsUsable { get; init; } = true;

    /// <summary>The newest window that is done, Unix milliseconds; -1 when none is.</summary>
    public long LastWindow { get; init; } = -1;

    public TrailDeliveries Delivered(long window, DateTimeOffset? wroteAt) => this with
    {
        LatestDeliveryTime = wroteAt ?? LatestDeliveryTime,
        LatestError = null,
        IsUsable = wroteAt is not null || IsUsable,
        LastWindow = Math.Max(LastWindow, window),
    };

    public TrailDeliveries Failed(DeliveryOutcome outcome, DateTimeOffset at) => this with
    {
        LatestError = outcome.Detail is null ? outcome.Category.ToString() : $"{outcome.Category}: {outcome.Detail}",
        LatestErrorTime = at,
        IsUsable = IsUsable && outcome.Category is not (DeliveryCategory.Misconfigured or DeliveryCategory.Denied),
    };

    public TableAction ToAction()
    {
        var row = new TableRow(Key, DeliveryKeys.Status)
            .With("LatestDeliveryTime", LatestDeliveryTime).With("LatestError", LatestError).With("LatestErrorTime", LatestErrorTime)
            .With("ContainerUsable", IsUsable).With("LastWindow", LastWindow);
        return ETag is null ? TableAction.Insert(row) : TableAction.Replace(row, ETag);
    }

    public static TrailDeliveries FromRow(string key, TableRow? row) => row is null ? new(key, null) : new(key, row.ETag)
    {
        LatestDeliveryTime = row.FindTime("LatestDeliveryTime"),
        LatestError = row.FindString("LatestError"),
        LatestErrorTime = row.FindTime("LatestErrorTime"),
        IsUsable = row.GetBoolean("ContainerUsable"),
        LastWindow = row.GetInt64("LastWindow"),
    };
}
