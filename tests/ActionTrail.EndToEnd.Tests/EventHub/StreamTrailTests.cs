using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.EventHub;

/// <summary>From one event hub into another: a trail of the runner streams to our own endpoint as a process of its own, which is away for a while.</summary>
[Collection(nameof(NothingLostTests))]
public sealed class StreamTrailTests : IAsyncLifetime
{
    private const string Account = "streamer";
    private const string Key = "key-of-the-stream";
    private const int Partitions = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(300);

    private readonly string tools = Path.Combine(HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory), "tools", "eventhubs");
    private readonly string data = Directory.CreateTempSubdirectory("stream-hub").FullName;
    private readonly string port = RunnerUnderTest.FreePorts(1)[0].ToString(CultureInfo.InvariantCulture);
    private readonly DateTimeOffset began = DateTimeOffset.UtcNow.AddHours(-1);
    private Process? hub;

    public Task InitializeAsync() => NodeTool.InstallAsync(tools, new RunnerOutput(TextWriter.Null, verbose: false), TimeProvider.System, CancellationToken.None);

    public async Task DisposeAsync()
    {
        await StopHubAsync();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Due_events_come_out_of_the_other_hub_in_order_with_their_ids_though_it_was_away()
    {
        await StartHubAsync();
        await using var runner = new RunnerUnderTest
        {
            Settings = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["ActionTrail__Streams__siem__Connection"] = $"Endpoint=sb://localhost:{port};SharedAccessKeyName=Sender;SharedAccessKey={Key};UseDevelopmentEmulator=true;EntityPath=audit-out",
                ["ActionTrail__Streams__siem__Accounts"] = Account,

                // Nothing kills Azurite here, so nothing that was committed is forgotten: windows need not wait for that.
                ["ActionTrail__DeliveryWindow"] = "00:00:02",
                ["ActionTrail__DeliverySettle"] = "00:00:01",
                ["ScheduleDeliveriesCron"] = "* * * * * *",
            },
        };
        runner.Start();
        await runner.WaitReadyAsync();
        var owner = await PrepareAsync(runner);
        await owner.CallAsync(HttpMethod.Post, "v1/trails", """{"name":"trail-out","stream":"nobodys","eventRW":"Write"}""", HttpStatusCode.BadRequest);
        await owner.CallAsync(HttpMethod.Post, "v1/trails", """{"name":"trail-out","stream":"siem","eventRW":"Write"}""", HttpStatusCode.Created);
        await owner.CallAsync(HttpMethod.Post, "v1/trails/trail-out/start", json: null, HttpStatusCode.OK);

        await PublishAsync(runner, from: 0, to: 30);
        await PublishAsync(runner, from: 30, to: 60);
        await ExpectAsync(runner, count: 60);

        await StopHubAsync();
        await PublishAsync(runner, from: 60, to: 90);
        await WaitUntilAsync(runner, "The status never told of the hub that was away.", () => IsFailingAsync(owner));
        await StartHubAsync();
        await PublishAsync(runner, from: 90, to: 120);
        await ExpectAsync(runner, count: 120);
        await WaitUntilAsync(runner, "The status went on telling of a failure that was over.", async () => !await IsFailingAsync(owner));

        Assert.Equal(0, await runner.StopAsync());
        Assert.DoesNotContain(runner.Lines, static line => line.Contains(Key, StringComparison.Ordinal));
    }

    private static async Task<ApiClient> PrepareAsync(RunnerUnderTest runner)
    {
        var caller = new ApiClient(Http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        await caller.CallAsync(HttpMethod.Post, "v1/accounts", $$"""{"accountId":"{{Account}}"}""", HttpStatusCode.Created);
        var key = await caller.CallAsync(HttpMethod.Post, $"v1/accounts/{Account}/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
        return new ApiClient(Http, runner.Api, key.GetProperty("accessKeyId").GetString()!, key.GetProperty("secret").GetString()!);
    }

    private static async Task<bool> IsFailingAsync(ApiClient owner)
    {
        var status = await owner.CallAsync(HttpMethod.Get, "v1/trails/trail-out/status", json: null, HttpStatusCode.OK);
        var stream = Assert.Single(status.GetProperty("destinations").EnumerateArray());
        Assert.Equal("stream", stream.GetProperty("destination").GetString());
        return stream.TryGetProperty("latestDeliveryError", out _);
    }

    /// <summary>One request to the runner's hub; with the account as partition key an account's events stay in order. Every tenth is read, and not due.</summary>
    private async Task PublishAsync(RunnerUnderTest runner, int from, int to)
    {
        var events = Enumerable.Range(from, to - from).Select(i => new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["Body"] = $$$"""{"eventId":"{{{Id(i)}}}","eventName":"Open","eventTime":"{{{began.AddSeconds(i).UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"{{{(IsDue(i) ? "Write" : "Read")}}}","serviceName":"Door","acsRegion":"here","userIdentity":{"type":"ram-user","accountId":"{{{Account}}}"}}""",
            ["BrokerProperties"] = new Dictionary<string, string>(StringComparer.Ordinal) { ["PartitionKey"] = Account },
        });
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(events)) { Headers = { ContentType = new MediaTypeHeaderValue("application/vnd.microsoft.servicebus.json") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, runner.EventHub.SendAddress) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", runner.EventHub.Token(DateTimeOffset.UtcNow.AddHours(1)));
        using var response = await Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    /// <summary>Until the due ones of the first so many are there: all of them, in their order, and no other.</summary>
    private async Task ExpectAsync(RunnerUnderTest runner, int count)
    {
        string[] due = [.. Enumerable.Range(0, count).Where(IsDue).Select(Id)];
        string[] found = [];
        await WaitUntilAsync(runner, $"Not all of {due.Length} events came out of the stream.", async () =>
        {
            found = await ReadAsync();
            return found.Length >= due.Length;
        });
        Assert.Equal(due, found);
    }

    /// <summary>Ids of the published events in the order of their partition. The same idempotency key again is the same event again, and two events never share one.</summary>
    private async Task<string[]> ReadAsync()
    {
        var (found, byKey) = (new List<string>(), new Dictionary<string, string>(StringComparer.Ordinal));
        for (var partition = 0; partition < Partitions; partition++)
        {
            using var answer = JsonDocument.Parse(await Http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/$runner/audit-out/partitions/{partition}/events?from=0&max=1000")));
            foreach (var one in answer.RootElement.GetProperty("events").EnumerateArray())
            {
                var properties = one.GetProperty("properties");
                Assert.Equal((Account, Account, "trail-out"), (one.GetProperty("partitionKey").GetString(), properties.GetProperty("account").GetString(), properties.GetProperty("trail").GetString()));
                var (key, body) = (properties.GetProperty("id").GetString()!, Encoding.UTF8.GetString(one.GetProperty("body").GetBytesFromBase64()));
                Assert.Matches(@"^trail-out\.[^/]+/[0-9]+/[0-9]+\z", key);
                if (!byKey.TryAdd(key, body))
                {
                    Assert.Equal(byKey[key], body);
                    continue;
                }

                using var parsed = JsonDocument.Parse(body);
                found.Add(parsed.RootElement.GetProperty("eventId").GetString()!);
            }
        }

        // The calls themselves are audit events of the account.
        return [.. found.Where(static id => id.StartsWith("out-", StringComparison.Ordinal))];
    }

    private static async Task WaitUntilAsync(RunnerUnderTest runner, string otherwise, Func<Task<bool>> isThere)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await isThere())
        {
            runner.FailIfGone();
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"{otherwise}\n{runner.Tail()}");
            await Task.Delay(Tick);
        }
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"out-{number:D3}");

    private static bool IsDue(int number) => number % 10 != 0;

    private async Task StartHubAsync()
    {
        string[] arguments = ["server.mjs", "--data", data, "--http-port", port, "--hub", "audit-out", "--key-name", "Sender", "--key", Key];

        // The endpoint ends with its standard input: that must be a pipe that we hold, not what this process was given, which may be at its end already.
        hub = Process.Start(new ProcessStartInfo("node", arguments) { WorkingDirectory = tools, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.StartsWith("ready ", await hub.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
    }

    private async Task StopHubAsync()
    {
        if (hub is null)
        {
            return;
        }

        Assert.False(hub.HasExited, "The other hub ended by itself.");
        hub.Kill();
        await hub.WaitForExitAsync();
        hub.Dispose();
        hub = null;
    }
}
