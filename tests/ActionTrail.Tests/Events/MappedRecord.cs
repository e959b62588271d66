using System.Text;
using System.Text.Json;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events;

/// <summary>What one record became: its members by path, and what a lookup finds in the stored bytes.</summary>
internal sealed class MappedRecord
{
    private readonly byte[] stored;
    private readonly JsonElement root;

    private MappedRecord(string body, string account, long timeMs)
    {
        Body = body;
        Account = account;
        TimeMs = timeMs;
        stored = Encoding.UTF8.GetBytes(body);
        using var document = JsonDocument.Parse(body);
        root = document.RootElement.Clone();
    }

    public string Body { get; }

    public string Account { get; }

    public long TimeMs { get; }

    /// <summary>The member at a path of names, raw text of objects and numbers; null when it is absent.</summary>
    public string? this[string path]
    {
        get
        {
            var at = root;
            foreach (var name in path.Split('/'))
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                {
                    return null;
                }
            }

            return at.ToString();
        }
    }

    public static MappedRecord Of(string message)
    {
        var sink = RecordingSink.Of(message);
        Assert.Empty(sink.Rejected);
        var (body, account, timeMs, _, _) = Assert.Single(sink.Accepted);
        return new MappedRecord(body, account, timeMs);
    }

    public static IReadOnlyList<MappedRecord> AllOf(string message)
    {
        var sink = RecordingSink.Of(message);
        Assert.Empty(sink.Rejected);
        return [.. sink.Accepted.Select(a => new MappedRecord(a.Body, a.Account, a.TimeMs))];
    }

    /// <summary>Whether a lookup by this attribute and value finds the event.</summary>
    public bool IsFoundBy(EventAttribute attribute, string value) => EventMatcher.Has(stored, attribute, Encoding.UTF8.GetBytes(value));
}

/// <summary>Damages records at random, the same way for the same seed.</summary>
internal static class Mutation
{
    /// <summary>Normalises <paramref name="rounds"/> damaged copies, each between two whole neighbours on lines of their own, which must survive; how many came through.</summary>
    public static int Survive(IReadOnlyList<string> records, int seed, int rounds)
    {
        var random = new Random(seed);
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        var before = Encoding.UTF8.GetBytes(Samples.Minimal + "\n");
        var accepted = 0;
        for (var i = 0; i < rounds; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(records[i % records.Count].ReplaceLineEndings(" "));
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(4) == 0 ? (byte)random.Next(32, 256) : "{}[]\",:\\ n0u1"u8[random.Next(13)];
            }

            byte[] message = [.. before, .. bytes, .. "\n"u8, .. before];
            var first = new RecordingSink();
            normalizer.Normalize(message, RecordingSink.Origin(), first);
            Assert.True(first.Count >= 3);
            Assert.Equal(Samples.Minimal, first.Accepted[0].Body);
            Assert.Equal(Samples.Minimal, first.Accepted[^1].Body);
            Assert.Equal(first.Accepted.Select(a => a.Body), RecordingSink.Of(message).Accepted.Select(a => a.Body));
            foreach (var (body, _, _, _, _) in first.Accepted)
            {
                JsonDocument.Parse(body).Dispose();
            }

            accepted += first.Accepted.Count - 2;
        }

        return accepted;
    }
}
