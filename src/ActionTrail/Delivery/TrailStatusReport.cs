using ActionTrail.Layout;

namespace ActionTrail.Delivery;

/// <summary>What people ask of a trail (ActionTrail's GetTrailStatus and what it lacks). Times are UTC.</summary>
public sealed record TrailStatusReport
{
    public required bool IsLogging { get; init; }

    public DateTimeOffset? StartLoggingTime { get; init; }

    public DateTimeOffset? StopLoggingTime { get; init; }

    /// <summary>What the trail delivers to, and what it did and has something left to tell.</summary>
    public required IReadOnlyList<DestinationStatus> Destinations { get; init; }

    /// <summary>How it stands with one destination, or null.</summary>
    public DestinationStatus? Find(DestinationKind kind) => Destinations.FirstOrDefault(one => one.Kind == kind);

    /// <summary>Deliveries under way; each destination is counted to <see cref="DeliveryLedger.CountLimit"/>.</summary>
    public int Pending => Destinations.Sum(static one => one.Pending);

    /// <summary>Deliveries that wait for a person, counted likewise.</summary>
    public int Undelivered => Destinations.Sum(static one => one.Undelivered);
}

/// <summary>How the deliveries to one destination of a trail stand.</summary>
public sealed record DestinationStatus
{
    public required DestinationKind Kind { get; init; }

    /// <summary>When something was last written.</summary>
    public DateTimeOffset? LatestDeliveryTime { get; init; }

    /// <summary>What went wrong at the last attempt that asked the destination; null when it went well.</summary>
    public string? LatestDeliveryError { get; init; }

    public DateTimeOffset? LatestDeliveryErrorTime { get; init; }

    /// <summary>False when the last attempt found the destination gone, full or closed to us.</summary>
    public required bool IsUsable { get; init; }

    /// <summary>Deliveries under way, counted to <see cref="DeliveryLedger.CountLimit"/>.</summary>
    public required int Pending { get; init; }

    /// <summary>Deliveries that wait for a person, counted to <see cref="DeliveryLedger.CountLimit"/>.</summary>
    public required int Undelivered { get; init; }

    /// <summary>Boundary of the newest window that is settled.</summary>
    public DateTimeOffset? LastWindow { get; init; }
}
