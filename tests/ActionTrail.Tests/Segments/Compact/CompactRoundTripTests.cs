using System.Security.Cryptography;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Tests.Segments.Compact;

public class CompactRoundTripTests
{
    [Theory]
    [InlineData(1, 1, 65_536)]
    [InlineData(2, 2, 1)]
    [InlineData(3, 64, 64)]
    [InlineData(4, 65, 64)]
    [InlineData(5, 500, 65_536)]
    [InlineData(6, 2000, 300)]
    public void Every_event_comes_back_in_order_byte_for_byte_with_its_place_in_the_log(int seed, int count, int groupRows)
    {
        foreach (var events in (List<SampleEvent>[])[SampleEvents.Make(seed, count), CompactSamples.Realistic(seed, count)])
        {
            using var image = CompactSamples.Build(events, groupRows: groupRows);
            var head = SampleEvents.Parse(image);
            Assert.Equal(1, head.Level);
            SegmentFormat.CheckHeader(image.Content.Span, head.Count, head.HeadOffset);
            CompactSamples.AssertRows(head, image.Content, CompactSamples.Sorted(events));
            Assert.Equal(events.Min(e => e.EventTimeMs), image.MinEventTimeMs);
            Assert.Equal(events.Max(e => e.EventTimeMs), head.MaxEventTimeMs);
            Assert.Equal(SHA256.HashData(image.Content.Span), image.Sha256);
            Assert.All(events, e => Assert.True(image.Accounts.MayHold(Hash64.Of(e.AccountId))));
        }
    }

    [Theory]
    [InlineData(10, 60, 65_536)]
    [InlineData(11, 400, 100)]
    [InlineData(12, 1500, 65_536)]
    [InlineData(13, 1500, 400)]
    public void Select_agrees_with_reading_everything(int seed, int count, int groupRows)
    {
        var events = SampleEvents.Make(seed, count, accounts: 3, maxBodyBytes: 80);
        using var image = CompactSamples.Build(events, groupRows: groupRows);
        var head = SampleEvents.Parse(image);
        var sorted = CompactSamples.Sorted(events);
        var random = new Random(seed);
        var found = 0;
        for (var round = 0; round < 400; round++)
        {
            var rows = head.Accounts[random.Next(head.Accounts.Count)];
            var from = SampleEvents.Start + random.Next(-10, 100_010);
            var to = from + random.Next(100_000);
            var filters = Filters(random, events);
            var expected = Enumerable.Range(0, count).Where(i => sorted[i].AccountId == rows.AccountId
                && sorted[i].EventTimeMs >= from && sorted[i].EventTimeMs < to
                && filters.All(f => sorted[i].Values.Any(v => v.Attribute == f.Attribute && v.Hash >> 32 == f.Hash >> 32))).ToList();
            var matches = new List<int> { -1 };
            head.Select(rows, from, to, filters, matches);
            Assert.Equal(expected, matches.Skip(1));
            Assert.Equal(-1, matches[0]);
            found += expected.Count;
        }

        Assert.True(found > 100, $"{found} rows found in all: the rounds prove little");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Values_are_counted_without_decoding_at_every_level(int level)
    {
        List<SampleEvent> events = [.. SampleEvents.Make(21, 700, accounts: 2, maxBodyBytes: 60), .. CompactSamples.Realistic(22, 700, accounts: 2)];
        using var image = level == 0 ? SampleEvents.Build(events) : CompactSamples.Build(events, groupRows: 333);
        var sorted = level == 0 ? SampleEvents.Sorted(events) : CompactSamples.Sorted(events);
        var head = SampleEvents.Parse(image);
        for (var attribute = 0; attribute < EventAttributes.Count; attribute++)
        {
            foreach (var (first, end) in ((int, int)[])[(0, 1400), (100, 900), (333, 334), (5, 5)])
            {
                var expected = sorted.Skip(first).Take(end - first).SelectMany(e => e.Values).Where(v => v.Attribute == (EventAttribute)attribute)
                    .GroupBy(v => (uint)(v.Hash >> 32)).ToDictionary(g => g.Key, g => g.Count());
                var (range, list) = (new Dictionary<uint, ValueTally>(), new Dictionary<uint, ValueTally>());
                var having = sorted.Skip(first).Take(end - first).Count(e => e.Values.Any(v => v.Attribute == (EventAttribute)attribute));
                Assert.Equal(having, head.CountValues((EventAttribute)attribute, first, end, range));
                Assert.Equal(having, head.CountValues((EventAttribute)attribute, [.. Enumerable.Range(first, end - first)], list));
                Assert.Equal(expected.OrderBy(p => p.Key), range.Select(p => KeyValuePair.Create(p.Key, p.Value.Count)).OrderBy(p => p.Key));
                Assert.Equal(range.OrderBy(p => p.Key), list.OrderBy(p => p.Key));
                foreach (var (prefix, tally) in range)
                {
                    var last = sorted.FindLastIndex(end - 1, end - first, e => e.Values.Any(v => v.Attribute == (EventAttribute)attribute && (uint)(v.Hash >> 32) == prefix));
                    Assert.Equal(last, tally.LastRow);
                }

                var read = new List<uint>();
                for (var row = first; row < end; row++)
                    head.ReadValues((EventAttribute)attribute, row, read);
                Assert.Equal(expected.Values.Sum(), read.Count);
            }
        }
    }

    [Fact]
    public void What_a_head_knows_of_a_row_is_enough_to_compact_it_again()
    {
        var events = CompactSamples.Realistic(31, 900);
        using var fresh = SampleEvents.Build(events);
        using var first = CompactSamples.Build(events);
        using var second = Compact(SampleEvents.Parse(first), first.Content, level: 2, static (head, row) => head.OriginOf(row)!.Value);
        Assert.Equal(2, SampleEvents.Parse(second).Level);
        Assert.Equal(Describe(first), Describe(second));
        Assert.Equal(first.Content.Length, second.Content.Length);

        var origins = events.ToDictionary(e => e.At, CompactSamples.OriginOf);
        using var direct = Compact(SampleEvents.Parse(fresh), fresh.Content, level: 1, (head, row) => origins[head.At(row)]);
        Assert.True(direct.Content.Span.SequenceEqual(first.Content.Span));
    }

    [Fact]
    public void Extreme_numbers_survive()
    {
        var farAhead = new CommitOrigin(PartitionName.Api(7), 0, long.MaxValue, DateTimeOffset.MaxValue);
        var longAgo = new CommitOrigin(PartitionName.Hub("n", "h", "9999"), long.MinValue, long.MinValue + 3, DateTimeOffset.MinValue);
        using var builder = new CompactSegmentBuilder(2);
        builder.Add(new("1"u8, new EventFacts { AccountId = "a", EventTimeMs = long.MinValue }, new(long.MaxValue, int.MaxValue, long.MaxValue), farAhead));
        builder.Add(new("2"u8, new EventFacts { AccountId = "a", EventTimeMs = long.MaxValue }, new(long.MinValue, 0, long.MinValue), longAgo));
        builder.Add(new("\"ü\""u8, new EventFacts { AccountId = "ü-\U0001F600", EventTimeMs = 0 }, new(5, 5, 5), farAhead));
        using var image = builder.Build();
        var head = SampleEvents.Parse(image);
        Assert.Equal([long.MinValue, long.MaxValue, 0], [head.EventTimeMs(0), head.EventTimeMs(1), head.EventTimeMs(2)]);
        Assert.Equal([new(long.MaxValue, int.MaxValue, long.MaxValue), new(long.MinValue, 0, long.MinValue), new(5, 5, 5)], [head.At(0), head.At(1), head.At(2)]);
        Assert.Equal([farAhead, longAgo, farAhead], [head.OriginOf(0), head.OriginOf(1), head.OriginOf(2)]);
        Assert.Equal("ü-\U0001F600", head.Accounts[1].AccountId);
    }

    private static string Describe(SegmentImage image) => SampleEvents.Describe(image.Content, image.HeadOffset);

    private static SegmentImage Compact(SegmentHead head, ReadOnlyMemory<byte> content, int level, Func<SegmentHead, int, CommitOrigin> originOf)
    {
        using var builder = new CompactSegmentBuilder(level);
        var blocks = SampleEvents.Blocks(content, head);
        var facts = new EventFacts();
        for (var row = 0; row < head.Count; row++)
        {
            head.ReadFacts(row, facts);
            builder.Add(new(blocks[head.BlockOf(row)].Event(row).Span, facts, head.At(row), originOf(head, row)));
        }

        return builder.Build();
    }

    private static AttributeFilter[] Filters(Random random, List<SampleEvent> events)
    {
        var values = events[random.Next(events.Count)].Values;
        var filters = new List<AttributeFilter>();
        for (var i = random.Next(4); i > 0 && values.Length > 0; i--)
        {
            var (attribute, hash) = values[random.Next(values.Length)];
            filters.Add(new(attribute, random.Next(15) == 0 ? hash + (1UL << 32) : hash));
        }

        return [.. filters];
    }
}
