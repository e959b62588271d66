using System.Net;
using ActionTrail.EndToEnd.Tests.NothingLost;

namespace ActionTrail.EndToEnd.Tests.Logstores;

/// <summary>A trail to a Logstore on the runner: what is published is found there within seconds, by its owner alone.</summary>
[Collection(nameof(NothingLostTests))]
public sealed class LogstoreTests : IAsyncLifetime, IDisposable
{
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
    public async Task Events_and_platform_events_are_found_in_their_logstores()
    {
        var (demo, other) = (await IssueAsync("demo"), await IssueAsync("other"));
        await demo.CallAsync(HttpMethod.Post, "v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", HttpStatusCode.Created);
        await demo.CallAsync(HttpMethod.Post, "v1/trails", """{"name":"demo-inner","logstoreProject":"audit","isInnerTrail":true}""", HttpStatusCode.Created);
        foreach (var trail in new[] { "demo-trail", "demo-inner" })
            await demo.CallAsync(HttpMethod.Post, $"v1/trails/{trail}/start", json: null, HttpStatusCode.OK);

        var now = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        await demo.CallAsync(
            HttpMethod.Post,
            "v1/events",
            $$$"""[{"eventId":"of-demo","eventName":"A","eventTime":"{{{now}}}","eventRW":"Write","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo"}},{"EventID":"p-1","EventVersion":"1.0.0","EventTime":"{{{now}}}","EventName":"Look","EventProduct":"ECS","EventType":"CUSTOMER_INITIATED_SUPPORT","EventMethod":"Regular Read","EventLevel":"NOTICE","ResourceOwnerID":"demo"}]""",
            HttpStatusCode.OK);

        Assert.Equal(1, await CountAsync(demo, "actiontrail_demo-trail", "eventId=of-demo"));
        Assert.Equal(1, await CountAsync(demo, "innertrail_demo-inner", "eventId=p-1"));
        await other.CallAsync(HttpMethod.Get, "v1/logstores/audit/actiontrail_demo-trail/events", json: null, HttpStatusCode.NotFound);
    }

    private static async Task<int> CountAsync(ApiClient api, string logstore, string query)
    {
        var count = 0;
        for (var until = DateTime.UtcNow + Patience; count == 0 && DateTime.UtcNow < until; await Task.Delay(500))
            count = (await api.CallAsync(HttpMethod.Get, $"v1/logstores/audit/{logstore}/events?{query}", json: null, HttpStatusCode.OK)).GetProperty("value").GetArrayLength();
        return count;
    }

    private async Task<ApiClient> IssueAsync(string account)
    {
        var caller = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        await caller.CallAsync(HttpMethod.Post, "v1/accounts", $$"""{"accountId":"{{account}}"}""", HttpStatusCode.Created);
        var key = await caller.CallAsync(HttpMethod.Post, $"v1/accounts/{account}/access-keys", """{"role":"Administrator"}""", HttpStatusCode.Created);
        return new ApiClient(http, runner.Api, key.GetProperty("accessKeyId").GetString()!, key.GetProperty("secret").GetString()!);
    }
}
