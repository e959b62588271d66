using System.Diagnostics;
using System.Text.Json;
using ActionTrail.Benchmarks.Report;
using ActionTrail.Benchmarks.Store;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>A store that is driven by tools/benchmarks/run.mjs, one client for all of them.</summary>
internal static class NodePeer
{
    private const int NotInstalled = 3;

    public static IReadOnlyList<string> Names { get; } = ["postgresql", "sqlite", "clickhouse", "duckdb"];

    /// <summary>One entity per event: counts are not to be had without reading everything, and are not asked for.</summary>
    public const string Table = "azurite-table";

    private static string Tools => Path.Combine(LocalAzurite.Repository, "tools", "benchmarks");

    /// <summary>Null when the peer is not installed, or failed: standard error says which and why.</summary>
    /// <exception cref="InvalidOperationException">The peer answered wrongly.</exception>
    public static async Task<PeerResult?> RunAsync(string name, string corpusFile, PeerCorpus corpus, IReadOnlyList<QueryKind> asked, PeerTruth truth, string folder)
    {
        if (!LocalAzurite.IsNodeThere || !Directory.Exists(Path.Combine(Tools, "node_modules")))
        {
            Console.Error.WriteLine($"{name}: its client is not installed; it wants Node, and 'npm ci' in tools/benchmarks.");
            return null;
        }

        if (name == Table && !LocalAzurite.IsInstalled)
        {
            Console.Error.WriteLine($"{name}: Azurite is not installed; run 'npm ci' in tools/azurite.");
            return null;
        }

        var load = Machine.Load();
        using var azurite = name == Table ? await LocalAzurite.StartAsync() : null;
        // In the folder of temporary files itself: a server that runs as another user must get there.
        var work = azurite?.Folder ?? Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"actiontrail-peer-{Environment.ProcessId}-{name}")).FullName;
        var (queries, answers) = (Path.Combine(folder, name + "-queries.json"), Path.Combine(folder, name + "-answers.json"));
        WriteQueries(queries, asked);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("node")
            {
                WorkingDirectory = Tools,
                UseShellExecute = false,
                ArgumentList = { "run.mjs", name, "--corpus", corpusFile, "--queries", queries, "--work", work, "--out", answers, "--azurite", Text(azurite) },
            })!;
            await process.WaitForExitAsync();
            if (process.ExitCode == NotInstalled)
                return null;
            if (process.ExitCode != 0)
            {
                Console.Error.WriteLine($"{name}: failed, exit code {process.ExitCode}.");
                return null;
            }

            return PeerResult.Read(name, answers, load, corpus, asked, truth);
        }
        finally
        {
            if (azurite is null)
                Directory.Delete(work, recursive: true);
        }
    }

    private static void WriteQueries(string path, IReadOnlyList<QueryKind> asked)
    {
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartArray();
        foreach (var kind in asked)
        {
            json.WriteStartObject();
            json.WriteString("kind", kind.Name);
            json.WriteString("of", kind.Of);
            json.WriteNumber("seconds", kind.Seconds);
            json.WriteStartArray("values");
            foreach (var query in kind.Queries)
            {
                json.WriteStartArray();
                json.WriteStringValue(query.Value);
                json.WriteNumberValue(query.FromMs);
                json.WriteNumberValue(query.ToMs);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Text(LocalAzurite? azurite) => azurite?.ConnectionString ?? "";
}
