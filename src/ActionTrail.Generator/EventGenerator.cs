using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ActionTrail.Generator;

/// <summary>
/// Makes audit events in the ActionTrail form, one JSON object at a time. The same seed and options give the same bytes on
/// every machine. Not safe for use by several threads at once; make one generator per thread, each with its own seed.
/// </summary>
public sealed class EventGenerator : IDisposable
{
    private readonly GeneratorOptions _options;
    private readonly byte[][] _accounts;
    private readonly ulong[] _accountSeeds;
    private readonly WeightedChoice _drawAccount;
    private readonly WeightedChoice _drawUser;
    private readonly WeightedChoice _drawService;
    private readonly WeightedChoice _drawResource;
    private readonly WeightedChoice _drawRegion = WeightedChoice.Zipf(Regions.Count, 1);
    private readonly WeightedChoice _drawError = WeightedChoice.Zipf(CatalogError.All.Count, 0.8);
    private readonly Utf8JsonWriter _writer = new(Stream.Null, new JsonWriterOptions { SkipValidation = true });
    private Chance _chance;
    private Draft _last;

    /// <summary>Starts a sequence of events.</summary>
    /// <exception cref="ArgumentException">An option is empty or not positive.</exception>
    public EventGenerator(int seed, GeneratorOptions options)
    {
        if (options.Fault() is { } fault)
            throw new ArgumentException(fault, nameof(options));
        _options = options;
        _chance = new Chance(Chance.Mix((ulong)(uint)seed + 1));
        _accounts = [.. options.Accounts.Select(Encoding.UTF8.GetBytes)];
        _accountSeeds = [.. _accounts.Select(SeedOf)];
        _drawAccount = WeightedChoice.Zipf(_accounts.Length, 0.95);
        _drawUser = WeightedChoice.Zipf(options.Users, 0.95);
        _drawService = new WeightedChoice([.. CatalogData.Services.Select(s => s.Weight)]);
        _drawResource = WeightedChoice.Zipf(Math.Max(1, options.Resources / CatalogData.ResourceKindCount), 0.8);
    }

    /// <summary>All event names that can occur.</summary>
    public static IReadOnlyCollection<string> EventNames { get; } =
        CatalogData.Services.SelectMany(s => s.Actions).Select(a => a.Name).Distinct(StringComparer.Ordinal).ToArray();

    /// <summary>How many events were made.</summary>
    public long Count { get; private set; }

    /// <summary>The facts of the event made last.</summary>
    /// <exception cref="InvalidOperationException">None was made yet.</exception>
    public GeneratedEvent Last => Count > 0 ? _last.Describe(_options.Accounts) : throw new InvalidOperationException("no event was made yet");

    /// <summary>Appends the next event, a JSON object without line end, with a time inside the span of the options.</summary>
    public void Next(IBufferWriter<byte> output) => Next(output, TimeInSpan());

    /// <summary>Appends the next event with the given time, cut to the second.</summary>
    public void Next(IBufferWriter<byte> output, DateTimeOffset eventTime)
    {
        Draw(eventTime.UtcDateTime);
        _writer.Reset(output);
        EventWriter.Write(_writer, _last, _accounts[_last.Account], TargetBytes());
        _writer.Flush();
        Count++;
    }

    public void Dispose() => _writer.Dispose();

    private void Draw(DateTime time)
    {
        _last.Account = _drawAccount.Draw(ref _chance);
        _last.AccountSeed = _accountSeeds[_last.Account];
        var user = _drawUser.Draw(ref _chance);
        _last.Actor = new Actor(user, Chance.Mix(_last.AccountSeed, (ulong)user));

        // A third of what somebody does is in the service they mostly use, most of it in their home region.
        var services = CatalogData.Services;
        _last.Service = services[_chance.Happens(0.33) ? _last.Actor.HomeService % services.Count : _drawService.Draw(ref _chance)];
        if (_last.IsConsole && _last.Actor.Kind is ActorKind.AssumedRole or ActorKind.System)
            _last.Service = services[0];
        _last.Action = _last.Service.Draw(ref _chance);
        _last.Region = _chance.Happens(0.8) ? _last.Actor.HomeRegion % 3 : _drawRegion.Draw(ref _chance);
        _last.Resource = _drawResource.Draw(ref _chance);
        _last.Time = time;
        (_last.EventIdHigh, _last.EventIdLow, _last.RequestSeed) = (_chance.Next(), _chance.Next(), _chance.Next());
        // Two usual addresses, now and then a new one.
        _last.AddressSeed = _chance.Happens(0.03) ? _chance.Next() : Chance.Mix(_last.Actor.Seed, (ulong)_chance.Below(2));
        _last.Error = !_chance.Happens(_options.ErrorShare) ? null
            : _last.IsConsole ? CatalogError.SigninFailed : CatalogError.All[_drawError.Draw(ref _chance)];
    }

    // From 0.8 to 1.2 times the mean, and every eighth from 0.8 to 2: real events have a long tail.
    private int TargetBytes()
    {
        var spread = _chance.Happens(0.125) ? 0.8 + (1.2 * _chance.Fraction()) : 0.75 + (0.36 * _chance.Fraction());
        return (int)(_options.MeanBytes * spread);
    }

    private DateTimeOffset TimeInSpan()
    {
        if (_options.EventsInSpan is not { } events)
            return _options.Start + (_options.Span * _chance.Fraction());
        var share = (Count + _chance.Fraction()) / events;
        var jitter = TimeSpan.FromMinutes(1) * (_chance.Fraction() - 0.5);
        var offset = (_options.Span * Math.Min(1, share)) + jitter;
        return _options.Start + TimeSpan.FromTicks(Math.Clamp(offset.Ticks, 0, Math.Max(0, _options.Span.Ticks - 1)));
    }

    private static ulong SeedOf(byte[] account)
    {
        var seed = 17UL;
        foreach (var b in account)
            seed = Chance.Mix(seed, b);
        return seed;
    }
}
