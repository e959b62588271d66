using System.Globalization;
using System.Net;
using System.Text.Json;
using ActionTrail.Cli.Lookup;
using ActionTrail.Functions.Rest;
using ActionTrail.Query;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Functions;

public class AggregateApiTests : IAsyncLifetime
{
    private const string Account = "c1f0e2d3-0000-4000-8000-0123456789ab";

    private TestApp app = null!;
    private (string KeyId, string Secret) auditor;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync();
        var admin = await app.IssueAsync(Account);
        auditor = await app.IssueAsync(Account, "Auditor");
        var events = Enumerable.Range(0, 60).Select(static n => Event(n, n % 3 == 0 ? "alice" : n % 3 == 1 ? "=cmd()" : "b\\\"ob,\\n", n < 30 ? "r-1;r-2" : ""));
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("POST", "/v1/events", $"[{string.Join(',', events)}]", admin)).Status);
    }

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task Top_counts_values_and_says_what_it_left_out()
    {
        var answer = await Get("/v1/events/top?by=resourceName&limit=1&serviceName=Test");
        var values = answer.Json.GetProperty("values");

        Assert.Equal(1, values.GetArrayLength());
        Assert.Contains(values[0].GetProperty("value").GetString(), (string[])["r-1", "r-2"]);
        Assert.Equal((30, 60, 2, 30, 30, 0), (
            Number(values[0], "count"), Number(answer.Json, "total"), Number(answer.Json, "distinct"), Number(answer.Json, "other"), Number(answer.Json, "without"), Number(answer.Json, "maxError")));
        Assert.StartsWith("segments=", answer.Headers.GetValues(ApiPipeline.StatisticsHeader).Single(), StringComparison.Ordinal);
        var users = await Get("/v1/events/top?by=user&serviceName=Test");
        Assert.Equal(["=cmd()", "alice", "b\"ob,\n"], users.Json.GetProperty("values").EnumerateArray().Select(static v => v.GetProperty("value").GetString()).Order(StringComparer.Ordinal));
        Assert.All(users.Json.GetProperty("values").EnumerateArray(), static v => Assert.Equal(20, Number(v, "count")));
    }

    [Fact]
    public async Task A_histogram_has_every_bucket_of_the_range_and_splits_them()
    {
        var end = DateTimeOffset.UtcNow.AddHours(1);
        var answer = await Get($"/v1/events/histogram?interval=PT1H&by=user&limit=2&serviceName=Test&startTime={Time(end.AddHours(-30))}&endTime={Time(end)}");
        var buckets = answer.Json.GetProperty("buckets").EnumerateArray().ToList();

        Assert.InRange(buckets.Count, 30, 31);
        Assert.Equal(60, buckets.Sum(static b => Number(b, "count")));
        Assert.Equal(20, buckets.Sum(static b => Number(b, "other")));
        Assert.All(buckets, static b => Assert.Equal(Number(b, "count"), Number(b, "other") + b.GetProperty("values").EnumerateArray().Sum(static v => v.GetInt32())));
        Assert.Equal(2, answer.Json.GetProperty("values").GetArrayLength());
        var plain = await Get("/v1/events/histogram?serviceName=Test");
        Assert.Equal(("PT1H", 60), (plain.Json.GetProperty("interval").GetString(), Number(plain.Json, "total")));
        Assert.False(plain.Json.TryGetProperty("by", out _));
    }

    [Theory]
    [InlineData("/v1/events/top", "?by")]
    [InlineData("/v1/events/top?by=nothing", "?by")]
    [InlineData("/v1/events/top?by=user&limit=0", "?limit")]
    [InlineData("/v1/events/top?by=user&limit=1001", "?limit")]
    [InlineData("/v1/events/top?by=user&pageSize=5", "?pageSize")]
    [InlineData("/v1/events/top?by=user&startTime=2026-01-02T00:00Z&endTime=2026-01-01T00:00Z", "?startTime")]
    [InlineData("/v1/events/histogram?interval=hourly", "?interval")]
    [InlineData("/v1/events/histogram?interval=PT1S", "?interval")]
    [InlineData("/v1/events/histogram?limit=3", "?limit")]
    [InlineData("/v1/events/histogram?by=user&limit=21", "?limit")]
    [InlineData("/v1/events/export?format=xml", "?format")]
    [InlineData("/v1/events/export?columns=eventId", "?columns")]
    [InlineData("/v1/events/export?format=csv&columns=eventId,nope", "?columns")]
    [InlineData("/v1/events/export?continuationToken=x", "?continuationToken")]
    public async Task Parameters_are_read_strictly(string path, string pointer)
    {
        var answer = await Get(path);
        Assert.Equal((HttpStatusCode.BadRequest, "InvalidParameter"), (answer.Status, answer.Code));
        Assert.Contains(pointer, answer.Pointers);
    }

    [Fact]
    public async Task An_export_is_the_whole_lookup_in_each_form()
    {
        // The place of an export is free only shortly after its last byte was read.
        app.Get<LookupOptions>().MaxExports = 20;
        var expected = (await Get("/v1/events?serviceName=Test&pageSize=100")).Json.GetProperty("value").EnumerateArray().Select(static e => e.GetRawText()).ToList();

        var ndjson = await app.SendAsync("GET", "/v1/events/export?serviceName=Test", user: auditor, headers: ("Accept", "application/x-ndjson"));
        var json = await Get("/v1/events/export?serviceName=Test&format=json");
        var forward = await Get("/v1/events/export?serviceName=Test&direction=forward");
        var none = await Get("/v1/events/export?serviceName=Nothing&format=json");

        Assert.Equal(("application/x-ndjson", string.Concat(expected.Select(static e => e + "\n"))), (ndjson.ContentType, ndjson.Text));
        Assert.Equal(expected, json.Json.EnumerateArray().Select(static e => e.GetRawText()));
        Assert.Equal(expected.AsEnumerable().Reverse(), forward.Text.TrimEnd().Split('\n'));
        Assert.Equal("[]\n", none.Text);
        Assert.Equal("", (await Get("/v1/events/export?serviceName=Nothing")).Text);
        Assert.True(ndjson.Headers.Contains(ApiPipeline.StatisticsHeader));
    }

    [Fact]
    public async Task Csv_has_a_header_and_computes_nothing()
    {
        // The place of an export is free only shortly after its last byte was read.
        app.Get<LookupOptions>().MaxExports = 20;
        var answer = await Get("/v1/events/export?serviceName=Test&format=csv&columns=eventId,user&direction=forward");
        var lines = answer.Text.Split("\r\n");

        Assert.Equal("text/csv", answer.ContentType);
        Assert.Equal(("eventId,user", "id-59,\"b\"\"ob,\n\"", "id-58,\"'=cmd()\"", "id-57,alice", ""), (lines[0], lines[1], lines[2], lines[3], lines[^1]));
        Assert.Equal(62, lines.Length);
        Assert.Equal(string.Join(',', CsvColumn.All.Select(static c => c.Name)), (await Get("/v1/events/export?serviceName=Test&format=csv")).Text.Split("\r\n")[0]);
        Assert.EndsWith("userAgent,original", (await Get("/v1/events/export?serviceName=Test&format=csv&original=true")).Text.Split("\r\n")[0], StringComparison.Ordinal);
        Assert.Equal(EventColumns.All.Select(static c => c.Name), CsvColumn.All.Select(static c => c.Name));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@x", "\"'@x\"")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("＝1", "\"'＝1\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("", "")]
    public void Fields_of_csv_are_harmless(string value, string field) => Assert.Equal(field, CsvForm.Field(value));

    [Fact]
    public async Task What_fails_at_once_is_a_problem_and_what_fails_midway_has_no_end()
    {
        await using var wire = await TestApp.StartAsync(onPort: true);
        wire.Get<LookupOptions>().MaxPageSize = 50;
        var admin = await wire.IssueAsync(Account);
        for (var part = 0; part < 10; part++)
            await wire.SendAsync("POST", "/v1/events", $"[{string.Join(',', Enumerable.Range(part * 300, 300).Select(static n => Event(n, new string('u', 900), "r")))}]", admin);

        // Twice, since caches spare the second call most of what the first one asked.
        for (var call = 0; call < 2; call++)
        {
            wire.Faults.Reset();
            Assert.EndsWith("}\n", (await wire.SendAsync("GET", "/v1/events/export?serviceName=Test", user: admin)).Text, StringComparison.Ordinal);
        }

        var requests = wire.Faults.Requests;

        wire.Faults.RunAt(requests / 2, () =>
        {
            wire.Faults.FailAlways(FaultMode.BeforeRequest);
            return Task.CompletedTask;
        });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => wire.SendAsync("GET", "/v1/events/export?serviceName=Test", user: admin));

        var answer = await wire.SendAsync("GET", "/v1/events/export?serviceName=Test", user: admin);
        wire.Faults.Reset();
        Assert.Equal("StoreUnavailable", answer.Code);
    }

    [Fact]
    public void An_account_has_a_bounded_number_of_exports_under_way()
    {
        var slots = new ExportSlots(new LookupOptions { MaxExports = 2 });
        var first = slots.TryTake("a");
        using var second = slots.TryTake("a");
        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(slots.TryTake("a"));
        using var other = slots.TryTake("b");
        Assert.NotNull(other);
        first.Dispose();
        first.Dispose();
        using var third = slots.TryTake("a");
        Assert.NotNull(third);
        Assert.Null(slots.TryTake("a"));
    }

    private static string Event(int n, string user, string resources) =>
        $$$"""{"eventId":"id-{{{n}}}","eventName":"Do","eventTime":"{{{Time(DateTimeOffset.UtcNow.AddMinutes(-10 * (n % 100)).AddSeconds(-5 - (n / 100)))}}}","serviceName":"Test","recipientAccountId":"{{{Account}}}","resourceName":"{{{resources}}}","userIdentity":{"type":"ram-user","userName":"{{{user}}}"}}""";

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private Task<Answer> Get(string path) => app.SendAsync("GET", path, user: auditor);
}
