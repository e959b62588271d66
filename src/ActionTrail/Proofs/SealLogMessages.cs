using ActionTrail.Layout;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Proofs;

/// <summary>Log messages of the proofs slice: ids 1700-1799.</summary>
internal static partial class SealLogMessages
{
    [LoggerMessage(1700, LogLevel.Information, "sealed {Commits} commits of {Store} with {Events} events: its log has {Size}")]
    public static partial void Sealed(this ILogger logger, StoreName store, int commits, long events, long size);

    [LoggerMessage(1701, LogLevel.Error, "{Store} {Partition} is not sealed any further: {Reason}")]
    public static partial void Blocked(this ILogger logger, StoreName store, PartitionName partition, string reason);

    [LoggerMessage(1702, LogLevel.Debug, "another run has sealed {Store} behind {Size}")]
    public static partial void LostRace(this ILogger logger, StoreName store, long size);

    [LoggerMessage(1703, LogLevel.Information, "signed the checkpoint of {Store} of size {Size} with key {KeyId}")]
    public static partial void Signed(this ILogger logger, StoreName store, long size, string keyId);

    [LoggerMessage(1704, LogLevel.Warning, "{Store} {Partition} {Last} is sealed without its events: their segment is not there any more")]
    public static partial void WithoutEvents(this ILogger logger, StoreName store, PartitionName partition, long last);

    [LoggerMessage(1705, LogLevel.Warning, "wrote {Name} again, which was missing")]
    public static partial void Restored(this ILogger logger, string name);

    [LoggerMessage(1706, LogLevel.Error, "sealing of {Store} failed")]
    public static partial void Failed(this ILogger logger, StoreName store, Exception error);
}
