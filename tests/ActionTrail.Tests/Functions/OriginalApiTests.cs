using System.Globalization;
using System.Net;

namespace ActionTrail.Tests.Functions;

public class OriginalApiTests : IAsyncLifetime
{
    private const string Account = "c1f0e2d3-0000-4000-8000-0123456789ab";

    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task The_original_of_a_mapped_event_comes_on_request_and_alone()
    {
        var admin = await app.IssueAsync(Account);
        var record = Record("op-1", "\"adminPassword\":\"planted\"");
        await app.SendAsync("POST", "/v1/events", record, admin);
        var stored = record.Replace("planted", "***", StringComparison.Ordinal);
        var id = (await app.SendAsync("GET", "/v1/events?serviceName=Microsoft.Compute", user: admin)).Json.GetProperty("value")[0].GetProperty("eventId").GetString();

        var plain = await app.SendAsync("GET", $"/v1/events/{id}", user: admin);
        var whole = await app.SendAsync("GET", $"/v1/events/{id}?original=true", user: admin);
        var alone = await app.SendAsync("GET", $"/v1/events/{id}/original", user: admin);

        Assert.False(plain.Json.TryGetProperty("originalRecord", out _));
        Assert.Equal($"{plain.Text[..^1]},\"originalRecord\":{stored}}}", whole.Text);
        Assert.Equal(stored, alone.Text);
        Assert.Equal(plain.Text, (await app.SendAsync("GET", $"/v1/events/{id}?original=false", user: admin)).Text);
        Assert.Equal($"{{\"value\":[{plain.Text}]}}", (await app.SendAsync("GET", "/v1/events?serviceName=Microsoft.Compute", user: admin)).Text);
        Assert.Equal($"{{\"value\":[{whole.Text}]}}", (await app.SendAsync("GET", "/v1/events?serviceName=Microsoft.Compute&original=true", user: admin)).Text);
    }

    [Fact]
    public async Task An_event_without_original_has_none_to_give_and_keeps_a_field_of_that_name()
    {
        var admin = await app.IssueAsync(Account);
        var native = $$"""{"eventId":"n","originalRecord":{"a":1},"eventName":"N","eventTime":"{{Now()}}","serviceName":"S","recipientAccountId":"{{Account}}"}""";
        await app.SendAsync("POST", "/v1/events", native, admin);

        Assert.Equal(native, (await app.SendAsync("GET", "/v1/events/n", user: admin)).Text);
        var answer = await app.SendAsync("GET", "/v1/events/n/original", user: admin);
        Assert.Equal((HttpStatusCode.NotFound, "OriginalNotFound"), (answer.Status, answer.Code));
        Assert.Equal("EventNotFound", (await app.SendAsync("GET", "/v1/events/none/original", user: admin)).Code);
    }

    [Theory]
    [InlineData("/v1/events?original=yes", "?original")]
    [InlineData("/v1/events?original=true&original=true", "?original")]
    [InlineData("/v1/events/n?original=", "?original")]
    [InlineData("/v1/events/n/original?original=true", "?original")]
    public async Task The_parameter_is_read_strictly(string path, string pointer)
    {
        var answer = await app.SendAsync("GET", path);
        Assert.Equal("InvalidParameter", answer.Code);
        Assert.Equal([pointer], answer.Pointers.Distinct());
    }

    [Fact]
    public async Task Following_pages_keep_the_choice()
    {
        var admin = await app.IssueAsync(Account);
        await app.SendAsync("POST", "/v1/events", $"[{Record("op-1")},{Record("op-2")},{Record("op-3")}]", admin);
        foreach (var wanted in new[] { true, false })
        {
            var seen = 0;
            for (var next = $"/v1/events?serviceName=Microsoft.Compute&pageSize=1{(wanted ? "&original=true" : "")}"; next is not null; seen++)
            {
                var page = await app.SendAsync("GET", next, user: admin);
                Assert.Equal(wanted, page.Json.GetProperty("value")[0].TryGetProperty("originalRecord", out _));
                next = page.Json.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
            }

            Assert.Equal(3, seen);
        }
    }

    [Fact]
    public async Task No_secret_of_a_caller_gets_into_the_audit_event_of_the_call()
    {
        var admin = await app.IssueAsync(Account);
        await app.SendAsync("GET", "/v1/events?resourceName=" + Uri.EscapeDataString("AccountKey=planted;x"), body: null, admin, ("User-Agent", "x Bearer planted0123456789"));

        var call = Assert.Single(await app.StoredEventsAsync(3), static e => e.GetProperty("eventName").GetString() == "LookupEvents");
        Assert.DoesNotContain("planted", call.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("x Bearer ***", call.GetProperty("userAgent").GetString());
    }

    private static string Record(string correlation, string property = "\"a\":1") =>
        $$$"""{"time":"{{{Now()}}}","resourceId":"/subscriptions/{{{Account}}}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v","operationName":"Microsoft.Compute/virtualMachines/write","category":"Administrative","correlationId":"{{{correlation}}}","properties":{{{{property}}}}}""";

    private static string Now() => DateTime.UtcNow.AddMinutes(-5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
