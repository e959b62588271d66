using System.Net;
using System.Text;
using System.Text.Json;
using ActionTrail.Generator;
using ActionTrail.Generator.Formats;

namespace ActionTrail.Tests.Generator;

public sealed class EventHubSenderTests
{
    private static readonly EventHubEndpoint Endpoint = new(new Uri("http://127.0.0.1:5380/"), "audit-events", "RootManageSharedAccessKey", "SAS_KEY_VALUE");

    [Fact]
    public void The_token_signs_the_encoded_resource_and_the_expiry()
    {
        // The signature was computed apart, with openssl's HMAC over "http%3A%2F%2F127.0.0.1%3A5380%2Faudit-events\n1800000000".
        Assert.Equal(
            "SharedAccessSignature sr=http%3A%2F%2F127.0.0.1%3A5380%2Faudit-events&sig=1Dju5lZxksIJSD2ZKlOzTOgDJvI4fofMQhC%2BSTquDhU%3D&se=1800000000&skn=RootManageSharedAccessKey",
            Endpoint.Token(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000)));
    }

    [Fact]
    public void A_batch_carries_every_event_as_text_and_refuses_what_would_make_it_too_long_or_too_many()
    {
        var batch = new EventHubBatch();
        var texts = new List<string>();
        var text = $$"""{"a":"quote \" backslash \\ ü 日本 {{new string('x', 30_000)}}\n"}""";
        while (batch.TryAdd(Encoding.UTF8.GetBytes(text), 1_000))
            texts.Add(text);
        Assert.InRange(batch.Bytes, EventHubBatch.MaxBytes - 40_000, EventHubBatch.MaxBytes);
        var body = batch.ToBody();
        Assert.Equal(batch.Bytes, body.Length);
        Assert.Equal(texts, Bodies(body));

        batch.Clear();
        Assert.Equal("[]", Encoding.UTF8.GetString(batch.ToBody()));
        Assert.True(batch.TryAdd("{}"u8, 1));
        Assert.False(batch.TryAdd("{}"u8, 1));
        Assert.Throws<ArgumentException>(() => new EventHubBatch().TryAdd(new byte[EventHubBatch.MaxBytes], 1));
        Assert.Throws<ArgumentException>(() => new EventHubBatch().TryAdd([(byte)'"', 0xC3], 1));
    }

    [Fact]
    public void A_batch_carries_the_properties_of_a_message_and_takes_no_gzip()
    {
        var batch = new EventHubBatch();
        Assert.True(batch.TryAdd(Message, 2));
        Assert.True(batch.TryAdd("{}"u8, 2));
        Assert.False(batch.TryAdd(Message, 2));
        using var document = JsonDocument.Parse(batch.ToBody());
        Assert.Equal("""{"a":"ü"}""", document.RootElement[0].GetProperty("Body").GetString());
        Assert.Equal("1.0", document.RootElement[0].GetProperty("UserProperties").GetProperty("cloudEvents:specversion").GetString());
        Assert.Equal("say \"ü\"", document.RootElement[0].GetProperty("UserProperties").GetProperty("cloudEvents:subject").GetString());
        Assert.False(document.RootElement[1].TryGetProperty("UserProperties", out _));
        Assert.True(EventHubBatch.CanHold(Message));
        Assert.False(EventHubBatch.CanHold(Message with { Body = [0x1F, 0x8B, 8] }));
    }

    [Fact]
    public async Task A_message_sent_by_itself_has_its_content_type_and_its_properties_as_quoted_headers()
    {
        HttpRequestMessage? sent = null;
        using var http = new HttpClient(new Catcher(request => sent = request));
        await new EventHubSender(http, Endpoint, TimeProvider.System).SendAsync(Message, CancellationToken.None);
        Assert.Equal("application/json", sent!.Content!.Headers.ContentType!.ToString());
        Assert.Equal("\"1.0\"", sent.Headers.GetValues("cloudEvents_specversion").Single());
        Assert.Equal("""
            "say \u0022\u00FC\u0022"
            """, sent.Headers.GetValues("cloudEvents_subject").Single());
    }

    private static HubMessage Message => new()
    {
        Format = TrafficFormat.CloudEventsBinary,
        Body = """{"a":"ü"}"""u8.ToArray(),
        ContentType = "application/json",
        Properties = new Dictionary<string, string> { ["cloudEvents:specversion"] = "1.0", ["cloudEvents:subject"] = "say \"ü\"" },
        Events = [],
    };

    [Fact]
    public async Task A_passing_failure_is_repeated_until_the_hub_accepts_and_the_batch_is_then_empty()
    {
        var wire = new Wire(new HttpRequestException("refused"), HttpStatusCode.InternalServerError, HttpStatusCode.TooManyRequests, HttpStatusCode.Created);
        var sender = new EventHubSender(new HttpClient(wire), Endpoint, new InstantTime());
        var batch = new EventHubBatch();
        batch.TryAdd("{\"a\":1}"u8, 10);
        await sender.SendAsync(batch, CancellationToken.None);
        Assert.Equal(0, batch.Count);
        Assert.Equal(4, wire.Requests.Count);
        Assert.All(wire.Requests, r => Assert.Equal("""[{"Body":"{\"a\":1}"}]""", r.Body));
        Assert.All(wire.Requests, r => Assert.Equal("http://127.0.0.1:5380/audit-events/messages?api-version=2014-01", r.Address));
        Assert.All(wire.Requests, r => Assert.StartsWith("SharedAccessSignature sr=", r.Authorization, StringComparison.Ordinal));
        await sender.SendAsync(batch, CancellationToken.None);
        Assert.Equal(4, wire.Requests.Count);
    }

    [Fact]
    public async Task A_refusal_is_told_at_once_and_the_batch_is_kept()
    {
        var wire = new Wire(HttpStatusCode.Unauthorized);
        var batch = new EventHubBatch();
        batch.TryAdd("{}"u8, 10);
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => new EventHubSender(new HttpClient(wire), Endpoint, new InstantTime()).SendAsync(batch, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Unauthorized, error.StatusCode);
        Assert.Contains("expected 201: why not", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, batch.Count);
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task A_hub_that_stays_away_is_given_up_after_eight_tries()
    {
        var wire = new Wire(Enumerable.Repeat<object>(new HttpRequestException("refused"), 20).ToArray());
        var sender = new EventHubSender(new HttpClient(wire), Endpoint, new InstantTime());
        await Assert.ThrowsAsync<HttpRequestException>(() => sender.SendAsync("x"u8.ToArray(), "text/plain", "gzip", CancellationToken.None));
        Assert.Equal(8, wire.Requests.Count);
    }

    private static List<string> Bodies(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.EnumerateArray().Select(e => e.GetProperty("Body").GetString()!).ToList();
    }

    private sealed class Catcher(Action<HttpRequestMessage> seen) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen(request);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Created));
        }
    }

    private sealed record Seen(string Address, string Authorization, string Body);

    private sealed class Wire(params object[] answers) : HttpMessageHandler
    {
        public List<Seen> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(new Seen(request.RequestUri!.AbsoluteUri, request.Headers.GetValues("Authorization").Single(), await request.Content!.ReadAsStringAsync(cancellationToken)));
            return answers[Requests.Count - 1] switch
            {
                Exception error => throw error,
                HttpStatusCode status => new HttpResponseMessage(status) { Content = new StringContent("why not") },
                var other => throw new InvalidOperationException($"no answer of type {other.GetType()}"),
            };
        }
    }

    /// <summary>A clock whose timers fire at once.</summary>
    private sealed class InstantTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
