using Microsoft.Extensions.Logging;

namespace ActionTrail.Trails;

/// <summary>Log messages of the trails slice, ids 6000-6099.</summary>
internal static partial class TrailsLog
{
    [LoggerMessage(6000, LogLevel.Information, "trail {Account}/{Trail} created, delivers to {Destinations}")]
    public static partial void Created(ILogger log, string account, string trail, string destinations);

    [LoggerMessage(6001, LogLevel.Information, "trail {Account}/{Trail} changed, now {Status}")]
    public static partial void Changed(ILogger log, string account, string trail, TrailStatus status);

    [LoggerMessage(6002, LogLevel.Information, "trail {Account}/{Trail} deleted")]
    public static partial void Deleted(ILogger log, string account, string trail);

    [LoggerMessage(6003, LogLevel.Warning, "account {Account} asked for container {Container}, which serves another account")]
    public static partial void ContainerOfAnother(ILogger log, string account, string container);
}
