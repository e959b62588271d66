using System.Buffers.Binary;
using ActionTrail.Segments;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Tests.Segments.Compact;

public class CompactCorruptionTests
{
    [Fact]
    public void Every_flipped_bit_is_refused_or_changes_nothing()
    {
        using var image = SmallSegment();
        var original = image.Content.ToArray();
        var expected = SampleEvents.Describe(original, image.HeadOffset);
        for (var bit = 0; bit < original.Length * 8; bit++)
        {
            original[bit / 8] ^= (byte)(1 << (bit % 8));
            if (TryDescribe(original, image.HeadOffset) is { } described)
            {
                // Ranged reads never see the header; ReadAllAsync does and checks it.
                Assert.InRange(bit / 8, 0, SegmentFormat.HeaderBytes - 1);
                Assert.Equal(expected, described);
            }

            original[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        using var image = SmallSegment();
        var whole = image.Content;
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = whole[..length];
            Assert.Throws<SegmentFormatException>(() => SegmentHead.Parse(cut[(int)Math.Min(image.HeadOffset, length)..], image.HeadOffset, length));
        }

        var head = SampleEvents.Parse(image);
        var range = head.Block(0);
        for (var length = 0; length < range.Length; length++)
            Assert.Throws<SegmentFormatException>(() => head.Decode(0, whole.Slice((int)range.Offset, length)));
    }

    [Fact]
    public void Swapped_sections_missing_sections_and_sections_of_another_group_are_refused()
    {
        using var image = CompactSamples.Build(CompactSamples.Realistic(33, 12), groupRows: 5);
        var sections = Footer.Read(image);
        Assert.True(sections.Count > 50);
        for (var i = 0; i < sections.Count; i++)
        {
            var without = Footer.Write(image, [.. sections.Where((_, j) => j != i)]);
            if (sections[i].Tag < (int)CompactTag.Attribute)
                Assert.Throws<SegmentFormatException>(() => SampleEvents.Describe(without, image.HeadOffset));
            for (var j = 0; j < i; j++)
            {
                if (sections[i].Content.AsSpan().SequenceEqual(sections[j].Content))
                    continue;
                List<(int Tag, int Group, byte[] Content)> swapped = [.. sections];
                (swapped[i], swapped[j]) = (swapped[i] with { Content = sections[j].Content }, swapped[j] with { Content = sections[i].Content });
                AnswersOrRefuses(Footer.Write(image, swapped), image.HeadOffset);
            }
        }
    }

    [Fact]
    public void A_block_in_the_place_of_another_is_refused()
    {
        using var image = CompactSamples.Build(CompactSamples.Realistic(34, 300));
        var head = SampleEvents.Parse(image);
        for (var block = 0; block < head.BlockCount; block++)
        {
            var other = head.Block((block + 1) % head.BlockCount);
            Assert.Throws<SegmentFormatException>(() => head.Decode(block, image.Content.Slice((int)other.Offset, other.Length)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_changes_of_a_head_under_right_checksums_end_in_an_answer_or_a_refusal(int seed)
    {
        using var image = CompactSamples.Build(CompactSamples.Realistic(35, 9, accounts: 2), groupRows: 5);
        var random = new Random(seed);
        var sections = Footer.Read(image);
        var refused = 0;
        for (var round = 0; round < 4000; round++)
        {
            var changed = sections.ConvertAll(s => s with { Content = [.. s.Content] });
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                var content = changed[random.Next(changed.Count)].Content;
                if (content.Length > 0)
                    content[random.Next(content.Length)] = (byte)random.Next(256);
            }

            refused += AnswersOrRefuses(Footer.Write(image, changed), image.HeadOffset) ? 0 : 1;
        }

        Assert.True(refused > 500, $"{refused} refused");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_changes_of_packed_tables_and_blocks_end_in_an_answer_or_a_refusal(int seed)
    {
        using var image = CompactSamples.Build(CompactSamples.Realistic(36, 40, accounts: 2));
        var random = new Random(seed);
        var sections = Footer.Read(image);
        var tables = Enumerable.Range(0, sections.Count).Where(i => (CompactTag)sections[i].Tag is CompactTag.Skeletons or CompactTag.Predictors or CompactTag.Accounts or CompactTag.Origins or CompactTag.EntryLengths).ToArray();
        var range = SampleEvents.Parse(image).Block(0);
        var refused = 0;
        for (var round = 0; round < 4000; round++)
        {
            var changed = sections.ConvertAll(s => s with { Content = [.. s.Content] });
            var content = image.Content.ToArray();
            if (round % 2 == 0)
            {
                var i = tables[random.Next(tables.Length)];
                var from = (CompactTag)changed[i].Tag == CompactTag.EntryLengths ? 4 : 0;
                changed[i] = changed[i] with { Content = [.. changed[i].Content[..from], .. Repacked(random, changed[i].Content[from..])] };
            }
            else
            {
                content = ChangeBlock(random, content, range, changed);
            }

            refused += AnswersOrRefuses(Footer.Write(content, image.HeadOffset, changed), image.HeadOffset) ? 0 : 1;
        }

        Assert.True(refused > 500, $"{refused} refused");
    }

    [Theory]
    [InlineData((int)CompactTag.Facts, 0)]
    [InlineData((int)CompactTag.Facts, 4)]
    [InlineData((int)CompactTag.Facts, 8)]
    [InlineData((int)CompactTag.Facts, 12)]
    [InlineData((int)CompactTag.Group, 0)]
    [InlineData((int)CompactTag.Group, 4)]
    [InlineData((int)CompactTag.Group, 8)]
    [InlineData((int)CompactTag.Group, 12)]
    [InlineData((int)CompactTag.EventIds, 0)]
    [InlineData((int)CompactTag.EntryLengths, 0)]
    [InlineData((int)CompactTag.EntryLengths, 5)]
    [InlineData((int)CompactTag.Entries, 0)]
    [InlineData((int)CompactTag.Entries, 4)]
    [InlineData((int)CompactTag.Skeletons, 1)]
    [InlineData((int)CompactTag.Predictors, 1)]
    [InlineData((int)CompactTag.Accounts, 1)]
    [InlineData((int)CompactTag.Origins, 1)]
    public void Absurd_counts_and_lengths_are_refused_without_memory_for_them(int tag, int offset)
    {
        using var image = SmallSegment();
        foreach (var count in (uint[])[0x7fffffff, 0xffffffff, 60_000_000])
        {
            var sections = Footer.Read(image);
            BinaryPrimitives.WriteUInt32LittleEndian(sections.Single(s => s.Tag == tag).Content.AsSpan(offset), count);
            var changed = Footer.Write(image, sections);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<SegmentFormatException>(() => SampleEvents.Describe(changed, image.HeadOffset));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * 1024 * 1024);
        }
    }

    [Fact]
    public void A_newer_major_version_is_refused_and_of_a_newer_minor_one_unknown_sections_are_skipped()
    {
        using var image = SmallSegment();
        var expected = SampleEvents.Describe(image.Content, image.HeadOffset);
        var sections = Footer.Read(image);
        sections.Add((4711, 0, [1, 2, 3]));
        sections.Add((4711, 9, [1]));
        Assert.Equal(expected, SampleEvents.Describe(Footer.Write(image, sections, minor: 7), image.HeadOffset));
        var error = Assert.Throws<SegmentFormatException>(() => SampleEvents.Parse(Footer.Write(image, sections, major: 2), image.HeadOffset));
        Assert.Contains("major version 2", error.Message, StringComparison.Ordinal);
    }

    private static SegmentImage SmallSegment() => CompactSamples.Build(CompactSamples.Realistic(30, 4, accounts: 2));

    /// <summary>Packs the table again with some bytes changed, so that what is inside is met, not the codec.</summary>
    private static byte[] Repacked(Random random, byte[] packed)
    {
        var raw = Packing.Read(packed);
        for (var i = random.Next(1, 4); i > 0 && raw.Length > 0; i--)
            raw[random.Next(raw.Length)] = (byte)random.Next(random.Next(2) == 0 ? 8 : 256);
        using var output = new PooledBytes();
        Packing.Write(output, raw, quality: 1);
        return output.Written.ToArray();
    }

    /// <summary>Changes what a block holds; a raw block of the same length takes its place only when lengths allow, so codes change in place.</summary>
    private static byte[] ChangeBlock(Random random, byte[] content, BlockRange range, List<(int Tag, int Group, byte[] Content)> sections)
    {
        var block = content.AsSpan((int)range.Offset, range.Length);
        for (var i = random.Next(1, 4); i > 0; i--)
            block[random.Next(4, block.Length)] = (byte)random.Next(256);
        var crc = SegmentFormat.Crc(block[4..]);
        BinaryPrimitives.WriteUInt32LittleEndian(block, crc);
        BinaryPrimitives.WriteUInt32LittleEndian(sections.Single(s => s.Tag == (int)CompactTag.Blocks).Content.AsSpan()[^4..], crc);
        return content;
    }

    private static bool AnswersOrRefuses(byte[] segment, long headOffset) => TryDescribe(segment, headOffset) is not null;

    /// <summary>What a reader answers, or null when it refuses; any other exception fails the test.</summary>
    private static string? TryDescribe(byte[] segment, long headOffset)
    {
        try
        {
            return SampleEvents.Describe(segment, headOffset);
        }
        catch (SegmentFormatException)
        {
            return null;
        }
    }

    /// <summary>Takes a segment's head apart into sections and puts it together again with right checksums.</summary>
    private static class Footer
    {
        public static List<(int Tag, int Group, byte[] Content)> Read(SegmentImage image)
        {
            var whole = image.Content.Span;
            var footer = whole[^(16 + BinaryPrimitives.ReadInt32LittleEndian(whole[^16..]))..^16];
            var sections = new List<(int, int, byte[])>();
            var at = (int)image.HeadOffset;
            for (var entry = footer[4..]; entry.Length > 0; entry = entry[SegmentFormat.SectionEntryBytes..])
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(entry[4..]);
                sections.Add((BinaryPrimitives.ReadUInt16LittleEndian(entry), BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]), whole.Slice(at, length).ToArray()));
                at += length;
            }

            return sections;
        }

        public static byte[] Write(SegmentImage image, List<(int Tag, int Group, byte[] Content)> sections, ushort major = 1, ushort minor = 0) =>
            Write(image.Content.ToArray(), image.HeadOffset, sections, major, minor);

        public static byte[] Write(byte[] content, long headOffset, List<(int Tag, int Group, byte[] Content)> sections, ushort major = 1, ushort minor = 0)
        {
            using var output = new PooledBytes();
            using var list = new SectionList();
            list.Clear();
            output.Write(content.AsSpan(0, (int)headOffset));
            foreach (var (tag, group, section) in sections)
            {
                var start = output.Length;
                output.Write(section);
                list.End(output, (ushort)tag, (ushort)group, start);
            }

            var footerStart = output.Length;
            list.Write(output);
            var trailer = output.At(output.Length - 16, 16);
            BinaryPrimitives.WriteUInt16LittleEndian(trailer[8..], major);
            BinaryPrimitives.WriteUInt16LittleEndian(trailer[10..], minor);
            var crc = SegmentFormat.Crc(trailer[8..], SegmentFormat.Crc(trailer[..4], SegmentFormat.Crc(output.Written[footerStart..^16])));
            BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], crc);
            return output.Written.ToArray();
        }
    }
}
