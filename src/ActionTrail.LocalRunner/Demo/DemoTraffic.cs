using ActionTrail.Generator;
using ActionTrail.Generator.Formats;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>Publishes messages in the formats of other producers through the event hub, and remembers which events they hold.</summary>
internal sealed class DemoTraffic(EventHubSender sender, IReadOnlyList<TrafficFormat> formats, TimeProvider clock)
{
    private const int MostMessages = 100;
    private const int MessagesPerRequest = 500;

    private readonly EventHubBatch _batch = new();
    private int _streamed;

    /// <summary>The formats that are published.</summary>
    public IReadOnlyList<TrafficFormat> Formats => formats;

    /// <summary>Every published event and its format. Not those that were streamed.</summary>
    public List<(TrafficFormat Format, ExpectedEvent Event)> Published { get; } = [];

    /// <summary>Publishes 1 to 100 messages of every format, one for a hundred native events.</summary>
    /// <param name="seed">Another one in every run.</param>
    /// <param name="options">Times and the organisation.</param>
    /// <param name="nativeEvents">How many native events the tour has.</param>
    /// <param name="cancellationToken">Ends the work between two requests.</param>
    public async Task PublishAsync(int seed, TrafficOptions options, int nativeEvents, CancellationToken cancellationToken)
    {
        foreach (var format in formats)
        {
            foreach (var message in FormatCorpus.Messages(format, Math.Clamp(nativeEvents / 100, 1, MostMessages), seed, options with { RecordsPerMessage = 6 }))
            {
                await SendAsync(message, cancellationToken);
                Published.AddRange(message.Events.Select(e => (format, e)));
            }
            await sender.SendAsync(_batch, cancellationToken);
        }
    }

    /// <summary>Publishes one message of any of the formats, with times of just now.</summary>
    public async Task StreamAsync(int seed, TrafficOptions options, CancellationToken cancellationToken)
    {
        if (formats.Count == 0)
            return;
        var now = clock.GetUtcNow();
        using var mix = new MixedTraffic(seed + ++_streamed, options with { Start = now.AddSeconds(-5), Span = TimeSpan.FromSeconds(5), RecordsPerMessage = 3 },
            MixedTraffic.DefaultWeights.Where(w => formats.Contains(w.Key)).ToDictionary(static w => w.Key, static w => w.Value));
        await SendAsync(mix.Next(), cancellationToken);
        await sender.SendAsync(_batch, cancellationToken);
    }

    // What has a content type of its own to show, and what is no text, goes by itself; the rest in batches.
    private async Task SendAsync(HubMessage message, CancellationToken cancellationToken)
    {
        if (message.ContentType.StartsWith("application/cloudevents", StringComparison.Ordinal) || !EventHubBatch.CanHold(message))
        {
            await sender.SendAsync(message, cancellationToken);
            return;
        }
        if (_batch.TryAdd(message, MessagesPerRequest))
            return;
        await sender.SendAsync(_batch, cancellationToken);
        _batch.TryAdd(message, MessagesPerRequest);
    }
}
