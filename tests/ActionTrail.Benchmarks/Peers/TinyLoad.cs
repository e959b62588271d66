using System.Globalization;
using System.Text;
using ActionTrail.Benchmarks.Report;
using ActionTrail.Benchmarks.Store;
using ActionTrail.Generator;
using ActionTrail.Query;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>
/// 100,000 accounts in one deployment, most of them with a handful of events: what a batch that touches hundreds of them costs in blobs and table
/// requests, and whether a small account is found as fast as a large one.
/// </summary>
internal static class TinyLoad
{
    private const int Accounts = 100_000;
    private const int Queries = 200;
    private const int BatchSize = 500;
    private const int FewEvents = 3;
    private const int LargeAccounts = 20;

    private static readonly string[] TableWrites = ["insert", "replace", "upsert", "delete-row", "submit"];
    private static readonly string[] TableReads = ["find-row", "query", "scan"];

    /// <summary>Arguments: [events] [--report].</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var isKept = args.Contains("--report", StringComparer.Ordinal);
        var count = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var given) ? given : 400_000;
        var (costs, lookups, load) = (
            new MarkdownTable("store", "step", "events/s", "blobs written per 1,000 events", "blob GETs per 1,000 events", "table writes per 1,000 events", "table reads per 1,000 events"),
            new MarkdownTable("store", "account", "events of it", "p50 ms", "p99 ms", "found", "heads", "GETs", "KiB read"), Machine.Load());
        var facts = new StringBuilder();
        foreach (var isAzurite in new[] { false, true })
        {
            if (isAzurite && !LocalAzurite.IsInstalled)
            {
                Console.Error.WriteLine("Azurite: skipped, it is not installed; run 'npm ci' in tools/azurite.");
                continue;
            }

            var folder = Directory.CreateTempSubdirectory("actiontrail-tiny-").FullName;
            try
            {
                using var store = isAzurite ? await BenchStore.OnAzuriteAsync() : await BenchStore.InFilesAsync(folder);
                facts.Append(await MeasureAsync(isAzurite ? "Azurite" : "files", store, count, costs, lookups));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        Pages.Write("tiny-accounts",
            string.Create(CultureInfo.InvariantCulture, $"# Many small accounts\n\n{Pages.Circumstances(FormattableString.Invariant($"tiny {count} --report"))}Load average before the run: {load}. {Accounts:N0} accounts drawn by Zipf's law (exponent 0.95), {count:N0} events over 90 days, batches of {BatchSize}.\n\n{facts}\n## Cost\n\n{costs}\n## Lookups of the newest 50 events of an account, heads cached\n\n{lookups}"), isKept);
        return 0;
    }

    private static async Task<string> MeasureAsync(string name, BenchStore store, int count, MarkdownTable costs, MarkdownTable lookups)
    {
        var end = DateTimeOffset.UtcNow;
        using var generator = new EventGenerator(PeerCorpus.Seed, new GeneratorOptions { Start = end.AddDays(-89.9), Span = TimeSpan.FromDays(90), EventsInSpan = count, Accounts = GeneratorOptions.ManyAccounts(Accounts) });
        var (events, batch, perBatch, seen) = (new Dictionary<string, int>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal), 0L, 0);
        Reset(store);
        var ingest = await store.IngestAsync(generator, count, BatchSize, one =>
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(events, one.AccountId, out _)++;
            batch.Add(one.AccountId);
            if (++seen % BatchSize == 0)
            {
                perBatch += batch.Count;
                batch.Clear();
            }
        });
        AddCosts(name, "ingest", store, count, ingest, costs);
        Reset(store);
        AddCosts(name, "compaction", store, count, await store.CompactAsync(), costs);
        var size = await store.MeasureAsync();

        var byEvents = events.OrderByDescending(static one => one.Value).ThenBy(static one => one.Key, StringComparer.Ordinal).ToArray();
        var small = byEvents.Where(static one => one.Value <= FewEvents).ToArray();
        var middle = byEvents.Where(static one => one.Value is >= 10 and <= 50).ToArray();
        var lookup = store.OpenLookup();
        foreach (var (kind, accounts) in new[] { ("large", byEvents[..LargeAccounts]), ("middle", middle), ("small", small) })
        {
            var asked = Enumerable.Range(0, Queries).Select(i => accounts[(int)((long)i * accounts.Length / Queries)]).ToArray();
            var figures = await LookupFigures.TakeAsync(() => lookup, [.. asked.Select(one => new LookupQuery { AccountId = one.Key, FromMs = end.AddDays(-90).ToUnixTimeMilliseconds(), ToMs = end.AddDays(1).ToUnixTimeMilliseconds() })]);
            // The page is known: all events of the account, or 50.
            var expected = asked.Average(static one => Math.Min(50, one.Value));
            if (Math.Abs(figures.Found - expected) > 1e-9)
                throw new InvalidOperationException($"{kind} accounts: {figures.Found} events found on average, not {expected}.");
            lookups.Add(name, kind, string.Create(CultureInfo.InvariantCulture, $"{accounts[^1].Value:N0} to {accounts[0].Value:N0}"), SvgChart.Figure(figures.P50), SvgChart.Figure(figures.P99), SvgChart.Figure(figures.Found), SvgChart.Figure(figures.Heads), SvgChart.Figure(figures.Reads), SvgChart.Figure(figures.KiB));
        }

        return string.Create(CultureInfo.InvariantCulture, $"* {name}: {events.Count:N0} accounts met, {perBatch * BatchSize / (double)count:N0} of them in an average batch; {size.Segments} segments in force, {size.BytesPerEvent:F0} bytes per event with all table rows.\n");
    }

    private static void AddCosts(string name, string step, BenchStore store, int count, double seconds, MarkdownTable costs)
    {
        string PerThousand(double requests) => (requests * 1000 / count).ToString("F2", CultureInfo.InvariantCulture);
        long Tables(string[] operations) => operations.Sum(operation => store.TableTally[operation].Requests);
        costs.Add(name, step, (count / seconds).ToString("N0", CultureInfo.InvariantCulture), PerThousand(store.ObjectTally["create"].Requests), PerThousand(store.ObjectTally["read"].Requests + store.ObjectTally["open-read"].Requests), PerThousand(Tables(TableWrites)), PerThousand(Tables(TableReads)));
    }

    private static void Reset(BenchStore store)
    {
        store.TableTally.Reset();
        store.ObjectTally.Reset();
    }
}
