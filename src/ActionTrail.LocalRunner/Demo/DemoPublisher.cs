using System.Buffers;
using ActionTrail.Generator;

namespace ActionTrail.LocalRunner.Demo;

/// <summary>Publishes generated events of the demo account through the event hub, and remembers which.</summary>
internal sealed class DemoPublisher(EventHubSender sender, EventGenerator generator, TextWriter output, TimeProvider clock)
{
    private const int EventsPerRequest = 500;
    private readonly ArrayBufferWriter<byte> _event = new();
    private readonly EventHubBatch _batch = new();

    /// <summary>Ids of all published events.</summary>
    public HashSet<string> Ids { get; } = new(StringComparer.Ordinal);

    /// <summary>The last event of every request. A request goes to one partition, in order: once these are seen, all are.</summary>
    public List<string> LastOfEachRequest { get; } = [];

    /// <summary>Publishes <paramref name="count"/> events and tells the progress each fifth. Returns events per second.</summary>
    public async Task<double> PublishAsync(int count, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var tell = count / 5;
        for (var made = 0; made < count;)
        {
            made += await SendAsync(Math.Min(EventsPerRequest, count - made), eventTime: null, cancellationToken);
            if (made < tell)
                continue;
            tell += count / 5;
            output.WriteLine($"  {made,7:N0} of {count:N0} events accepted by the event hub, {Rate(made),8:N0} events/s");
        }
        return Rate(count);

        double Rate(int events) => events / Math.Max(0.001, clock.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Publishes a few events with the time of now.</summary>
    public Task StreamAsync(int count, CancellationToken cancellationToken) => SendAsync(count, clock.GetUtcNow(), cancellationToken);

    private async Task<int> SendAsync(int count, DateTimeOffset? eventTime, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            _event.ResetWrittenCount();
            if (eventTime is { } time)
                generator.Next(_event, time);
            else
                generator.Next(_event);
            if (!_batch.TryAdd(_event.WrittenSpan, EventsPerRequest))
            {
                await FlushAsync(cancellationToken);
                _batch.TryAdd(_event.WrittenSpan, EventsPerRequest);
            }
            if (eventTime is null)
                Ids.Add(generator.Last.EventId);
        }
        await FlushAsync(cancellationToken);
        return count;

        async Task FlushAsync(CancellationToken token)
        {
            await sender.SendAsync(_batch, token);
            if (eventTime is null)
                LastOfEachRequest.Add(generator.Last.EventId);
        }
    }
}
