using System.Globalization;
using System.Runtime.InteropServices;

namespace ActionTrail.Benchmarks.Report;

/// <summary>What a reader must know to weigh a figure: the machine, and what else it was doing.</summary>
internal static class Machine
{
    /// <summary>Cores, processor, memory, system and runtime in one line.</summary>
    public static string Describe()
    {
        var processor = Line("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        var gib = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {processor}, {gib:F0} GiB, {RuntimeInformation.OSDescription.Split(' ')[0]}, {RuntimeInformation.FrameworkDescription}");
    }

    /// <summary>The load average of the last minute, where the system keeps one.</summary>
    public static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static string? Line(string path, string key) =>
        File.Exists(path) ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null;
}
