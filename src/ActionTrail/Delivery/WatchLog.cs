using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>Log messages of the watch over deliveries: ids 6150-6159.</summary>
internal static partial class WatchLog
{
    [LoggerMessage(6150, LogLevel.Error, "queue {Queue} holds {Messages} messages that failed for good")]
    public static partial void Poison(ILogger log, string queue, int messages);
}
