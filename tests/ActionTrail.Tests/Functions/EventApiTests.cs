using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Functions;

public class EventApiTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync(change: static s => s["ActionTrail:LookupBurst"] = "60");

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task What_was_posted_is_found_byte_for_byte_by_its_id_and_attributes()
    {
        var admin = await app.IssueAsync("demo");
        var body = Event("demo", "id/1 with \\\"quotes\\\"", "RunInstances", extra: ",\"x\":1.10");

        var posted = await app.SendAsync("POST", "/v1/events", $"[{body}]", admin);
        var byId = await app.SendAsync("GET", "/v1/events/" + Uri.EscapeDataString("id/1 with \"quotes\""), user: admin);
        var byName = await app.SendAsync("GET", "/v1/events?eventName=RunInstances&user=alice&eventRW=Write", user: admin);

        Assert.Equal(HttpStatusCode.OK, posted.Status);
        Assert.Equal((1, "id/1 with \"quotes\""), (posted.Json.GetProperty("accepted").GetInt32(), posted.Json.GetProperty("eventIds")[0].GetString()));
        Assert.Equal(body, byId.Text);
        Assert.Equal($$"""{"value":[{{body}}]}""", byName.Text);
        Assert.Equal("EventNotFound", (await app.SendAsync("GET", "/v1/events/none", user: admin)).Code);
    }

    [Fact]
    public async Task Newline_delimited_json_is_read_whatever_its_media_type()
    {
        var admin = await app.IssueAsync("demo");
        foreach (var type in new[] { "application/x-ndjson", "application/json", "application/octet-stream", null })
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Event("demo", "a" + type, "A") + "\n" + Event("demo", "b" + type, "B") + "\n"));
            content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
            Assert.Equal(2, (await app.SendContentAsync("POST", "/v1/events", content, admin)).Json.GetProperty("accepted").GetInt32());
        }
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("%2f")]
    [InlineData("a?b#c%00+;=")]
    public async Task Ids_with_the_characters_of_addresses_are_found(string id)
    {
        var admin = await app.IssueAsync("demo");
        await app.SendAsync("POST", "/v1/events", $"[{Event("demo", id, "A")}]", admin);

        Assert.Equal(id, (await app.SendAsync("GET", "/v1/events/" + Uri.EscapeDataString(id), user: admin)).Json.GetProperty("eventId").GetString());
    }

    [Theory]
    [InlineData("endTime=0001-01-01T00:00:00Z")]
    [InlineData("endTime=0001-01-07T23:59:59.9999999Z")]
    [InlineData("endTime=9999-12-31T23:59:59.9999999Z")]
    [InlineData("startTime=0001-01-01T00:00:00Z")]
    [InlineData("startTime=9999-12-31T23:59:59.9999999Z")]
    public async Task Times_at_the_ends_of_the_calendar_find_nothing_or_something_but_never_fail(string query) =>
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/events?" + query)).Status);

    [Theory]
    [InlineData("GZIP")]
    [InlineData("Identity")]
    public async Task The_case_of_a_content_encoding_does_not_matter(string encoding)
    {
        var admin = await app.IssueAsync("demo");
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Event("demo", "a", "A")));
        content.Headers.ContentEncoding.Add(encoding);
        Assert.Equal(HttpStatusCode.OK, (await app.SendContentAsync("POST", "/v1/events", content, admin)).Status);
    }

    [Theory]
    [InlineData("01")]
    [InlineData("[01]")]
    [InlineData("""{"eventName":"A","requestParameters":{"n":01}}""")]
    [InlineData("""{"eventName":"A","requestParameters":{"n":1.}}""")]
    [InlineData("""{"eventName":"A","requestParameters":{"n":+1}}""")]
    public async Task A_number_that_json_does_not_have_is_refused(string body)
    {
        var admin = await app.IssueAsync("demo");

        Assert.Equal("InvalidEvents", (await app.SendAsync("POST", "/v1/events", body, admin)).Code);
        Assert.Equal("InvalidParameter", (await app.SendAsync("POST", "/v1/trails", body, admin)).Code);
        Assert.Equal("InvalidEvents", (await app.SendAsync("POST", "/v1/events", body, admin, ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"), ("ce-time", "2026-11-30T00:00:00Z"))).Code);
    }

    [Fact]
    public async Task One_bad_event_refuses_all_and_every_fault_is_named()
    {
        var admin = await app.IssueAsync("demo");
        var answer = await app.SendAsync("POST", "/v1/events", $$"""[{{Event("demo", "good", "A")}},{"eventName":1},{{Event("victim", "foreign", "B")}}]""", admin);

        Assert.Equal((HttpStatusCode.BadRequest, "InvalidEvents"), (answer.Status, answer.Code));
        Assert.All(answer.Pointers, static pointer => Assert.StartsWith("/1", pointer, StringComparison.Ordinal));
        var foreign = await app.SendAsync("POST", "/v1/events", $"[{Event("demo", "good", "A")},{Event("victim", "foreign", "B")}]", admin);
        Assert.Equal(["/1/recipientAccountId"], foreign.Pointers);
        Assert.Empty((await app.SendAsync("GET", "/v1/events?eventName=A", user: admin)).Json.GetProperty("value").EnumerateArray());
    }

    [Fact]
    public async Task The_operator_posts_for_any_account_that_exists_or_for_the_one_it_names()
    {
        await app.IssueAsync("one");
        await app.IssueAsync("two");
        var both = $"[{Event("one", "1", "A")},{Event("two", "2", "A")}]";

        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("POST", "/v1/events", both)).Status);
        Assert.Equal("InvalidEvents", (await app.SendAsync("POST", "/v1/events", $"[{Event("three", "3", "A")}]")).Code);
        Assert.Equal("InvalidEvents", (await app.SendAsync("POST", "/v1/events", both, user: null, ("ActionTrail-Account", "one"))).Code);
        Assert.Equal("AccountNotFound", (await app.SendAsync("POST", "/v1/events", both, user: null, ("ActionTrail-Account", "three"))).Code);
        Assert.Single((await app.SendAsync("GET", "/v1/events?eventName=A", body: null, user: null, ("ActionTrail-Account", "two"))).Json.GetProperty("value").EnumerateArray());
    }

    [Fact]
    public async Task Pages_continue_without_gap_or_repeat_in_both_directions()
    {
        var admin = await app.IssueAsync("demo");
        var all = Enumerable.Range(0, 25).Select(i => Event("demo", $"e{i:D2}", "Paged", minutesAgo: 100 - i)).ToList();
        await app.SendAsync("POST", "/v1/events", $"[{string.Join(',', all)}]", admin);

        var forward = await WalkAsync("/v1/events?eventName=Paged&pageSize=7&direction=forward", admin);
        var backward = await WalkAsync("/v1/events?eventName=Paged&pageSize=7", admin);

        Assert.Equal(all.Count, forward.Count);
        Assert.Equal(Enumerable.Range(0, 25).Select(static i => $"e{i:D2}"), forward);
        Assert.Equal(Enumerable.Reverse(forward), backward);
    }

    [Fact]
    public async Task A_token_fits_only_its_query_and_its_account()
    {
        var demo = await app.IssueAsync("demo");
        var other = await app.IssueAsync("other");
        await app.SendAsync("POST", "/v1/events", $"[{Event("demo", "1", "A")},{Event("demo", "2", "A")}]", demo);
        var page = await app.SendAsync("GET", "/v1/events?eventName=A&pageSize=1", user: demo);
        var next = new Uri(page.Json.GetProperty("nextLink").GetString()!).PathAndQuery;
        var token = next[(next.IndexOf("continuationToken=", StringComparison.Ordinal) + 18)..];

        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", next, user: demo)).Status);
        Assert.Equal("InvalidContinuation", (await app.SendAsync("GET", next, user: other)).Code);
        Assert.Equal("InvalidContinuation", (await app.SendAsync("GET", next.Replace("=A", "=B", StringComparison.Ordinal), user: demo)).Code);
        Assert.Equal("InvalidContinuation", (await app.SendAsync("GET", next + "&startTime=2026-01-01T00:00:00Z", user: demo)).Code);
        Assert.Equal("InvalidContinuation", (await app.SendAsync("GET", "/v1/events?continuationToken=" + token, user: demo)).Code);
        Assert.Equal("InvalidContinuation", (await app.SendAsync("GET", next[..^1] + (next[^1] == 'A' ? 'B' : 'A'), user: demo)).Code);
        Assert.Equal("InvalidContinuation", (await app.SendAsync("GET", "/v1/events?eventName=A&continuationToken=x", user: demo)).Code);
    }

    [Theory]
    [InlineData("startTime=yesterday", "?startTime")]
    [InlineData("startTime=2026-11-22T00:00:00", "?startTime")]
    [InlineData("startTime=2026-11-22T00:00:00Z&endTime=2026-11-22T00:00:00Z", "?startTime")]
    [InlineData("direction=up&pageSize=x&eventRW=read&sensitiveAction=false&foo=1&user=", "?direction ?pageSize ?user ?eventRW ?sensitiveAction ?foo")]
    public async Task Every_wrong_parameter_is_named(string query, string pointers)
    {
        var answer = await app.SendAsync("GET", "/v1/events?" + query);
        Assert.Equal("InvalidParameter", answer.Code);
        Assert.Equal(pointers, string.Join(' ', answer.Pointers));
    }

    [Fact]
    public async Task An_account_that_asks_too_often_is_told_when_to_come_back()
    {
        var admin = await app.IssueAsync("demo");
        var other = await app.IssueAsync("other");
        Answer answer;
        var asked = 0;
        do
            answer = await app.SendAsync("GET", "/v1/events", user: admin);
        while (answer.Status == HttpStatusCode.OK && ++asked < 5000);

        Assert.Equal((HttpStatusCode.TooManyRequests, "TooManyRequests"), (answer.Status, answer.Code));
        Assert.True(answer.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/events", user: other)).Status);
    }

    [Fact]
    public async Task Nothing_is_acknowledged_while_the_store_is_away()
    {
        var admin = await app.IssueAsync("demo");
        app.Faults.FailAlways(FaultMode.BeforeRequest);
        var refused = await app.SendAsync("POST", "/v1/events", $"[{Event("demo", "1", "A")}]", admin);
        app.Faults.Reset();

        Assert.Equal("StoreUnavailable", refused.Code);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("POST", "/v1/events", $"[{Event("demo", "1", "A")}]", admin)).Status);
        Assert.Single((await app.SendAsync("GET", "/v1/events?eventName=A", user: admin)).Json.GetProperty("value").EnumerateArray());
    }

    private static string Event(string account, string id, string name, int minutesAgo = 5, string extra = "") =>
        $$$"""{"eventId":"{{{id}}}","eventName":"{{{name}}}","eventTime":"{{{DateTime.UtcNow.AddMinutes(-minutesAgo).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}}","eventRW":"Write","serviceName":"Ecs","acsRegion":"local","recipientAccountId":"{{{account}}}","userIdentity":{"type":"ram-user","accountId":"{{{account}}}","userName":"alice"}{{{extra}}}}""";

    private async Task<List<string>> WalkAsync(string path, (string, string) user)
    {
        var ids = new List<string>();
        for (var next = path; next is not null;)
        {
            var page = await app.SendAsync("GET", next, user: user);
            ids.AddRange(page.Json.GetProperty("value").EnumerateArray().Select(static e => e.GetProperty("eventId").GetString()!));
            next = page.Json.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
        }

        return ids;
    }
}
