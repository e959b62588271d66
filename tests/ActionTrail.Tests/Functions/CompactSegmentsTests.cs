using System.Net;
using ActionTrail.Functions.Triggers;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Tests.Ingest;

namespace ActionTrail.Tests.Functions;

public sealed class CompactSegmentsTests
{
    [Theory]
    [InlineData("true", 1)]
    [InlineData("false", 0)]
    public async Task What_the_timer_compacts_is_found_and_proved_and_a_setting_stops_it(string enabled, long generation)
    {
        var clock = new SettableTime();
        await using var app = await TestApp.StartAsync(change: s => s["ActionTrail:CompactionEnabled"] = enabled, clock: clock);
        var admin = await app.IssueAsync("demo");
        var time = clock.GetUtcNow().AddMinutes(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var sent = await app.SendAsync("POST", "/v1/events", $$$"""{"eventId":"e-1","eventName":"RunInstances","eventTime":"{{{time}}}","eventRW":"Write","serviceName":"Ecs","acsRegion":"local","userIdentity":{"type":"ram-user","accountId":"demo","userName":"alice"}}""", admin);
        Assert.True(sent.Status is HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.Created, sent.Text);
        clock.Advance(TimeSpan.FromMinutes(6));

        await app.Get<IEnumerable<ITrigger>>().Single(static t => t.Function == "CompactSegments").RunAsync("{}"u8.ToArray(), default);

        Assert.Equal(generation, (await new CompactionLog(app.Get<ITableStore>()).ReadHeadAsync(StoreName.History, default)).Generation);
        Assert.Contains("e-1", (await app.SendAsync("GET", "/v1/events?eventId=e-1", body: null, admin)).Text, StringComparison.Ordinal);
        Assert.True((await app.SendAsync("GET", "/v1/store/verify")).Json.GetProperty("sound").GetBoolean());
    }
}
