using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.HostContract;

/// <summary>A real process: the small handler in fixtures/fake-handler, run by Node.</summary>
public sealed class HandlerProcessTests : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("handler").FullName;
    private readonly HttpClient client = new(HttpForwarder.CreateTransport());
    private readonly StringWriter shown = new();
    private readonly HandlerProcess handler;

    public HandlerProcessTests()
    {
        var launch = HandlerLaunch.Published(Path.Combine(AppContext.BaseDirectory, "fixtures", "fake-handler"));
        var host = HostSettings.Load(launch.HostJson);
        var settings = new AppSettings { ["FAKE_HANDLER_LOG"] = Path.Combine(folder, "log") };
        handler = new HandlerProcess(port => launch.Start(host, settings, port, Guid.NewGuid()), host.InitializationTimeout, new ChildLedger(Path.Combine(folder, "children")), client, TimeProvider.System, Bench.Output(TextWriter.Synchronized(shown)));
    }

    public async ValueTask DisposeAsync()
    {
        await handler.DisposeAsync();
        client.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_crash_starts_it_again_and_exit_code_0_ends_it_for_good()
    {
        handler.Start();
        var first = (await ReadyAsync(), handler.ProcessId);
        await ExitAsync(7);
        await Bench.EventuallyAsync(() => handler.Address is { } address && address != first.Item1 && handler.ProcessId != first.ProcessId, "it was not started again");
        Assert.Contains("exit code 7", shown.ToString(), StringComparison.Ordinal);

        await ExitAsync(0);
        Assert.Contains("exit code 0", await handler.GaveUp.WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
        Assert.Null(handler.ProcessId);
    }

    [Fact]
    public async Task It_gets_the_hosts_environment_and_ends_with_its_stop()
    {
        handler.Start();
        var address = await ReadyAsync();
        var line = await File.ReadAllTextAsync(Path.Combine(folder, "log"));
        var environment = System.Text.Json.Nodes.JsonNode.Parse(line)!["environment"]!;
        Assert.Equal(address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), environment["FUNCTIONS_CUSTOMHANDLER_PORT"]!.GetValue<string>());
        Assert.Equal(environment["FUNCTIONS_CUSTOMHANDLER_PORT"]!.GetValue<string>(), environment["FUNCTIONS_HTTPWORKER_PORT"]!.GetValue<string>());
        Assert.True(Guid.TryParse(environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"]!.GetValue<string>(), out _));
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "fixtures", "fake-handler"), environment["FUNCTIONS_APP_ROOT_PATH"]!.GetValue<string>());
        Assert.NotNull(environment["PATH"]);

        var processId = handler.ProcessId!.Value;
        var start = ProcessStart.Of(processId);
        Assert.NotEqual("-", start);
        await handler.StopAsync();
        Assert.NotEqual(start, ProcessStart.Of(processId));
        Assert.Null(handler.Address);
    }

    private async Task<Uri> ReadyAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await handler.WaitReadyAsync(patience.Token);
    }

    private async Task ExitAsync(int code)
    {
        var address = await ReadyAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(address, $"v1/exit/{code}")));
    }
}
