using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Functions;

/// <summary>On a real port: the wire form of a request is the point.</summary>
public class TriggerTests : IAsyncLifetime
{
    private const string Event = """{"eventId":"e-1","eventName":"RunInstances","eventTime":"{0}","eventRW":"Write","serviceName":"Ecs","acsRegion":"local","userIdentity":{"type":"ram-user","accountId":"demo","userName":"alice"}}""";

    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync(onPort: true);

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task The_hosts_batch_is_stored_and_answered_with_an_empty_result()
    {
        using var response = await app.Client.SendAsync(Invocation("/IngestEvents", Batch(NewEvent())));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("Outputs").ValueKind);
        Assert.Equal("e-1", Assert.Single(await app.StoredEventsAsync(1)).GetProperty("eventId").GetString());
    }

    [Fact]
    public async Task A_batch_of_forty_megabytes_passes()
    {
        var body = Batch(NewEvent(), 1, Enumerable.Repeat(new string(' ', 900_000), 40));
        Assert.True(body.Length > 40_000_000);

        using var response = await app.Client.SendAsync(Invocation("/IngestEvents", body));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_store_that_is_away_is_a_failed_invocation_and_the_repeated_batch_is_stored_once()
    {
        var body = Batch(NewEvent());
        app.Faults.FailAlways(FaultMode.BeforeRequest);
        using var failed = await app.Client.SendAsync(Invocation("/IngestEvents", body));
        app.Faults.Reset();
        using var repeated = await app.Client.SendAsync(Invocation("/IngestEvents", body));
        using var again = await app.Client.SendAsync(Invocation("/IngestEvents", body));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (repeated.StatusCode, again.StatusCode));
        Assert.Single(await app.StoredEventsAsync(1));
    }

    [Fact]
    public async Task A_body_that_names_no_messages_is_a_failed_invocation_not_a_lost_one()
    {
        using var response = await app.Client.SendAsync(Invocation("/IngestEvents", "{}"));
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "X-Forwarded-For", "203.0.113.9" },
        { "X-Forwarded-Host", "audit.example" },
        { "X-Forwarded-Proto", "https" },
        { "X-Original-URL", "/IngestEvents" },
        { "X-ARR-LOG-ID", "1" },
        { "X-ARR-SSL", "x" },
        { "X-SITE-DEPLOYMENT-ID", "site" },
        { "WAS-DEFAULT-HOSTNAME", "site" },
        { "DISGUISED-HOST", "site" },
        { "CLIENT-IP", "203.0.113.9:1" },
        { "Via", "1.1 proxy" },
        { "Forwarded", "for=203.0.113.9" },
        { "Authorization", "Basic eDp5" },
        { "Cookie", "a=b" },
        { "Accept", "*/*" },
        { "Accept-Encoding", "gzip" },
        { "Origin", "http://x" },
        { "x-functions-key", "k" },
        { "X-Anything", "1" },
        { "Host", "audit.example" },
        { "Host", "localhost:7071" },
        { "User-Agent", "curl/8" },
        { "X-Azure-Functions-InvocationId", "" },
        { "X-Azure-Functions-InvocationId", "not-a-guid" },
        { "Content-Type", "application/json" },
        { "Content-Type", "text/plain" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_request_with_anything_that_the_host_does_not_send_meets_a_404(string header, string value)
    {
        using var request = Invocation("/IngestEvents", Batch(NewEvent()));
        var headers = header.StartsWith("Content-", StringComparison.Ordinal) ? (HttpHeaders)request.Content!.Headers : request.Headers;
        headers.Remove(header);
        if (value.Length > 0)
            Assert.True(headers.TryAddWithoutValidation(header, value));

        await AssertRefusedAsync(request);
    }

    [Theory]
    [InlineData("/ingestevents")]
    [InlineData("/INGESTEVENTS")]
    [InlineData("/IngestEvents/")]
    [InlineData("//IngestEvents")]
    [InlineData("/%49ngestEvents")]
    [InlineData("/IngestEvents?x=1")]
    [InlineData("/./IngestEvents")]
    [InlineData("/TrailApi")]
    public async Task Only_the_exact_path_is_the_trigger(string path) => await AssertRefusedAsync(Invocation(path, Batch(NewEvent())));

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task Only_post_is_the_trigger(string method)
    {
        var request = Invocation("/IngestEvents", Batch(NewEvent()));
        request.Method = new HttpMethod(method);
        await AssertRefusedAsync(request);
    }

    [Fact]
    public async Task A_second_invocation_id_which_a_forwarding_host_adds_to_a_forged_one_gives_it_away()
    {
        var request = Invocation("/IngestEvents", Batch(NewEvent()));
        request.Headers.TryAddWithoutValidation("X-Azure-Functions-InvocationId", "50a7fc98-3834-44b8-9396-1a584b6f9dd9");
        await AssertRefusedAsync(request);
    }

    private async Task AssertRefusedAsync(HttpRequestMessage request)
    {
        using var response = await app.Client.SendAsync(request);

        // Some of these Kestrel itself refuses.
        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.BadRequest });
        Assert.Empty(await app.StoredEventsAsync(0));
    }

    /// <summary>As captured from the real host.</summary>
    private HttpRequestMessage Invocation(string path, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Client.BaseAddress + path[1..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Host = $"127.0.0.1:{app.Port}";
        request.Headers.TransferEncodingChunked = true;
        request.Headers.TryAddWithoutValidation("User-Agent", "Azure-Functions-Host/4.1037.0.0");
        request.Headers.TryAddWithoutValidation("X-Azure-Functions-HostVersion", "4.1037.0.0");
        request.Headers.TryAddWithoutValidation("X-Azure-Functions-InvocationId", "50a7fc98-3834-44b8-9396-1a584b6f9dd9");
        return request;
    }

    private static string NewEvent() => Event.Replace("{0}", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static string Batch(string body, int first = 0, IEnumerable<string>? more = null)
    {
        var bodies = new[] { body }.Concat(more ?? []).Select(static text => $"\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}\"").ToList();
        var events = JsonEncodedText.Encode($"[{string.Join(',', bodies)}]");
        var numbers = string.Join(',', Enumerable.Range(first, bodies.Count));
        var times = JsonEncodedText.Encode($"[{string.Join(',', bodies.Select(_ => $"\"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fffffff}\""))}]");
        const string context = """{"FullyQualifiedNamespace":"ns.servicebus.windows.net","EventHubName":"audit-events","ConsumerGroup":"$Default","PartitionId":"1"}""";
        var metadata = $"\"TriggerPartitionContext\":{context},\"PartitionContext\":{context},\"SequenceNumberArray\":\"[{numbers}]\",\"EnqueuedTimeUtcArray\":\"{times}\"";
        return $"{{\"Data\":{{\"events\":\"{events}\"}},\"Metadata\":{{{metadata}}}}}";
    }
}
