using System.Text.Json.Nodes;
using ActionTrail.Generator;
using ActionTrail.LocalRunner.Demo;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.HostContract;

/// <summary>A whole run on real processes: Azurite, the local event hub, and the small handler in fixtures/fake-handler.</summary>
public sealed class LocalRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("run").FullName;
    private readonly string scriptRoot = Directory.CreateTempSubdirectory("root").FullName;
    private readonly StringWriter shown = new();
    private readonly TaskCompletionSource<DemoContext> started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LocalRunTests()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "fixtures", "fake-handler"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(scriptRoot, Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "fixtures", "fake-handler"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var settings = File.ReadAllText(Path.Combine(HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory), "local.settings.json.example"));
        var document = JsonNode.Parse(settings)!;
        document["Values"]!["FAKE_HANDLER_LOG"] = Log;
        File.WriteAllText(Path.Combine(scriptRoot, "local.settings.json"), document.ToJsonString());
    }

    private string Log => Path.Combine(folder, "requests");

    private string Data => Path.Combine(folder, "data");

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        Directory.Delete(scriptRoot, recursive: true);
    }

    [Fact]
    public async Task When_azurite_and_the_hub_are_killed_the_last_batches_come_again_unchanged_and_the_store_is_repaired()
    {
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => LocalRun.RunAsync(Options(), TourAsync, Bench.Output(TextWriter.Synchronized(shown)), TimeProvider.System, stop.Token));
        var children = new List<int>();
        try
        {
            var context = await await Task.WhenAny(started.Task, run.ContinueWith<DemoContext>(_ => throw new InvalidOperationException(shown.ToString()), TaskScheduler.Default));
            using (var reader = new HttpClient())
            {
                var address = File.ReadAllText(Path.Combine(Data, "container-address"));
                Assert.Contains("<Blobs", await reader.GetStringAsync(new Uri(address + "&restype=container&comp=list")), StringComparison.Ordinal);
            }

            await SendAsync(context, 1);
            await Bench.EventuallyAsync(() => Batches().Count == 1, "the event did not arrive");
            var before = Batches();

            KillNow(Child("azurite"));
            KillNow(Child("eventhub"));
            await Bench.EventuallyAsync(() => Entries("/v1/store/repair").Count == 1, "the store was not repaired");
            Assert.Equal([.. before, .. before], Batches());
            Assert.Equal(2, Entries("/Ingest").Select(entry => entry["pid"]!.GetValue<int>()).Distinct().Count());
            Assert.StartsWith("Basic ", Entries("/v1/store/repair")[0]["headers"]!["authorization"]!.GetValue<string>(), StringComparison.Ordinal);

            await SendAsync(context, 2);
            await Bench.EventuallyAsync(() => Batches().Count == 3, "an event sent after the kills did not arrive");
            children.AddRange(new[] { "azurite", "eventhub", "handler" }.Select(Child));
        }
        finally
        {
            await stop.CancelAsync();
            await run;
        }

        Assert.True(File.Exists(Path.Combine(Data, "clean-stop")), shown.ToString());
        Assert.All(children, child => Assert.Equal("-", ProcessStart.Of(child)));
    }

    private RunnerOptions Options() => new()
    {
        HttpPort = 0,
        EventHubHttpPort = 0,
        AmqpPort = 0,
        AzuritePorts = new AzuritePorts(0, 0, 0),
        DataFolder = Data,
        ScriptRoot = scriptRoot,
        Container = "tour-audit",
        Demo = true,
        Verbose = true,
    };

    private Task<int> TourAsync(DemoContext context, CancellationToken cancellationToken)
    {
        started.TrySetResult(context);
        return Task.FromResult(0);
    }

    private static async Task SendAsync(DemoContext context, int number)
    {
        using var client = new HttpClient();
        var sender = new EventHubSender(client, new EventHubEndpoint(context.EventHubAddress, context.EventHubName, context.EventHubKeyName, context.EventHubKey), TimeProvider.System);
        await sender.SendAsync(System.Text.Encoding.UTF8.GetBytes($$"""{"n":{{number}}}"""), "application/json", contentEncoding: null, default);
    }

    private List<JsonNode> Entries(string url) => File.Exists(Log)
        ? [.. File.ReadAllLines(Log).Select(line => JsonNode.Parse(line)!).Where(entry => entry["url"]?.GetValue<string>() == url)]
        : [];

    /// <summary>Partition and sequence numbers of each batch, in the order of arrival.</summary>
    private List<string> Batches() =>
    [
        .. Entries("/Ingest").Select(entry => JsonNode.Parse(entry["body"]!.GetValue<string>())!["Metadata"]!)
            .Select(metadata => metadata["PartitionContext"]!["PartitionId"]!.GetValue<string>() + metadata["SequenceNumberArray"]!.GetValue<string>()),
    ];

    private int Child(string name) => int.Parse(
        File.ReadAllLines(Path.Combine(Data, "children")).Last(line => line.EndsWith(" " + name, StringComparison.Ordinal)).Split(' ')[0],
        System.Globalization.CultureInfo.InvariantCulture);

    private static void KillNow(int processId)
    {
        using var process = System.Diagnostics.Process.GetProcessById(processId);
        process.Kill();
    }
}
