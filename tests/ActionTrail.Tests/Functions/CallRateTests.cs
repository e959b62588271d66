using System.Net;

namespace ActionTrail.Tests.Functions;

/// <summary>How often an account may call, and bodies where none belongs.</summary>
public sealed class CallRateTests
{
    [Fact]
    public async Task An_account_that_calls_too_often_waits_alone()
    {
        var clock = new StillClock(DateTimeOffset.UtcNow);
        await using var app = await TestApp.StartAsync(change: static settings => settings["ActionTrail:CallBurst"] = "3", clock: clock);
        var (acme, other) = (await app.IssueAsync("acme"), await app.IssueAsync("other"));

        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/caller", user: acme)).Status);
        var refused = await app.SendAsync("GET", "/v1/trails", user: acme);

        Assert.Equal((HttpStatusCode)429, refused.Status);
        Assert.Equal("TooManyRequests", refused.Json.GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/caller", user: other)).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/accounts")).Status);
        clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/trails", user: acme)).Status);
    }

    [Theory]
    [InlineData("GET", "/v1/caller")]
    [InlineData("POST", "/v1/trails/trail-one/start")]
    [InlineData("DELETE", "/v1/trails/trail-one")]
    public async Task A_body_where_none_belongs_is_refused(string method, string path)
    {
        await using var app = await TestApp.StartAsync();
        var acme = await app.IssueAsync("acme");

        var answer = await app.SendAsync(method, path, """{"role":"Administrator"}""", acme);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("The operation takes no body.", answer.Json.GetProperty("errors")[0].GetProperty("rule").GetString());
    }

    private sealed class StillClock(DateTimeOffset start) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
