using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Functions;

public class ProtocolTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Theory]
    [InlineData("/")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Anybody_may_ask_what_this_is_and_whether_it_works(string path)
    {
        using var response = await app.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        using var head = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task It_is_not_ready_while_the_store_is_away_but_lives()
    {
        app.Faults.FailAlways(FaultMode.BeforeRequest);

        Assert.Equal("StoreUnavailable", (await app.SendAsync("GET", "/health/ready")).Code);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/health/live")).Status);
    }

    [Theory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound, "NotFound")]
    [InlineData("GET", "/v1/", HttpStatusCode.NotFound, "NotFound")]
    [InlineData("POST", "/IngestEvents", HttpStatusCode.NotFound, "NotFound")]
    [InlineData("PUT", "/v1/accounts", HttpStatusCode.MethodNotAllowed, "MethodNotAllowed")]
    [InlineData("OPTIONS", "/v1/trails", HttpStatusCode.MethodNotAllowed, "MethodNotAllowed")]
    [InlineData("GET", "/v1/accounts?x=1&y", HttpStatusCode.BadRequest, "InvalidParameter")]
    [InlineData("GET", "/v1/accounts?pageSize=0", HttpStatusCode.BadRequest, "InvalidParameter")]
    [InlineData("GET", "/v1/accounts?pageSize=1&pageSize=2", HttpStatusCode.BadRequest, "InvalidParameter")]
    [InlineData("GET", "/v1/accounts?pageSize=1001", HttpStatusCode.BadRequest, "InvalidParameter")]
    [InlineData("GET", "/v1/accounts?PageSize=10", HttpStatusCode.BadRequest, "InvalidParameter")]
    [InlineData("GET", "/v1/trails/No_Such", HttpStatusCode.NotFound, "TrailNotFound")]
    public async Task What_is_not_offered_is_a_problem_with_a_code(string method, string path, HttpStatusCode status, string code)
    {
        var answer = await app.SendAsync(method, path);

        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal((int)status, answer.Json.GetProperty("status").GetInt32());
        Assert.StartsWith("/problems/", answer.Json.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.Equal(answer.Headers.GetValues("ActionTrail-Request-Id").Single(), answer.Json.GetProperty("requestId").GetString());
    }

    [Theory]
    [InlineData("Basic !!!")]
    [InlineData("Bearer x")]
    [InlineData("Basic b3BlcmF0b3I6d3Jvbmc=")]
    public async Task Wrong_credentials_meet_one_and_the_same_401(string authorization)
    {
        var answer = await app.SendAsync("GET", "/v1/accounts", body: null, user: null, ("Authorization", authorization));

        Assert.Equal((HttpStatusCode.Unauthorized, "Unauthenticated"), (answer.Status, answer.Code));
        Assert.Equal(["Basic", "ACS3-HMAC-SHA256"], answer.Headers.WwwAuthenticate.Select(static challenge => challenge.Scheme));
        Assert.False(answer.Json.TryGetProperty("detail", out _));
    }

    [Fact]
    public async Task A_body_of_another_type_or_encoding_is_415()
    {
        Assert.Equal("UnsupportedMediaType", (await app.SendContentAsync("POST", "/v1/accounts", new StringContent("{}", Encoding.UTF8, "text/plain"), user: null)).Code);
        Assert.Equal("UnsupportedMediaType", (await app.SendContentAsync("POST", "/v1/accounts", new FormUrlEncodedContent([]), user: null)).Code);
        var brotli = new ByteArrayContent([1, 2, 3]);
        brotli.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        brotli.Headers.ContentEncoding.Add("br");
        Assert.Equal("UnsupportedMediaType", (await app.SendContentAsync("POST", "/v1/accounts", brotli, user: null)).Code);
    }

    [Theory]
    [InlineData("text/html", HttpStatusCode.NotAcceptable)]
    [InlineData("application/json;q=0", HttpStatusCode.NotAcceptable)]
    [InlineData("application/json", HttpStatusCode.OK)]
    [InlineData("text/html, application/*;q=0.5", HttpStatusCode.OK)]
    [InlineData("*/*", HttpStatusCode.OK)]
    public async Task The_answer_is_json_or_406(string accept, HttpStatusCode status) =>
        Assert.Equal(status, (await app.SendAsync("GET", "/v1/accounts", body: null, user: null, ("Accept", accept))).Status);

    [Fact]
    public async Task Gzip_is_known_by_its_first_bytes_even_without_content_encoding()
    {
        var content = new ByteArrayContent(Gzip("""{"accountId":"zipped"}"""u8));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        Assert.Equal(HttpStatusCode.Created, (await app.SendContentAsync("POST", "/v1/accounts", content, user: null)).Status);
    }

    [Fact]
    public async Task Large_bodies_and_gzip_bombs_are_413_and_broken_gzip_400()
    {
        Assert.Equal("BodyTooLarge", (await app.SendAsync("POST", "/v1/accounts", new string(' ', 300_000))).Code);
        Assert.Equal("BodyTooLarge", (await app.SendContentAsync("POST", "/v1/accounts", Json(Gzip(new byte[50_000_000])), user: null)).Code);
        Assert.Equal("MalformedRequest", (await app.SendContentAsync("POST", "/v1/accounts", Json([0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7]), user: null)).Code);
    }

    [Theory]
    [InlineData(FaultMode.BeforeRequest)]
    [InlineData(FaultMode.Throttled)]
    public async Task A_store_that_is_away_is_503_with_retry_after_and_no_internals(FaultMode fault)
    {
        app.Faults.FailAlways(fault);
        var answer = await app.SendAsync("GET", "/v1/accounts");
        app.Faults.Reset();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "StoreUnavailable"), (answer.Status, answer.Code));
        Assert.True(answer.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("Injected", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_name_the_address_under_which_the_client_sees_us()
    {
        await app.SendAsync("POST", "/v1/accounts", """{"accountId":"a1"}""");
        await app.SendAsync("POST", "/v1/accounts", """{"accountId":"a2"}""");
        async Task<string> LinkAsync(params (string, string)[] headers) =>
            (await app.SendAsync("GET", "/v1/accounts?pageSize=1", body: null, user: null, headers)).Json.GetProperty("nextLink").GetString()!;

        Assert.StartsWith("http://audit.example:8080/v1/accounts?", await LinkAsync(("Host", "audit.example:8080")), StringComparison.Ordinal);
        Assert.StartsWith("https://front.example/v1/accounts?", await LinkAsync(("X-Forwarded-Host", "front.example"), ("X-Forwarded-Proto", "https")), StringComparison.Ordinal);
        Assert.StartsWith("http://localhost/v1/accounts?", await LinkAsync(("X-Forwarded-Host", "a/b@c")), StringComparison.Ordinal);
    }

    private static ByteArrayContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static byte[] Gzip(ReadOnlySpan<byte> plain)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
            gzip.Write(plain);
        return buffer.ToArray();
    }
}
