using System.Net;
using System.Text;
using ActionTrail.Functions.Triggers;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Functions;

public class DeliveryApiTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync(change: static s =>
        {
            s["ActionTrail:DeliveryWindow"] = "00:00:01";
            s["ActionTrail:DeliverySettle"] = "00:00:00";
        });
        await app.Get<IObjectStore>().CreateContainerAsync("demo-audit", default);
    }

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task A_trail_goes_from_fresh_to_enable_to_disable_under_etags()
    {
        var admin = await app.IssueAsync("demo");
        var made = await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","container":"demo-audit","eventRW":"All","trailRegion":"All"}""", admin);
        var started = await app.SendAsync("POST", "/v1/trails/demo-trail/start", body: null, admin);
        var again = await app.SendAsync("POST", "/v1/trails/demo-trail/start", body: null, admin);
        var stale = await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"eventRW":"Write"}""", admin, ("If-Match", made.ETag!));
        var fresh = await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"eventRW":"Write"}""", admin, ("If-Match", "\"0\", " + again.ETag));
        var stopped = await app.SendAsync("POST", "/v1/trails/demo-trail/stop", body: null, admin);

        Assert.Equal((HttpStatusCode.Created, "Fresh"), (made.Status, Status(made)));
        Assert.Equal(("Enable", started.ETag), (Status(started), again.ETag));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "PreconditionFailed"), (stale.Status, stale.Code));
        Assert.Equal("Write", fresh.Json.GetProperty("eventRW").GetString());
        Assert.Equal("Disable", Status(stopped));
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", "/v1/trails/demo-trail", user: admin)).Status);
        Assert.Equal("TrailNotFound", (await app.SendAsync("GET", "/v1/trails/demo-trail", user: admin)).Code);
    }

    [Fact]
    public async Task Every_rule_that_a_trail_breaks_is_named()
    {
        var admin = await app.IssueAsync("demo");
        var bad = await app.SendAsync("POST", "/v1/trails", """{"name":"X","container":"events","eventRW":"Maybe","selectors":{"nope":1},"foo":2}""", admin);
        var absent = await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","container":"not-there"}""", admin);

        Assert.Equal(["/foo", "/selectors/nope"], bad.Pointers.Order());
        Assert.Equal(["/container"], absent.Pointers);
        Assert.Equal("TrailAlreadyExists", await TwiceAsync(admin));
    }

    [Theory]
    [InlineData("endTime=0001-01-01T00:00:00Z", 400)]
    [InlineData("endTime=0001-01-01T00:30:00Z", 200)]
    [InlineData("startTime=0001-01-01T00:00:00Z&endTime=0001-01-01T00:01:00Z", 200)]
    [InlineData("startTime=9999-12-31T23:59:00Z&endTime=9999-12-31T23:59:59.9999999Z", 200)]
    public async Task Metrics_at_the_ends_of_time_are_answered_or_refused(string range, int status)
    {
        var admin = await app.IssueAsync("demo");
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","container":"demo-audit"}""", admin);

        Assert.Equal(status, (int)(await app.SendAsync("GET", "/v1/trails/demo-trail/metrics?" + range, user: admin)).Status);
    }

    [Fact]
    public async Task Another_accounts_trail_is_not_there()
    {
        var demo = await app.IssueAsync("demo");
        var other = await app.IssueAsync("other");
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","container":"demo-audit"}""", demo);

        foreach (var (method, path) in new[] { ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/start"), ("POST", "/stop"), ("GET", "/status"), ("GET", "/deliveries"), ("POST", "/redeliver"), ("POST", "/deliveries/1/redeliver") })
            Assert.Equal("TrailNotFound", (await app.SendAsync(method, "/v1/trails/demo-trail" + path, method == "PATCH" ? "{}" : null, other)).Code);
        Assert.Empty((await app.SendAsync("GET", "/v1/trails", user: other)).Json.GetProperty("value").EnumerateArray());
        Assert.Equal("InvalidParameter", (await app.SendAsync("POST", "/v1/trails", """{"name":"stolen-trail","container":"demo-audit"}""", other)).Code);
        Assert.Equal("Fresh", Status(await app.SendAsync("GET", "/v1/trails/demo-trail", user: demo)));
    }

    [Fact]
    public async Task A_posted_event_becomes_an_object_and_the_status_says_so()
    {
        var admin = await app.IssueAsync("demo");
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","container":"demo-audit"}""", admin);
        await app.SendAsync("POST", "/v1/trails/demo-trail/start", body: null, admin);
        await app.SendAsync("POST", "/v1/events", $$$"""{"eventId":"x","eventName":"A","eventTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo"}}""", admin);

        var names = new List<string>();
        for (var attempt = 0; names.Count == 0 && attempt < 100; attempt++)
        {
            await Task.Delay(100);
            await RunAsync("ScheduleDeliveries", "{}");
            foreach (var message in await app.Get<IWorkQueue>().ReceiveAsync(Queues.DeliverBlob, 32, TimeSpan.FromMinutes(1), default))
                await RunAsync("DeliverToBlob", Queued(message.Text));
            await foreach (var found in app.Get<IObjectStore>().ListAsync("demo-audit", "", default))
                names.Add(found.Name);
        }

        Assert.NotEmpty(names);
        var status = await app.SendAsync("GET", "/v1/trails/demo-trail/status", user: admin);
        Assert.True(status.Json.GetProperty("isLogging").GetBoolean());
        Assert.True(status.Json.TryGetProperty("latestDeliveryTime", out _));
        Assert.Empty((await app.SendAsync("GET", "/v1/trails/demo-trail/deliveries?state=undelivered", user: admin)).Json.GetProperty("value").EnumerateArray());
        Assert.Equal(0, (await app.SendAsync("POST", "/v1/trails/demo-trail/redeliver", body: null, admin)).Json.GetProperty("reopened").GetInt32());
        Assert.Equal("DeliveryNotFound", (await app.SendAsync("POST", "/v1/trails/demo-trail/deliveries/1/redeliver", body: null, admin)).Code);
        Assert.True((await app.SendAsync("POST", "/v1/store/repair")).Json.GetProperty("deliveries").GetProperty("checked").GetInt32() > 0);
    }

    [Theory]
    [InlineData("\"hello\"")]
    [InlineData("{}")]
    [InlineData("""{"Data":{}}""")]
    [InlineData("""{"Data":{"message":"\"not a delivery\""}}""")]
    [InlineData("""{"Data":{"message":"\"{\\\"DequeueCount\\\":\\\"999\\\",\\\"sys\\\":{\\\"MethodName\\\":\\\"evil\\\"}}\""}}""")]
    [InlineData("""{"Data":{"message":"\"{"}}""")]
    public async Task A_queue_message_that_is_none_of_ours_fails_so_that_the_host_parks_it(string invocation) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync("DeliverToBlob", invocation));

    [Fact]
    public async Task A_purge_over_the_api_is_dry_unless_told_otherwise_and_the_store_proves_itself()
    {
        var dry = await app.SendAsync("POST", "/v1/retention/purge");
        var wet = await app.SendAsync("POST", "/v1/retention/purge?dryRun=false");
        await RunAsync("PurgeExpiredEvents", "{}");

        Assert.True(dry.Json.GetProperty("dryRun").GetBoolean());
        Assert.False(wet.Json.GetProperty("dryRun").GetBoolean());
        Assert.True((await app.SendAsync("GET", "/v1/store/verify")).Json.GetProperty("sound").GetBoolean());
    }

    [Fact]
    public async Task A_hold_stops_the_purge_until_it_is_released()
    {
        Assert.False((await app.SendAsync("GET", "/v1/retention/hold")).Json.GetProperty("held").GetBoolean());
        Assert.Equal(HttpStatusCode.BadRequest, (await app.SendAsync("POST", "/v1/retention/hold", "{}")).Status);
        await app.SendAsync("POST", "/v1/retention/hold", """{"reason":"case 7"}""");
        var held = await app.SendAsync("GET", "/v1/retention/hold");
        var refused = await app.SendAsync("POST", "/v1/retention/purge?dryRun=false");
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", "/v1/retention/hold")).Status);
        var released = await app.SendAsync("POST", "/v1/retention/purge");

        Assert.Equal("case 7", held.Json.GetProperty("reason").GetString());
        Assert.Contains("case 7", refused.Json.GetProperty("refusal").GetString(), StringComparison.Ordinal);
        Assert.False(released.Json.TryGetProperty("refusal", out _));
    }

    private async Task<string?> TwiceAsync((string, string) admin)
    {
        const string trail = """{"name":"demo-trail","container":"demo-audit"}""";
        await app.SendAsync("POST", "/v1/trails", trail, admin);
        return (await app.SendAsync("POST", "/v1/trails", trail, admin)).Code;
    }

    private Task RunAsync(string function, string invocation) =>
        app.Get<IEnumerable<ITrigger>>().Single(t => t.Function == function).RunAsync(Encoding.UTF8.GetBytes(invocation), default);

    /// <summary>JSON in a JSON string in JSON, as the host sends it.</summary>
    private static string Queued(string text)
    {
        var inner = System.Text.Json.JsonEncodedText.Encode(text);
        var outer = System.Text.Json.JsonEncodedText.Encode($"\"{inner}\"");
        return $"{{\"Data\":{{\"message\":\"{outer}\"}},\"Metadata\":{{}}}}";
    }

    private static string? Status(Answer answer) => answer.Json.GetProperty("status").GetString();
}
