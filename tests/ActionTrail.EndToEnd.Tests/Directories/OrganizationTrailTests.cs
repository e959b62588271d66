using System.IO.Compression;
using System.Net;
using System.Text.Json;
using ActionTrail.Azure;
using ActionTrail.EndToEnd.Tests.NothingLost;
using ActionTrail.Storage;

namespace ActionTrail.EndToEnd.Tests.Directories;

/// <summary>A directory of two accounts on the runner: what both publish lies in the one container, each under its own name, and nobody else's does.</summary>
[Collection(nameof(NothingLostTests))]
public sealed class OrganizationTrailTests : IAsyncLifetime, IDisposable
{
    private const string Container = "directory-audit";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly RunnerUnderTest runner = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public Task InitializeAsync()
    {
        runner.Start();
        return runner.WaitReadyAsync();
    }

    public Task DisposeAsync() => runner.DisposeAsync().AsTask();

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task Events_of_all_members_are_delivered_once_under_the_account_of_each()
    {
        var objects = StorageConnection.FromConnectionString(runner.StorageConnection).CreateObjectStore();
        await objects.CreateContainerAsync(Container, default);
        var (boss, kid, stranger) = (await runner.IssueAsync(http, "boss"), await runner.IssueAsync(http, "kid"), await runner.IssueAsync(http, "stranger"));
        var directory = (await boss.CallAsync(HttpMethod.Post, "v1/directories", "{}", HttpStatusCode.Created)).GetProperty("directoryId").GetString()!;
        await boss.CallAsync(HttpMethod.Post, $"v1/directories/{directory}/invitations", """{"accountId":"kid"}""", HttpStatusCode.Created);
        await kid.CallAsync(HttpMethod.Post, $"v1/directories/{directory}/accept", json: null, HttpStatusCode.OK);
        await boss.CallAsync(HttpMethod.Post, "v1/trails", $$"""{"name":"trail-all","container":"{{Container}}","isOrganizationTrail":true}""", HttpStatusCode.Created);
        await boss.CallAsync(HttpMethod.Post, "v1/trails/trail-all/start", json: null, HttpStatusCode.OK);

        await PublishAsync(boss, "boss", "of-boss");
        await PublishAsync(kid, "kid", "of-kid");
        await PublishAsync(stranger, "stranger", "of-stranger");
        await boss.CallAsync(HttpMethod.Delete, $"v1/directories/{directory}/members/kid", json: null, HttpStatusCode.NoContent);
        await PublishAsync(kid, "kid", "of-kid-later");
        await PublishAsync(boss, "boss", "of-boss-later");

        // Each account has an object of its own, one written after the other; a window behind them nothing of before is on its way.
        await FindAsync(objects, directory, ("boss", "of-boss-later"), ("kid", "of-kid"));
        await PublishAsync(boss, "boss", "last");
        var found = await FindAsync(objects, directory, ("boss", "last"));

        var published = found.Where(static f => f.EventId.StartsWith("of-", StringComparison.Ordinal)).Order();
        Assert.Equal([("boss", "of-boss"), ("boss", "of-boss-later"), ("kid", "of-kid")], published);
        Assert.Equal(found.Count, found.Distinct().Count());
    }

    /// <summary>What is delivered once all of these are, or when patience ends.</summary>
    private static async Task<List<(string Account, string EventId)>> FindAsync(IObjectStore objects, string directory, params (string Account, string EventId)[] expected)
    {
        var found = await ReadAsync(objects, directory);
        for (var until = DateTime.UtcNow + Patience; expected.Except(found).Any() && DateTime.UtcNow < until; await Task.Delay(500))
            found = await ReadAsync(objects, directory);
        return found;
    }

    private static async Task<List<(string Account, string EventId)>> ReadAsync(IObjectStore objects, string directory)
    {
        var found = new List<(string, string)>();
        await foreach (var one in objects.ListAsync(Container, "", default))
        {
            Assert.StartsWith($"ActionTrail/ActionTrail/{directory}/", one.Name, StringComparison.Ordinal);
            await using var stored = await objects.OpenReadAsync(Container, one.Name, default);
            await using var content = new GZipStream(stored, CompressionMode.Decompress);
            using var events = await JsonDocument.ParseAsync(content);
            found.AddRange(events.RootElement.EnumerateArray().Select(e => (one.Name.Split('/')[3], e.GetProperty("eventId").GetString()!)));
        }

        return found;
    }

    private static Task PublishAsync(ApiClient api, string account, string eventId) => api.CallAsync(
        HttpMethod.Post,
        "v1/events",
        $$$"""{"eventId":"{{{eventId}}}","eventName":"A","eventTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Ecs","acsRegion":"here","userIdentity":{"type":"ram-user","accountId":"{{{account}}}"}}""",
        HttpStatusCode.OK);
}
