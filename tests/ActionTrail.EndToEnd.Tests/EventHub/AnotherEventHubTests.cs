using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.LocalRunner.Demo;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.EventHub;

/// <summary>The runner over a hub that it did not start: our own endpoint as a process of its own plays the other emulator.</summary>
[Collection(nameof(NothingLostTests))]
public sealed class AnotherEventHubTests : IAsyncLifetime
{
    private const string Account = "others";
    private const string Key = "key-of-the-other-hub";

    /// <summary>Sends each line of its input as one event with the official client, and goes on while the hub is away.</summary>
    private const string SendScript = """
        import { EventHubProducerClient } from '@azure/event-hubs';
        import { createInterface } from 'node:readline';
        const client = new EventHubProducerClient(process.env.OTHER_HUB, { retryOptions: { maxRetries: 20, timeoutInMs: 4000, retryDelayInMs: 100, maxRetryDelayInMs: 500 } });
        const bodies = [];
        for await (const line of createInterface({ input: process.stdin })) bodies.push(Buffer.from(line));
        for (let i = 0; i < bodies.length; i += 25) {
          await client.sendBatch(bodies.slice(i, i + 25).map((body) => ({ body, contentType: 'application/json' })));
          await new Promise((resolve) => { setTimeout(resolve, 50); });
        }
        await client.close();
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string tools = Path.Combine(HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory), "tools", "eventhubs");
    private readonly string data = Directory.CreateTempSubdirectory("other-hub").FullName;
    private readonly List<Process> started = [];
    private string[] ports = ["0", "0"];
    private string connection = "";

    public async Task InitializeAsync()
    {
        foreach (var folder in new[] { tools, Path.Combine(tools, "bridge") })
        {
            await NodeTool.InstallAsync(folder, new RunnerOutput(TextWriter.Null, verbose: false), TimeProvider.System, CancellationToken.None);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var process in started)
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Events_of_the_official_client_arrive_once_though_the_other_hub_and_the_bridge_are_killed()
    {
        var hub = await StartHubAsync();
        connection = $"Endpoint=sb://localhost:{ports[1]};SharedAccessKeyName=Other;SharedAccessKey={Key};UseDevelopmentEmulator=true;EntityPath=audit-events";
        await using var runner = new RunnerUnderTest { OtherHub = connection };
        runner.Start();
        await runner.WaitReadyAsync();
        using var http = new HttpClient();
        var api = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        await api.CallAsync(HttpMethod.Post, "v1/accounts", $$"""{"accountId":"{{Account}}"}""", HttpStatusCode.Created);
        var key = await api.CallAsync(HttpMethod.Post, $"v1/accounts/{Account}/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
        var reader = new ApiClient(http, runner.Api, key.GetProperty("accessKeyId").GetString()!, key.GetProperty("secret").GetString()!);

        var first = await SendAsync("first", 100);
        await ExpectAsync(runner, reader, first);

        var second = SendAsync("second", 1000);
        await Task.Delay(TimeSpan.FromMilliseconds(700));
        hub.Kill();
        await hub.WaitForExitAsync();
        await StartHubAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        await runner.KillChildAsync("bridge");
        await ExpectAsync(runner, reader, [.. first, .. await second]);

        Assert.Equal(0, await runner.StopAsync());
        Assert.DoesNotContain(runner.Children, child => child.IsAlive || child.Name == "eventhub");
        Assert.DoesNotContain(runner.Lines, line => line.Contains(Key, StringComparison.Ordinal));
    }

    /// <summary>Until lookup shows these ids and no id twice.</summary>
    private static async Task ExpectAsync(RunnerUnderTest runner, ApiClient reader, string[] ids)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            // The calls themselves are audit events of the account.
            var found = (await reader.ReadAllAsync("forward")).Select(item => item.EventId).Where(id => id.StartsWith("other-", StringComparison.Ordinal)).ToArray();
            Assert.Equal(found.Length, found.Distinct(StringComparer.Ordinal).Count());
            if (found.Order(StringComparer.Ordinal).SequenceEqual(ids.Order(StringComparer.Ordinal), StringComparer.Ordinal))
            {
                return;
            }

            runner.FailIfGone();
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"{found.Length} of {ids.Length} events arrived:\n{runner.Tail()}");
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private async Task<string[]> SendAsync(string name, int count)
    {
        string[] ids = [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"other-{name}-{i}"))];
        var sender = Start(Path.Combine(tools, "bridge"), "--input-type=module", "-e", SendScript);
        foreach (var id in ids)
        {
            await sender.StandardInput.WriteLineAsync(DemoHints.EventJson(Account, id, DateTimeOffset.UtcNow));
        }

        sender.StandardInput.Close();
        var errors = await sender.StandardError.ReadToEndAsync();
        await sender.WaitForExitAsync();
        Assert.True(sender.ExitCode == 0, errors);
        return ids;
    }

    private async Task<Process> StartHubAsync()
    {
        var hub = Start(tools, "server.mjs", "--data", data, "--http-port", ports[0], "--amqp-port", ports[1], "--consumer-group", "action-trail", "--key-name", "Other", "--key", Key);
        var ready = await hub.StandardOutput.ReadLineAsync();
        Assert.StartsWith("ready ", ready, StringComparison.Ordinal);
        ports = ready!.Split(' ')[1..];
        return hub;
    }

    private Process Start(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardInputEncoding = new UTF8Encoding(false) };
        start.Environment["OTHER_HUB"] = connection;
        var process = Process.Start(start)!;
        started.Add(process);
        return process;
    }
}
