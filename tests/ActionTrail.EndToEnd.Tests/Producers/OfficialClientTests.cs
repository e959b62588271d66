using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActionTrail.Azure;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.Producers;

/// <summary>What a producer with the official Event Hubs client sends to the runner's connection string, in every format, is found and delivered.</summary>
public sealed partial class OfficialClientTests : IAsyncLifetime, IDisposable
{
    private const string Container = "producers-audit";
    private const string Subscription = "11112222-3333-4444-5555-666677778888";
    private const string AwsAccount = "123456789012";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly RunnerUnderTest runner = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private static string Repository => HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => runner.DisposeAsync().AsTask();

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task What_the_official_client_sends_in_any_format_is_found_by_lookup_and_in_the_delivered_object()
    {
        var sdk = Path.Combine(Repository, "tools", "eventhubs", "sdk");
        await NodeTool.InstallAsync(sdk, new RunnerOutput(TextWriter.Null, verbose: false), TimeProvider.System, CancellationToken.None);
        runner.Start();
        await runner.WaitReadyAsync();
        var connection = Announced();

        var tour = await AccountAsync("tour");
        await StorageConnection.FromConnectionString(runner.StorageConnection).CreateObjectStore().CreateContainerAsync(Container, default);
        await tour.CallAsync(HttpMethod.Post, "v1/trails", $$"""{"name":"producers-trail","container":"{{Container}}"}""", HttpStatusCode.Created);
        await tour.CallAsync(HttpMethod.Post, "v1/trails/producers-trail/start", json: null, HttpStatusCode.OK);
        var azure = await AccountAsync(Subscription);
        var aws = await AccountAsync(AwsAccount);

        // 1. The README's lines as they stand.
        await RunAsync(sdk, ReadmeScript(), connection);

        // 2. Every other way of sending and every other format.
        await RunAsync(sdk, await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "fixtures", "producers", "all-formats.mjs")), connection);

        var fromReadme = await FindAsync(tour, "eventName=DeleteDisk&user=alice", 1);
        Assert.Equal("Ecs", fromReadme[0].GetProperty("serviceName").GetString());
        Assert.Equal(300, (await FindAsync(tour, "eventName=BufferedCall", 300)).Select(IdOf).Distinct(StringComparer.Ordinal).Count());
        await FindAsync(tour, "eventName=com.example.order.deleted", 2);
        var vault = await FindAsync(azure, "eventName=Microsoft.KeyVault/vaults/delete", 2);
        Assert.All(vault, one => Assert.Equal("c0ffee00-0000-4000-8000-000000000001", one.GetProperty("sharedEventId").GetString()));
        var stopped = await FindAsync(aws, "eventName=StopInstances&user=bob", 1);
        Assert.Equal("0d9e1bb4-21b5-4a0f-9b3a-1f0e6d1c7a11", IdOf(stopped[0]));

        var expected = await tour.ReadAllAsync("forward");
        var delivered = await DeliveredAsync([.. expected.Where(one => one.Service != "ActionTrail").Select(one => one.EventId)]);
        Assert.Equal(delivered.Count, delivered.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(0, await runner.StopAsync());
    }

    private static string IdOf(JsonElement one) => one.GetProperty("eventId").GetString()!;

    /// <summary>The connection string that the runner prints.</summary>
    private string Announced() => runner.Lines.Select(line => Connection().Match(line)).First(match => match.Success).Value;

    /// <summary>The first JavaScript block of the README.</summary>
    private static string ReadmeScript()
    {
        var block = JavaScript().Match(File.ReadAllText(Path.Combine(Repository, "README.md")));
        Assert.True(block.Success, "README.md has no ```js block.");
        return block.Groups["code"].Value;
    }

    private static async Task RunAsync(string folder, string script, string connection)
    {
        var start = new ProcessStartInfo("node", ["--input-type=module", "--eval", script])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ACTIONTRAIL_EVENTHUB"] = connection;
        using var node = Process.Start(start)!;
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(Patience);
        await node.WaitForExitAsync(patience.Token);
        Assert.True(node.ExitCode == 0, await output + await errors);
    }

    private async Task<ApiClient> AccountAsync(string accountId)
    {
        var caller = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        await caller.CallAsync(HttpMethod.Post, "v1/accounts", $$"""{"accountId":"{{accountId}}"}""", HttpStatusCode.Created);
        var key = await caller.CallAsync(HttpMethod.Post, $"v1/accounts/{accountId}/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
        return new ApiClient(http, runner.Api, key.GetProperty("accessKeyId").GetString()!, key.GetProperty("secret").GetString()!);
    }

    private async Task<List<JsonElement>> FindAsync(ApiClient api, string query, int count)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var page = await api.CallAsync(HttpMethod.Get, $"v1/events?pageSize=1000&{query}", json: null, HttpStatusCode.OK);
            var found = page.GetProperty("value").EnumerateArray().ToList();
            if (found.Count >= count || Stopwatch.GetElapsedTime(began) > Patience)
            {
                Assert.True(found.Count == count, string.Create(CultureInfo.InvariantCulture, $"{query}: {found.Count} of {count} events were found.\n{runner.Tail()}"));
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300));
        }
    }

    /// <summary>The ids of all delivered events, once those asked for are among them.</summary>
    private async Task<List<string>> DeliveredAsync(IReadOnlyCollection<string> wanted)
    {
        var objects = StorageConnection.FromConnectionString(runner.StorageConnection).CreateObjectStore();
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var ids = new List<string>();
            await foreach (var found in objects.ListAsync(Container, "", default))
            {
                await using var stored = await objects.OpenReadAsync(Container, found.Name, default);
                await using var unpacked = new GZipStream(stored, CompressionMode.Decompress);
                using var document = await JsonDocument.ParseAsync(unpacked);
                ids.AddRange(document.RootElement.EnumerateArray().Select(IdOf));
            }

            var missing = wanted.Except(ids, StringComparer.Ordinal).ToList();
            if (missing.Count == 0)
            {
                return ids;
            }

            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"{missing.Count} events were not delivered, for example {missing[0]}.\n{runner.Tail()}");
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    [GeneratedRegex(@"Endpoint=sb://\S+EntityPath=\S+", RegexOptions.None, 1000)]
    private static partial Regex Connection();

    [GeneratedRegex(@"^```js\r?\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex JavaScript();
}
