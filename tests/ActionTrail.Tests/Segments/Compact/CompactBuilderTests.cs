using System.Globalization;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Tests.Segments.Compact;

public class CompactBuilderTests
{
    private static readonly CommitOrigin Early = new(PartitionName.Api(1), 0, 99, DateTimeOffset.UnixEpoch);
    private static readonly CommitOrigin Late = new(PartitionName.Api(0), 0, 99, DateTimeOffset.UnixEpoch.AddTicks(1));

    [Fact]
    public void The_same_rows_give_the_same_bytes_whether_the_builder_is_new_or_used()
    {
        var events = CompactSamples.Sorted(CompactSamples.Realistic(41, 700));
        using var first = CompactSamples.Build(events, groupRows: 200);
        using var builder = new CompactSegmentBuilder(1, 200);
        for (var round = 0; round < 2; round++)
        {
            foreach (var one in CompactSamples.Sorted(SampleEvents.Make(42 + round, 900, accounts: 50)))
                builder.Add(new(one.Body, one.Facts(), one.At, CompactSamples.OriginOf(one)));
            builder.Build().Dispose();
            builder.Clear();
            foreach (var one in events)
                builder.Add(new(one.Body, one.Facts(), one.At, CompactSamples.OriginOf(one)));
            using var second = builder.Build();
            builder.Clear();
            Assert.True(first.Content.Span.SequenceEqual(second.Content.Span));
            Assert.Equal(first.Sha256, second.Sha256);
        }
    }

    [Fact]
    public void Of_copies_the_one_that_was_committed_first_stays_in_whatever_order_they_come()
    {
        (string Body, CommitOrigin Origin, int Sequence)[] copies = [(Event("x", 1), Late, 3), (Event("x", 2), Early, 9), (Event("x", 3), Early, 8), (Event("x", 4), Late, 2)];
        foreach (var order in (int[][])[[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
        {
            using var builder = new CompactSegmentBuilder(1);
            foreach (var i in order)
                Add(builder, copies[i].Body, "x", 1000, copies[i].Origin, copies[i].Sequence);
            Assert.Equal((1, 3), (builder.Count, builder.Copies));
            Assert.Equal(copies[2].Body.Length, builder.RawBytes);
            Assert.Equal([copies[2].Body], Bodies(builder));
        }
    }

    [Fact]
    public void Another_time_another_id_and_another_account_are_other_events()
    {
        using var builder = new CompactSegmentBuilder(1);
        Add(builder, Event("x", 1), "x", 1000, Late, 1);
        Add(builder, Event("x", 1), "x", 1001, Late, 2);
        Add(builder, Event("x", 1), "x", 1000, Late, 3, account: "b");
        Assert.Equal((3, 0), (builder.Count, builder.Copies));
        Assert.Equal(3, Bodies(builder).Count);
    }

    [Fact]
    public void Ids_whose_hashes_meet_are_told_apart_and_events_without_id_are_nobodys_copy()
    {
        using var builder = new CompactSegmentBuilder(1);
        var hash = Hash64.Of("x");
        Add(builder, "{\"eventId\":\"x\"}", hash, 1000, Late, 2);
        Add(builder, "{\"eventId\":\"y\"}", hash, 1000, Early, 1);
        Add(builder, "{\"eventId\":\"x\"}", hash, 1000, Late, 3);
        Assert.Equal((2, 1), (builder.Count, builder.Copies));
        Assert.Equal(["{\"eventId\":\"y\"}", "{\"eventId\":\"x\"}"], Bodies(builder));
        builder.Clear();
        Add(builder, "{}", (ulong?)null, 1000, Late, 1);
        Add(builder, "{}", (ulong?)null, 1000, Early, 1);
        Assert.Equal((2, 0), (builder.Count, builder.Copies));
    }

    [Fact]
    public void A_heap_of_events_under_one_hash_is_kept_whole()
    {
        using var builder = new CompactSegmentBuilder(1);
        for (var i = 0; i < 300; i++)
            Add(builder, Event($"id-{i}", i), 7UL << 32, 1000, Early, i % 100);
        Assert.Equal(300, Bodies(builder).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Rows_out_of_order_and_what_is_no_event_are_refused()
    {
        using var builder = new CompactSegmentBuilder(1);
        Assert.Throws<InvalidOperationException>(() => builder.Build());
        builder.Clear();
        Add(builder, "{}", 5UL << 32, 1000, Early, 1, account: "b");
        Assert.Throws<ArgumentException>(() => Add(builder, "{}", 5UL << 32, 1000, Early, 1, account: "a"));
        Assert.Throws<ArgumentException>(() => Add(builder, "{}", 5UL << 32, 999, Early, 1, account: "b"));
        Assert.Throws<ArgumentException>(() => Add(builder, "{}", 4UL << 32, 1000, Early, 1, account: "b"));
        Assert.Throws<ArgumentException>(() => Add(builder, "", 5UL << 32, 1000, Early, 1, account: "b"));
        Assert.Throws<ArgumentException>(() => Add(builder, "{}", 5UL << 32, 1000, Early, 100, account: "c"));
        Assert.ThrowsAny<ArgumentException>(() => Add(builder, "{}", 5UL << 32, 1000, Early, 1, account: "\ud800"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompactSegmentBuilder(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompactSegmentBuilder(3));
        Assert.Equal(["{}"], Bodies(builder));
    }

    [Fact]
    public void A_segment_is_full_when_it_has_sixteen_row_groups()
    {
        using var builder = new CompactSegmentBuilder(1, groupRows: 3);
        var added = 0;
        while (!builder.IsFull)
            Add(builder, Event($"{added}", added), (ulong)added << 32, 1000 + added++, Early, 0);
        Assert.InRange(added, 16 * 3, (16 * 3) + 3);
        Assert.Throws<InvalidOperationException>(() => Add(builder, "{}", (ulong?)null, 9000, Early, 0));
        Assert.Equal(added, Bodies(builder).Count);
    }

    private static string Event(string id, int n) => string.Create(CultureInfo.InvariantCulture, $"{{\"eventId\":\"{id}\",\"n\":{n}}}");

    private static void Add(CompactSegmentBuilder builder, string body, string id, long time, CommitOrigin origin, int sequence, string account = "a") =>
        Add(builder, body, Hash64.Of(id), time, origin, sequence, account);

    private static void Add(CompactSegmentBuilder builder, string body, ulong? idHash, long time, CommitOrigin origin, int sequence, string account = "a")
    {
        var facts = new EventFacts { AccountId = account, EventTimeMs = time };
        if (idHash is { } hash)
            facts.Add(EventAttribute.EventId, hash);
        builder.Add(new(Encoding.UTF8.GetBytes(body), facts, new(sequence, 0, 5), origin));
    }

    private static List<string> Bodies(CompactSegmentBuilder builder)
    {
        using var image = builder.Build();
        var head = SampleEvents.Parse(image);
        var blocks = SampleEvents.Blocks(image.Content, head);
        return [.. Enumerable.Range(0, head.Count).Select(row => Encoding.UTF8.GetString(blocks[head.BlockOf(row)].Event(row).Span))];
    }
}
