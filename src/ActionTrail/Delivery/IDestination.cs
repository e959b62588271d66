using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Delivery;

/// <summary>
/// A kind of place that deliveries are written to. What is written, and under which names, is a function of the order and the due events
/// alone, and written so that any number of attempts, at once or after any death, leave each event there once (I6). Reading the window, deciding whether there is
/// anything to do, recording what came of it and trying again are the work of <see cref="DeliveryRun"/>.
/// </summary>
public interface IDestination
{
    DestinationKind Kind { get; }

    /// <summary>Writes one delivery and returns what lies there, which may be what an earlier attempt wrote.</summary>
    /// <param name="order">What is delivered where.</param>
    /// <param name="due">The due events, in their order. Reading them may throw what <see cref="DeliveryRun"/> knows; it goes through.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="DestinationException">The destination is gone, closed, or does not answer.</exception>
    /// <exception cref="DestinationConflictException">Something else lies where this delivery belongs.</exception>
    Task<IReadOnlyList<DeliveredObject>> WriteAsync(DeliveryOrder order, IAsyncEnumerable<DueEvent> due, CancellationToken cancellationToken);

    /// <summary>Whether everything that a delivery wrote is still there; true for a destination that cannot be read.</summary>
    Task<bool> HoldsAsync(DeliveryOrder order, IReadOnlyList<DeliveredObject> written, CancellationToken cancellationToken);
}

/// <summary>One delivery: (trail, destination, window). The trail is as it was when the window was handed out.</summary>
/// <param name="Kind">The destination of the trail.</param>
/// <param name="Trail">Frozen: what is delivered does not depend on later changes.</param>
/// <param name="Window">The window's boundary, Unix milliseconds: every event in it was committed before.</param>
public sealed record DeliveryOrder(DestinationKind Kind, Trail Trail, long Window)
{
    /// <summary>The history job that delivers a piece of its time instead of a window, which then is the beginning of that piece; null for deliveries of windows.</summary>
    public long? Job { get; init; }

    /// <summary>PartitionKey of the delivery's rows; no two orders share key and window.</summary>
    public string Key => DeliveryKeys.Destination(Trail.Key, Kind) + (Job is { } job ? DeliveryKeys.OfJob(job) : "");
}

/// <summary>An event that is due, and the region under which it is delivered.</summary>
public readonly record struct DueEvent(StoredEvent Event, string Region)
{
    public ReadOnlyMemory<byte> Body => Event.Body;

    public string Account => Event.AccountId;
}

/// <summary>The destination holds something that this delivery did not write. Ends the attempt; becomes <see cref="DeliveryCategory.Conflict"/>.</summary>
public sealed class DestinationConflictException(string message) : Exception(message);

/// <summary>The destination failed; tells its errors from those of our own stores.</summary>
/// <param name="error">What it answered.</param>
/// <param name="place">Which place, for people; one that is not there is misconfigured.</param>
public sealed class DestinationException(StoreException error, string place) : Exception(error.Message, error)
{
    public StoreException Error => error;

    public string Place => place;
}
