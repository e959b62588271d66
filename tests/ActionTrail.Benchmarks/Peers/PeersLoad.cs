using System.Globalization;
using System.Text;
using ActionTrail.Benchmarks.Report;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>
/// The same events and queries for this engine and for others: ingest, stored bytes, latencies. Every answer of every store is checked against the
/// generator's facts; a wrong one fails the run.
/// </summary>
internal static class PeersLoad
{
    private const int Queries = 200;
    private const int SecondsPerKind = 40;
    private const int TableEvents = 8_000;
    private const int TableQueries = 50;

    /// <summary>Arguments: [events] [--only NAME,...] [--report].</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var given) ? given : 200_000;
        var at = Array.IndexOf(args, "--only");
        string[] all = [OurPeer.Files, OurPeer.Azurite, .. NodePeer.Names, NodePeer.Table];
        var wanted = at < 0 ? all : [.. all.Where(name => args[at + 1].Split(',').Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))];
        var isKept = args.Contains("--report", StringComparer.Ordinal);

        var folder = Directory.CreateTempSubdirectory("actiontrail-peers-").FullName;
        // Servers that run as another user read nothing from here; the corpus is sent to them.
        try
        {
            var end = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
            var (results, skipped) = (new List<PeerResult>(), new List<string>());
            var (corpus, file) = await MakeAsync(count, end, folder);
            var (truth, asked) = (new PeerTruth(corpus), PeerQueries.Of(corpus, Queries, SecondsPerKind));
            foreach (var name in wanted.Where(static name => name != NodePeer.Table))
            {
                var result = name is OurPeer.Files or OurPeer.Azurite
                    ? await OurPeer.RunAsync(name, corpus, asked, truth, folder)
                    : await NodePeer.RunAsync(name, file, corpus, asked, truth, folder);
                Tell(name, result, results, skipped);
            }

            File.Delete(file);
            if (wanted.Contains(NodePeer.Table, StringComparer.Ordinal))
            {
                var (fewer, fewerFile) = await MakeAsync(Math.Min(count, TableEvents), end, folder);
                Tell(NodePeer.Table, await NodePeer.RunAsync(NodePeer.Table, fewerFile, fewer, [.. PeerQueries.Of(fewer, TableQueries, SecondsPerKind).Where(static kind => kind.Of != "count")], new PeerTruth(fewer), folder), results, skipped);
            }

            WritePage(count, results, skipped, isKept);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task<(PeerCorpus Corpus, string File)> MakeAsync(int count, DateTimeOffset end, string folder)
    {
        var corpus = new PeerCorpus(count, end);
        var file = Path.Combine(folder, FormattableString.Invariant($"events-{count}.tsv"));
        await using (var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
            await corpus.WriteAsync(stream);
        return (corpus, file);
    }

    private static void Tell(string name, PeerResult? result, List<PeerResult> results, List<string> skipped)
    {
        Console.Error.WriteLine(result is null ? $"{name}: skipped" : string.Create(CultureInfo.InvariantCulture, $"{name}: {result.Events / result.IngestSeconds:N0} events/s, {result.BytesPerEvent:F0} B/event, {string.Join(", ", result.Kinds.Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Kind} {kind.P50:F2}")))}"));
        if (result is null)
            skipped.Add(name);
        else
            results.Add(result);
    }

    private static void WritePage(int count, List<PeerResult> results, List<string> skipped, bool isKept)
    {
        var (name, title) = (FormattableString.Invariant($"peers-{count}"), string.Create(CultureInfo.InvariantCulture, $"{count:N0} events"));
        var kinds = results.SelectMany(static one => one.Kinds).Select(static kind => kind.Kind).Distinct(StringComparer.Ordinal).ToArray();
        var stored = new MarkdownTable("store", "found after ingest at, events/s", "settled at, events/s", "stored B/event", "load before");
        var latency = new MarkdownTable(["ms, p50 / p99", .. kinds]);
        foreach (var one in results)
        {
            stored.Add(Named(one, count), Text("N0", one.Events / one.IngestSeconds), Text("N0", one.Events / one.SettledSeconds), Text("N0", one.BytesPerEvent), one.Load);
            latency.Add([Named(one, count), .. kinds.Select(kind => one.Kinds.FirstOrDefault(other => other.Kind == kind) is { } found ? Cell(found) : "-")]);
        }

        var text = new StringBuilder($"# Side by side: {title}\n\n{Pages.Circumstances(FormattableString.Invariant($"peers {count} --report"))}How to read it: [benchmarks](../benchmarks.md#side-by-side-with-other-stores-peers).\n");
        if (skipped.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"Skipped, not installed or not to be started: {string.Join(", ", skipped)}.\n");
        text.Append(CultureInfo.InvariantCulture, $"\n## Ingest and bytes\n\n{stored}\n")
            .Append(Pages.Chart($"{name}-bytes", $"Stored bytes per event, {title}", SvgChart.Bars($"Stored bytes per event, {title}", "bytes, indexes included", ["all"], [.. results.Select(one => new ChartSeries(Named(one, count), [one.BytesPerEvent]))], isLogarithmic: false), isKept))
            .Append(CultureInfo.InvariantCulture, $"\n## Latency\n\n{latency}\n")
            .Append(Pages.Chart($"{name}-latency", $"Latency, {title}", SvgChart.Bars($"Latency p50, {title}", "milliseconds", kinds, [.. results.Select(one => new ChartSeries(Named(one, count), [.. kinds.Select(kind => one.Kinds.FirstOrDefault(other => other.Kind == kind)?.P50)]))], isLogarithmic: true), isKept))
            .Append("\n## What each is\n\n");
        foreach (var one in results)
            text.Append($"* **{one.Name}**{(one.Version.Length > 0 ? " " + one.Version : "")}: {one.Notes}.\n");
        Pages.Write(name, text.ToString(), isKept);
    }

    private static string Named(PeerResult one, int count) => one.Events == count ? one.Name : string.Create(CultureInfo.InvariantCulture, $"{one.Name} ({one.Events:N0})");

    /// <summary>Fewer than the usual number of queries are told.</summary>
    private static string Cell(KindResult kind) => $"{SvgChart.Figure(kind.P50)} / {SvgChart.Figure(kind.P99)}{(kind.Queries < Queries ? FormattableString.Invariant($" ({kind.Queries})") : "")}";

    private static string Text(string format, double value) => value.ToString(format, CultureInfo.InvariantCulture);
}
