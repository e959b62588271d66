using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Tests.Segments;

/// <summary>
/// The frozen segment <c>tests/formats/v1/segment-l0-v1.aud</c>. Every later reader must read it; it is never edited. The writer may
/// change its bytes (another codec, say): then a new fixture joins, and <see cref="Events"/> stays.
/// </summary>
public class SegmentFixtureTests
{
    [Fact]
    public void The_frozen_segment_of_version_1_reads_as_it_was_written()
    {
        var folder = Formats();
        var content = File.ReadAllBytes(Path.Combine(folder, "segment-l0-v1.aud"));
        using var facts = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "segment-l0-v1.json")));
        var headOffset = facts.RootElement.GetProperty("headOffset").GetInt32();
        Assert.Equal(facts.RootElement.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(content)));
        var head = SampleEvents.Parse(content, headOffset);
        SegmentFormat.CheckHeader(content, head.Count, headOffset);
        var expected = SampleEvents.Sorted(Events());
        Assert.Equal(expected.Count, head.Count);
        Assert.Equal(2, head.BlockCount);
        Assert.Equal(["1000000000000001", "contoso", "tenant-b"], head.Accounts.Select(a => a.AccountId));
        var blocks = SampleEvents.Blocks(content, head);
        for (var row = 0; row < expected.Count; row++)
        {
            Assert.Equal(expected[row].EventTimeMs, head.EventTimeMs(row));
            Assert.Equal(expected[row].EventIdHash, head.EventIdHash(row));
            Assert.Equal(expected[row].At, head.At(row));
            Assert.Equal(Encoding.UTF8.GetString(expected[row].Body), Encoding.UTF8.GetString(blocks[head.BlockOf(row)].Event(row).Span));
        }

        CheckAttributes(head, expected);
    }

    private static void CheckAttributes(SegmentHead head, List<SampleEvent> expected)
    {
        foreach (var (attribute, hash) in expected.SelectMany(e => e.Values).Distinct())
        {
            var found = new List<int>();
            foreach (var rows in head.Accounts)
                head.Select(rows, long.MinValue, long.MaxValue, [new(attribute, hash)], found);
            Assert.Equal(Enumerable.Range(0, expected.Count).Where(row => expected[row].Values.Contains((attribute, hash))), found);
        }
    }

    /// <summary>120 events of three accounts: plain arithmetic, so that no later change of a generator moves them.</summary>
    internal static List<SampleEvent> Events()
    {
        var events = new List<SampleEvent>();
        for (var i = 0; i < 120; i++)
        {
            var values = new List<(EventAttribute, ulong)> { Value(EventAttribute.EventId, $"event-{i}"), Value(EventAttribute.RequestId, $"request-{i}") };
            values.Add(Value(EventAttribute.User, $"user-{i % 7}"));
            values.Add(Value(EventAttribute.EventRW, i % 3 == 0 ? "Write" : "Read"));
            for (var r = 0; r < i % 4; r++)
                values.Add(Value(EventAttribute.ResourceName, $"resource-{(i + r) % 11}"));
            if (i % 10 == 0)
                values.Add(Value(EventAttribute.ErrorCode, "Forbidden"));
            values.Add(Value(EventAttribute.Region, "cn-hangzhou"));
            var padding = new StringBuilder();
            for (var p = 0; p < 100 + (i % 5); p++)
                padding.Append(CultureInfo.InvariantCulture, $"{i * 7919 * (p + 1) % 100_003} ");
            var body = string.Create(CultureInfo.InvariantCulture, $"{{\"eventId\":\"event-{i}\",\"größe\":{i},\"padding\":\"{padding}\"}}");
            var account = (i % 3) switch { 0 => "contoso", 1 => "tenant-b", _ => "1000000000000001" };
            events.Add(new(Encoding.UTF8.GetBytes(body), account, 1_790_000_000_000 + (i * 37 % 50 * 1000L), new(500 + (i / 4), i % 4, 1_790_000_100_000 + i), [.. values]));
        }

        return events;
    }

    internal static string Formats()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ActionTrail.Functions.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository is not above the test's folder.");
        return Path.Combine(folder, "tests", "formats", "v1");
    }

    private static (EventAttribute, ulong) Value(EventAttribute attribute, string text) => (attribute, Hash64.Of(text));
}
