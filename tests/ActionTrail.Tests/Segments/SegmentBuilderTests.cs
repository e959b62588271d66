using System.Text;
using ActionTrail.Events;
using ActionTrail.Segments;

namespace ActionTrail.Tests.Segments;

public class SegmentBuilderTests
{
    [Fact]
    public void The_same_events_give_the_same_bytes_whether_the_builder_is_new_or_used()
    {
        var events = SampleEvents.Make(seed: 41, count: 400);
        using var first = SampleEvents.Build(events);
        using var builder = new SegmentBuilder();
        foreach (var one in SampleEvents.Make(seed: 42, count: 900, accounts: 50))
            builder.Add(one.Body, one.Facts(), one.At);
        builder.Build().Dispose();
        builder.Clear();
        foreach (var one in events)
            builder.Add(one.Body, one.Facts(), one.At);
        using var second = builder.Build();
        using var third = builder.Build();
        Assert.True(first.Content.Span.SequenceEqual(second.Content.Span));
        Assert.True(first.Content.Span.SequenceEqual(third.Content.Span));
        Assert.Equal(first.Sha256, third.Sha256);
    }

    [Fact]
    public void The_order_of_adding_does_not_matter_when_coordinates_differ()
    {
        var events = SampleEvents.Make(seed: 43, count: 200);
        using var forward = SampleEvents.Build(events);
        events.Reverse();
        using var backward = SampleEvents.Build(events);
        Assert.True(forward.Content.Span.SequenceEqual(backward.Content.Span));
    }

    [Fact]
    public void An_empty_builder_builds_nothing()
    {
        using var builder = new SegmentBuilder();
        Assert.Throws<InvalidOperationException>(() => builder.Build());
        Add(builder, "{}", "a");
        builder.Clear();
        Assert.Throws<InvalidOperationException>(() => builder.Build());
        Add(builder, "{}", "a");
        Assert.Equal(1, builder.Remove("a", static (_, in _) => { }));
        Assert.Throws<InvalidOperationException>(() => builder.Build());
        Assert.Equal(0, builder.RawBytes);
    }

    [Fact]
    public void What_is_no_event_is_refused_and_changes_nothing()
    {
        using var builder = new SegmentBuilder();
        Assert.Throws<ArgumentException>(() => Add(builder, "", "a"));
        Assert.Throws<ArgumentException>(() => Add(builder, "{}", ""));
        Assert.Throws<ArgumentException>(() => Add(builder, "{}", "\ud800"));
        Assert.Throws<ArgumentException>(() => Add(builder, "{}", new string('ü', 128)));
        Assert.Throws<ArgumentException>(() => Add(builder, "{}", "a", index: -1));
        Assert.Throws<ArgumentException>(() => builder.Add(new byte[SegmentBuilder.MaxEventBytes + 1], new EventFacts { AccountId = "a" }, default));
        Assert.Equal(0, builder.Count);
        Assert.Empty(builder.Accounts);
    }

    [Fact]
    public void Removing_an_account_hands_out_its_events_and_leaves_no_trace()
    {
        var events = SampleEvents.Make(seed: 44, count: 300, accounts: 6);
        using var builder = new SegmentBuilder();
        foreach (var one in events)
            builder.Add(one.Body, one.Facts(), one.At);
        var removed = new List<string>();
        var gone = events.Where(e => e.AccountId is "acct-2" or "acct-5").ToList();
        var count = 0;
        foreach (var account in (string[])["acct-2", "acct-5", "nobody"])
            count += builder.Remove(account, (body, in at) => removed.Add($"{at} {Encoding.UTF8.GetString(body)}"));
        Assert.Equal(gone.Count, count);
        Assert.Equal(gone.OrderBy(e => e.AccountId, StringComparer.Ordinal).Select(e => $"{e.At} {Encoding.UTF8.GetString(e.Body)}"), removed);
        var kept = events.Except(gone).ToList();
        Assert.Equal(kept.Count, builder.Count);
        Assert.Equal(kept.Sum(e => e.Body.Length), builder.RawBytes);
        Assert.Equal(4, builder.Accounts.Count);
        using var expected = SampleEvents.Build(kept);
        using var image = builder.Build();
        Assert.True(expected.Content.Span.SequenceEqual(image.Content.Span));
    }

    [Theory]
    [InlineData(65_535, 2)]
    [InlineData(65_536, 2)]
    [InlineData(65_537, 2)]
    [InlineData(32_768, 1)]
    [InlineData(32_769, 2)]
    [InlineData(1_048_576, 2)]
    public void Two_events_of_a_size_share_a_block_only_up_to_64_KiB(int bytes, int blockCount)
    {
        var random = new Random(bytes);
        using var builder = new SegmentBuilder();
        var bodies = new List<byte[]>();
        for (var i = 0; i < 2; i++)
        {
            var body = new byte[bytes];
            for (var at = 0; at < body.Length; at++)
                body[at] = (byte)('a' + random.Next(20));
            bodies.Add(body);
            builder.Add(body, new EventFacts { AccountId = "a", EventTimeMs = i }, new(i, 0, i));
        }

        using var image = builder.Build();
        var head = SampleEvents.Parse(image);
        Assert.Equal(blockCount, head.BlockCount);
        var blocks = SampleEvents.Blocks(image.Content, head);
        for (var row = 0; row < 2; row++)
            Assert.True(blocks[head.BlockOf(row)].Event(row).Span.SequenceEqual(bodies[row]));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks[^1].Event(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => head.EventTimeMs(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => head.Block(blockCount));
    }

    [Fact]
    public void In_steady_state_a_batch_costs_a_few_bytes_of_garbage_per_event()
    {
        var events = SampleEvents.Make(seed: 45, count: 1000, accounts: 10);
        var facts = events.ConvertAll(e => e.Facts());
        using var builder = new SegmentBuilder();
        void Batch()
        {
            builder.Clear();
            for (var i = 0; i < events.Count; i++)
                builder.Add(events[i].Body, facts[i], events[i].At);
            using var image = builder.Build();
        }

        for (var i = 0; i < 5; i++)
            Batch();
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Batch();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least / (double)events.Count, 0, 16);
    }

    [Fact]
    public void The_smallest_segment_has_the_bytes_that_the_layout_page_counts()
    {
        using var builder = new SegmentBuilder();
        builder.Add("{}"u8, new EventFacts { AccountId = "a", EventTimeMs = 1000 }, new(7, 0, 1000));
        using var image = builder.Build();
        Assert.Equal(50, image.HeadOffset);
        Assert.Equal(293, image.Content.Length);
        Assert.True(image.Content.Span[..4].SequenceEqual("AUD1"u8));
        Assert.True(image.Content.Span[48..50].SequenceEqual("{}"u8));
        Assert.True(image.Content.Span[90..96].SequenceEqual("\u0001a\u0001\0\0\0"u8));
        Assert.True(image.Content.Span[^4..].SequenceEqual("AUD1"u8));
    }

    private static void Add(SegmentBuilder builder, string body, string account, int index = 0) =>
        builder.Add(Encoding.UTF8.GetBytes(body), new EventFacts { AccountId = account }, new(1, index, 1));
}
