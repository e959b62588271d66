using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Tests.Segments;

/// <summary>
/// The frozen segments <c>tests/formats/v1/segment-l0-v1.aud</c> of the history and <c>segment-l0-v1-logstore.aud</c> of a Logstore, whose rows bear one owner and the account of each event as
/// an attribute. Every later reader must read them; they are never edited. The writer may change its bytes (another codec, say): then a new fixture joins, and <see cref="Events"/> stays.
/// With <c>ACTIONTRAIL_FREEZE=1</c> a file that is missing is written.
/// </summary>
public class SegmentFixtureTests
{
    [Theory]
    [InlineData("segment-l0-v1")]
    [InlineData("segment-l0-v1-logstore")]
    public void The_frozen_segment_of_version_1_reads_as_it_was_written(string name)
    {
        var events = EventsOf(name);
        var (content, headOffset) = Read(name, () => SampleEvents.Build(events));
        var head = SampleEvents.Parse(content, headOffset);
        SegmentFormat.CheckHeader(content, head.Count, headOffset);
        var expected = SampleEvents.Sorted(events);
        Assert.Equal(expected.Count, head.Count);
        Assert.Equal(2, head.BlockCount);
        Assert.Equal(expected.Select(static e => e.AccountId).Distinct(), head.Accounts.Select(a => a.AccountId));
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

    /// <summary>The events that a frozen segment of this name was made of.</summary>
    internal static List<SampleEvent> EventsOf(string name) => !name.EndsWith("-logstore", StringComparison.Ordinal) ? Events()
        : Events().ConvertAll(static e => e with { AccountId = "owner", Values = [.. e.Values, Value(EventAttribute.RecipientAccount, e.AccountId)] });

    internal static (byte[] Content, int HeadOffset) Read(string name, Func<SegmentImage> today)
    {
        var path = Path.Combine(Formats(), name);
        if (Environment.GetEnvironmentVariable("ACTIONTRAIL_FREEZE") == "1" && !File.Exists(path + ".aud"))
        {
            using var image = today();
            File.WriteAllBytes(path + ".aud", image.Content.Span);
            File.WriteAllText(path + ".json", string.Create(CultureInfo.InvariantCulture, $"{{\n  \"sha256\": \"{Convert.ToHexStringLower(SHA256.HashData(image.Content.Span))}\",\n  \"headOffset\": {image.HeadOffset}\n}}\n"));
        }

        var content = File.ReadAllBytes(path + ".aud");
        using var facts = JsonDocument.Parse(File.ReadAllBytes(path + ".json"));
        Assert.Equal(facts.RootElement.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(content)));
        return (content, facts.RootElement.GetProperty("headOffset").GetInt32());
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
