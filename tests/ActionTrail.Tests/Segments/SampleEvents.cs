using System.Globalization;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Tests.Segments;

/// <summary>An event as a test knows it: the source of what a segment must give back.</summary>
internal sealed record SampleEvent(byte[] Body, string AccountId, long EventTimeMs, EventCoordinates At, (EventAttribute Attribute, ulong Hash)[] Values)
{
    public ulong EventIdHash => Values.FirstOrDefault(v => v.Attribute == EventAttribute.EventId).Hash;

    public EventFacts Facts()
    {
        var facts = new EventFacts { AccountId = AccountId, EventTimeMs = EventTimeMs };
        foreach (var (attribute, hash) in Values)
            Assert.True(facts.Add(attribute, hash));
        return facts;
    }
}

internal static class SampleEvents
{
    public const long Start = 1_790_000_000_000;

    /// <summary>Events of random accounts, times, sizes and attribute values; a few attributes hold several values, some none.</summary>
    public static List<SampleEvent> Make(int seed, int count, int accounts = 5, int maxBodyBytes = 3000)
    {
        var random = new Random(seed);
        var events = new List<SampleEvent>();
        for (var i = 0; i < count; i++)
        {
            var account = "acct-" + random.Next(accounts).ToString(CultureInfo.InvariantCulture);
            var values = new List<(EventAttribute, ulong)>();
            if (random.Next(20) > 0 || seed % 2 == 0)
                values.Add((EventAttribute.EventId, Hash64.Of($"id-{seed}-{i}")));
            for (var a = 1; a < EventAttributes.Count; a++)
            {
                var many = a is (int)EventAttribute.ResourceName or (int)EventAttribute.ResourceType ? random.Next(4) : random.Next(5) > 0 ? 1 : 0;
                for (var v = 0; v < many; v++)
                {
                    var value = ((EventAttribute)a, Hash64.Of($"{a}-{random.Next(a == 1 ? 100_000 : 3 + a)}"));
                    if (!values.Contains(value))
                        values.Add(value);
                }
            }

            var at = new EventCoordinates(100 + (i / 3), i % 3, Start + 60_000 + random.Next(1000));
            events.Add(new(Body(random, i, maxBodyBytes), account, Start + random.Next(100_000), at, [.. values]));
        }

        return events;
    }

    public static byte[] Body(Random random, int number, int maxBytes)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{{\"n\":{number},\"x\":\"");
        var size = random.Next(maxBytes);
        while (text.Length < size)
            text.Append(CultureInfo.InvariantCulture, $"{random.Next(1000)} ");
        return Encoding.UTF8.GetBytes(text.Append("\"}").ToString());
    }

    public static SegmentImage Build(IEnumerable<SampleEvent> events)
    {
        using var builder = new SegmentBuilder();
        foreach (var one in events)
            builder.Add(one.Body, one.Facts(), one.At);
        return builder.Build();
    }

    public static SegmentHead Parse(ReadOnlyMemory<byte> segment, long headOffset) => SegmentHead.Parse(segment[(int)headOffset..], headOffset, segment.Length);

    public static SegmentHead Parse(SegmentImage image) => Parse(image.Content, image.HeadOffset);

    /// <summary>The order of the format, told independently of the builder.</summary>
    public static List<SampleEvent> Sorted(IEnumerable<SampleEvent> events) => [.. events
        .OrderBy(e => e.AccountId, StringComparer.Ordinal).ThenBy(e => e.EventTimeMs).ThenBy(e => e.EventIdHash)
        .ThenBy(e => e.At.SequenceNumber).ThenBy(e => e.At.Index)];

    public static SegmentBlock[] Blocks(ReadOnlyMemory<byte> segment, SegmentHead head)
    {
        var blocks = new SegmentBlock[head.BlockCount];
        for (var i = 0; i < blocks.Length; i++)
        {
            var range = head.Block(i);
            blocks[i] = head.Decode(i, segment.Slice((int)range.Offset, range.Length));
        }

        return blocks;
    }

    /// <summary>Everything a reader can learn of a segment, as text: two segments with equal text answer equally.</summary>
    public static string Describe(ReadOnlyMemory<byte> segment, long headOffset)
    {
        var head = Parse(segment, headOffset);
        var blocks = Blocks(segment, head);
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{head.Count} {head.BlockCount} {head.MinEventTimeMs} {head.MaxEventTimeMs}\n");
        foreach (var account in head.Accounts)
            text.Append(CultureInfo.InvariantCulture, $"{account}\n");
        for (var row = 0; row < head.Count; row++)
        {
            var body = Encoding.UTF8.GetString(blocks[head.BlockOf(row)].Event(row).Span);
            text.Append(CultureInfo.InvariantCulture, $"{head.EventTimeMs(row)} {head.EventIdHash(row):x16} {head.At(row)} {body}\n");
        }

        return text.ToString();
    }
}
