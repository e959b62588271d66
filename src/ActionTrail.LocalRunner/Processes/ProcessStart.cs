using System.Diagnostics;
using System.Globalization;

namespace ActionTrail.LocalRunner.Processes;

/// <summary>When a process began, in a form that is the same each time it is asked for; <c>-</c> when it is gone.</summary>
internal static class ProcessStart
{
    private const string Gone = "-";

    public static string Of(int processId)
    {
        var stat = $"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/stat";
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // pid (name) state ppid … : the start is field 22, and the name may hold blanks and parentheses. Z: dead, not yet waited for.
                var text = File.ReadAllText(stat);
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                return fields[0] is "Z" or "X" ? Gone : fields[19];
            }

            using var process = Process.GetProcessById(processId);
            return new DateTimeOffset(process.StartTime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return Gone;
        }
    }
}
