using System.Runtime.CompilerServices;

namespace ActionTrail.Generator.Formats;

/// <summary>Messages of several formats in one stream, each format with its weight. Same seed, options and weights, same messages.</summary>
public sealed class MixedTraffic : IDisposable
{
    private readonly TrafficGenerator[] _generators;
    private readonly WeightedChoice _choice;
    private Chance _chance;

    /// <param name="seed">The same seed gives the same messages.</param>
    /// <param name="options">What the events look like.</param>
    /// <param name="weights">Formats and how often their messages come, relative to each other; null: <see cref="DefaultWeights"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or no format has a weight.</exception>
    public MixedTraffic(int seed, TrafficOptions options, IReadOnlyDictionary<TrafficFormat, double>? weights = null)
    {
        var wanted = (weights ?? DefaultWeights).Where(static w => w.Value > 0).OrderBy(static w => w.Key).ToArray();
        if (wanted.Length == 0)
            throw new ArgumentException("a mix needs at least one format", nameof(weights));
        _generators = [.. wanted.Select(w => new TrafficGenerator(w.Key, seed, options))];
        _choice = new WeightedChoice([.. wanted.Select(static w => w.Value)]);
        _chance = new Chance(Chance.Mix((ulong)(uint)seed + 0x313));
    }

    /// <summary>Many single native events and CloudTrail files, fewer of the rest: of the events, no format has more than two fifths.</summary>
    public static IReadOnlyDictionary<TrafficFormat, double> DefaultWeights { get; } = new Dictionary<TrafficFormat, double>
    {
        [TrafficFormat.Native] = 40,
        [TrafficFormat.DataEvents] = 3,
        [TrafficFormat.CloudTrail] = 12,
        [TrafficFormat.AzureActivity] = 8,
        [TrafficFormat.EntraAudit] = 2,
        [TrafficFormat.EntraSignIn] = 5,
        [TrafficFormat.KeyVault] = 4,
        [TrafficFormat.StorageLogs] = 4,
        [TrafficFormat.GoogleAudit] = 5,
        [TrafficFormat.CloudEvents] = 8,
        [TrafficFormat.CloudEventsBatch] = 2,
        [TrafficFormat.CloudEventsBinary] = 6,
        [TrafficFormat.Platform] = 1,
    };

    /// <summary>The next message, as fast as possible.</summary>
    public HubMessage Next() => _generators[_choice.Draw(ref _chance)].Next();

    /// <summary>Messages at a steady rate, without end: late ones follow at once, so that the rate holds on the whole.</summary>
    /// <param name="eventsPerSecond">Events, not messages; positive.</param>
    /// <param name="clock">Measures the rate.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<HubMessage> AtRateAsync(double eventsPerSecond, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(eventsPerSecond);
        var started = clock.GetTimestamp();
        for (var events = 0L; ;)
        {
            var ahead = TimeSpan.FromSeconds(events / eventsPerSecond) - clock.GetElapsedTime(started);
            if (ahead > TimeSpan.Zero)
                await Task.Delay(ahead, clock, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            var message = Next();
            events += message.Events.Count;
            yield return message;
        }
    }

    public void Dispose()
    {
        foreach (var generator in _generators)
            generator.Dispose();
    }
}
