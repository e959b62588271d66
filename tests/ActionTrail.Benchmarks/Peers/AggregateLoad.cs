using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ActionTrail.Benchmarks.Report;
using ActionTrail.Benchmarks.Store;
using ActionTrail.Events;
using ActionTrail.Generator;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>
/// Counts over one account from the codes in the heads of segments, and for comparison what reading the same events costs. One count after another,
/// segments in files, heads cached. Totals are checked against what the generator made.
/// </summary>
internal static class AggregateLoad
{
    private const int Rounds = 20;
    private const int SlowRounds = 3;
    private const int BatchSize = 500;

    /// <summary>Arguments: [events] [--report].</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var isKept = args.Contains("--report", StringComparer.Ordinal);
        var count = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var given) ? given : 1_000_000;
        var (load, end) = (Machine.Load(), DateTimeOffset.UtcNow);
        var folder = Directory.CreateTempSubdirectory("actiontrail-aggregate-").FullName;
        try
        {
            using var store = await BenchStore.InFilesAsync(folder);
            using var generator = new EventGenerator(PeerCorpus.Seed, GeneratorOptions.Benchmark(end.AddDays(-89.9)) with { EventsInSpan = count });
            var (users, writes, week) = (new Dictionary<string, int>(StringComparer.Ordinal), 0L, 0L);
            var (weekFrom, weekTo) = (end.AddDays(-37), end.AddDays(-30));
            await store.IngestAsync(generator, count, BatchSize, one =>
            {
                CollectionsMarshal.GetValueRefOrAddDefault(users, one.UserName, out _)++;
                writes += one.IsWrite ? 1 : 0;
                // Events say their time in seconds.
                var seconds = one.EventTime.ToUnixTimeSeconds() * 1000;
                week += seconds >= weekFrom.ToUnixTimeMilliseconds() && seconds < weekTo.ToUnixTimeMilliseconds() ? 1 : 0;
            });
            await store.CompactAsync();
            var size = await store.MeasureAsync();

            var (readers, busiest) = (store.OpenReaders(), users.MaxBy(static one => one.Value));
            LookupQuery Asked(DateTimeOffset from, DateTimeOffset to, params LookupCondition[] conditions) =>
                new() { AccountId = BenchStore.Account, FromMs = from.ToUnixTimeMilliseconds(), ToMs = to.ToUnixTimeMilliseconds(), Conditions = conditions };
            var all = Asked(end.AddDays(-89.95), end.AddDays(1));
            var table = new MarkdownTable("count", "events in the range", "counted", "p50 ms", "events/s scanned", "heads", "blocks decoded", "GETs", "KiB read");
            async Task RowAsync(string name, long scanned, long expected, int rounds, Func<Task<(long Counted, LookupStatistics Cost)>> ask)
            {
                await ask();
                var (ms, last) = (new List<double>(), (Counted: 0L, Cost: new LookupStatistics(0, 0, 0, 0, 0, 0)));
                for (var round = 0; round < rounds; round++)
                {
                    var started = Stopwatch.GetTimestamp();
                    last = await ask();
                    ms.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                    if (last.Counted != expected)
                        throw new InvalidOperationException($"{name}: {last.Counted} events counted, not {expected}.");
                }

                ms.Sort();
                var p50 = Percentile.Of(ms, 50);
                table.Add(name, N(scanned), N(last.Counted), SvgChart.Figure(p50), N(scanned / p50 * 1000), N(last.Cost.Heads), N(last.Cost.Blocks), N(last.Cost.Reads), N(last.Cost.Bytes / 1024.0));
            }

            Func<Task<(long, LookupStatistics)>> Histogram(LookupQuery query, string interval, EventAttribute? split) => async () =>
            {
                _ = BucketInterval.TryParse(interval, out var length);
                var answer = await readers.Histogram.ReadAsync(StoreName.History, query, length, split is { } by ? (by, 10) : null, default);
                return (answer.Buckets.Sum(static one => one.Count), answer.Statistics);
            };
            Func<Task<(long, LookupStatistics)>> Top(LookupQuery query, EventAttribute attribute) => async () =>
            {
                var answer = await readers.Top.ReadAsync(StoreName.History, query, attribute, 10, default);
                return (answer.Total, answer.Statistics);
            };

            await RowAsync("per day", count, count, Rounds, Histogram(all, "P1D", null));
            await RowAsync("per hour, 7 days", week, week, Rounds, Histogram(Asked(weekFrom, weekTo), "PT1H", null));
            await RowAsync("per day, split by event name", count, count, Rounds, Histogram(all, "P1D", EventAttribute.EventName));
            await RowAsync("top 10 event names", count, count, Rounds, Top(all, EventAttribute.EventName));
            await RowAsync("top 10 event names, 7 days", week, week, Rounds, Top(Asked(weekFrom, weekTo), EventAttribute.EventName));
            await RowAsync("top 10 users", count, count, Rounds, Top(all, EventAttribute.User));
            await RowAsync("top 10 source addresses", count, count, Rounds, Top(all, EventAttribute.SourceIpAddress));
            await RowAsync("top 10 event names of writes", count, writes, Rounds, Top(Asked(end.AddDays(-89.95), end.AddDays(1), new LookupCondition(EventAttribute.EventRW, "Write")), EventAttribute.EventName));
            await RowAsync("top 10 event names of the busiest user", count, busiest.Value, Rounds, Top(Asked(end.AddDays(-89.95), end.AddDays(1), new LookupCondition(EventAttribute.User, busiest.Key)), EventAttribute.EventName));
            await RowAsync("for comparison: read the events of 7 days", week, week, SlowRounds, async () =>
            {
                var (read, cost) = (0L, new LookupStatistics(0, 0, 0, 0, 0, 0));
                await foreach (var page in readers.Export.ReadAsync(StoreName.History, Asked(weekFrom, weekTo), default))
                {
                    read += page.Events.Count;
                    cost = new(0, cost.Heads + page.Statistics.Heads, 0, cost.Blocks + page.Statistics.Blocks, cost.Reads + page.Statistics.Reads, cost.Bytes + page.Statistics.Bytes);
                }

                return (read, cost);
            });

            Pages.Write("aggregate", string.Create(CultureInfo.InvariantCulture, $"# Counts from codes\n\n{Pages.Circumstances(FormattableString.Invariant($"aggregate {count} --report"))}Load average before the run: {load}. One account, 2,000 users, {count:N0} events over 90 days in {size.Segments} segments in files, everything compacted.\nHow to read it: [benchmarks](../benchmarks.md#counts-from-codes).\n\n{table}"), isKept);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string N(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
