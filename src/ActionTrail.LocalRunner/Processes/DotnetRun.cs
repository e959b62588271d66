using System.Globalization;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>
/// Notices that the <c>dotnet run</c> that started this process is gone: killed, it takes nobody along, and the runner would stay behind
/// unseen. Only for that parent; whoever starts the runner otherwise may end before it. Linux only, elsewhere it never ends.
/// </summary>
internal static class DotnetRun
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Ends when the parent was <c>dotnet run</c> and is no longer the parent.</summary>
    public static async Task WaitUntilGoneAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        var parent = ParentOf(Environment.ProcessId);
        if (parent is null || !IsDotnetRun(ReadOrEmpty($"/proc/{parent}/cmdline")))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        }

        while (ParentOf(Environment.ProcessId) == parent)
        {
            await Task.Delay(Interval, clock, cancellationToken);
        }
    }

    /// <param name="commandLine">As in <c>/proc/{pid}/cmdline</c>: arguments, each ended by a zero byte.</param>
    internal static bool IsDotnetRun(string commandLine)
    {
        var arguments = commandLine.Split('\0');
        return Path.GetFileName(arguments[0]) == "dotnet" && arguments.Contains("run", StringComparer.Ordinal);
    }

    /// <summary>The parent's process id out of <c>/proc/{pid}/stat</c>; null where there is none. The name in it may hold blanks and parentheses.</summary>
    internal static int? ParentOf(int processId)
    {
        var stat = ReadOrEmpty($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 && int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parent) ? parent : null;
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
