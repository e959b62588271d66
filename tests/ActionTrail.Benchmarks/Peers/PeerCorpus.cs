using System.Buffers;
using System.Globalization;
using System.Text;
using ActionTrail.Generator;

namespace ActionTrail.Benchmarks.Peers;

/// <summary>The facts by which an event is asked for; texts as numbers into <see cref="PeerCorpus.Texts"/>.</summary>
internal readonly record struct EventFact(Guid Id, long TimeMs, int User, int Resource, int Name);

/// <summary>
/// One seeded corpus for all stores: the generator's events of one account with 2,000 users over 90 days, in order of time. Keeps the facts of
/// each event, from which the true answer of any query is known.
/// </summary>
internal sealed class PeerCorpus
{
    public const int Seed = 11;

    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<string> texts = [];

    public PeerCorpus(int count, DateTimeOffset end)
    {
        (Count, End) = (count, end);
        Facts = new List<EventFact>(count);
    }

    public int Count { get; }

    /// <summary>The moment of the run, to the second; times of events fall into the 90 days that end shortly after it.</summary>
    public DateTimeOffset End { get; }

    public List<EventFact> Facts { get; }

    public IReadOnlyList<string> Texts => texts;

    public long FromMs => End.AddDays(-89.99).ToUnixTimeMilliseconds();

    public long ToMs => End.AddDays(1).ToUnixTimeMilliseconds();

    /// <summary>A generator at the first event: each store is fed the same bytes.</summary>
    public EventGenerator Open() => new(Seed, GeneratorOptions.Benchmark(End.AddDays(-89.9)) with { EventsInSpan = Count });

    /// <summary>Writes the events as the peers' clients load them (the format stands in tools/benchmarks/run.mjs) and learns their facts.</summary>
    public async Task WriteAsync(Stream file)
    {
        using var generator = Open();
        var (body, line) = (new ArrayBufferWriter<byte>(4096), new ArrayBufferWriter<byte>(8192));
        for (var i = 0; i < Count; i++)
        {
            body.Clear();
            line.Clear();
            generator.Next(body);
            var one = generator.Last;
            var fact = new EventFact(Guid.Parse(one.EventId), Cut(one.EventTime), Number(one.UserName), Number(one.ResourceName), Number(one.EventName));
            Facts.Add(fact);
            foreach (var field in new[]
                     {
                         one.EventId, one.AccountId, fact.TimeMs.ToString(CultureInfo.InvariantCulture), one.UserName, one.ResourceName, one.EventName, one.ServiceName, one.AccessKeyId ?? "", one.SourceIpAddress,
                     })
            {
                Escape(Encoding.UTF8.GetBytes(field), line);
                line.Write("\t"u8);
            }

            Escape(body.WrittenSpan, line);
            line.Write("\n"u8);
            await file.WriteAsync(line.WrittenMemory);
        }
    }

    /// <summary>As an event's JSON states its time.</summary>
    private static long Cut(DateTimeOffset time) => time.ToUnixTimeSeconds() * 1000;

    private static void Escape(ReadOnlySpan<byte> field, ArrayBufferWriter<byte> line)
    {
        if (field.ContainsAny((byte)'\t', (byte)'\n'))
            throw new InvalidOperationException("A field has a tab or a line end, which the corpus cannot hold.");
        for (int at; (at = field.IndexOf((byte)'\\')) >= 0; field = field[(at + 1)..])
        {
            line.Write(field[..at]);
            line.Write("\\\\"u8);
        }

        line.Write(field);
    }

    private int Number(string text)
    {
        if (!numbers.TryGetValue(text, out var number))
        {
            numbers[text] = number = texts.Count;
            texts.Add(text);
        }

        return number;
    }
}
