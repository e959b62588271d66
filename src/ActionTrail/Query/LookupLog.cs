using Microsoft.Extensions.Logging;

namespace ActionTrail.Query;

/// <summary>Log messages of the query slice, ids 5100-5199.</summary>
internal static partial class LookupLog
{
    [LoggerMessage(5100, LogLevel.Debug, "lookup of {Account} at generation {Generation}: {Events} events; {Statistics}")]
    public static partial void LookedUp(ILogger log, string account, int events, long generation, LookupStatistics statistics);

    [LoggerMessage(5101, LogLevel.Information, "lookup starts over, generation {Generation} was freed meanwhile: {Detail}")]
    public static partial void Outdated(ILogger log, long generation, string detail);

    [LoggerMessage(5103, LogLevel.Warning, "the sieve of segment {Segment} cannot be read, its head is read instead: {Detail}")]
    public static partial void SieveUnread(ILogger log, string segment, string detail);

    [LoggerMessage(5102, LogLevel.Debug, "count over {Account} at generation {Generation}; {Statistics}")]
    public static partial void Counted(ILogger log, string account, long generation, LookupStatistics statistics);
}
