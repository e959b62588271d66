using ActionTrail.Layout;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Proofs;

/// <summary>Log messages of the proofs slice: ids 1700-1799.</summary>
internal static partial class SealLogMessages
{
    [LoggerMessage(1700, LogLevel.Information, "sealed {Commits} commits with {Events} events: the log has {Size}")]
    public static partial void Sealed(this ILogger logger, int commits, long events, long size);

    [LoggerMessage(1701, LogLevel.Error, "{Partition} is not sealed any further: {Reason}")]
    public static partial void Blocked(this ILogger logger, PartitionName partition, string reason);

    [LoggerMessage(1702, LogLevel.Debug, "another run has sealed behind {Size}")]
    public static partial void LostRace(this ILogger logger, long size);

    [LoggerMessage(1703, LogLevel.Information, "signed the checkpoint of size {Size} with key {KeyId}")]
    public static partial void Signed(this ILogger logger, long size, string keyId);

    [LoggerMessage(1704, LogLevel.Warning, "{Partition} {Last} is sealed without its events: their segment is not there any more")]
    public static partial void WithoutEvents(this ILogger logger, PartitionName partition, long last);

    [LoggerMessage(1705, LogLevel.Warning, "wrote {Name} again, which was missing")]
    public static partial void Restored(this ILogger logger, string name);
}
