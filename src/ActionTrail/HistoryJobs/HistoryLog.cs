using ActionTrail.Delivery;
using ActionTrail.Layout;
using Microsoft.Extensions.Logging;

namespace ActionTrail.HistoryJobs;

/// <summary>Log messages of history delivery jobs, ids 6700-6799.</summary>
internal static partial class HistoryLog
{
    [LoggerMessage(6700, LogLevel.Information, "history job {Account}/{Job} of trail {Trail} created")]
    public static partial void Created(ILogger log, string account, long job, string trail);

    [LoggerMessage(6701, LogLevel.Information, "history job {Account}/{Job} is now {State}")]
    public static partial void Changed(ILogger log, string account, long job, HistoryJobState state);

    [LoggerMessage(6702, LogLevel.Debug, "history job {Account}/{Job}: {From} to {To} delivered to {Kind}, {Objects} objects, {Events} events")]
    public static partial void Delivered(ILogger log, string account, long job, DateTimeOffset from, DateTimeOffset to, DestinationKind kind, int objects, long events);

    [LoggerMessage(6703, LogLevel.Warning, "history job {Account}/{Job}: {Day} to {Kind} postponed to {Next} after {Attempts} attempts: {Category}: {Detail}")]
    public static partial void Postponed(ILogger log, string account, long job, DateTimeOffset day, DestinationKind kind, DateTimeOffset next, int attempts, DeliveryCategory category, string? detail);

    [LoggerMessage(6704, LogLevel.Error, "history job {Account}/{Job}: {Day} to {Kind} is undelivered: {Category}: {Detail}")]
    public static partial void Parked(ILogger log, string account, long job, DateTimeOffset day, DestinationKind kind, DeliveryCategory category, string? detail);

    [LoggerMessage(6705, LogLevel.Warning, "history job {Account}/{Job}: a step failed and is made again by the timer: {Reason}")]
    public static partial void Unfinished(ILogger log, string account, long job, string reason);
}
