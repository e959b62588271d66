using System.Net;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Functions;

namespace ActionTrail.Tests.Functions;

public class AuditTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task A_change_is_an_event_before_it_is_answered_with_who_what_and_where_from()
    {
        var admin = await app.IssueAsync("demo");
        var answer = await app.SendAsync(
            "POST", "/v1/accounts/demo/access-keys", """{"role":"Auditor"}""", admin, ("X-Forwarded-For", "6.6.6.6, 203.0.113.9:4711"), ("User-Agent", "curl/8"));

        var made = Assert.Single(await app.StoredEventsAsync(0), e => Text(e, "requestId") == answer.Headers.GetValues("ActionTrail-Request-Id").Single());
        Assert.Equal(("ActionTrail", "CreateAccessKey", "ApiCall", "Write"), (Text(made, "serviceName"), Text(made, "eventName"), Text(made, "eventType"), Text(made, "eventRW")));
        Assert.Equal(("203.0.113.9", "curl/8", "demo"), (Text(made, "sourceIpAddress"), Text(made, "userAgent"), Text(made, "recipientAccountId")));
        var identity = made.GetProperty("userIdentity");
        Assert.Equal(("ram-user", "demo", admin.KeyId), (Text(identity, "type"), Text(identity, "accountId"), Text(identity, "accessKeyId")));
        Assert.Equal("Auditor", Text(made.GetProperty("requestParameters"), "role"));
        Assert.Equal(answer.Json.GetProperty("accessKeyId").GetString(), Text(made, "resourceName"));
        Assert.DoesNotContain(answer.Json.GetProperty("secret").GetString()!, made.GetRawText(), StringComparison.Ordinal);
        Assert.False(made.TryGetProperty("errorCode", out _));
    }

    [Fact]
    public async Task Published_events_and_the_audit_event_of_the_call_are_one_commit()
    {
        var admin = await app.IssueAsync("demo");
        var body = $$$"""{"eventId":"x","eventName":"A","eventTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Read","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo"}}""";
        await app.SendAsync("POST", "/v1/events", body, admin);

        var names = (await app.StoredEventsAsync(0)).Select(static e => Text(e, "eventName")).ToList();

        Assert.Contains("A", names);
        Assert.Single(names, "PublishEvents");
    }

    [Fact]
    public async Task Refused_calls_are_recorded_where_they_belong()
    {
        var auditor = await app.IssueAsync("demo", "Auditor");
        await app.SendAsync("POST", "/v1/trails", """{"name":"my-trail"}""", auditor);
        await app.SendAsync("GET", "/v1/trails", user: (auditor.KeyId, "wrong"));
        await app.SendAsync("GET", "/v1/trails", user: ("ATAAAAAAAAAAAAAAAAAA", "wrong"));

        // Two of the operator to issue the key, then three refusals.
        var refused = (await app.StoredEventsAsync(5)).Where(static e => e.TryGetProperty("errorCode", out _)).ToList();

        var facts = refused.Select(static e => (Text(e, "recipientAccountId"), Text(e, "eventName"), Text(e, "errorCode"), Text(e.GetProperty("userIdentity"), "type"))).Order().ToList();
        Assert.Equal(
            [
                ("demo", "CreateTrail", "Forbidden", "ram-user"),
                ("demo", "DescribeTrails", "Unauthenticated", "ram-user"),
                ("operator", "DescribeTrails", "Unauthenticated", "unknown"),
            ],
            facts);
        Assert.All(refused, static e => Assert.NotEmpty(Text(e, "errorMessage")));
    }

    [Fact]
    public async Task Reads_are_recorded_soon_and_health_never()
    {
        var auditor = await app.IssueAsync("demo", "Auditor");
        await app.SendAsync("GET", "/v1/events?user=bob", user: auditor);
        await app.SendAsync("GET", "/health/ready");
        await app.SendAsync("GET", "/");

        var events = await app.StoredEventsAsync(3);

        Assert.Equal(3, events.Count);
        var read = Assert.Single(events, static e => Text(e, "eventName") == "LookupEvents");
        Assert.Equal(("Read", "bob"), (Text(read, "eventRW"), Text(read.GetProperty("requestParameters"), "user")));
    }

    [Fact]
    public async Task Hostile_headers_still_make_a_valid_event()
    {
        await app.SendAsync("GET", "/v1/accounts", body: null, user: null, ("User-Agent", new string('x', 5000) + "\u0001"), ("X-Forwarded-For", "<script>, :::, "));

        Assert.Equal(256, Text(Assert.Single(await app.StoredEventsAsync(1)), "userAgent").Length);
    }

    [Theory]
    [InlineData("GET", "/v1/trails/%01", null)]
    [InlineData("GET", "/v1/trails/%F0%9F%98%80%ED%A0%80", null)]
    [InlineData("GET", "/v1/events/%0A%0D%22%5C", null)]
    [InlineData("GET", "/v1/accounts/%2E%2E%2Foperator", null)]
    [InlineData("GET", "/v1/quarantine/;LONG", null)]
    [InlineData("POST", "/v1/quarantine/x;LONG/replay", null)]
    [InlineData("GET", "/v1/events?resourceName=;LONG", null)]
    [InlineData("POST", "/v1/trails", """{"name":";LONG","container":";LONG"}""")]
    [InlineData("POST", "/v1/accounts", """{"accountId":";LONG"}""")]
    [InlineData("POST", "/v1/accounts", """{"accountId":"\u0000","displayName":"\ud83d\ude00\u202e"}""")]
    public async Task Whatever_callers_name_things_the_call_is_answered_and_recorded(string method, string path, string? body)
    {
        var parts = string.Concat(Enumerable.Range(0, 1500).Select(static n => $"{n};"));
        var answer = await app.SendAsync(method, path.Replace("LONG", parts[..1800], StringComparison.Ordinal), body?.Replace("LONG", parts, StringComparison.Ordinal));

        Assert.InRange((int)answer.Status, 200, 499);
        if (answer.Headers.TryGetValues("ActionTrail-Request-Id", out var id))
            Assert.Contains(await app.StoredEventsAsync(1), e => Text(e, "requestId") == id.Single());
    }

    [Fact]
    public async Task The_id_of_an_audit_event_is_not_known_before_it_is_stored()
    {
        var admin = await app.IssueAsync("demo");
        var requestIds = new List<string>();
        foreach (var (method, path, body) in new (string, string, string?)[] { ("GET", "/v1/trails", null), ("DELETE", "/v1/trails/none-such", null), ("POST", "/v1/accounts/demo/access-keys", """{"role":"Auditor"}""") })
            requestIds.Add((await app.SendAsync(method, path, body, admin)).Headers.GetValues("ActionTrail-Request-Id").Single());

        var records = (await app.StoredEventsAsync(5)).Where(e => requestIds.Contains(Text(e, "requestId"))).ToList();

        Assert.Equal(3, records.Count);
        Assert.Empty(records.Select(static e => Text(e, "eventId")).Intersect(requestIds));
        Assert.Equal(3, records.Select(static e => Text(e, "eventId")).Distinct().Count());
    }

    /// <summary>Every route with every role: refused by the one table or let through, never a 500, and 404 instead of 403 for other accounts.</summary>
    [Fact]
    public async Task Every_route_obeys_the_role_table()
    {
        var cells = 0;
        foreach (var role in new[] { Role.Administrator, Role.TrailAdministrator, Role.Auditor, Role.Publisher })
        {
            var user = await app.IssueAsync("acc-" + role, role.ToString());
            foreach (var route in FunctionsApp.Routes(app.App.Services))
            {
                var path = route.Pattern.Replace("{accountId}", "acc-" + role, StringComparison.Ordinal).Replace("{accessKeyId}", "ATAAAAAAAAAAAAAAAAAA", StringComparison.Ordinal);
                path = System.Text.RegularExpressions.Regex.Replace(path, @"\{\w+\}", "none-such", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
                var answer = await app.SendAsync(route.Method, path, route.Method is "GET" or "DELETE" ? null : "{}", user);
                Assert.True((int)answer.Status < 500, $"{route.Method} {path}: {answer.Text}");
                Assert.Equal((AccessRules.Allows(role, route.Operation), path), (answer.Status != HttpStatusCode.Forbidden, path));
                cells++;
            }
        }

        Assert.Equal(0, cells % 4);
        Assert.True(cells >= 60, $"{cells} cells");
    }

    [Fact]
    public async Task Every_route_refuses_strangers()
    {
        foreach (var route in FunctionsApp.Routes(app.App.Services))
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Method), route.Pattern.Replace('{', 'x').Replace('}', 'x'));
            using var response = await app.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
