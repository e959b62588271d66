using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public sealed class HttpFaceTests : IAsyncLifetime, IDisposable
{
    private readonly HttpMessageInvoker forwarding = new(HttpForwarder.CreateTransport());
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly List<string> byHand = [];
    private WebDouble handler = null!;
    private WebApplication face = null!;
    private HttpRequestSeen? seen;

    private sealed record HttpRequestSeen(string Method, string Target, Dictionary<string, string> Headers, byte[] Body);

    public async Task InitializeAsync()
    {
        handler = await WebDouble.StartAsync(AnswerAsync);
        var port = Ports.Take(0, "test");
        var function = new FunctionDefinition("TrailApi", new HttpTriggerDefinition("request", "{*path}", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]));
        var admin = new AdminApi("master", (name, input) => name == "Purge" && byHand.Count >= 0 && Note(input), () => true);
        face = await HttpFace.StartAsync(port, "", [function], admin, new HttpForwarder(forwarding, handler, Guid.NewGuid), default);
        client.BaseAddress = new Uri($"http://127.0.0.1:{port}/");
    }

    public async Task DisposeAsync()
    {
        await face.DisposeAsync();
        await handler.DisposeAsync();
    }

    public void Dispose()
    {
        client.Dispose();
        forwarding.Dispose();
    }

    [Fact]
    public async Task Path_query_host_and_headers_arrive_as_they_were_sent()
    {
        var answer = await RawAsync("POST /v1/a%2Fb/%7Ec/../d?x=1&x=2&z HTTP/1.1\r\nHost: trail.example:99\r\nX-Forwarded-For: 203.0.113.9\r\nCookie: a=b\r\nContent-Encoding: gzip\r\nX-Azure-Functions-InvocationId: forged\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc");
        Assert.StartsWith("HTTP/1.1 201", answer, StringComparison.Ordinal);
        Assert.Equal(("POST", "/v1/a%2Fb/%7Ec/../d?x=1&x=2&z"), (seen!.Method, seen.Target));
        Assert.Equal("abc", Encoding.UTF8.GetString(seen.Body));
        Assert.Equal("trail.example:99", seen.Headers["Host"]);
        Assert.Equal("203.0.113.9, 127.0.0.1", seen.Headers["X-Forwarded-For"]);
        Assert.Equal("gzip", seen.Headers["Content-Encoding"]);
        Assert.Equal("a=b", seen.Headers["Cookie"]);
        Assert.True(Guid.TryParse(seen.Headers["X-Azure-Functions-InvocationId"], out _));
        Assert.True(seen.Headers.ContainsKey("X-Azure-Functions-HostVersion"));
    }

    [Fact]
    public async Task A_chunked_body_is_passed_on_and_the_answer_comes_back_unchanged()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "v1/echo") { Content = new StreamContent(new MemoryStream(new byte[3_000_000])) };
        request.Headers.TransferEncodingChunked = true;
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("Set-Cookie"));
        Assert.Equal("\"v7\"", response.Headers.ETag!.Tag);
        Assert.Equal(3_000_000, seen!.Body.Length);
        Assert.Equal(3_000_000, (await response.Content.ReadAsByteArrayAsync()).Length);
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Every_method_of_the_function_is_passed_on(string method)
    {
        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "v1/x"));
        Assert.Equal(method, seen!.Method);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        using var response = await client.GetAsync(new Uri("redirect", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/elsewhere", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task An_answer_arrives_piece_by_piece()
    {
        using var response = await client.GetAsync(new Uri("stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[5];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await stream.ReadExactlyAsync(buffer, patience.Token);
        Assert.Equal("first", Encoding.UTF8.GetString(buffer));
    }

    [Fact]
    public async Task While_the_handler_is_away_callers_are_told_to_come_back()
    {
        handler.Address = null;
        using var starting = await client.GetAsync(new Uri("v1/x", UriKind.Relative));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (starting.StatusCode, starting.Headers.RetryAfter?.ToString()));

        handler.Address = new Uri($"http://127.0.0.1:{Ports.Take(0, "test")}/");
        using var refused = await client.GetAsync(new Uri("v1/x", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    [Fact]
    public async Task A_connection_that_breaks_before_the_answer_is_a_bad_gateway()
    {
        using var response = await client.PostAsync(new Uri("break", UriKind.Relative), new StringContent("x"));
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    [Fact]
    public async Task The_admin_paths_are_the_hosts_and_want_the_master_key()
    {
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("admin/host/ping", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(new Uri("admin/host/status", UriKind.Relative))).StatusCode);
        Assert.Contains("\"Running\"", await client.GetStringAsync(new Uri("admin/host/status?code=master", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await RunAsync("Purge", "wrong"));
        Assert.Equal(HttpStatusCode.Accepted, await RunAsync("Purge", "master"));
        Assert.Equal(HttpStatusCode.NotFound, await RunAsync("Nothing", "master"));
        Assert.Equal(["now"], byHand);
        Assert.Null(seen);
        await client.GetAsync(new Uri("admin/other", UriKind.Relative));
        Assert.Equal("/admin/other", seen!.Target);
    }

    private async Task<HttpStatusCode> RunAsync(string function, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "admin/functions/" + function) { Content = new StringContent("""{"input":"now"}""", new MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("x-functions-key", key);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private bool Note(string input)
    {
        byHand.Add(input);
        return true;
    }

    private async Task<string> RawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, client.BaseAddress!.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        return await new StreamReader(stream).ReadToEndAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        seen = new HttpRequestSeen(
            context.Request.Method,
            context.Features.Get<IHttpRequestFeature>()!.RawTarget,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        switch (context.Request.Path.Value)
        {
            case "/redirect":
                context.Response.Redirect("/elsewhere");
                return;
            case "/break":
                context.Abort();
                return;
            case "/stream":
                await context.Response.WriteAsync("first");
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            default:
                context.Response.StatusCode = 201;
                context.Response.Headers.ETag = "\"v7\"";
                context.Response.Headers.Append("Set-Cookie", "a=1");
                context.Response.Headers.Append("Set-Cookie", "b=2");
                await context.Response.Body.WriteAsync(seen.Body);
                return;
        }
    }
}
