using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>How an attempt at a delivery ended.</summary>
public enum DeliveryCategory
{
    /// <summary>Every due event of the window lies in the destination.</summary>
    Done,

    /// <summary>No event was due, or the delivery is settled, or it is not its time yet.</summary>
    NothingToDo,

    /// <summary>A store asked for a pause.</summary>
    Throttled,

    /// <summary>A store did not answer, or not in time.</summary>
    Unavailable,

    /// <summary>The destination has no room: a quota or a disk is used up. It is tried again by itself; a person makes room.</summary>
    Full,

    /// <summary>Rights are missing; a person must act.</summary>
    Denied,

    /// <summary>The destination is gone or not configured; a person must act.</summary>
    Misconfigured,

    /// <summary>The destination holds something else under the name of this delivery. An alarm: somebody changed it.</summary>
    Conflict,

    /// <summary>The events were past retention and purged before they could be delivered.</summary>
    Expired,

    /// <summary>The stored events cannot be read. An alarm: the store is damaged.</summary>
    Corrupt,
}

/// <summary>The end of an attempt. <paramref name="Detail"/>: one sentence for people; <paramref name="RetryAfter"/>: what the store asked for, or when the delivery is due.</summary>
public sealed record DeliveryOutcome(DeliveryCategory Category, string? Detail = null, TimeSpan? RetryAfter = null)
{
    private const int MaxDetail = 1000;

    /// <summary>At most 1,000 characters.</summary>
    public string? Detail { get; } = Cut(Detail);

    /// <summary>Whether the delivery is tried again by itself; otherwise it is settled or waits as <em>undelivered</em> for a person.</summary>
    public bool IsRetryable => Category switch
    {
        DeliveryCategory.Throttled or DeliveryCategory.Unavailable or DeliveryCategory.Full => true,
        DeliveryCategory.Done or DeliveryCategory.NothingToDo => false,
        DeliveryCategory.Denied or DeliveryCategory.Misconfigured or DeliveryCategory.Conflict or DeliveryCategory.Expired or DeliveryCategory.Corrupt => false,
        _ => throw new InvalidOperationException($"There is no category {Category}."),
    };

    public bool IsSettled => Category is DeliveryCategory.Done or DeliveryCategory.NothingToDo;

    /// <summary>An attempt that was given up after <paramref name="deadline"/>.</summary>
    internal static DeliveryOutcome TooSlow(TimeSpan deadline) => new(DeliveryCategory.Unavailable, $"The attempt took longer than {deadline:c}.");

    /// <summary>A failed request to the destination.</summary>
    internal static DeliveryOutcome OfDestination(StoreException error, string place) => error.Kind switch
    {
        StoreErrorKind.NotFound => new(DeliveryCategory.Misconfigured, $"{place} does not exist."),
        StoreErrorKind.Denied => new(DeliveryCategory.Denied, error.Message),
        StoreErrorKind.Conflict => new(DeliveryCategory.Conflict, error.Message),
        StoreErrorKind.Corrupt => new(DeliveryCategory.Conflict, error.Message),
        StoreErrorKind.Throttled => new(DeliveryCategory.Throttled, error.Message, error.RetryAfter),
        StoreErrorKind.Unavailable => new(DeliveryCategory.Unavailable, error.Message, error.RetryAfter),
        StoreErrorKind.Full => new(DeliveryCategory.Full, error.Message, error.RetryAfter),
        _ => throw new InvalidOperationException($"There is no kind {error.Kind}."),
    };

    /// <summary>A failed request to our own tables or segments. Whatever is wrong there is wrong for every trail and no trail's fault: it is waited for.</summary>
    internal static DeliveryOutcome OfOwnStore(StoreException error) => error.Kind switch
    {
        StoreErrorKind.Throttled => new(DeliveryCategory.Throttled, error.Message, error.RetryAfter),
        StoreErrorKind.Unavailable or StoreErrorKind.Full or StoreErrorKind.Conflict or StoreErrorKind.NotFound or StoreErrorKind.Denied => new(DeliveryCategory.Unavailable, error.Message, error.RetryAfter),
        StoreErrorKind.Corrupt => new(DeliveryCategory.Corrupt, error.Message),
        _ => throw new InvalidOperationException($"There is no kind {error.Kind}."),
    };

    // Messages from outside may be long, and half a surrogate pair could not be stored.
    private static string? Cut(string? detail) =>
        detail is null || detail.Length <= MaxDetail ? detail : detail[..(char.IsHighSurrogate(detail[MaxDetail - 1]) ? MaxDetail - 1 : MaxDetail)];
}
