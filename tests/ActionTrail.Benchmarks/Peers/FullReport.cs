using System.Globalization;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>Everything that has a page of its own in docs/benchmarks, one part after another. A part that fails is named, and the others are made all the same.</summary>
internal static class FullReport
{
    private static readonly int[] PeerEvents = [200_000, 1_000_000];
    private static readonly int[] GrowthEvents = [20_000, 200_000, 1_000_000, 10_000_000];
    private const int CountedEvents = 1_000_000;
    private const int TinyEvents = 400_000;

    /// <summary>
    /// Arguments: [most]. With a number every part is cut to at most so many events and printed, not kept: to see that everything runs. Without,
    /// it takes some hours on two cores, about 16 GB of temporary files and 3 GB of memory.
    /// </summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var most = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : int.MaxValue;
        string[] kept = most == int.MaxValue ? ["--report"] : [];
        string Cut(int events) => Math.Min(events, most).ToString(CultureInfo.InvariantCulture);
        var parts = new List<(string Name, Func<Task<int>> Run)>();
        foreach (var events in PeerEvents.Select(Cut).Distinct(StringComparer.Ordinal))
            parts.Add(($"peers {events}", () => PeersLoad.RunAsync([events, .. kept])));
        parts.Add(($"aggregate {Cut(CountedEvents)}", () => AggregateLoad.RunAsync([Cut(CountedEvents), .. kept])));
        parts.Add(($"tiny {Cut(TinyEvents)}", () => TinyLoad.RunAsync([Cut(TinyEvents), .. kept])));
        // One after another: what is there is written after each.
        parts.Add(("growth", () => GrowthLoad.RunAsync([.. GrowthEvents.Select(Cut).Distinct(StringComparer.Ordinal), .. kept])));

        var failed = new List<string>();
        foreach (var (name, run) in parts)
        {
            Console.Error.WriteLine($"{DateTimeOffset.UtcNow:HH:mm:ss} {name}");
            try
            {
                await run();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                Console.Error.WriteLine($"{name} failed: {error}");
                failed.Add(name);
            }

            GC.Collect();
        }

        Console.Error.WriteLine(failed.Count == 0 ? $"{DateTimeOffset.UtcNow:HH:mm:ss} done" : $"{DateTimeOffset.UtcNow:HH:mm:ss} failed: {string.Join(", ", failed)}");
        return failed.Count == 0 ? 0 : 1;
    }
}
