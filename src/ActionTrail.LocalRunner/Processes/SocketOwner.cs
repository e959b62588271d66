using System.Globalization;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>Who listens on a port, from Linux's /proc; null elsewhere, or when the process belongs to another user.</summary>
internal sealed record SocketOwner(int ProcessId, string Command)
{
    private const string Listening = "0A";

    public static SocketOwner? Find(int port)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var ending = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        var links = new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .Where(File.Exists)
            .SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[1].EndsWith(ending, StringComparison.Ordinal) && fields[3] == Listening)
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet(StringComparer.Ordinal);
        return Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _) && Holds(folder, links))
            .Select(folder => new SocketOwner(
                int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture),
                File.ReadAllText(Path.Combine(folder, "comm")).Trim()))
            .FirstOrDefault();
    }

    private static bool Holds(string processFolder, HashSet<string> links)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(processFolder, "fd")).Any(entry => File.ResolveLinkTarget(entry, returnFinalTarget: false) is { } target && links.Contains(Path.GetFileName(target.FullName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that ended just now: not the one that can be named.
            return false;
        }
    }
}
