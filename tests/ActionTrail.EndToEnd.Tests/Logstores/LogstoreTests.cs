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
        var (demo, other) = (await runner.IssueAsync(http, "demo"), await runner.IssueAsync(http, "other"));
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

    /// <summary>What was sent before the trail logged comes with a job, what is sent beside the job with the trail; the handler dies while both are at work.</summary>
    [Fact]
    public async Task A_job_beside_a_live_trail_fills_the_logstore_once_though_the_handler_is_killed()
    {
        var demo = await runner.IssueAsync(http, "demo");
        var made = await demo.CallAsync(HttpMethod.Post, "v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", HttpStatusCode.Created);
        var store = (await demo.CallAsync(HttpMethod.Get, "v1/logstores/audit/" + made.GetProperty("logstore").GetString(), json: null, HttpStatusCode.OK)).GetProperty("store").GetString();
        var sent = 0;
        for (var i = 0; i < 10; i++)
            sent += await SendAsync(demo, sent, 20);
        await demo.CallAsync(HttpMethod.Post, "v1/trails/demo-trail/start", json: null, HttpStatusCode.OK);
        sent += await SendAsync(demo, sent, 20);
        var job = (await demo.CallAsync(HttpMethod.Post, "v1/history-jobs", """{"trailName":"demo-trail","clientToken":"once"}""", HttpStatusCode.Accepted)).GetProperty("jobId").GetInt64();
        for (var kill = 0; kill < 2; kill++)
        {
            sent += await SendAsync(demo, sent, 20);
            await runner.KillChildAsync("handler");
            sent += await SendAsync(demo, sent, 20);
        }

        var state = "";
        for (var until = DateTime.UtcNow + Patience; state != "Complete" && DateTime.UtcNow < until; await Task.Delay(500))
            state = (await demo.CallAsync(HttpMethod.Get, $"v1/history-jobs/{job}", json: null, HttpStatusCode.OK)).GetProperty("state").GetString();
        Assert.Equal("Complete", state);
        await demo.CallAsync(HttpMethod.Post, "v1/trails/demo-trail/stop", json: null, HttpStatusCode.OK);

        // A lookup shows copies once, and the Logstore's log counts them all: both are the same when there are none. Both grow until the last window is delivered.
        var operators = new ApiClient(http, runner.Api, "operator", RunnerUnderTest.OperatorKey);
        var (found, shown, stored) = (0L, -1L, 0L);
        for (var until = DateTime.UtcNow + Patience; (found < sent || shown != stored) && DateTime.UtcNow < until; await Task.Delay(500))
        {
            found = await TotalAsync(demo, "?serviceName=Ecs");
            shown = await TotalAsync(demo, "");
            stored = (await operators.CallAsync(HttpMethod.Get, $"v1/store/verify?store={store}", json: null, HttpStatusCode.OK)).GetProperty("events").GetInt64();
        }

        Assert.Equal((sent, shown), (found, stored));
        Assert.True((await operators.CallAsync(HttpMethod.Get, $"v1/store/verify?store={store}", json: null, HttpStatusCode.OK)).GetProperty("sound").GetBoolean());
    }

    private static async Task<long> TotalAsync(ApiClient api, string query) =>
        (await api.CallAsync(HttpMethod.Get, "v1/logstores/audit/actiontrail_demo-trail/events/histogram" + query, json: null, HttpStatusCode.OK)).GetProperty("total").GetInt64();

    /// <summary>Sends events under ids that follow one another, again and again until the answer says that they are stored; returns how many.</summary>
    private static async Task<int> SendAsync(ApiClient api, int first, int count)
    {
        var now = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var events = Enumerable.Range(first, count).Select(i => $$$"""{"eventId":"job-{{{i}}}","eventName":"A","eventTime":"{{{now}}}","eventRW":"Write","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo"}}""");
        await api.CallAsync(HttpMethod.Post, "v1/events", $"[{string.Join(',', events)}]", HttpStatusCode.OK);
        return count;
    }

    private static async Task<int> CountAsync(ApiClient api, string logstore, string query)
    {
        var count = 0;
        for (var until = DateTime.UtcNow + Patience; count == 0 && DateTime.UtcNow < until; await Task.Delay(500))
            count = (await api.CallAsync(HttpMethod.Get, $"v1/logstores/audit/{logstore}/events?{query}", json: null, HttpStatusCode.OK)).GetProperty("value").GetArrayLength();
        return count;
    }
}
