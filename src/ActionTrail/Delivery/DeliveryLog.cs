using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>Log messages of the delivery slice, ids 6100-6199.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(6100, LogLevel.Debug, "window {Window} of {Store} handed out: {Deliveries} deliveries from {Commits} commits")]
    public static partial void HandedOut(ILogger log, string store, long window, int deliveries, int commits);

    [LoggerMessage(6101, LogLevel.Error, "window {Window} of {Store} was handed out without commits that the log no longer holds; their events are past retention")]
    public static partial void CommitsGone(ILogger log, string store, long window);

    [LoggerMessage(6102, LogLevel.Debug, "delivery {Trail} / {Window}: {Category}, {Objects} objects, {Events} events")]
    public static partial void Delivered(ILogger log, string trail, long window, DeliveryCategory category, int objects, long events);

    [LoggerMessage(6103, LogLevel.Warning, "delivery {Trail} / {Window} postponed to {Next} after {Attempts} attempts: {Category}: {Detail}")]
    public static partial void Postponed(ILogger log, string trail, long window, DateTimeOffset next, int attempts, DeliveryCategory category, string? detail);

    [LoggerMessage(6104, LogLevel.Error, "delivery {Trail} / {Window} is undelivered: {Category}: {Detail}")]
    public static partial void Parked(ILogger log, string trail, long window, DeliveryCategory category, string? detail);

    [LoggerMessage(6105, LogLevel.Warning, "delivery {Trail} / {Window} could not be recorded and comes back: {Category}: {Detail}")]
    public static partial void Unrecorded(ILogger log, string trail, long window, DeliveryCategory category, string? detail);

    [LoggerMessage(6106, LogLevel.Warning, "delivery {Trail} / {Window} changed too often to be recorded and comes back")]
    public static partial void Contended(ILogger log, string trail, long window);

    [LoggerMessage(6107, LogLevel.Information, "delivery {Trail} / {Window} got another message")]
    public static partial void Requeued(ILogger log, string trail, long window);

    [LoggerMessage(6108, LogLevel.Information, "delivery {Trail} / {Window} is pending again: {Reason}")]
    public static partial void Reopened(ILogger log, string trail, long window, string reason);
}
