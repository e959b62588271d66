using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Events.CloudEvents;

namespace ActionTrail.Tests.Events.Corpus;

/// <summary>What the records of one message became, in order.</summary>
internal static class Outcomes
{
    private static readonly EventScanner Scanner = new(60);

    /// <summary>Normalises the message with what came beside it.</summary>
    public static RecordingSink Of(MessageNormalizer normalizer, ReadOnlySpan<byte> message, OddRecord? row = null)
    {
        var sink = new RecordingSink();
        var attributes = row is { Properties.Length: > 0 } ? CloudEventAttributes.FromProperties(row.Properties) : null;
        normalizer.Normalize(message, RecordingSink.Origin() with { ContentType = row?.ContentType, CloudEvent = attributes }, sink);
        return sink;
    }

    /// <summary>Every outcome in the words of <see cref="OddRecord.Expected"/>, with the bytes that were stored; ids that <paramref name="expected"/> says are derived become that word.</summary>
    public static List<(string Words, string? Body)> InOrder(this RecordingSink sink, string expected) =>
    [
        .. sink.Accepted.Select(a => (a.Index, Words: Ok(a.Account, a.TimeMs, EventMatcher.EventId(Encoding.UTF8.GetBytes(a.Body))!, expected), Body: (string?)a.Body))
            .Concat(sink.Rejected.Select(static r => (r.Index, Words: $"{r.Reason.Code} {r.Reason.Field}".TrimEnd(), Body: (string?)null)))
            .OrderBy(static o => o.Index).Select(static o => (o.Words, o.Body)),
    ];

    /// <summary>What is stored is JSON, and whoever reads it finds account, time and values that it was stored under; what is refused has a pointer or none, and a rule.</summary>
    public static void Check(RecordingSink sink)
    {
        foreach (var (body, account, timeMs, values, _) in sink.Accepted)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            JsonDocument.Parse(bytes).Dispose();
            var reader = new Utf8JsonReader(bytes);
            var found = new Values(new EventFacts());
            reader.Read();
            lock (Scanner)
            {
                Scanner.Scan(ref reader, ref found, mayWrapRecords: false);
                Assert.Null(Scanner.CheckRequired());
                Assert.True(Scanner.HasEventId);
                Assert.False(Scanner.IsTooDeep);
                Assert.Equal((account, timeMs), (Scanner.AccountId, Scanner.EventTimeMs));
            }

            Assert.Equal(values.Order(), Enumerable.Range(0, found.Facts.ValueCount).Select(i => found.Facts[i]).Order());
        }

        foreach (var (_, reason, _) in sink.Rejected)
        {
            Assert.EndsWith(".", reason.Rule, StringComparison.Ordinal);
            Assert.True(reason.Field is null or ['/', ..], reason.Field);
        }
    }

    private static string Ok(string account, long timeMs, string id, string expected)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var isDerived = Guid.TryParseExact(id, "D", out _) && !expected.Contains(id, StringComparison.Ordinal);
        return $"ok {account} {time} {(isDerived ? "derived" : id)}";
    }

    private readonly struct Values(EventFacts facts) : IAttributeValues
    {
        public EventFacts Facts => facts;

        public bool Take(EventAttribute attribute, scoped ReadOnlySpan<byte> utf8) => facts.Add(attribute, utf8);
    }
}
