using ActionTrail.Events;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Tests.Segments.Compact;

/// <summary>Compacted segments of compacted segments: rows go on as skeletons and leaves, without their bodies.</summary>
public class CompactMergeTests
{
    [Theory]
    [InlineData(21, 40, 2, 65_536, 65_536)]
    [InlineData(22, 900, 3, 65_536, 65_536)]
    [InlineData(23, 900, 5, 64, 200)]
    [InlineData(24, 1500, 2, 300, 130)]
    public void What_is_merged_is_byte_for_byte_what_the_bodies_would_have_made(int seed, int count, int sources, int groupRows, int mergedGroupRows)
    {
        foreach (var events in (List<SampleEvent>[])[SampleEvents.Make(seed, count), CompactSamples.Realistic(seed, count), CompactSamples.Realistic(seed, count, accounts: 40)])
        {
            var parts = Enumerable.Range(0, sources).Select(source => Source.Of(events.Where((_, i) => i % sources == source), groupRows)).ToList();
            using var adopted = Merge(parts, mergedGroupRows, shredded: true);
            using var shredded = Merge(parts, mergedGroupRows, shredded: false);
            CompactSamples.AssertRows(SampleEvents.Parse(adopted), adopted.Content, CompactSamples.Sorted(events));
            Assert.True(adopted.Content.Span.SequenceEqual(shredded.Content.Span));

            // Merged once more, of parts that were made either way.
            using var again = Merge([new(SampleEvents.Parse(adopted), adopted.Content)], 100, shredded: true);
            using var fromBodies = Merge([new(SampleEvents.Parse(shredded), shredded.Content)], 100, shredded: false);
            Assert.True(again.Content.Span.SequenceEqual(fromBodies.Content.Span));
        }
    }

    [Fact]
    public void Rows_with_and_without_their_bodies_mix()
    {
        var events = CompactSamples.Realistic(31, 800);
        List<Source> parts = [Source.Of(events.Where((_, i) => i % 2 == 0), 128), Source.Of(events.Where((_, i) => i % 2 == 1), 128)];
        using var expected = Merge(parts, 300, shredded: false);
        using var mixed = Merge(parts, 300, shredded: null);
        Assert.True(mixed.Content.Span.SequenceEqual(expected.Content.Span));
    }

    [Fact]
    public void Copies_are_found_among_rows_that_come_without_their_bodies()
    {
        var events = CompactSamples.Realistic(32, 600);
        List<Source> parts = [Source.Of(events, 100), Source.Of(events.Where((_, i) => i % 3 == 0), 65_536), Source.Of(events.Where((_, i) => i % 7 == 0), 65_536)];
        using var merged = Merge(parts, 65_536, shredded: true);
        CompactSamples.AssertRows(SampleEvents.Parse(merged), merged.Content, CompactSamples.Sorted(events));
    }

    [Fact]
    public void Bodies_of_any_bytes_go_through_a_merge()
    {
        var random = new Random(33);
        var bodies = Enumerable.Range(0, 500).Select(i => i % 5 == 0 ? Noise(random, random.Next(1, 400)) : SampleEvents.Body(random, i, 900)).ToList();
        using var image = CompactSamples.Build(bodies, groupRows: 170);
        using var merged = Merge([new(SampleEvents.Parse(image), image.Content)], 65_536, shredded: true);
        var head = SampleEvents.Parse(merged);
        var blocks = SampleEvents.Blocks(merged.Content, head);
        for (var row = 0; row < bodies.Count; row++)
            Assert.Equal(bodies[row], blocks[head.BlockOf(row)].Event(row).ToArray());
    }

    [Fact]
    public void An_event_reads_the_same_alone_and_after_all_others()
    {
        var events = CompactSamples.Sorted(CompactSamples.Realistic(34, 200));
        using var image = CompactSamples.Build(events);
        var head = SampleEvents.Parse(image);
        for (var row = head.Count - 1; row >= 0; row -= 3)
        {
            var block = SampleEvents.Blocks(image.Content, head)[head.BlockOf(row)];
            Assert.Equal(events[row].Body, block.Event(row).ToArray());
            for (var other = block.FirstRow; other < block.EndRow; other++)
                Assert.Equal(events[other].Body, block.Event(other).ToArray());
            Assert.Equal(events[row].Body, block.Event(row).ToArray());
        }
    }

    private static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        for (var i = 0; i < length; i += 3)
            bytes[i] = "\"\\{}[]:, 0a"u8[bytes[i] % 11];
        return bytes;
    }

    /// <param name="parts">What is merged.</param>
    /// <param name="groupRows">Rows of a group of the result.</param>
    /// <param name="shredded">Whether rows come without bodies; null: every other one.</param>
    private static SegmentImage Merge(List<Source> parts, int groupRows, bool? shredded)
    {
        using var builder = new CompactSegmentBuilder(2, groupRows);
        var rows = parts.SelectMany(static (part, number) => Enumerable.Range(0, part.Head.Count).Select(row => (Part: part, Number: number, Row: row)))
            .OrderBy(static one => one.Part.Head.AccountId(one.Row), StringComparer.Ordinal).ThenBy(static one => one.Part.Head.EventTimeMs(one.Row))
            .ThenBy(static one => one.Part.Head.EventIdPrefix(one.Row)).ThenBy(static one => one.Number);
        var facts = new EventFacts();
        foreach (var (part, _, row) in rows)
        {
            var head = part.Head;
            head.ReadFacts(row, facts);
            var block = part.Blocks[head.BlockOf(row)];
            if (shredded ?? row % 2 == 0)
                builder.Add(new CompactRow(block, row, facts, head.At(row), head.OriginOf(row)!.Value));
            else
                builder.Add(new CompactRow(block.Event(row).Span, facts, head.At(row), head.OriginOf(row)!.Value));
        }

        return builder.Build();
    }

    private sealed record Source(SegmentHead Head, ReadOnlyMemory<byte> Content)
    {
        public SegmentBlock[] Blocks { get; } = SampleEvents.Blocks(Content, Head);

        public static Source Of(IEnumerable<SampleEvent> events, int groupRows)
        {
            using var image = CompactSamples.Build(events, groupRows: groupRows);
            ReadOnlyMemory<byte> content = image.Content.ToArray();
            return new(SampleEvents.Parse(content, image.HeadOffset), content);
        }
    }
}
