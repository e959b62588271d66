using System.Buffers.Binary;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Segments.Compact;

namespace ActionTrail.Segments;

/// <summary>
/// Parses a head: trailer, footer, sections, in that order. Every length is checked against what is there before anything is
/// allocated, every section against its checksum, and what the sections say against one another.
/// </summary>
internal static class HeadReader
{
    private const int FactsBytes = 40;
    private const int AccountMemoryBytes = 96;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static SegmentHead Parse(ReadOnlyMemory<byte> head, long headOffset, long segmentLength)
    {
        if (headOffset < SegmentFormat.HeaderBytes || head.Length != segmentLength - headOffset)
            throw new SegmentFormatException("The head does not reach from its offset to the end of the segment.");
        var sections = ReadFooter(head);
        if (sections.ContainsKey((uint)CompactTag.Facts))
            return CompactHeadReader.Parse(head, headOffset, sections);
        var facts = Require(sections, SectionTag.Facts);
        if (facts.Length != FactsBytes)
            throw new SegmentFormatException("The facts have an unknown length.");
        var cursor = new SectionCursor(facts);
        int rows = cursor.Count(), accountCount = cursor.Count(), blockCount = cursor.Count();
        _ = cursor.UInt32();
        long minTime = cursor.Int64(), maxTime = cursor.Int64();

        var columns = ReadColumns(sections, rows);
        var blocks = BlockDirectory.Read(new(Require(sections, SectionTag.Blocks)), blockCount, rows, headOffset);
        blocks.CheckEnds(columns.Ends);
        var accounts = ReadAccounts(Require(sections, SectionTag.Accounts), accountCount, rows, columns);
        if (accounts.Min(static a => a.MinEventTimeMs) != minTime || accounts.Max(static a => a.MaxEventTimeMs) != maxTime)
            throw new SegmentFormatException("The time range is not that of the rows.");

        var attributes = new AttributeIndex?[EventAttributes.Count];
        for (var i = 0; i < attributes.Length; i++)
        {
            if (sections.TryGetValue((uint)SectionTag.Attribute + (uint)i, out var section))
                attributes[i] = AttributeIndex.Read(new(section), rows, columns.EventIds);
        }

        return new RowSegmentHead(columns, blocks, attributes, accounts)
        {
            Count = rows,
            HeadOffset = headOffset,
            MemoryBytes = head.Length + blocks.MemoryBytes + (AccountMemoryBytes * accounts.Length) + 1024,
            MinEventTimeMs = minTime,
            MaxEventTimeMs = maxTime,
        };
    }

    /// <summary>The sections by tag, and by row group in the upper half for those of one.</summary>
    private static Dictionary<uint, ReadOnlyMemory<byte>> ReadFooter(ReadOnlyMemory<byte> head)
    {
        if (head.Length < SegmentFormat.TrailerBytes)
            throw new SegmentFormatException("The head is shorter than its trailer.");
        var trailer = head.Span[^SegmentFormat.TrailerBytes..];
        if (!trailer[12..].SequenceEqual(SegmentFormat.Magic))
            throw new SegmentFormatException("The object does not end with AUD1.");
        SegmentFormat.CheckMajor(BinaryPrimitives.ReadUInt16LittleEndian(trailer[8..]));
        var footerLength = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        if (footerLength > head.Length - SegmentFormat.TrailerBytes)
            throw new SegmentFormatException("The footer is longer than the head.");
        var footerStart = head.Length - SegmentFormat.TrailerBytes - (int)footerLength;
        var footer = head.Slice(footerStart, (int)footerLength);
        var crc = SegmentFormat.Crc(trailer[8..], SegmentFormat.Crc(trailer[..4], SegmentFormat.Crc(footer.Span)));
        if (crc != BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]))
            throw new SegmentFormatException("The footer's checksum is wrong.");
        return ReadSections(head[..footerStart], new SectionCursor(footer));
    }

    private static Dictionary<uint, ReadOnlyMemory<byte>> ReadSections(ReadOnlyMemory<byte> content, SectionCursor footer)
    {
        var count = footer.Count();
        var entries = new SectionCursor(footer.Take((long)count * SegmentFormat.SectionEntryBytes));
        footer.End();
        var left = new SectionCursor(content);
        var sections = new Dictionary<uint, ReadOnlyMemory<byte>>(count);
        for (var i = 0; i < count; i++)
        {
            var tag = entries.UInt32();
            var section = left.Take(entries.UInt32());
            if (SegmentFormat.Crc(section.Span) != entries.UInt32())
                throw new SegmentFormatException($"The checksum of section {tag} is wrong.");
            if (!sections.TryAdd(tag, section))
                throw new SegmentFormatException($"Section {tag} is there twice.");
        }

        left.End();
        return sections;
    }

    private static HeadColumns ReadColumns(Dictionary<uint, ReadOnlyMemory<byte>> sections, int rows)
    {
        var eventIds = Require(sections, SectionTag.EventIds);
        if (rows == 0 || eventIds.Length != 8L * rows)
            throw new SegmentFormatException("The event ids are not one per row, or there are no rows.");
        var columns = new HeadColumns
        {
            EventIds = eventIds,
            EventTimes = ReadColumn(sections, SectionTag.EventTimes, rows),
            ReceiveTimes = ReadColumn(sections, SectionTag.ReceiveTimes, rows),
            SequenceNumbers = ReadColumn(sections, SectionTag.SequenceNumbers, rows),
            Indexes = ReadColumn(sections, SectionTag.Indexes, rows),
            Ends = ReadColumn(sections, SectionTag.Ends, rows),
        };
        for (var row = 0; row < rows; row++)
        {
            if (columns.Indexes[row] is < 0 or > int.MaxValue)
                throw new SegmentFormatException("The index of a row is impossible.");
        }

        return columns;
    }

    private static PackedColumn ReadColumn(Dictionary<uint, ReadOnlyMemory<byte>> sections, SectionTag tag, int rows)
    {
        var cursor = new SectionCursor(Require(sections, tag));
        var column = PackedColumn.Read(ref cursor, rows);
        cursor.End();
        return column;
    }

    private static AccountRows[] ReadAccounts(ReadOnlyMemory<byte> section, int count, int rows, HeadColumns columns)
    {
        // An account takes at least 6 bytes: what is allocated is bounded by what was read.
        if (count == 0 || count > section.Length / 6)
            throw new SegmentFormatException("The accounts do not fit their section, or there are none.");
        var cursor = new SectionCursor(section);
        var accounts = new AccountRows[count];
        var first = 0;
        for (var i = 0; i < count; i++)
        {
            var accountId = ReadText(cursor.Take(cursor.Byte()).Span);
            var length = cursor.Count();
            if (length == 0 || length > rows - first)
                throw new SegmentFormatException("An account has rows that are not there.");
            if (i > 0 && string.CompareOrdinal(accounts[i - 1].AccountId, accountId) >= 0)
                throw new SegmentFormatException("The accounts are not sorted.");
            for (var row = first + 1; row < first + length; row++)
            {
                if (columns.EventTimes[row] < columns.EventTimes[row - 1])
                    throw new SegmentFormatException("The rows of an account are not sorted by time.");
            }

            accounts[i] = new(accountId, first, length, columns.EventTimes[first], columns.EventTimes[first + length - 1]);
            first += length;
        }

        cursor.End();
        return first == rows ? accounts : throw new SegmentFormatException("There are rows without an account.");
    }

    private static string ReadText(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return utf8.IsEmpty ? throw new SegmentFormatException("An account has no id.") : Utf8.GetString(utf8);
        }
        catch (DecoderFallbackException error)
        {
            throw new SegmentFormatException("An account id is not UTF-8.", error);
        }
    }

    private static ReadOnlyMemory<byte> Require(Dictionary<uint, ReadOnlyMemory<byte>> sections, SectionTag tag) =>
        sections.TryGetValue((uint)tag, out var section) ? section : throw new SegmentFormatException($"Section {tag} is missing.");
}
