using Microsoft.Extensions.Logging;

namespace ActionTrail.Digests;

/// <summary>Log messages of the digests, ids 6400-6499.</summary>
internal static partial class DigestLog
{
    [LoggerMessage(6400, LogLevel.Debug, "digest {Object} sealed: {Files} files, {Events} events")]
    public static partial void Sealed(ILogger log, string @object, int files, long events);

    [LoggerMessage(6401, LogLevel.Warning, "digest of {Trail} that ends {End} could not be written and is tried again: {Reason}")]
    public static partial void Failed(ILogger log, string trail, DateTimeOffset end, string reason);

    [LoggerMessage(6402, LogLevel.Error, "digest of {Trail} that ends {End} is blocked: {Reason}")]
    public static partial void Blocked(ILogger log, string trail, DateTimeOffset end, string reason);

    [LoggerMessage(6403, LogLevel.Information, "digests of {Trail} are complete: the trail is gone and everything it delivered is sealed")]
    public static partial void Complete(ILogger log, string trail);

    [LoggerMessage(6404, LogLevel.Warning, "digests of {Trail} could not be looked after in this run: {Reason}")]
    public static partial void PassedOver(ILogger log, string trail, string reason);

    [LoggerMessage(6405, LogLevel.Warning, "digests of {Trails} trails are missing; the oldest was due {Overdue} ago")]
    public static partial void Overdue(ILogger log, int trails, TimeSpan overdue);

    [LoggerMessage(6406, LogLevel.Warning, "digest {Container}/{Object} was gone and is written again as it was")]
    public static partial void Restored(ILogger log, string container, string @object);

    [LoggerMessage(6407, LogLevel.Warning, "digest {Container}/{Object} is gone and cannot be written again: {Reason}")]
    public static partial void Missing(ILogger log, string container, string @object, string reason);
}
