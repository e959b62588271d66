using System.Text;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Triggers;
using Microsoft.AspNetCore.Http;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public class HandlerInvokerTests
{
    private static readonly Guid Id = Guid.Parse("12345678-1234-1234-1234-123456789abc");

    [Fact]
    public async Task The_request_looks_like_the_hosts()
    {
        Dictionary<string, string>? headers = null;
        string? target = null;
        var body = "";
        await using var handler = await WebDouble.StartAsync(async context =>
        {
            headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            target = $"{context.Request.Method} {context.Request.Path}";
            body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsJsonAsync(new Dictionary<string, string>());
        });
        Assert.True((await InvokeAsync(handler, TimeSpan.FromSeconds(20))).Succeeded);
        Assert.Equal("POST /IngestEvents", target);
        Assert.Equal("{\"Data\":{}}", body);
        Assert.Equal("application/json; charset=utf-8", headers!["Content-Type"]);
        Assert.Equal("chunked", headers["Transfer-Encoding"]);
        Assert.False(headers.ContainsKey("Content-Length"));
        Assert.Equal("12345678-1234-1234-1234-123456789abc", headers["X-Azure-Functions-InvocationId"]);
        Assert.Equal(HandlerInvoker.HostVersion, headers["X-Azure-Functions-HostVersion"]);
        Assert.Equal("Azure-Functions-Host/" + HandlerInvoker.HostVersion, headers["User-Agent"]);
    }

    [Theory]
    [InlineData(500, "application/json", "{}", 500)]
    [InlineData(302, "application/json", "{}", 302)]
    [InlineData(200, "text/plain", "{}", 200)]
    [InlineData(200, "application/json", "{", 200)]
    [InlineData(200, "application/json", "[]", 200)]
    public async Task Anything_but_2xx_with_a_json_object_is_a_failure(int status, string type, string answer, int reported)
    {
        await using var handler = await Answering(status, type, answer);
        var outcome = await InvokeAsync(handler, TimeSpan.FromSeconds(20));
        Assert.False(outcome.Succeeded);
        Assert.Equal(reported, outcome.StatusCode);
        Assert.Empty(handler.Killed);
    }

    [Theory]
    [InlineData(204, "")]
    [InlineData(200, "")]
    [InlineData(200, "null")]
    public async Task No_content_hangs_until_the_function_timeout_kills_the_handler(int status, string answer)
    {
        await using var handler = await Answering(status, answer.Length == 0 ? null : "application/json", answer);
        var outcome = await InvokeAsync(handler, TimeSpan.FromMilliseconds(300));
        Assert.False(outcome.Succeeded);
        Assert.Equal(["IngestEvents"], handler.Killed);
    }

    [Fact]
    public async Task A_handler_that_never_answers_is_killed_by_the_function_timeout()
    {
        await using var handler = await WebDouble.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        Assert.False((await InvokeAsync(handler, TimeSpan.FromMilliseconds(300))).Succeeded);
        Assert.Equal(["IngestEvents"], handler.Killed);
    }

    [Fact]
    public async Task A_broken_connection_is_a_failure_and_not_an_exception()
    {
        await using var handler = await WebDouble.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        Assert.Equal(0, (await InvokeAsync(handler, TimeSpan.FromSeconds(20))).StatusCode);
    }

    [Fact]
    public async Task Logs_of_the_answer_are_shown()
    {
        await using var handler = await Answering(200, "application/json", """{"Outputs":{},"Logs":["two events kept"],"ReturnValue":null}""");
        var shown = new StringWriter();
        Assert.True((await InvokeAsync(handler, TimeSpan.FromSeconds(20), shown)).Succeeded);
        Assert.Contains("[IngestEvents] two events kept", shown.ToString(), StringComparison.Ordinal);
    }

    private static Task<WebDouble> Answering(int status, string? type, string answer) => WebDouble.StartAsync(async context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = status == 302 ? "/elsewhere" : default;
        if (answer.Length > 0)
        {
            context.Response.ContentType = type;
            await context.Response.WriteAsync(answer);
        }
    });

    private static async Task<InvocationOutcome> InvokeAsync(WebDouble handler, TimeSpan functionTimeout, TextWriter? shown = null)
    {
        using var client = new HttpClient(HttpForwarder.CreateTransport());
        var invoker = new HandlerInvoker(client, handler, functionTimeout, TimeProvider.System, Bench.Output(shown));
        return await invoker.InvokeAsync("IngestEvents", Id, Encoding.UTF8.GetBytes("{\"Data\":{}}"), default);
    }
}
