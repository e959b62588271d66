using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using ActionTrail.Generator;

namespace ActionTrail.EndToEnd.Tests.NothingLost;

/// <summary>A batch that was sent once. <paramref name="AcknowledgedAt"/> is null when nobody knows what became of it.</summary>
internal sealed record SentBatch(bool OverHub, IReadOnlyList<string> EventIds, DateTimeOffset? AcknowledgedAt);

/// <summary>
/// Publishers that never repeat a batch: what is there twice, the service made twice. Every request has a connection of its own, for a client
/// may repeat by itself what it sent on a connection that turned out to be closed.
/// </summary>
internal sealed class Publishers(HttpClient http, EventHubEndpoint hub, ApiClient api, string account, int seed)
{
    private const int HubPublishers = 3;
    private const int HubBatch = 50;
    private const int ApiBatch = 20;
    private const int ShortestPauseMs = 150;
    private const int LongestPauseMs = 600;

    private readonly Lazy<string> token = new(() => hub.Token(DateTimeOffset.UtcNow.AddDays(1)));

    public ConcurrentQueue<SentBatch> Sent { get; } = new();

    /// <summary>Sends until cancelled; what is under way is waited for.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, HubPublishers + 1).Select(number => Task.Run(
        () => PublishAsync(number < HubPublishers, new Random(unchecked(seed + number)), cancellationToken), CancellationToken.None)));

    private async Task PublishAsync(bool overHub, Random chance, CancellationToken cancellationToken)
    {
        using var generator = new EventGenerator(chance.Next(), new GeneratorOptions { Accounts = [account], Start = DateTimeOffset.UtcNow.AddHours(-1), Span = TimeSpan.FromHours(1) });
        while (!cancellationToken.IsCancellationRequested)
        {
            Sent.Enqueue(await (overHub ? SendToHubAsync(generator) : SendToApiAsync(generator)));
            await Task.Delay(chance.Next(ShortestPauseMs, LongestPauseMs), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<SentBatch> SendToHubAsync(EventGenerator generator)
    {
        var (ids, batch, one) = (new List<string>(), new EventHubBatch(), new ArrayBufferWriter<byte>());
        for (var i = 0; i < HubBatch; i++)
        {
            one.ResetWrittenCount();
            generator.Next(one);
            Assert.True(batch.TryAdd(one.WrittenSpan, HubBatch));
            ids.Add(generator.Last.EventId);
        }

        using var content = new ByteArrayContent(batch.ToBody());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.microsoft.servicebus.json");
        using var request = new HttpRequestMessage(HttpMethod.Post, hub.SendAddress) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", token.Value);
        request.Headers.ConnectionClose = true;
        return await AcknowledgeAsync(ids, overHub: true, HttpStatusCode.Created, () => http.SendAsync(request));
    }

    private async Task<SentBatch> SendToApiAsync(EventGenerator generator)
    {
        var (ids, body) = (new List<string>(), new ArrayBufferWriter<byte>());
        for (var i = 0; i < ApiBatch; i++)
        {
            generator.Next(body);
            body.Write("\n"u8);
            ids.Add(generator.Last.EventId);
        }

        using var content = new ByteArrayContent(body.WrittenSpan.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        return await AcknowledgeAsync(ids, overHub: false, HttpStatusCode.OK, () => api.SendAsync(HttpMethod.Post, "v1/events", content, CancellationToken.None));
    }

    private static async Task<SentBatch> AcknowledgeAsync(List<string> ids, bool overHub, HttpStatusCode success, Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            using var response = await send();
            if (response.StatusCode == success)
            {
                return new SentBatch(overHub, ids, DateTimeOffset.UtcNow);
            }

            Assert.True((int)response.StatusCode >= 500, $"A batch was refused with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            // Nobody knows: it may be stored, once.
        }

        return new SentBatch(overHub, ids, AcknowledgedAt: null);
    }
}
