using System.Diagnostics;
using System.Net;
using ActionTrail.Azure;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.WebConsole;

/// <summary>The web console against the runner, in a real browser: tools/console/console.test.mjs.</summary>
public sealed class WebConsoleTests : IAsyncLifetime, IDisposable
{
    private const string Container = "console-audit";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly RunnerUnderTest runner = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => runner.DisposeAsync().AsTask();

    public void Dispose() => http.Dispose();

    [ChromiumFact]
    public async Task The_console_works_in_a_browser()
    {
        var folder = Path.Combine(HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory), "tools", "console");
        await NodeTool.InstallAsync(folder, new RunnerOutput(TextWriter.Null, verbose: false), TimeProvider.System, CancellationToken.None);
        runner.Start();
        await runner.WaitReadyAsync();
        await StorageConnection.FromConnectionString(runner.StorageConnection).CreateObjectStore().CreateContainerAsync(Container, default);
        var caller = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        await caller.CallAsync(HttpMethod.Post, "v1/accounts", """{"accountId":"console"}""", HttpStatusCode.Created);
        var key = await caller.CallAsync(HttpMethod.Post, "v1/accounts/console/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);

        var start = new ProcessStartInfo("node", ["--test", "--test-reporter=spec", "console.test.mjs"])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ACTIONTRAIL_ENDPOINT"] = $"http://{runner.Api.Authority}";
        start.Environment["ACTIONTRAIL_KEY"] = $"{key.GetProperty("accessKeyId").GetString()}:{key.GetProperty("secret").GetString()}";
        start.Environment["ACTIONTRAIL_OPERATOR"] = $"operator:{RunnerUnderTest.OperatorKey}";
        start.Environment["ACTIONTRAIL_CONTAINER"] = Container;
        start.Environment["ACTIONTRAIL_CHROMIUM"] = ChromiumFactAttribute.Path;
        start.Environment.Remove("ACTIONTRAIL_CONSOLE_FILES");
        using var node = Process.Start(start)!;
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await node.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            node.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(node.ExitCode == 0, $"{await output}{await errors}\n{runner.Tail()}");
        Assert.Equal(0, await runner.StopAsync());
    }
}
