using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using ActionTrail.Functions.Triggers;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Tests.Functions;

/// <summary>Trails to configured places over REST: their names, their deliveries over the wire, and what the metrics say of them.</summary>
public sealed class StreamApiTests : IAsyncLifetime
{
    private HubDouble hub = null!;
    private TestApp app = null!;

    public async Task InitializeAsync()
    {
        hub = await HubDouble.StartAsync();
        app = await TestApp.StartAsync(change: s =>
        {
            s["ActionTrail:DeliveryWindow"] = "00:00:01";
            s["ActionTrail:DeliverySettle"] = "00:00:00";
            s["ActionTrail:Streams:siem:Connection"] = $"Endpoint=sb://127.0.0.1:{hub.Port};SharedAccessKeyName=Sender;SharedAccessKey=key;UseDevelopmentEmulator=true;EntityPath=audit-out";
            s["ActionTrail:Streams:siem:Accounts"] = "demo, partner";
            s["ActionTrail:LogAnalytics:sentinel:Endpoint"] = $"http://127.0.0.1:{hub.Port}";
            s["ActionTrail:LogAnalytics:sentinel:RuleId"] = "dcr-" + new string('a', 32);
            s["ActionTrail:LogAnalytics:sentinel:Stream"] = "Custom-ActionTrail_CL";
            s["ActionTrail:LogAnalytics:sentinel:Accounts"] = "demo";
        });
        await app.Get<IObjectStore>().CreateContainerAsync("demo-audit", default);
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        await hub.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_and_a_table_are_given_shown_and_taken_away_but_one_destination_stays()
    {
        var admin = await app.IssueAsync("demo");
        var made = await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","stream":"siem","logAnalytics":"sentinel"}""", admin);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(("siem", "sentinel", false), Destinations(made));
        Assert.Equal(("siem", "sentinel", false), Destinations(await app.SendAsync("GET", "/v1/trails/demo-trail", user: admin)));
        Assert.Equal(["stream", "loganalytics"], (await StatusAsync(admin)).Select(static d => d.GetProperty("destination").GetString()));

        Assert.Equal((null, "sentinel", false), Destinations(await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"stream":null}""", admin)));
        Assert.Equal((null, "sentinel", true), Destinations(await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"container":"demo-audit"}""", admin)));
        Assert.Equal(("siem", null, true), Destinations(await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"stream":"siem","logAnalytics":null}""", admin)));
        var last = await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"stream":null,"container":null}""", admin);
        Assert.True(last.Status == HttpStatusCode.BadRequest, last.Text);
        Assert.Equal("A trail has at least one destination.", Rule(last));
        Assert.Equal(("siem", null, true), Destinations(await app.SendAsync("GET", "/v1/trails/demo-trail", user: admin)));
    }

    [Fact]
    public async Task A_name_that_is_not_there_and_one_that_is_another_accounts_are_the_same_answer()
    {
        var demo = await app.IssueAsync("demo");
        var partner = await app.IssueAsync("partner");
        var absent = await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","stream":"nobodys","logAnalytics":"nobodys"}""", demo);
        Assert.Equal((HttpStatusCode.BadRequest, "InvalidParameter"), (absent.Status, absent.Code));
        Assert.Equal(["/stream", "/logAnalytics"], absent.Pointers);
        Assert.Equal(["/stream"], (await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","stream":"https://evil.example.com/"}""", demo)).Pointers);

        var missing = await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logAnalytics":"nobodys"}""", partner);
        var foreign = await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","logAnalytics":"sentinel"}""", partner);
        Assert.Equal(["/logAnalytics"], foreign.Pointers);
        Assert.Equal(Rule(missing), Rule(foreign));
        Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","stream":"siem"}""", partner)).Status);
        Assert.Equal(["/logAnalytics"], (await app.SendAsync("PATCH", "/v1/trails/demo-trail", """{"logAnalytics":"sentinel"}""", partner)).Pointers);
    }

    [Fact]
    public async Task Metrics_and_status_tell_of_an_event_that_was_refused_and_then_taken()
    {
        var admin = await app.IssueAsync("demo");
        var from = DateTime.UtcNow.AddMinutes(-1);
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","container":"demo-audit","stream":"siem","selectors":{"eventNames":["Tick"]}}""", admin);
        await app.SendAsync("POST", "/v1/trails/demo-trail/start", body: null, admin);
        await app.SendAsync("POST", "/v1/events", $$$"""{"eventId":"x","eventName":"Tick","eventTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo"}}""", admin);
        hub.Answer = StatusCodes.Status401Unauthorized;
        await DeliverUntilAsync(async () => Single(await StatusAsync(admin), "stream").GetProperty("undelivered").GetInt32() == 1 && Single(await StatusAsync(admin), "blob").TryGetProperty("latestDeliveryTime", out _));
        var failing = Single(await StatusAsync(admin), "stream");
        Assert.False(failing.GetProperty("usable").GetBoolean());
        Assert.Contains("401", failing.GetProperty("latestDeliveryError").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("refused by the double", failing.GetRawText(), StringComparison.Ordinal);
        Assert.True(Single(await StatusAsync(admin), "blob").GetProperty("usable").GetBoolean());

        hub.Answer = StatusCodes.Status201Created;
        Assert.Equal(0, (await app.SendAsync("POST", "/v1/trails/demo-trail/redeliver?destination=blob", body: null, admin)).Json.GetProperty("reopened").GetInt32());
        Assert.Equal(1, (await app.SendAsync("POST", "/v1/trails/demo-trail/redeliver?destination=stream", body: null, admin)).Json.GetProperty("reopened").GetInt32());
        await DeliverUntilAsync(async () => Single(await StatusAsync(admin), "stream").TryGetProperty("latestDeliveryTime", out _));
        Assert.False(Single(await StatusAsync(admin), "stream").TryGetProperty("latestDeliveryError", out _));
        var sent = Assert.Single(hub.Taken);
        using var batch = JsonDocument.Parse(sent);
        Assert.Contains("\"eventId\":\"x\"", Assert.Single(batch.RootElement.EnumerateArray()).GetProperty("Body").GetString(), StringComparison.Ordinal);

        var stream = await MetricsAsync(admin, from, "&destination=stream");
        Assert.Equal((1, 1, sent.Length, 1), (Sum(stream, "deliveredEvents"), Sum(stream, "failedEvents"), Sum(stream, "bytes"), Sum(stream, "failedAttempts")));
        var blob = await MetricsAsync(admin, from, "&destination=blob");
        Assert.Equal((1, 0, 0), (Sum(blob, "deliveredEvents"), Sum(blob, "failedEvents"), Sum(blob, "failedAttempts")));
        var all = Assert.Single(await MetricsAsync(admin, from, "&periodMinutes=60"));
        Assert.Equal((2, 1, 1), (all.GetProperty("deliveredEvents").GetInt32(), all.GetProperty("failedEvents").GetInt32(), all.GetProperty("failedAttempts").GetInt32()));
        Assert.Equal(0, Sum(await MetricsAsync(admin, from, "&destination=loganalytics"), "deliveries"));
    }

    [Fact]
    public async Task Metrics_refuse_a_range_that_makes_no_sense_and_have_none_of_another_accounts_trail()
    {
        var demo = await app.IssueAsync("demo");
        var partner = await app.IssueAsync("partner");
        await app.SendAsync("POST", "/v1/trails", """{"name":"demo-trail","stream":"siem"}""", demo);
        foreach (var (query, pointer) in new[]
        {
            ("destination=moon", "?destination"), ("periodMinutes=0", "?periodMinutes"), ("periodMinutes=1441", "?periodMinutes"), ("startTime=yesterday", "?startTime"), ("nope=1", "?nope"),
            ("startTime=2026-03-01T00:00:00Z&endTime=2026-03-01T00:00:00Z", "?startTime"), ("startTime=2026-03-01T00:00:00Z&endTime=2026-03-02T00:01:00Z", "?periodMinutes"),
        })
        {
            var refused = await app.SendAsync("GET", "/v1/trails/demo-trail/metrics?" + query, user: demo);
            Assert.Equal((HttpStatusCode.BadRequest, "InvalidParameter"), (refused.Status, refused.Code));
            Assert.Equal([pointer], refused.Pointers);
        }

        var day = (await app.SendAsync("GET", "/v1/trails/demo-trail/metrics?startTime=2026-03-01T00:00:00Z&endTime=2026-03-02T00:00:00Z", user: demo)).Json.GetProperty("value");
        Assert.Equal(1440, day.GetArrayLength());
        Assert.Equal(new DateTime(2026, 3, 1, 23, 59, 0, DateTimeKind.Utc), day[1439].GetProperty("start").GetDateTime());
        Assert.Equal("TrailNotFound", (await app.SendAsync("GET", "/v1/trails/demo-trail/metrics", user: partner)).Code);
        Assert.Equal("Forbidden", (await app.SendAsync("GET", "/v1/trails/demo-trail/metrics", user: await app.IssueAsync("demo", "Publisher"))).Code);
    }

    private static (string? Stream, string? LogAnalytics, bool HasContainer) Destinations(Answer trail) => (Text(trail, "stream"), Text(trail, "logAnalytics"), Text(trail, "container") is not null);

    private static string? Text(Answer answer, string name) => answer.Json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string? Rule(Answer refused) => refused.Json.GetProperty("errors")[0].GetProperty("rule").GetString();

    private static JsonElement Single(IEnumerable<JsonElement> destinations, string kind) => destinations.Single(d => d.GetProperty("destination").GetString() == kind);

    private static long Sum(IEnumerable<JsonElement> periods, string name) => periods.Sum(p => p.GetProperty(name).GetInt64());

    private async Task<JsonElement[]> StatusAsync((string, string) user) =>
        [.. (await app.SendAsync("GET", "/v1/trails/demo-trail/status", user: user)).Json.GetProperty("destinations").EnumerateArray()];

    private async Task<JsonElement[]> MetricsAsync((string, string) user, DateTime from, string more)
    {
        var (start, end) = (from.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null), from.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null));
        var answer = await app.SendAsync("GET", $"/v1/trails/demo-trail/metrics?startTime={start}&endTime={end}{more}", user: user);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return [.. answer.Json.GetProperty("value").EnumerateArray()];
    }

    /// <summary>What the host does: the timer, and the messages of both queues.</summary>
    private async Task DeliverUntilAsync(Func<Task<bool>> isThere)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            await RunAsync("ScheduleDeliveries", "{}");
            foreach (var (queue, function) in new[] { (Queues.DeliverBlob, "DeliverToBlob"), (Queues.DeliverStream, "DeliverToStream") })
            {
                foreach (var message in await app.Get<IWorkQueue>().ReceiveAsync(queue, 32, TimeSpan.FromMinutes(1), default))
                {
                    await RunAsync(function, $"{{\"Data\":{{\"message\":\"{JsonEncodedText.Encode($"\"{JsonEncodedText.Encode(message.Text)}\"")}\"}},\"Metadata\":{{}}}}");
                    await app.Get<IWorkQueue>().DeleteAsync(queue, message, default);
                }
            }

            if (await isThere())
                return;
            await Task.Delay(100);
        }

        Assert.Fail("It did not happen.");
    }

    private Task RunAsync(string function, string invocation) =>
        app.Get<IEnumerable<ITrigger>>().Single(t => t.Function == function).RunAsync(Encoding.UTF8.GetBytes(invocation), default);

    /// <summary>The send call of an event hub on this machine: keeps what it takes.</summary>
    private sealed class HubDouble : IAsyncDisposable
    {
        private readonly WebApplication web;

        private HubDouble()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            web = builder.Build();
            web.MapPost("/audit-out/messages", async (HttpContext call) =>
            {
                using var body = new MemoryStream();
                await call.Request.Body.CopyToAsync(body);
                call.Response.StatusCode = Answer;
                if (Answer == StatusCodes.Status201Created)
                    Taken.Enqueue(body.ToArray());
                else
                    await call.Response.WriteAsync("refused by the double");
            });
        }

        public int Port { get; private set; }

        public int Answer { get; set; } = StatusCodes.Status201Created;

        public ConcurrentQueue<byte[]> Taken { get; } = new();

        public static async Task<HubDouble> StartAsync()
        {
            var hub = new HubDouble();
            await hub.web.StartAsync();
            hub.Port = new Uri(hub.web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
            return hub;
        }

        public ValueTask DisposeAsync() => web.DisposeAsync();
    }
}
