using System.Globalization;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Tests.Segments.Compact;

/// <summary>Compacted segments of sample events.</summary>
internal static class CompactSamples
{
    private static readonly PartitionName[] Partitions = [PartitionName.Api(0), PartitionName.Hub("a.example", "h", "3"), PartitionName.Hub("a.example", "h", "12")];

    /// <summary>The commit of an event: ten sequence numbers each, in three partitions.</summary>
    public static CommitOrigin OriginOf(SampleEvent one)
    {
        var first = one.At.SequenceNumber / 10 * 10;
        return new(Partitions[first / 10 % 3], first, first + 9, DateTimeOffset.FromUnixTimeMilliseconds(SampleEvents.Start + 70_000).AddTicks(first * 12_345));
    }

    /// <summary>The order of the format, told independently of the builder.</summary>
    public static List<SampleEvent> Sorted(IEnumerable<SampleEvent> events) => [.. events
        .OrderBy(e => e.AccountId, StringComparer.Ordinal).ThenBy(e => e.EventTimeMs).ThenBy(e => e.EventIdHash >> 32)
        .ThenBy(e => OriginOf(e).CommittedAt).ThenBy(e => e.At.SequenceNumber).ThenBy(e => e.At.Index)];

    public static SegmentImage Build(IEnumerable<SampleEvent> events, int level = 1, int groupRows = CompactFormat.MaxGroupRows)
    {
        using var builder = new CompactSegmentBuilder(level, groupRows);
        foreach (var one in Sorted(events))
            builder.Add(new(one.Body, one.Facts(), one.At, OriginOf(one)));
        return builder.Build();
    }

    public static SegmentImage Build(IReadOnlyList<byte[]> bodies, int groupRows = CompactFormat.MaxGroupRows)
    {
        using var builder = new CompactSegmentBuilder(1, groupRows);
        for (var i = 0; i < bodies.Count; i++)
        {
            var facts = new EventFacts { AccountId = "a", EventTimeMs = SampleEvents.Start + i };
            builder.Add(new(bodies[i], facts, new(i, 0, i), new(PartitionName.Api(0), 0, long.MaxValue, DateTimeOffset.UnixEpoch)));
        }

        return builder.Build();
    }

    /// <summary>Events whose bodies say what their facts say, a few kinds of them, as real ones come.</summary>
    public static List<SampleEvent> Realistic(int seed, int count, int accounts = 3)
    {
        var random = new Random(seed);
        var events = new List<SampleEvent>();
        for (var i = 0; i < count; i++)
        {
            var user = random.Next(12);
            var time = SampleEvents.Start + (random.Next(60_000) * 1000L);
            var (id, request) = (Guid(random), Guid(random).ToUpperInvariant());
            var account = $"acct-{random.Next(accounts)}";
            var name = random.Next(3) switch { 0 => "CreateInstance", 1 => "DeleteInstance", _ => "DescribeInstances" };
            var write = name[0] != 'D' || name[2] == 'l' ? "Write" : "Read";
            var resources = Enumerable.Range(0, random.Next(3)).Select(r => $"i-{random.Next(30)}").Distinct().ToArray();
            var stamp = DateTimeOffset.FromUnixTimeMilliseconds(time).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var body = $$"""
                {"eventId":"{{id}}","eventTime":"{{stamp}}","eventName":"{{name}}","eventRW":"{{write}}","requestId":"{{request}}","recipientAccountId":"{{account}}",
                "userIdentity":{"userName":"user-{{user}}","principalId":"p{{user * 7919}}","ok":{{(user % 2 == 0 ? "true" : "null")}}},"n":{{random.Next(2000)}},
                "resourceName":"{{string.Join(';', resources)}}","again":"{{request}}","list":[{{string.Join(", ", resources.Select(r => $"\"{r}\""))}}]}
                """.ReplaceLineEndings(" ");
            (EventAttribute, ulong)[] values =
            [
                (EventAttribute.EventId, Hash64.Of(id)), (EventAttribute.RequestId, Hash64.Of(request)), (EventAttribute.User, Hash64.Of($"user-{user}")),
                (EventAttribute.PrincipalId, Hash64.Of($"p{user * 7919}")), (EventAttribute.EventName, Hash64.Of(name)), (EventAttribute.EventRW, Hash64.Of(write)),
                .. resources.Select(r => (EventAttribute.ResourceName, Hash64.Of(r))),
            ];
            events.Add(new(Encoding.UTF8.GetBytes(body), account, time, new(100 + (i / 3), i % 3, time + random.Next(5000)), values));
        }

        return events;
    }

    public static void AssertRows(SegmentHead head, ReadOnlyMemory<byte> content, List<SampleEvent> expected)
    {
        var blocks = SampleEvents.Blocks(content, head);
        Assert.Equal(expected.Count, head.Count);
        for (var row = 0; row < expected.Count; row++)
        {
            Assert.Equal(expected[row].AccountId, head.AccountId(row));
            Assert.Equal(expected[row].EventTimeMs, head.EventTimeMs(row));
            Assert.Equal((uint)(expected[row].EventIdHash >> 32), head.EventIdPrefix(row));
            Assert.Equal(expected[row].At, head.At(row));
            Assert.Equal(OriginOf(expected[row]), head.OriginOf(row));
            Assert.Equal(Encoding.UTF8.GetString(expected[row].Body), Encoding.UTF8.GetString(blocks[head.BlockOf(row)].Event(row).Span));
        }
    }

    private static string Guid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }
}
