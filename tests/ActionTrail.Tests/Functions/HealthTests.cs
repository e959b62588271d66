using System.Net;
using ActionTrail.Functions.Rest;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Functions;

public class HealthTests
{
    [Fact]
    public async Task Readiness_names_what_answers_and_what_does_not_and_nothing_more()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal("""{"status":"ready","checks":{"tables":"ok","blobs":"ok","queues":"ok"}}""", (await app.SendAsync("GET", "/health/ready")).Text);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Nobody_in_between_keeps_an_answer(string address)
    {
        await using var app = await TestApp.StartAsync();

        using var answer = await app.Client.GetAsync(new Uri(address, UriKind.Relative));

        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_store_that_is_away_is_named_by_its_kind_with_a_time_to_ask_again()
    {
        await using var app = await TestApp.StartAsync();
        app.Faults.FailAlways(FaultMode.BeforeRequest);

        var answer = await app.SendAsync("GET", "/health/ready");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "StoreUnavailable"), (answer.Status, answer.Code));
        Assert.Equal("These do not answer as they should: tables, blobs, queues.", answer.Json.GetProperty("detail").GetString());
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task Asking_often_is_one_look_at_the_store()
    {
        await using var app = await TestApp.StartAsync();
        app.Faults.Reset();

        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/health/ready")).StatusCode);

        Assert.InRange(app.Faults.Requests, 3, 9);
        Assert.Equal(TimeSpan.FromSeconds(2), Readiness.GoodFor);
    }
}
