using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using ActionTrail.Azure;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Processes;
using ActionTrail.Storage;

namespace ActionTrail.EndToEnd.Tests.Rpc;

/// <summary>
/// Alibaba Cloud's own client, pointed at the runner, goes through the life of a trail with both of its ways to sign, of a history job and of a directory's trail, for a management account, a
/// delegated administrator and a member (tools/actiontrail-sdk). Afterwards the containers hold what was published before the trails logged, once.
/// </summary>
public sealed class OriginalClientTests : IAsyncLifetime, IDisposable
{
    private const int OldEvents = 7;

    private static readonly string[] Accounts = ["boss", "admin", "kid"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    private readonly RunnerUnderTest runner = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => runner.DisposeAsync().AsTask();

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task The_original_client_goes_through_the_life_of_trails_and_jobs_as_management_administrator_and_member()
    {
        var folder = Path.Combine(HandlerLaunch.RepositoryAbove(AppContext.BaseDirectory), "tools", "actiontrail-sdk");
        await NodeTool.InstallAsync(folder, new RunnerOutput(TextWriter.Null, verbose: false), TimeProvider.System, CancellationToken.None);
        runner.Start();
        await runner.WaitReadyAsync();
        var objects = StorageConnection.FromConnectionString(runner.StorageConnection).CreateObjectStore();
        var keys = await SetUpAsync(objects);

        var start = new ProcessStartInfo("node", ["life.mjs"]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ACTIONTRAIL_ENDPOINT"] = runner.Api.Authority;
        start.Environment["ACTIONTRAIL_CALLERS"] = JsonSerializer.Serialize(
            Accounts.Zip(keys, static (account, key) => new { account, keyId = key.KeyId, secret = key.Secret, container = $"sdk-{account}" }));
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
        foreach (var account in Accounts)
            Assert.Equal(Enumerable.Range(0, OldEvents).Select(i => $"old-{account}-{i}"), await ReadOldAsync(objects, $"sdk-{account}"));
        Assert.Equal(0, await runner.StopAsync());
    }

    /// <summary>A directory of three accounts, each with a container and events of the last weeks.</summary>
    private async Task<List<(string KeyId, string Secret)>> SetUpAsync(IObjectStore objects)
    {
        var caller = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        var (keys, clients) = (new List<(string KeyId, string Secret)>(), new List<ApiClient>());
        foreach (var account in Accounts)
        {
            await objects.CreateContainerAsync($"sdk-{account}", default);
            await caller.CallAsync(HttpMethod.Post, "v1/accounts", $$"""{"accountId":"{{account}}"}""", HttpStatusCode.Created);
            var key = await caller.CallAsync(HttpMethod.Post, $"v1/accounts/{account}/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
            keys.Add((key.GetProperty("accessKeyId").GetString()!, key.GetProperty("secret").GetString()!));
            clients.Add(new ApiClient(http, runner.Api, keys[^1].KeyId, keys[^1].Secret));
            for (var i = 0; i < OldEvents; i++)
            {
                var time = DateTime.UtcNow.AddDays(-10 * i).AddHours(-1);
                await clients[^1].CallAsync(
                    HttpMethod.Post,
                    "v1/events",
                    $$$"""{"eventId":"old-{{{account}}}-{{{i}}}","eventName":"OldEvent","eventTime":"{{{time:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Ecs","acsRegion":"here","recipientAccountId":"{{{account}}}","userIdentity":{"type":"ram-user","accountId":"{{{account}}}"}}""",
                    HttpStatusCode.OK);
            }
        }

        var directory = (await clients[0].CallAsync(HttpMethod.Post, "v1/directories", "{}", HttpStatusCode.Created)).GetProperty("directoryId").GetString()!;
        for (var i = 1; i < Accounts.Length; i++)
        {
            await clients[0].CallAsync(HttpMethod.Post, $"v1/directories/{directory}/invitations", $$"""{"accountId":"{{Accounts[i]}}"}""", HttpStatusCode.Created);
            await clients[i].CallAsync(HttpMethod.Post, $"v1/directories/{directory}/accept", json: null, HttpStatusCode.OK);
        }

        await clients[0].CallAsync(HttpMethod.Put, $"v1/directories/{directory}/administrators/admin", json: null, HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.NoContent);
        return keys;
    }

    private static async Task<List<string>> ReadOldAsync(IObjectStore objects, string container)
    {
        var ids = new List<string>();
        await foreach (var one in objects.ListAsync(container, "", default))
        {
            await using var stored = await objects.OpenReadAsync(container, one.Name, default);
            await using var content = new GZipStream(stored, CompressionMode.Decompress);
            using var events = await JsonDocument.ParseAsync(content);
            ids.AddRange(events.RootElement.EnumerateArray().Select(static e => e.GetProperty("eventId").GetString()!).Where(static id => id.StartsWith("old-", StringComparison.Ordinal)));
        }

        return [.. ids.Order(StringComparer.Ordinal)];
    }
}
