using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ActionTrail.Tests.Functions;

/// <summary>CloudEvents in their three modes over <c>POST /v1/events</c>.</summary>
public class CloudEventApiTests : IAsyncLifetime
{
    private static readonly (string Name, string Value)[] Headers =
        [("ce-specversion", "1.0"), ("ce-id", "b%201"), ("CE-Source", "\"/machines/7\""), ("ce-type", "com.example.thing.listed"), ("ce-accountid", "demo")];

    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Theory]
    [InlineData("application/cloudevents+json; charset=utf-8", false)]
    [InlineData("application/cloudevents-batch+json", true)]
    [InlineData("application/json", true)]
    public async Task Structured_events_and_batches_are_stored_and_found(string contentType, bool isBatch)
    {
        var admin = await app.IssueAsync("demo");
        var body = isBatch ? $"[{Event("1")},{Event("2")}]" : Event("1");

        var posted = await PostAsync(Encoding.UTF8.GetBytes(body), contentType, admin);
        var found = await app.SendAsync("GET", "/v1/events?eventName=com.example.thing.made&resourceName=thing/1", user: admin);

        Assert.Equal((HttpStatusCode.OK, isBatch ? 2 : 1), (posted.Status, posted.Json.GetProperty("accepted").GetInt32()));
        Assert.Equal("1", Assert.Single(found.Json.GetProperty("value").EnumerateArray()).GetProperty("requestParameters").GetProperty("n").ToString());
    }

    [Theory]
    [InlineData("application/json", "{\"n\":1}", "data")]
    [InlineData("text/plain; charset=utf-8", "hello", "data")]
    [InlineData("image/png", "\u0089PNG", "data_base64")]
    [InlineData(null, "", null)]
    public async Task An_event_in_headers_has_the_body_as_its_data_of_whatever_type(string? contentType, string body, string? member)
    {
        var admin = await app.IssueAsync("demo");

        var posted = await PostAsync(Encoding.Latin1.GetBytes(body), contentType, admin, Headers);
        var found = await app.SendAsync("GET", "/v1/events?eventName=com.example.thing.listed&eventRW=Read&original=true", user: admin);

        Assert.Equal(HttpStatusCode.OK, posted.Status);
        var original = Assert.Single(found.Json.GetProperty("value").EnumerateArray()).GetProperty("originalRecord");
        Assert.Equal(("b 1", "/machines/7"), (original.GetProperty("id").GetString(), original.GetProperty("source").GetString()));
        Assert.Equal(member is not null, original.TryGetProperty(member ?? "data", out _));
        Assert.Equal(contentType, original.TryGetProperty("datacontenttype", out var type) ? type.GetString() : null);
    }

    [Fact]
    public async Task Sent_twice_it_has_one_id_and_is_shown_once()
    {
        var admin = await app.IssueAsync("demo");
        (string, string)[] timed = [.. Headers, ("ce-time", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))];

        var first = await PostAsync("{}"u8.ToArray(), "application/json", admin, timed);
        var second = await PostAsync("{}"u8.ToArray(), "application/json", admin, timed);

        Assert.Equal(first.Json.GetProperty("eventIds")[0].GetString(), second.Json.GetProperty("eventIds")[0].GetString());
        Assert.Single((await app.SendAsync("GET", "/v1/events?eventName=com.example.thing.listed", user: admin)).Json.GetProperty("value").EnumerateArray());
    }

    [Fact]
    public async Task Refusals_name_the_attribute_and_nothing_is_stored()
    {
        var admin = await app.IssueAsync("demo");

        var noType = await PostAsync("{}"u8.ToArray(), "application/json", admin, [.. Headers.Where(static h => h.Name != "ce-type")]);
        var notJson = await PostAsync("hello"u8.ToArray(), "application/json", admin, Headers);
        var foreign = await PostAsync("{}"u8.ToArray(), "application/json", admin, [.. Headers.Select(static h => h.Name == "ce-accountid" ? (h.Name, "other") : h)]);
        var noEvent = await PostAsync("{\"eventName\":\"A\"}"u8.ToArray(), "application/cloudevents+json", admin);
        var secondBad = await PostAsync(Encoding.UTF8.GetBytes($"[{Event("1")},{Event("")}]"), "application/cloudevents-batch+json", admin);
        var xml = await PostAsync("<a/>"u8.ToArray(), "application/cloudevents+xml", admin);
        var plain = await PostAsync("hello"u8.ToArray(), "text/plain", admin);

        Assert.Equal(["/type"], noType.Pointers);
        Assert.Equal(["/data_base64"], notJson.Pointers);
        Assert.Equal(["/recipientAccountId"], foreign.Pointers);
        Assert.Equal(["/specversion"], noEvent.Pointers);
        Assert.Equal(["/1/id"], secondBad.Pointers);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnsupportedMediaType), (xml.Status, plain.Status));
        Assert.Empty((await app.SendAsync("GET", "/v1/events?eventName=com.example.thing.made", user: admin)).Json.GetProperty("value").EnumerateArray());
    }

    private static string Event(string id) =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"/machines/7","type":"com.example.thing.made","subject":"thing/{{id}}","accountid":"demo","time":"{{DateTime.UtcNow.AddMinutes(-5).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}}","data":{"n":{{(id.Length > 0 ? id : "0")}} } }""";

    private Task<Answer> PostAsync(byte[] body, string? contentType, (string, string) user, params (string, string)[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return app.SendContentAsync("POST", "/v1/events", content, user, headers);
    }
}
