using System.Buffers.Binary;
using ActionTrail.Segments;

namespace ActionTrail.Tests.Segments;

public class SegmentCorruptionTests
{
    [Fact]
    public void Every_flipped_bit_is_refused_or_changes_nothing()
    {
        using var image = SmallSegment();
        var original = image.Content.ToArray();
        var expected = SampleEvents.Describe(original, image.HeadOffset);
        var unnoticed = new List<int>();
        for (var bit = 0; bit < original.Length * 8; bit++)
        {
            var changed = original.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            if (TryDescribe(changed, image.HeadOffset) is not { } described)
                continue;
            Assert.Equal(expected, described);
            unnoticed.Add(bit / 8);
        }

        // Ranged reads never see the header; ReadAllAsync does and checks it.
        Assert.All(unnoticed, at => Assert.InRange(at, 0, SegmentFormat.HeaderBytes - 1));
    }

    [Fact]
    public void Every_flipped_bit_of_the_header_is_refused_when_the_header_is_read()
    {
        using var image = SmallSegment();
        var header = image.Content[..SegmentFormat.HeaderBytes].ToArray();
        SegmentFormat.CheckHeader(header, image.Count, image.HeadOffset);
        for (var bit = 0; bit < header.Length * 8; bit++)
        {
            header[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<SegmentFormatException>(() => SegmentFormat.CheckHeader(header, image.Count, image.HeadOffset));
            header[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Throws<SegmentFormatException>(() => SegmentFormat.CheckHeader(header, image.Count + 1, image.HeadOffset));
        Assert.Throws<SegmentFormatException>(() => SegmentFormat.CheckHeader(header.AsSpan(0, 31), image.Count, image.HeadOffset));
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
    public void A_block_in_the_place_of_another_is_refused()
    {
        var events = SampleEvents.Make(seed: 31, count: 40).ConvertAll(e => e with { Body = new byte[40_000] });
        using var image = SampleEvents.Build(events);
        var head = SampleEvents.Parse(image);
        Assert.Equal(head.Block(0).Length, head.Block(1).Length);
        events[0].Body[5] = 1;
        using var other = SampleEvents.Build(events);
        var otherHead = SampleEvents.Parse(other);
        var changed = Enumerable.Range(0, head.BlockCount).Single(b => !Stored(image, head, b).Span.SequenceEqual(Stored(other, otherHead, b).Span));
        Assert.Throws<SegmentFormatException>(() => head.Decode(changed, Stored(other, otherHead, changed)));
    }

    [Fact]
    public void Random_changes_under_right_checksums_end_in_an_answer_or_a_refusal()
    {
        using var image = SmallSegment();
        var random = new Random(9);
        int refused = 0, answered = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var changed = image.Content.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
                changed[random.Next(SegmentFormat.HeaderBytes, changed.Length - SegmentFormat.TrailerBytes)] = (byte)random.Next(256);
            Reseal(changed, (int)image.HeadOffset);
            _ = TryDescribe(changed, image.HeadOffset) is null ? refused++ : answered++;
        }

        Assert.True(refused > 1000 && answered > 100, $"{refused} refused, {answered} answered");
    }

    [Theory]
    [InlineData(0, 0x7fffffffu)]
    [InlineData(0, 0xffffffffu)]
    [InlineData(4, 0x7fffffffu)]
    [InlineData(8, 0x7fffffffu)]
    [InlineData(8, 0xffffffffu)]
    public void Absurd_counts_are_refused_before_anything_is_allocated(int factOffset, uint count)
    {
        using var image = SmallSegment();
        var changed = image.Content.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan((int)image.HeadOffset + factOffset), count);
        Reseal(changed, (int)image.HeadOffset);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SegmentFormatException>(() => SampleEvents.Parse(changed, image.HeadOffset));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    [Fact]
    public void A_newer_major_version_is_refused_and_a_newer_minor_one_is_read()
    {
        using var image = SmallSegment();
        var expected = SampleEvents.Describe(image.Content, image.HeadOffset);
        var changed = image.Content.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(changed.Length - 6), 9);
        Reseal(changed, (int)image.HeadOffset);
        Assert.Equal(expected, SampleEvents.Describe(changed, image.HeadOffset));
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(changed.Length - 8), 2);
        Reseal(changed, (int)image.HeadOffset);
        var error = Assert.Throws<SegmentFormatException>(() => SampleEvents.Parse(changed, image.HeadOffset));
        Assert.Contains("major version 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_section_is_skipped()
    {
        using var image = SmallSegment();
        var whole = image.Content.ToArray();
        var footerLength = BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(whole.Length - 16));
        var footerStart = whole.Length - 16 - footerLength;
        var entry = new byte[SegmentFormat.SectionEntryBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(entry, 4711);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(4), 5);
        byte[] longer = [.. whole[..footerStart], 1, 2, 3, 4, 5, .. whole[footerStart..^16], .. entry, .. whole[^16..]];
        BinaryPrimitives.WriteInt32LittleEndian(longer.AsSpan(longer.Length - 16), footerLength + entry.Length);
        var count = longer.AsSpan(footerStart + 5);
        BinaryPrimitives.WriteInt32LittleEndian(count, BinaryPrimitives.ReadInt32LittleEndian(count) + 1);
        Reseal(longer, (int)image.HeadOffset);
        Assert.Equal(SampleEvents.Describe(whole, image.HeadOffset), SampleEvents.Describe(longer, image.HeadOffset));
    }

    [Fact]
    public void Noise_is_refused()
    {
        var random = new Random(3);
        for (var round = 0; round < 2000; round++)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            if (noise.Length >= 4)
                SegmentFormat.Magic.CopyTo(noise.AsSpan(noise.Length - 4));
            Assert.Throws<SegmentFormatException>(() => SegmentHead.Parse(noise, 32, 32 + noise.Length));
        }
    }

    private static SegmentImage SmallSegment() => SampleEvents.Build(SampleEvents.Make(seed: 30, count: 5, accounts: 2, maxBodyBytes: 60));

    private static ReadOnlyMemory<byte> Stored(SegmentImage image, SegmentHead head, int block) =>
        image.Content.Slice((int)head.Block(block).Offset, head.Block(block).Length);

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

    /// <summary>Makes all checksums right again where the structure still lets them be found.</summary>
    private static void Reseal(byte[] segment, int headOffset)
    {
        var trailer = segment.AsSpan(segment.Length - SegmentFormat.TrailerBytes);
        var footerLength = BinaryPrimitives.ReadInt32LittleEndian(trailer);
        var footer = segment.AsSpan(segment.Length - SegmentFormat.TrailerBytes - footerLength, footerLength);
        var at = headOffset;
        for (var entry = footer[4..]; entry.Length >= SegmentFormat.SectionEntryBytes; entry = entry[SegmentFormat.SectionEntryBytes..])
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            if (length > segment.Length - at)
                break;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], SegmentFormat.Crc(segment.AsSpan(at, (int)length)));
            at += (int)length;
        }

        var crc = SegmentFormat.Crc(trailer[8..], SegmentFormat.Crc(trailer[..4], SegmentFormat.Crc(footer)));
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], crc);
    }
}
