using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Web;
using ActionTrail.Azure.Streaming;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using Azure.Core;
using Microsoft.Extensions.Configuration;

namespace ActionTrail.Storage.Tests.Streaming;

/// <summary>What the clients of event hubs and of the Logs Ingestion API put on the wire, and what they make of every answer.</summary>
public sealed class BatchTargetsTests
{
    private static readonly TestCredential Credential = new();
    private static readonly byte[] Content = """[{"Body":"{\"eventId\":\"é\"}"}]"""u8.ToArray();

    [Fact]
    public async Task An_event_hub_gets_a_signed_batch_with_the_account_as_partition_key()
    {
        await using var server = new WireServer(HttpStatusCode.Created);
        var target = Hub(server);
        await target.SendAsync(new EventBatch(Content, 1, "acme"), default);
        var request = Assert.Single(server.Taken);
        Assert.Equal(("POST", "/audit-out/messages?timeout=60&api-version=2014-01"), (request.Method, request.PathAndQuery));
        Assert.Equal("application/vnd.microsoft.servicebus.json", request.Headers["Content-Type"]);
        Assert.Equal("""{"PartitionKey":"acme"}""", request.Headers["BrokerProperties"]);
        Assert.Equal(Content, request.Body);

        var fields = request.Headers["Authorization"].Split(' ', 2);
        Assert.Equal("SharedAccessSignature", fields[0]);
        var signed = fields[1].Split('&').Select(static f => f.Split('=', 2)).ToDictionary(static f => f[0], static f => f[1], StringComparer.Ordinal);
        Assert.Equal($"http://localhost:{server.Port}/audit-out", HttpUtility.UrlDecode(signed["sr"]));
        Assert.Equal("sender", signed["skn"]);
        var expected = HMACSHA256.HashData("secret-key="u8, Encoding.UTF8.GetBytes(signed["sr"] + "\n" + signed["se"]));
        Assert.Equal(Convert.ToBase64String(expected), HttpUtility.UrlDecode(signed["sig"].Replace("+", "%2B", StringComparison.Ordinal)));
        Assert.InRange(long.Parse(signed["se"], CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600);
    }

    [Fact]
    public async Task An_identity_sends_with_one_token_until_it_ends()
    {
        await using var server = new WireServer(HttpStatusCode.NoContent);
        var target = LogTable(server);
        await target.SendAsync(new EventBatch("[{\"a\":1}]"u8.ToArray(), 1, null), default);
        await target.SendAsync(new EventBatch("[{\"a\":2}]"u8.ToArray(), 1, null), default);
        Assert.Equal(2, server.Taken.Count);
        var request = server.Taken[0];
        Assert.Equal(("POST", "/dataCollectionRules/dcr-00000000000000000000000000000001/streams/Custom-ActionTrail_CL?api-version=2023-01-01"), (request.Method, request.PathAndQuery));
        Assert.Equal(("application/json", "gzip"), (request.Headers["Content-Type"], request.Headers["Content-Encoding"]));
        Assert.Equal(server.Taken[0].Headers["Authorization"], server.Taken[1].Headers["Authorization"]);
        Assert.Equal("Bearer token for https://monitor.azure.com/.default", request.Headers["Authorization"]);
        await using var unpacked = new GZipStream(new MemoryStream(request.Body), CompressionMode.Decompress);
        using var whole = new MemoryStream();
        await unpacked.CopyToAsync(whole);
        Assert.Equal("[{\"a\":1}]", Encoding.UTF8.GetString(whole.ToArray()));
    }

    [Theory]
    [InlineData(nameof(WireAnswer.Throttle), StoreErrorKind.Throttled, 7)]
    [InlineData(nameof(WireAnswer.Busy), StoreErrorKind.Throttled, null)]
    [InlineData(nameof(WireAnswer.Quota), StoreErrorKind.Full, null)]
    [InlineData(nameof(WireAnswer.Fail), StoreErrorKind.Unavailable, null)]
    [InlineData(nameof(WireAnswer.NoRoom), StoreErrorKind.Full, null)]
    [InlineData(nameof(WireAnswer.HangUp), StoreErrorKind.Unavailable, null)]
    [InlineData(nameof(WireAnswer.LoseAnswer), StoreErrorKind.Unavailable, null)]
    [InlineData(nameof(WireAnswer.Forbid), StoreErrorKind.Denied, null)]
    [InlineData(nameof(WireAnswer.TooLarge), StoreErrorKind.Denied, null)]
    [InlineData(nameof(WireAnswer.Missing), StoreErrorKind.NotFound, null)]
    public async Task Every_answer_has_its_kind_and_the_batch_can_be_sent_again(string answer, StoreErrorKind kind, int? seconds)
    {
        await using var hub = new WireServer(HttpStatusCode.Created);
        await using var table = new WireServer(HttpStatusCode.NoContent);
        foreach (var (server, target) in new[] { (hub, Hub(hub)), (table, LogTable(table)) })
        {
            server.Then(Enum.Parse<WireAnswer>(answer));
            var error = await Assert.ThrowsAsync<StoreException>(() => target.SendAsync(new EventBatch(Content, 1, "acme"), default));
            Assert.Equal((kind, seconds is null ? null : TimeSpan.FromSeconds(seconds.Value)), (error.Kind, error.RetryAfter));
            Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
            await target.SendAsync(new EventBatch(Content, 1, "acme"), default);
            Assert.Equal(answer == nameof(WireAnswer.LoseAnswer) ? 2 : 1, server.Taken.Count);
        }
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable_and_who_hangs_up_hears_of_it()
    {
        var server = new WireServer(HttpStatusCode.Created);
        var target = Hub(server);
        await server.DisposeAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() => target.SendAsync(new EventBatch(Content, 1, "acme"), default));
        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.SendAsync(new EventBatch(Content, 1, "acme"), gone.Token));
    }

    [Fact]
    public void A_name_is_offered_to_the_accounts_that_the_operator_names()
    {
        var targets = Read(new()
        {
            ["R:Streams:siem:Connection"] = "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=sender;SharedAccessKey=k=;EntityPath=audit-out",
            ["R:Streams:siem:Accounts"] = "acme, rival",
            ["R:Streams:all:Namespace"] = "ns.servicebus.windows.net",
            ["R:Streams:all:Hub"] = "h",
            ["R:Streams:all:Accounts"] = "*",
            ["R:Streams:all:MaxBatchBytes"] = "240000",
        });
        Assert.True(targets.Offers(DestinationKind.Stream, "siem", "acme"));
        Assert.False(targets.Offers(DestinationKind.Stream, "siem", "other"));
        Assert.True(targets.Offers(DestinationKind.Stream, "all", "other"));
        Assert.False(targets.Offers(DestinationKind.LogAnalytics, "siem", "acme"));
        Assert.False(targets.Offers(DestinationKind.Blob, "siem", "acme"));
        Assert.Equal((1_000_000, 240_000), (targets.Of(DestinationKind.Stream)["siem"].MaxBatchBytes, targets.Of(DestinationKind.Stream)["all"].MaxBatchBytes));
    }

    [Fact]
    public void Every_fault_of_the_settings_is_told_at_once_and_no_secret_with_it()
    {
        var faults = new List<string>();
        Read(
            new()
            {
                ["R:Streams:Bad_Name:Connection"] = "Endpoint=sb://ns/;SharedAccessKeyName=s;SharedAccessKey=top-secret",
                ["R:Streams:far:Connection"] = "Endpoint=sb://elsewhere;SharedAccessKeyName=s;SharedAccessKey=top-secret;EntityPath=e;UseDevelopmentEmulator=true",
                ["R:Streams:far:Accounts"] = "acme",
                ["R:Streams:far:MaxBatchBytes"] = "9999999",
                ["R:LogAnalytics:sentinel:Endpoint"] = "http://example.com",
                ["R:LogAnalytics:sentinel:RuleId"] = "dcr-1",
                ["R:LogAnalytics:sentinel:Stream"] = "../x",
                ["R:LogAnalytics:sentinel:Accounts"] = "",
            },
            faults);
        string[] named =
        [
            "R__Streams__Bad_Name has", "R__Streams__Bad_Name__Accounts", "R__Streams__Bad_Name__Connection", "R__Streams__far__Connection", "R__Streams__far__MaxBatchBytes",
            "R__LogAnalytics__sentinel__Endpoint", "R__LogAnalytics__sentinel__RuleId", "R__LogAnalytics__sentinel__Stream", "R__LogAnalytics__sentinel__Accounts",
        ];
        Assert.All(named, name => Assert.Single(faults, fault => fault.StartsWith($"Setting {name}", StringComparison.Ordinal)));
        Assert.Equal(named.Length, faults.Count);
        Assert.DoesNotContain(faults, static fault => fault.Contains("secret", StringComparison.Ordinal));
    }

    private static IBatchTarget Hub(WireServer server) => Read(new()
    {
        ["R:Streams:siem:Connection"] = $"Endpoint=sb://localhost:{server.Port};SharedAccessKeyName=sender;SharedAccessKey=secret-key=;UseDevelopmentEmulator=true;EntityPath=audit-out",
        ["R:Streams:siem:Accounts"] = "*",
    }).Of(DestinationKind.Stream)["siem"];

    private static IBatchTarget LogTable(WireServer server) => Read(new()
    {
        ["R:LogAnalytics:sentinel:Endpoint"] = $"http://localhost:{server.Port}",
        ["R:LogAnalytics:sentinel:RuleId"] = "dcr-00000000000000000000000000000001",
        ["R:LogAnalytics:sentinel:Stream"] = "Custom-ActionTrail_CL",
        ["R:LogAnalytics:sentinel:Accounts"] = "*",
    }).Of(DestinationKind.LogAnalytics)["sentinel"];

    private static BatchTargets Read(Dictionary<string, string?> settings, List<string>? faults = null)
    {
        var found = faults ?? [];
        var targets = BatchTargets.Read(
            new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), "R", TimeProvider.System, found.Add, new HttpMessageInvoker(new SocketsHttpHandler()), static _ => Credential);
        if (faults is null)
            Assert.Empty(found);
        return targets;
    }

    private sealed class TestCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new($"token for {requestContext.Scopes[0]}", DateTimeOffset.UtcNow.AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
