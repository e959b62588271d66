using ActionTrail.Layout;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Ingest;

/// <summary>Log messages of the ingest slice: ids 1100-1199.</summary>
internal static partial class IngestLog
{
    [LoggerMessage(1100, LogLevel.Debug, "committed {Partition} {First}..{Last}: {Events} events, {Quarantined} quarantined")]
    public static partial void Committed(this ILogger logger, PartitionName partition, long first, long last, int events, int quarantined);

    [LoggerMessage(1101, LogLevel.Warning, "the hub of {Partition} counts from {HubSequence} again: it was made anew, its numbers go on behind {Last}")]
    public static partial void HubMadeAnew(this ILogger logger, PartitionName partition, long hubSequence, long last);

    [LoggerMessage(1102, LogLevel.Error, "the hub no longer has {Partition} {First}..{Last}: these messages are lost to the log")]
    public static partial void HubGap(this ILogger logger, PartitionName partition, long first, long last);

    [LoggerMessage(1103, LogLevel.Error, "{Partition} ends at {Last} although {Acknowledged} was committed: the store lost writes")]
    public static partial void StoreWentBack(this ILogger logger, PartitionName partition, long last, long acknowledged);

    [LoggerMessage(1104, LogLevel.Warning, "the objects of {Partition} {First}..{Last} were missing and were written again")]
    public static partial void Restored(this ILogger logger, PartitionName partition, long first, long last);

    [LoggerMessage(1105, LogLevel.Error, "the objects of {Partition} {First}..{Last} are missing, and the messages make others")]
    public static partial void CannotRestore(this ILogger logger, PartitionName partition, long first, long last);

    [LoggerMessage(1106, LogLevel.Debug, "another instance was first on {Partition}, reading its head again")]
    public static partial void LostRace(this ILogger logger, PartitionName partition);

    [LoggerMessage(1107, LogLevel.Error, "quarantined the whole batch {Partition} {First}..{Last}: {Rule}")]
    public static partial void DamagedBatch(this ILogger logger, PartitionName partition, long first, long last, string rule);

    [LoggerMessage(1108, LogLevel.Warning, "{Count} audit events wait for the store")]
    public static partial void AuditWaits(this ILogger logger, int count, Exception error);

    [LoggerMessage(1109, LogLevel.Error, "{Count} audit events could not be stored before the end")]
    public static partial void AuditLost(this ILogger logger, int count, Exception error);

    [LoggerMessage(1110, LogLevel.Error, "{Count} audit events could not be stored because of a fault in the program")]
    public static partial void AuditFaulty(this ILogger logger, int count, Exception error);

    [LoggerMessage(1111, LogLevel.Warning, "{Partition} is behind its hub by {Lag}")]
    public static partial void BehindHub(this ILogger logger, PartitionName partition, TimeSpan lag);

    [LoggerMessage(1112, LogLevel.Warning, "{Count} records of {Partition} {First}..{Last} went to quarantine")]
    public static partial void Quarantined(this ILogger logger, PartitionName partition, long first, long last, int count);
}
