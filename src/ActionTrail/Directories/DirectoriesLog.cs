using Microsoft.Extensions.Logging;

namespace ActionTrail.Directories;

/// <summary>Log messages of the directories slice, ids 6200-6299.</summary>
internal static partial class DirectoriesLog
{
    [LoggerMessage(6200, LogLevel.Information, "directory {Directory} made by account {Account}")]
    public static partial void Created(ILogger log, string directory, string account);

    [LoggerMessage(6201, LogLevel.Information, "directory {Directory} dissolved by account {Account}")]
    public static partial void Dissolved(ILogger log, string directory, string account);

    [LoggerMessage(6202, LogLevel.Information, "account {Account} joined directory {Directory}")]
    public static partial void Joined(ILogger log, string directory, string account);

    [LoggerMessage(6203, LogLevel.Information, "account {Account} left directory {Directory}")]
    public static partial void Left(ILogger log, string directory, string account);

    [LoggerMessage(6204, LogLevel.Information, "directory {Directory} has delegated administrators [{Administrators}]")]
    public static partial void Delegated(ILogger log, string directory, string administrators);
}
