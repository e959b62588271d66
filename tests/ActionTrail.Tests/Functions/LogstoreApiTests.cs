using System.Net;
using System.Text;
using System.Text.Json;
using ActionTrail.Functions.Triggers;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Functions;

public class LogstoreApiTests : IAsyncLifetime
{
    private const string Logstore = "/v1/logstores/audit/actiontrail_demo-trail";
    private const string Inner = "/v1/logstores/audit/innertrail_demo-inner";
    private TestApp app = null!;
    private (string KeyId, string Secret) admin;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync(change: static s => s["ActionTrail:DeliveryFastSettle"] = "00:00:00");
        admin = await app.IssueAsync("demo");
    }

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task A_trail_makes_its_logstore_which_answers_every_kind_of_lookup()
    {
        var made = await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", admin);
        Assert.Equal((HttpStatusCode.Created, "audit", "actiontrail_demo-trail"), (made.Status, Text(made.Json, "logstoreProject"), Text(made.Json, "logstore")));
        Assert.False(made.Json.TryGetProperty("container", out _));
        await app.SendAsync("POST", "/v1/trails/demo-trail/start", body: null, admin);
        foreach (var (id, name) in new[] { ("x-1", "CreateDisk"), ("x-2", "CreateDisk"), ("x-3", "DeleteDisk") })
            await PublishAsync(id, name);
        await DeliverAsync(Logstore, "serviceName=Ecs", 3);

        Assert.Equal(["x-3"], Ids(await GetAsync("/events?eventName=DeleteDisk")));
        Assert.Equal(3, Ids(await GetAsync("/events?recipientAccountId=demo&serviceName=Ecs")).Length);
        Assert.Empty(Ids(await GetAsync("/events?recipientAccountId=other")));
        Assert.Equal("x-2", Text((await GetAsync("/events/x-2")).Json, "eventId"));
        Assert.Equal("EventNotFound", (await GetAsync("/events/nothing")).Code);
        Assert.Equal("OriginalNotFound", (await GetAsync("/events/x-2/original")).Code);
        Assert.Equal(3, (await GetAsync("/events/histogram?serviceName=Ecs&interval=P1D")).Json.GetProperty("total").GetInt32());
        var top = (await GetAsync("/events/top?by=eventName&serviceName=Ecs")).Json.GetProperty("values")[0];
        Assert.Equal(("CreateDisk", 2), (Text(top, "value"), top.GetProperty("count").GetInt32()));
        Assert.Equal("demo", Text((await GetAsync("/events/top?by=recipientAccountId")).Json.GetProperty("values")[0], "value"));
        Assert.Equal(3, (await GetAsync("/events/export?serviceName=Ecs")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("InvalidParameter", (await app.SendAsync("GET", "/v1/events?recipientAccountId=demo", user: admin)).Code);

        // Page by page, and a token fits its own store only.
        var first = await GetAsync("/events?serviceName=Ecs&pageSize=2&direction=forward");
        var next = Text(first.Json, "nextLink");
        Assert.Contains(Logstore + "/events?", next, StringComparison.Ordinal);
        var query = next[next.IndexOf('?', StringComparison.Ordinal)..];
        Assert.Equal(["x-1", "x-2", "x-3"], [.. Ids(first), .. Ids(await GetAsync("/events" + query))]);
        Assert.Equal("InvalidContinuation", (await app.SendAsync("GET", "/v1/events" + query, user: admin)).Code);

        var status = (await app.SendAsync("GET", "/v1/trails/demo-trail/status", user: admin)).Json.GetProperty("destinations")[0];
        Assert.Equal(("logstore", true), (Text(status, "destination"), status.GetProperty("usable").GetBoolean()));
        Assert.True(status.TryGetProperty("latestDeliveryTime", out _));
    }

    [Fact]
    public async Task Retention_is_set_under_etags_and_bad_ones_are_named()
    {
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", admin);
        var fresh = await app.SendAsync("GET", Logstore, user: admin);
        Assert.Equal(("permanent", "audit"), (Text(fresh.Json, "retentionDays"), Text(fresh.Json, "schema")));

        var changed = await app.SendAsync("PATCH", Logstore, """{"retentionDays":400}""", admin, ("If-Match", fresh.ETag!));
        Assert.Equal((HttpStatusCode.OK, 400), (changed.Status, changed.Json.GetProperty("retentionDays").GetInt32()));
        Assert.Equal("PreconditionFailed", (await app.SendAsync("PATCH", Logstore, """{"retentionDays":1}""", admin, ("If-Match", fresh.ETag!))).Code);
        Assert.Equal("permanent", Text((await app.SendAsync("PATCH", Logstore, """{"retentionDays":"permanent"}""", admin)).Json, "retentionDays"));
        foreach (var (body, pointer) in new[] { ("{}", "/retentionDays"), ("""{"retentionDays":0}""", "/retentionDays"), ("""{"retentionDays":36501}""", "/retentionDays"), ("""{"retentionDays":1.5}""", "/retentionDays"), ("""{"retentionDays":"ever"}""", "/retentionDays"), ("""{"retentionDays":null}""", "/retentionDays") })
            Assert.Equal([pointer], (await app.SendAsync("PATCH", Logstore, body, admin)).Pointers);
        Assert.Equal(["/x"], (await app.SendAsync("PATCH", Logstore, """{"retentionDays":7,"x":1}""", admin)).Pointers);
        var store = Text(fresh.Json, "store");
        var dry = (await app.SendAsync("POST", $"/v1/retention/purge?store={store}")).Json;
        Assert.Equal((store, false), (Text(dry, "store"), dry.TryGetProperty("cutoff", out _)));
        Assert.True((await app.SendAsync("GET", $"/v1/store/verify?store={store}")).Json.GetProperty("sound").GetBoolean());
        Assert.Equal("LogstoreNotFound", (await app.SendAsync("POST", "/v1/retention/purge?store=ls-nothing")).Code);
        Assert.Equal(["?store"], (await app.SendAsync("GET", "/v1/store/verify?store=No")).Pointers);
    }

    [Theory]
    [InlineData("startTime=2016-01-01T00:00:00Z", 200)]
    [InlineData("startTime=0001-01-01T00:00:00Z", 400)]
    [InlineData("startTime=0001-01-01T00:00:00Z&endTime=9999-12-31T23:59:59.9999999Z&interval=P366D", 400)]
    [InlineData("startTime=0050-01-01T00:00:00Z&interval=P366D", 200)]
    public async Task A_histogram_of_a_permanent_logstore_over_any_range_is_made_or_refused(string range, int status)
    {
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", admin);

        var answer = await GetAsync("/events/histogram?" + range);

        Assert.Equal(status, (int)answer.Status);
        if (status == 400)
            Assert.Equal(["?interval"], answer.Pointers);
    }

    [Fact]
    public async Task Nobody_but_the_owner_sees_a_logstore_and_nobody_writes_to_it()
    {
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", admin);
        var other = await app.IssueAsync("other");
        foreach (var path in new[] { "", "/events", "/events/x", "/events/x/original", "/events/histogram", "/events/top?by=user", "/events/export" })
            Assert.Equal("LogstoreNotFound", (await app.SendAsync("GET", Logstore + path, user: other)).Code);
        Assert.Equal("LogstoreNotFound", (await app.SendAsync("PATCH", Logstore, """{"retentionDays":1}""", other)).Code);
        Assert.Empty((await app.SendAsync("GET", "/v1/logstores", user: other)).Json.GetProperty("value").EnumerateArray());

        // A project is a name within the account: the same one of another account is another.
        Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", other)).Status);
        var stores = new[] { admin, other }.Select(async user => Text((await app.SendAsync("GET", Logstore, user: user)).Json, "store"));
        Assert.Equal(2, (await Task.WhenAll(stores)).Distinct().Count());

        Assert.Equal("MethodNotAllowed", (await app.SendAsync("POST", Logstore + "/events", "[]", admin)).Code);
        Assert.Equal("LogstoreNotFound", (await app.SendAsync("DELETE", Logstore + "?confirm=actiontrail_demo-trail", user: await app.IssueAsync("third"))).Code);
        var (auditor, publisher) = (await app.IssueAsync("demo", "Auditor"), await app.IssueAsync("demo", "Publisher"));
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", Logstore + "/events", user: auditor)).Status);
        Assert.Equal("Forbidden", (await app.SendAsync("PATCH", Logstore, """{"retentionDays":1}""", auditor)).Code);
        Assert.Equal("Forbidden", (await app.SendAsync("GET", Logstore + "/events", user: publisher)).Code);
        foreach (var other2 in new[] { auditor, publisher, await app.IssueAsync("demo", "TrailAdministrator") })
            Assert.Equal("Forbidden", (await app.SendAsync("DELETE", Logstore + "?confirm=actiontrail_demo-trail", user: other2)).Code);
    }

    [Fact]
    public async Task A_logstore_is_deleted_by_name_and_answers_nothing_from_then_on()
    {
        const string Delete = Logstore + "?confirm=actiontrail_demo-trail";
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", admin);
        var etag = (await app.SendAsync("GET", Logstore, user: admin)).ETag!;
        Assert.Equal(["?confirm"], (await app.SendAsync("DELETE", Logstore, user: admin)).Pointers);
        Assert.Equal(["?confirm"], (await app.SendAsync("DELETE", Logstore + "?confirm=audit", user: admin)).Pointers);
        Assert.Equal("LogstoreInUse", (await app.SendAsync("DELETE", Delete, user: admin)).Code);
        await app.SendAsync("DELETE", "/v1/trails/demo-trail", user: admin);
        foreach (var (place, end) in new[] { ("/v1/retention/hold", "/v1/retention/hold"), ("/v1/retention/holds/demo", "/v1/retention/holds/demo") })
        {
            await app.SendAsync(place == "/v1/retention/hold" ? "POST" : "PUT", place, """{"reason":"case 7"}""");
            Assert.Equal("LogstoreHeld", (await app.SendAsync("DELETE", Delete, user: admin)).Code);
            await app.SendAsync("DELETE", end);
        }

        Assert.Equal("PreconditionFailed", (await app.SendAsync("DELETE", Delete, user: admin, headers: ("If-Match", "\"0000000000000000\""))).Code);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/events")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", Delete, user: admin, headers: ("If-Match", etag))).Status);
        foreach (var path in new[] { "", "/events", "/events/x", "/events/histogram", "/events/top?by=user", "/events/export" })
            Assert.Equal("LogstoreNotFound", (await GetAsync(path)).Code);
        Assert.Equal("LogstoreNotFound", (await app.SendAsync("DELETE", Delete, user: admin)).Code);
        var event1 = (await app.SendAsync("GET", "/v1/events?eventName=DeleteLogstore&direction=backward", user: admin)).Json.GetProperty("value").EnumerateArray().First(static e => !e.TryGetProperty("errorCode", out _));
        Assert.Equal(("audit/actiontrail_demo-trail", "Write"), (Text(event1, "resourceName"), Text(event1, "eventRW")));
    }

    [Fact]
    public async Task A_deleted_logstore_is_erased_a_grace_later_and_an_event_of_our_own_says_so()
    {
        var clock = new ShiftedClock();
        await using var later = await TestApp.StartAsync(clock: clock);
        var user = await later.IssueAsync("demo");
        await later.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", user);
        var store = Text((await later.SendAsync("GET", Logstore, user: user)).Json, "store");
        await later.SendAsync("DELETE", "/v1/trails/demo-trail", user: user);
        Assert.Equal(HttpStatusCode.NoContent, (await later.SendAsync("DELETE", Logstore + "?confirm=actiontrail_demo-trail", user: user)).Status);
        await later.Get<IObjectStore>().CreateAsync(Containers.Events, store + "/fresh/left", new byte[7], ObjectLabel.Binary, default);
        var purge = later.Get<IEnumerable<ITrigger>>().Single(static t => t.Function == "PurgeExpiredEvents");

        await purge.RunAsync("{}"u8.ToArray(), default);
        Assert.NotNull(await later.Get<IObjectStore>().FindAsync(Containers.Events, store + "/fresh/left", default));
        clock.Shift = TimeSpan.FromHours(25);
        await purge.RunAsync("{}"u8.ToArray(), default);
        await purge.RunAsync("{}"u8.ToArray(), default);
        Assert.Null(await later.Get<IObjectStore>().FindAsync(Containers.Events, store + "/fresh/left", default));
        var erased = Assert.Single((await later.SendAsync("GET", "/v1/events?eventName=EraseLogstore")).Json.GetProperty("value").EnumerateArray());
        Assert.Contains(store, erased.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("\"bytes\":7", erased.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_logstores_than_the_quota_come_into_being()
    {
        await using var small = await TestApp.StartAsync(change: static s => s["ActionTrail:LogstoresPerAccount"] = "1");
        var user = await small.IssueAsync("demo");
        Assert.Equal(HttpStatusCode.Created, (await small.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", user)).Status);
        Assert.Equal("LogstoreLimitExceeded", (await small.SendAsync("POST", "/v1/trails", """{"name":"demo-trail-2","logstoreProject":"audit"}""", user)).Code);
        Assert.Equal("LogstoreLimitExceeded", (await small.SendAsync("PATCH", "/v1/trails/demo-trail", """{"logstoreProject":"audit2"}""", user)).Code);
        await small.SendAsync("DELETE", "/v1/trails/demo-trail", user: user);
        await small.SendAsync("DELETE", Logstore + "?confirm=actiontrail_demo-trail", user: user);
        Assert.Equal(HttpStatusCode.Created, (await small.SendAsync("POST", "/v1/trails", """{"name":"demo-trail-2","logstoreProject":"audit"}""", user)).Status);
    }

    [Fact]
    public async Task A_trail_gets_and_loses_destinations_but_never_the_last()
    {
        await app.Get<IObjectStore>().CreateContainerAsync("demo-audit", default);
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","container":"demo-audit"}""", admin);
        var both = await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"logstoreProject":"audit"}""", admin);
        Assert.Equal(("demo-audit", "audit"), (Text(both.Json, "container"), Text(both.Json, "logstoreProject")));
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", Logstore, user: admin)).Status);
        var one = await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"container":null}""", admin);
        Assert.False(one.Json.TryGetProperty("container", out _));
        Assert.Equal(["/container"], (await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"logstoreProject":null}""", admin)).Pointers);
        Assert.Equal(["/logstoreProject"], (await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"logstoreProject":"A"}""", admin)).Pointers);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", "/v1/trails/demo-trail", user: admin)).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", Logstore, user: admin)).Status);
    }

    [Fact]
    public async Task Platform_events_reach_the_inner_trail_alone_and_keep_their_own_form()
    {
        const string Platform = """{"EventID":"p-1","EventVersion":"1.0.0","EventTime":"%TIME%","EventName":"ReadDiskMetadata","EventProduct":"ECS","EventType":"CUSTOMER_INITIATED_SUPPORT","EventDescription":"T-1","EmployeeID":"enc-4711","EventMethod":"Regular Read","EventLevel":"NOTICE","EventLocation":"SG","ResourceType":"ACS::ECS::Disk","ResourceID":"d-1","ResourceRegionID":"cn-hangzhou","ResourceOwnerID":"demo"}""";
        var made = await app.SendAsync("POST", "/v1/trails", """{"name":"demo-inner","logstoreProject":"audit","isInnerTrail":true}""", admin);
        Assert.Equal((HttpStatusCode.Created, true, "innertrail_demo-inner"), (made.Status, made.Json.GetProperty("isInnerTrail").GetBoolean(), Text(made.Json, "logstore")));
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logstoreProject":"audit"}""", admin);
        foreach (var name in new[] { "demo-inner", "demo-trail" })
            await app.SendAsync("POST", $"/v1/trails/{name}/start", body: null, admin);
        await PublishAsync("x-1", "CreateDisk");
        var sent = Platform.Replace("%TIME%", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("POST", "/v1/events", sent, admin)).Status);
        await DeliverAsync(Inner, "", 1);
        await DeliverAsync(Logstore, "serviceName=Ecs", 1);

        var shown = (await app.SendAsync("GET", Inner + "/events?eventName=ReadDiskMetadata", user: admin)).Json.GetProperty("value");
        Assert.Equal([sent], shown.EnumerateArray().Select(static e => e.GetRawText()));
        Assert.Equal(sent + "\n", (await app.SendAsync("GET", Inner + "/events/export", user: admin)).Text);
        Assert.Equal("platform", Text((await app.SendAsync("GET", Inner, user: admin)).Json, "schema"));
        Assert.Equal("EventNotFound", (await app.SendAsync("GET", Logstore + "/events/p-1", user: admin)).Code);
        Assert.Equal(1, (await app.SendAsync("GET", Inner + "/events/histogram", user: admin)).Json.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task An_inner_trail_is_one_and_chooses_nothing()
    {
        await app.Get<IObjectStore>().CreateContainerAsync("demo-audit", default);
        foreach (var (field, pointer) in new[]
        {
            ("\"container\":\"demo-audit\"", "/container"), ("\"prefix\":\"audit1\"", "/prefix"), ("\"format\":\"Ndjson\"", "/format"), ("\"eventRW\":\"Read\"", "/eventRW"), ("\"trailRegion\":\"x\"", "/trailRegion"),
            ("\"isOrganizationTrail\":true", "/isOrganizationTrail"), ("\"selectors\":{}", "/selectors"),
        })
            Assert.Equal([pointer], (await app.SendAsync("POST", "/v1/trails", $$"""{"name":"demo-inner","logstoreProject":"audit","isInnerTrail":true,{{field}}}""", admin)).Pointers);
        Assert.Equal(["/logstoreProject"], (await app.SendAsync("POST", "/v1/trails", """{"name":"demo-inner","isInnerTrail":true}""", admin)).Pointers);

        // Beside five others it has its own place, and there is one of it.
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", "/v1/trails", $$"""{"name":"trail-{{i}}","logstoreProject":"audit"}""", admin)).Status);
        Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", "/v1/trails", """{"name":"demo-inner","logstoreProject":"audit","isInnerTrail":true}""", admin)).Status);
        Assert.Equal("TrailLimitExceeded", (await app.SendAsync("POST", "/v1/trails", """{"name":"demo-inner-2","logstoreProject":"audit","isInnerTrail":true}""", admin)).Code);
        Assert.Equal(["/isInnerTrail"], (await app.SendAsync("PATCH", "/v1/trails/demo-inner", """{"isInnerTrail":false}""", admin)).Pointers);
        Assert.Equal(["/container"], (await app.SendAsync("PATCH", "/v1/trails/demo-inner", """{"container":"demo-audit"}""", admin)).Pointers);
        Assert.Equal("other-audit", Text((await app.SendAsync("PATCH", "/v1/trails/demo-inner", """{"logstoreProject":"other-audit"}""", admin)).Json, "logstoreProject"));
        await app.SendAsync("DELETE", "/v1/trails/demo-inner", user: admin);
        Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", "/v1/trails", """{"name":"demo-inner-2","logstoreProject":"audit","isInnerTrail":true}""", admin)).Status);
    }

    private Task<Answer> GetAsync(string path) => app.SendAsync("GET", Logstore + path, user: admin);

    private Task<Answer> PublishAsync(string id, string name) => app.SendAsync(
        "POST",
        "/v1/events",
        $$$"""{"eventId":"{{{id}}}","eventName":"{{{name}}}","eventTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}}","eventRW":"Write","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo"}}""",
        admin);

    /// <summary>Runs the host's part until the Logstore shows as many events.</summary>
    private async Task DeliverAsync(string logstore, string query, int events)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (Ids(await app.SendAsync("GET", $"{logstore}/events?{query}", user: admin)).Length >= events)
                return;
            await Task.Delay(100);
            await RunAsync("ScheduleDeliveries", "{}");
            foreach (var message in await app.Get<IWorkQueue>().ReceiveAsync(Queues.DeliverLogstore, 32, TimeSpan.FromMinutes(1), default))
                await RunAsync("DeliverToLogstore", $"{{\"Data\":{{\"message\":\"{JsonEncodedText.Encode($"\"{JsonEncodedText.Encode(message.Text)}\"")}\"}},\"Metadata\":{{}}}}");
        }

        Assert.Fail($"{logstore} never showed {events} events.");
    }

    private Task RunAsync(string function, string invocation) =>
        app.Get<IEnumerable<ITrigger>>().Single(t => t.Function == function).RunAsync(Encoding.UTF8.GetBytes(invocation), default);

    private static string[] Ids(Answer answer) =>
        [.. answer.Json.GetProperty("value").EnumerateArray().Select(static e => e.TryGetProperty("eventId", out var id) ? id.GetString()! : e.GetProperty("EventID").GetString()!)];

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
