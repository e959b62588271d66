using ActionTrail.Layout;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Compaction;

/// <summary>Log messages of the compaction slice: ids 1200-1299.</summary>
internal static partial class CompactorLog
{
    [LoggerMessage(1200, LogLevel.Information, "{Kind} plan {Generation} is in effect: {RowsIn} events in, {RowsOut} out, {Segments} segments added, {Retired} retired, {Seconds:F1} s")]
    public static partial void InEffect(this ILogger logger, CompactionKind kind, long generation, long rowsIn, long rowsOut, int segments, int retired, double seconds);

    [LoggerMessage(1201, LogLevel.Error, "{Partition} {Last} is passed over, its segment cannot be read: {Reason}")]
    public static partial void Passed(this ILogger logger, PartitionName partition, long last, string reason);

    [LoggerMessage(1202, LogLevel.Error, "compacted segment {Name} is left alone, it cannot be read: {Reason}")]
    public static partial void Damaged(this ILogger logger, string name, string reason);

    [LoggerMessage(1203, LogLevel.Debug, "another run is at work on generation {Generation}")]
    public static partial void Contended(this ILogger logger, long generation);

    [LoggerMessage(1204, LogLevel.Warning, "compaction falls behind: {Commits} commits of {Bytes} bytes wait, the oldest for {Age}")]
    public static partial void Behind(this ILogger logger, long commits, long bytes, TimeSpan age);

    [LoggerMessage(1205, LogLevel.Error, "{Passed} commits are passed over: no more are taken up until they are repaired or purged")]
    public static partial void TooManyPassed(this ILogger logger, int passed);

    [LoggerMessage(1207, LogLevel.Error, "what plan {Generation} wrote is missing and cannot be written again: {Reason}")]
    public static partial void Unrestored(this ILogger logger, long generation, string reason);

    [LoggerMessage(1208, LogLevel.Warning, "compaction is behind: answers to batches are kept back, now for {Delay}")]
    public static partial void HoldsBack(this ILogger logger, TimeSpan delay);

    [LoggerMessage(1209, LogLevel.Information, "compaction has caught up: answers to batches are kept back no more")]
    public static partial void HoldsBackNoMore(this ILogger logger);

    [LoggerMessage(1210, LogLevel.Warning, "how far compaction is cannot be read")]
    public static partial void BacklogUnknown(this ILogger logger, Exception error);

    [LoggerMessage(1211, LogLevel.Information, "plans through {Generation} are forgotten: {Segments} segments in force then are listed by the checkpoint")]
    public static partial void Forgot(this ILogger logger, long generation, int segments);

    [LoggerMessage(1212, LogLevel.Error, "plan {Generation} is kept, and those after it: {Reason}")]
    public static partial void PlansKept(this ILogger logger, long generation, string reason);

    [LoggerMessage(1206, LogLevel.Information, "deleted {Objects} freed objects")]
    public static partial void Swept(this ILogger logger, long objects);

    [LoggerMessage(1213, LogLevel.Error, "compaction of {Store} failed; the others had their turn")]
    public static partial void Failed(this ILogger logger, StoreName store, Exception error);
}
