using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActionTrail.Generator.Formats;

/// <summary>What the makers of all formats share: the options, one source of chance, and the things drawn from it.</summary>
internal sealed class Scene
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly WeightedChoice _person;
    private readonly ArrayBufferWriter<byte> _json = new();
    private Chance _chance;

    public Scene(int seed, TrafficFormat format, TrafficOptions options)
    {
        Options = options;
        _chance = new Chance(Chance.Mix((ulong)(uint)seed + 0xF0, (ulong)format));
        _person = WeightedChoice.Zipf(options.People, 0.95);
    }

    public TrafficOptions Options { get; }

    public Organisation Organisation => Options.Organisation;

    public ref Chance Chance => ref _chance;

    /// <summary>A time in the span, on the millisecond.</summary>
    public DateTimeOffset Time()
    {
        var offset = Options.Span * _chance.Fraction();
        return Options.Start + TimeSpan.FromMilliseconds(Math.Floor(offset.TotalMilliseconds));
    }

    public Person Person()
    {
        var index = _person.Draw(ref _chance) + 1;
        return new Person(new Actor(index, Generator.Chance.Mix(0xB0B, (ulong)index)), Organisation.Domain);
    }

    /// <summary>The person's usual address, now and then another.</summary>
    public string AddressOf(Person person) => Happens(0.03) ? Address() : person.HomeAddress;

    public string Address()
    {
        Span<byte> text = stackalloc byte[16];
        return Encoding.ASCII.GetString(Ids.Address(text, _chance.Next()));
    }

    /// <summary>One of the accounts, the first most often.</summary>
    public string One(IReadOnlyList<string> accounts)
    {
        var at = 0;
        while (at < accounts.Count - 1 && !Happens(0.6))
            at++;
        return accounts[at];
    }

    public T Pick<T>(IReadOnlyList<T> from) => from[_chance.Below(from.Count)];

    public int Below(int bound) => _chance.Below(bound);

    public bool Happens(double share) => _chance.Happens(share);

    public bool Fails() => Happens(Options.ErrorShare);

    public bool IsOdd() => Options.Quirks > 0 && Happens(Options.Quirks);

    public string Guid() => GuidOf(_chance.Next());

    public string Hex(int count) => Text(count, "0123456789abcdef"u8);

    public string Digits(int count) => Text(count, "0123456789"u8);

    public string Letters(int count) => Text(count, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8);

    public string Name(int count) => Text(count, Ids.Base36);

    /// <summary>The bytes of a record: compact JSON with readable text.</summary>
    public byte[] Bytes(JsonNode record)
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, Compact))
            record.WriteTo(writer);
        return _json.WrittenSpan.ToArray();
    }

    public string Text(JsonNode node) => Encoding.UTF8.GetString(Bytes(node));

    public static string GuidOf(ulong seed)
    {
        Span<byte> digits = stackalloc byte[36];
        return Encoding.ASCII.GetString(Ids.Guid(digits, Generator.Chance.Mix(seed + 3), Generator.Chance.Mix(seed + 5), upper: false));
    }

    /// <summary>ISO with so many fraction digits, UTC.</summary>
    public static string Iso(DateTimeOffset time, int digits) =>
        time.UtcDateTime.ToString(digits == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : $"yyyy-MM-dd'T'HH:mm:ss.{new string('f', digits)}'Z'", CultureInfo.InvariantCulture);

    public static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private string Text(int count, ReadOnlySpan<byte> alphabet)
    {
        Span<byte> text = stackalloc byte[count];
        return Encoding.ASCII.GetString(Ids.Text(text, default, _chance.Next(), count, alphabet));
    }
}

/// <summary>Somebody of the organisation; the same person has the same name, addresses and habits in every format.</summary>
internal sealed class Person(Actor actor, string domain)
{
    private readonly string _name = NameOf(actor);

    public ulong Seed => actor.Seed;

    /// <summary>Such as <c>alice.adams</c>.</summary>
    public string Name => _name;

    public string Upn => $"{_name}@{domain}";

    public string DisplayName => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(_name.Replace('.', ' '));

    public string ObjectId => Scene.GuidOf(Seed);

    public string Role => Encoding.ASCII.GetString(actor.Role);

    public bool UsesMfa => actor.UsesMfa;

    /// <summary>True for four of ten: works through roles, with programs.</summary>
    public bool IsMachine => Seed % 10 < 4;

    public string HomeAddress { get; } = AddressOf(actor.Seed);

    private static string NameOf(Actor actor)
    {
        Span<byte> text = stackalloc byte[64];
        return Encoding.ASCII.GetString(actor.Name(text));
    }

    private static string AddressOf(ulong seed)
    {
        Span<byte> text = stackalloc byte[16];
        return Encoding.ASCII.GetString(Ids.Address(text, Chance.Mix(seed)));
    }
}

/// <summary>A record's bytes and what it says.</summary>
internal readonly record struct MadeRecord(byte[] Json, ExpectedEvent Facts);

/// <summary>Makes the records of one format.</summary>
internal interface IRecordMaker
{
    /// <summary>Adds a record, or a few that belong together such as a start and its end.</summary>
    void Make(List<MadeRecord> records);
}
