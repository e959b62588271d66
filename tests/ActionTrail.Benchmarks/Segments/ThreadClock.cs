using System.Globalization;
using System.Runtime.InteropServices;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>CPU time and allocations of the calling thread: what a core spends, whatever else the machine does.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    /// <summary>Runs <paramref name="work"/> <paramref name="rounds"/> times after a warm-up; the best time and the allocation of one round.</summary>
    public static Measure Best(int rounds, Action work, int warmUp = 30)
    {
        for (var i = 0; i < warmUp; i++)
            work();
        var best = long.MaxValue;
        var allocated = long.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var start = Nanoseconds();
            work();
            best = Math.Min(best, Nanoseconds() - start);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - bytes);
        }

        return new(best, allocated);
    }

    public static long Nanoseconds()
    {
        if (Gettime(ThreadCpuTime, out var time) != 0)
            throw new PlatformNotSupportedException("The thread CPU clock is Linux's.");
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    public static string Row(string name, Measure measure, int events, string more = "") => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {events / (measure.Nanoseconds / 1e9):N0} | {measure.Nanoseconds / 1e3 / events:F2} | {(double)measure.AllocatedBytes / events:F1} | {more} |");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

/// <summary>Thread CPU time and bytes allocated on the thread, both of the best round.</summary>
internal readonly record struct Measure(long Nanoseconds, long AllocatedBytes);
