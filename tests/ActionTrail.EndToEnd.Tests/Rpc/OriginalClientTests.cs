using System.Diagnostics;
using System.Net;
using ActionTrail.Azure;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Processes;

namespace ActionTrail.EndToEnd.Tests.Rpc;

/// <summary>Alibaba Cloud's own client, pointed at the runner, goes through the life of a trail with both of its ways to sign (tools/actiontrail-sdk).</summary>
public sealed class OriginalClientTests : IAsyncLifetime, IDisposable
{
    private const string Container = "sdk-audit";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly RunnerUnderTest runner = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => runner.DisposeAsync().AsTask();

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task The_original_client_goes_through_the_life_of_a_trail()
    {
        var folder = Path.Combine(HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory), "tools", "actiontrail-sdk");
        await NodeTool.InstallAsync(folder, new RunnerOutput(TextWriter.Null, verbose: false), TimeProvider.System, CancellationToken.None);
        runner.Start();
        await runner.WaitReadyAsync();
        await StorageConnection.FromConnectionString(runner.StorageConnection).CreateObjectStore().CreateContainerAsync(Container, default);
        var caller = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        await caller.CallAsync(HttpMethod.Post, "v1/accounts", """{"accountId":"tour"}""", HttpStatusCode.Created);
        var key = await caller.CallAsync(HttpMethod.Post, "v1/accounts/tour/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);

        var start = new ProcessStartInfo("node", ["life.mjs"]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ACTIONTRAIL_ENDPOINT"] = runner.Api.Authority;
        start.Environment["ACTIONTRAIL_KEY_ID"] = key.GetProperty("accessKeyId").GetString();
        start.Environment["ACTIONTRAIL_KEY_SECRET"] = key.GetProperty("secret").GetString();
        start.Environment["ACTIONTRAIL_CONTAINER"] = Container;
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
        Assert.Contains("all calls went as they should", await output, StringComparison.Ordinal);
        Assert.Equal(0, await runner.StopAsync());
    }
}
