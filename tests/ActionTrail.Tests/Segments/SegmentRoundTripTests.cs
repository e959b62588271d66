using System.Security.Cryptography;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Tests.Segments;

public class SegmentRoundTripTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 37)]
    [InlineData(4, 500)]
    [InlineData(5, 500)]
    [InlineData(6, 2000)]
    public void Every_event_comes_back_in_order_byte_for_byte(int seed, int count)
    {
        var events = SampleEvents.Make(seed, count);
        using var image = SampleEvents.Build(events);
        var head = SampleEvents.Parse(image);
        var blocks = SampleEvents.Blocks(image.Content, head);
        var expected = SampleEvents.Sorted(events);
        Assert.Equal(count, head.Count);
        Assert.Equal(count, image.Count);
        for (var row = 0; row < count; row++)
        {
            Assert.Equal(expected[row].EventTimeMs, head.EventTimeMs(row));
            Assert.Equal(expected[row].EventIdHash, head.EventIdHash(row));
            Assert.Equal(expected[row].At, head.At(row));
            Assert.True(blocks[head.BlockOf(row)].Event(row).Span.SequenceEqual(expected[row].Body), $"row {row}");
        }

        Assert.Equal(events.Min(e => e.EventTimeMs), image.MinEventTimeMs);
        Assert.Equal(events.Max(e => e.EventTimeMs), head.MaxEventTimeMs);
        Assert.Equal(SHA256.HashData(image.Content.Span), image.Sha256);
    }

    [Fact]
    public void The_account_directory_says_where_each_account_lies()
    {
        var events = SampleEvents.Make(seed: 7, count: 300, accounts: 40);
        using var image = SampleEvents.Build(events);
        var head = SampleEvents.Parse(image);
        var expected = events.GroupBy(e => e.AccountId).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        Assert.Equal(expected.Select(g => g.Key), head.Accounts.Select(a => a.AccountId));
        var first = 0;
        foreach (var group in expected)
        {
            Assert.True(head.TryFindAccount(group.Key, out var rows));
            Assert.Equal(new AccountRows(group.Key, first, group.Count(), group.Min(e => e.EventTimeMs), group.Max(e => e.EventTimeMs)), rows);
            Assert.True(image.Accounts.MayHold(Hash64.Of(group.Key)));
            first += group.Count();
        }

        Assert.False(head.TryFindAccount("acct", out _));
        Assert.False(head.TryFindAccount("zzz", out _));
        Assert.False(head.TryFindAccount("ACCT-1", out _));
    }

    [Theory]
    [InlineData(10, 60)]
    [InlineData(11, 400)]
    [InlineData(12, 1500)]
    public void Select_agrees_with_reading_everything(int seed, int count)
    {
        var events = SampleEvents.Make(seed, count, accounts: 3, maxBodyBytes: 80);
        using var image = SampleEvents.Build(events);
        var head = SampleEvents.Parse(image);
        var sorted = SampleEvents.Sorted(events);
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
                && filters.All(f => sorted[i].Values.Contains((f.Attribute, f.Hash)))).ToList();
            var matches = new List<int> { -1 };
            head.Select(rows, from, to, filters, matches);
            Assert.Equal(expected, matches.Skip(1));
            Assert.Equal(-1, matches[0]);
            found += expected.Count;
        }

        Assert.True(found > 100, $"{found} rows found in all: the rounds prove little");
    }

    [Fact]
    public void Select_tells_absent_values_from_a_value_that_hashes_to_zero()
    {
        var at = new EventCoordinates(1, 0, 5);
        SampleEvent[] events =
        [
            new("{}"u8.ToArray(), "a", 1, at, [(EventAttribute.User, 0), (EventAttribute.EventId, 0)]),
            new("{}"u8.ToArray(), "a", 2, at, []),
            new("{}"u8.ToArray(), "a", 3, at, [(EventAttribute.User, 7)]),
        ];
        using var image = SampleEvents.Build(events);
        var head = SampleEvents.Parse(image);
        Assert.Equal([0], Rows(head, new AttributeFilter(EventAttribute.User, 0)));
        Assert.Equal([0], Rows(head, new AttributeFilter(EventAttribute.EventId, 0)));
        Assert.Equal([2], Rows(head, new AttributeFilter(EventAttribute.User, 7)));
        Assert.Empty(Rows(head, new AttributeFilter(EventAttribute.Region, 0)));
        Assert.Empty(Rows(head, new AttributeFilter((EventAttribute)200, 7)));
        Assert.Equal([0, 1, 2], Rows(head));
    }

    [Fact]
    public void Extreme_numbers_survive()
    {
        SampleEvent[] events =
        [
            new("1"u8.ToArray(), "a", long.MinValue, new(0, int.MaxValue, long.MaxValue), []),
            new("2"u8.ToArray(), "a", long.MaxValue, new(long.MaxValue, 0, long.MinValue), []),
            new("3"u8.ToArray(), "ü-\U0001F600", 0, new(5, 5, 5), []),
        ];
        using var image = SampleEvents.Build(events);
        var head = SampleEvents.Parse(image);
        Assert.Equal(events.Select(e => e.At), [head.At(0), head.At(1), head.At(2)]);
        Assert.Equal(events.Select(e => e.EventTimeMs), [head.EventTimeMs(0), head.EventTimeMs(1), head.EventTimeMs(2)]);
        Assert.Equal("ü-\U0001F600", head.Accounts[1].AccountId);
    }

    private static List<int> Rows(SegmentHead head, params AttributeFilter[] filters)
    {
        var matches = new List<int>();
        head.Select(head.Accounts[0], 0, 100, filters, matches);
        return matches;
    }

    private static AttributeFilter[] Filters(Random random, List<SampleEvent> events)
    {
        var values = events[random.Next(events.Count)].Values;
        var filters = new List<AttributeFilter>();
        for (var i = random.Next(4); i > 0 && values.Length > 0; i--)
        {
            var (attribute, hash) = values[random.Next(values.Length)];
            filters.Add(new(attribute, random.Next(15) == 0 ? hash + 1 : hash));
        }

        return [.. filters];
    }
}
