using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Benchmarks.Report;
using ActionTrail.Benchmarks.Store;
using ActionTrail.Events;
using ActionTrail.Generator;
using ActionTrail.Query;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>
/// What more events in the same 90 days of one account do: stored bytes, and lookups of values that occur often, that occur once, and that do not
/// occur. Segments in files, heads in caches of the default size; a store per number of events.
/// </summary>
internal static class GrowthLoad
{
    private const int Queries = 200;
    private const int BatchSize = 500;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly string[] Kinds = ["id", "user, newest 50", "event name and 7 days, newest 50", "source IP seen once", "value not there", "id, without sieves", "source IP seen once, without sieves", "value not there, without sieves"];

    /// <summary>The kinds that are asked once more without sieves, as the last ones.</summary>
    private static readonly int[] Rare = [0, 3, 4];

    private static string Kept => Path.Combine(LocalAzurite.Repository, "docs", "benchmarks", "growth.json");

    /// <summary>
    /// Arguments: [events ...] [--report]. With --report the page also shows what earlier runs measured for other numbers of events, which stand beside
    /// it in growth.json: the largest take long and need not be run again with the small ones.
    /// </summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var isKept = args.Contains("--report", StringComparer.Ordinal);
        int[] sizes = [.. args.Where(static arg => arg[0] != '-').Select(static arg => int.Parse(arg, CultureInfo.InvariantCulture))];
        sizes = sizes.Length > 0 ? sizes : [20_000, 200_000, 1_000_000, 10_000_000];
        var done = isKept && File.Exists(Kept) ? JsonSerializer.Deserialize<List<Size>>(await File.ReadAllBytesAsync(Kept))! : [];
        foreach (var count in sizes)
        {
            var one = await MeasureAsync(count);
            done = [.. done.Where(other => other.Events != count).Append(one).OrderBy(static other => other.Events)];
            if (isKept)
                await File.WriteAllTextAsync(Kept, JsonSerializer.Serialize(done, Indented) + "\n");
            // What is there is written after each.
            WritePage(done, isKept, FormattableString.Invariant($"growth {string.Join(' ', done.Select(static one => one.Events))} --report"));
        }

        return 0;
    }

    private static async Task<Size> MeasureAsync(int count)
    {
        var folder = Directory.CreateTempSubdirectory("actiontrail-growth-").FullName;
        try
        {
            var (load, end) = (Machine.Load(), DateTimeOffset.UtcNow);
            using var store = await BenchStore.InFilesAsync(folder);
            using var generator = new EventGenerator(PeerCorpus.Seed, GeneratorOptions.Benchmark(end.AddDays(-89.9)) with { EventsInSpan = count });
            var (samples, addresses, seen) = (new List<GeneratedEvent>(), new RareValues(Math.Max(1, count / 50_000)), 0);
            var ingest = await store.IngestAsync(generator, count, BatchSize, one =>
            {
                if (seen++ % Math.Max(1, count / Queries) == 0)
                    samples.Add(one);
                addresses.Add(one.SourceIpAddress);
            });
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0}: ingested at {count / ingest:N0} events/s"));
            var compact = await store.CompactAsync();
            var size = await store.MeasureAsync();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0}: compacted at {count / compact:N0} events/s, {size}"));

            var once = addresses.Once();
            LookupQuery[] Asked(Func<GeneratedEvent, int, LookupQuery> query) => [.. samples.Take(Queries).Select(query)];
            LookupQuery Whole(EventAttribute attribute, string value) => Query(attribute, value, end.AddDays(-90), end.AddDays(1));
            LookupQuery[][] asked =
            [
                Asked((one, _) => Whole(EventAttribute.EventId, one.EventId)),
                Asked((one, _) => Whole(EventAttribute.User, one.UserName)),
                Asked((one, _) => Query(EventAttribute.EventName, one.EventName, one.EventTime.AddDays(-3), one.EventTime.AddDays(4))),
                Asked((_, i) => Whole(EventAttribute.SourceIpAddress, once[(int)((long)i * once.Length / Queries)])),
                Asked((_, i) => Whole(EventAttribute.User, FormattableString.Invariant($"nobody-{i}"))),
            ];
            var lookup = store.OpenLookup();
            var (warm, cold) = (new List<LookupFigures>(), new List<LookupFigures>());
            foreach (var queries in asked)
            {
                warm.Add(await LookupFigures.TakeAsync(() => lookup, queries));
                cold.Add(await LookupFigures.TakeAsync(store.OpenLookup, [.. queries.Where((_, i) => i % (Queries / 10) == 0)]));
            }

            var headsOnly = store.OpenReaders(asksSieves: false).Lookup;
            foreach (var queries in Rare.Select(kind => asked[kind]))
            {
                warm.Add(await LookupFigures.TakeAsync(() => headsOnly, queries));
                cold.Add(await LookupFigures.TakeAsync(() => store.OpenReaders(asksSieves: false).Lookup, [.. queries.Where((_, i) => i % (Queries / 10) == 0)]));
            }

            return new Size(count, end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), load, count / ingest, count / compact, size, warm, cold);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LookupQuery Query(EventAttribute attribute, string value, DateTimeOffset from, DateTimeOffset to) => new()
    {
        AccountId = BenchStore.Account,
        FromMs = from.ToUnixTimeMilliseconds(),
        ToMs = to.ToUnixTimeMilliseconds(),
        Conditions = [new LookupCondition(attribute, value)],
    };

    private static void WritePage(List<Size> done, bool isKept, string command)
    {
        var stored = new MarkdownTable("events", "ingest, events/s", "compaction, events/s", "segments", "stored B/event", "load before", "date");
        foreach (var one in done)
            stored.Add(N(one.Events), N(one.Ingest), N(one.Compact), N(one.Stored.Segments), one.Stored.BytesPerEvent.ToString("F1", CultureInfo.InvariantCulture), one.Load, one.Date);
        var lookups = new MarkdownTable("lookup", "events", "heads cached: p50 ms", "p99 ms", "found", "heads", "GETs", "KiB read", "cold: p50 ms", "GETs", "KiB read");
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            foreach (var one in done.Where(one => kind < one.Warm.Count))
            {
                var (warm, cold) = (one.Warm[kind], one.Cold[kind]);
                lookups.Add(Kinds[kind], N(one.Events), F(warm.P50), F(warm.P99), F(warm.Found), F(warm.Heads), F(warm.Reads), F(warm.KiB), F(cold.P50), F(cold.Reads), F(cold.KiB));
            }
        }

        double[] xs = [.. done.Select(static one => (double)one.Events)];
        ChartSeries[] Series(Func<Size, int, double> value) => [.. Kinds.Select((kind, i) => new ChartSeries(kind, [.. done.Select(one => i < one.Warm.Count ? (double?)value(one, i) : null)]))];
        var text = new StringBuilder($"# Growth of one account\n\n{Pages.Circumstances(command)}\n");
        text.Append("One account, 2,000 users, 90 days; segments in files, table rows in memory, everything compacted. 200 lookups per kind one after another with\none cache, and 10 that each start with empty caches (the operating system's stays). How to read it: [benchmarks](../benchmarks.md#growth).\n\n");
        text.Append(CultureInfo.InvariantCulture, $"## Store\n\n{stored}\n## Lookups\n\n{lookups}\n");
        if (done.Count > 1)
        {
            text.Append(Pages.Chart("growth-latency", "Lookups, heads cached, p50", SvgChart.Lines("Lookups, heads cached, p50", "milliseconds", "events of the account", xs, Series(static (one, i) => one.Warm[i].P50), isLogarithmic: true), isKept)).Append('\n');
            text.Append(Pages.Chart("growth-gets", "GETs per lookup, heads cached", SvgChart.Lines("GETs per lookup, heads cached", "GETs", "events of the account", xs, Series(static (one, i) => one.Warm[i].Reads), isLogarithmic: true), isKept)).Append('\n');
            text.Append(Pages.Chart("growth-bytes", "Stored bytes per event", SvgChart.Lines("Stored bytes per event", "bytes, indexes and table rows included", "events of the account", xs, [new ChartSeries("B/event", [.. done.Select(static one => (double?)one.Stored.BytesPerEvent)])], isLogarithmic: false), isKept));
        }

        Pages.Write("growth", text.ToString(), isKept);
    }

    private static string N(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string F(double value) => SvgChart.Figure(value);

    private sealed record Size(int Events, string Date, string Load, double Ingest, double Compact, StoredSize Stored, IReadOnlyList<LookupFigures> Warm, IReadOnlyList<LookupFigures> Cold);
}
