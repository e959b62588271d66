using System.Buffers.Binary;
using ActionTrail.Events;

namespace ActionTrail.Segments.Compact;

/// <summary>A row group of a compacted segment as a reader holds it. Rows are those of the group, from 0.</summary>
internal sealed class CompactGroup
{
    private readonly CompactBlocks blocks;
    private readonly FramedColumn eventTimes;
    private readonly FramedColumn origins;
    private readonly FramedColumn sequenceOffsets;
    private readonly FramedColumn indexes;
    private readonly FramedColumn receiveDelays;
    private readonly IdFilter ids;
    private readonly CompactAttribute?[] attributes = new CompactAttribute?[EventAttributes.Count];
    private readonly GroupSections sections;
    private readonly int columns;
    private readonly int skeletons;
    private GroupCodec? codec;

    /// <param name="find">Gives a section of this group by its tag.</param>
    /// <param name="firstRow">Number in the segment of the group's first row.</param>
    /// <param name="firstBlock">Number in the segment of its first block.</param>
    /// <param name="offset">Where its first block lies.</param>
    public CompactGroup(Func<uint, ReadOnlyMemory<byte>?> find, int firstRow, int firstBlock, long offset)
    {
        ReadOnlyMemory<byte> Require(CompactTag tag) => find((uint)tag) ?? throw new SegmentFormatException($"Section {tag} of a row group is missing.");
        var cursor = new SectionCursor(Require(CompactTag.Group));
        int blockCount;
        (Count, blockCount, columns, skeletons) = (cursor.Count(), cursor.Count(), cursor.Count(), cursor.Count());
        (MinEventTimeMs, MaxEventTimeMs) = (cursor.Int64(), cursor.Int64());
        cursor.End();
        if (Count is 0 or > CompactFormat.MaxGroupRows)
            throw new SegmentFormatException("A row group has an impossible number of rows.");
        (FirstRow, FirstBlock) = (firstRow, firstBlock);
        blocks = CompactBlocks.Read(new(Require(CompactTag.Blocks)), blockCount, Count, offset);
        eventTimes = FramedColumn.Read(new(Require(CompactTag.EventTimes)), Count);
        origins = FramedColumn.Read(new(Require(CompactTag.RowOrigins)), Count);
        sequenceOffsets = FramedColumn.Read(new(Require(CompactTag.SequenceOffsets)), Count);
        indexes = FramedColumn.Read(new(Require(CompactTag.Indexes)), Count);
        receiveDelays = FramedColumn.Read(new(Require(CompactTag.ReceiveDelays)), Count);
        ids = IdFilter.Read(new(Require(CompactTag.EventIds)), Count);
        sections = new(Require(CompactTag.EntryLengths), Require(CompactTag.Entries), Require(CompactTag.Predictors), Require(CompactTag.Skeletons));
        ReadAttributes(find);
    }

    public int FirstRow { get; }

    public int FirstBlock { get; }

    public int Count { get; }

    public int BlockCount => blocks.Count;

    public long MinEventTimeMs { get; }

    public long MaxEventTimeMs { get; }

    /// <summary>Where the group's last block ends.</summary>
    public long EndOffset => blocks.EndOffset;

    /// <summary>Bytes besides the head's own that the group costs, its tables inflated.</summary>
    public long MemoryBytes => blocks.MemoryBytes + (5 * eventTimes.MemoryBytes) + (4L * sections.Entries.Length) + (8L * sections.EntryLengths.Length)
        + (8L * sections.Predictors.Length) + (16L * sections.Skeletons.Length) + 2048;

    public CompactBlocks Blocks => blocks;

    public long EventTimeMs(int row) => eventTimes[row];

    public uint IdPrefix(int row) => ids.Prefix(row);

    public CommitOrigin Origin(int row, CommitOrigin[] all) =>
        origins[row] is >= 0 and var number && number < all.Length ? all[number] : throw new SegmentFormatException("A row has a commit that is not there.");

    public EventCoordinates At(int row, CommitOrigin[] all)
    {
        var origin = Origin(row, all);
        var (sequence, index) = (unchecked(origin.First + sequenceOffsets[row]), indexes[row]);
        if (sequence < origin.First || sequence > origin.Last || index is < 0 or > int.MaxValue)
            throw new SegmentFormatException("A row does not stand in its commit.");
        return new(sequence, (int)index, unchecked(origin.CommittedAt.ToUnixTimeMilliseconds() + receiveDelays[row]));
    }

    public CompactAttribute? Attribute(EventAttribute attribute) => (int)attribute < attributes.Length ? attributes[(int)attribute] : null;

    public int FirstCode(int attribute, int row) => attributes[attribute]!.FirstCode(row);

    /// <summary>Adds the rows of [first, end), in the group's numbers, for which every filter holds.</summary>
    public void Select(int first, int end, ReadOnlySpan<AttributeFilter> filters, List<int> matches)
    {
        var start = matches.Count;
        for (var i = 0; i < filters.Length; i++)
        {
            var prefix = (uint)(filters[i].Hash >> 32);
            if (filters[i].Attribute == EventAttribute.EventId)
                SelectIds(prefix, first, end, i == 0, start, matches);
            else if (Attribute(filters[i].Attribute) is not { } attribute)
                matches.RemoveRange(start, matches.Count - start);
            else if (i == 0)
                attribute.Find(prefix, first, end, matches);
            else
                Keep(matches, start, row => attribute.Has(row, prefix));
            if (matches.Count == start)
                return;
        }
    }

    public SegmentBlock Decode(int block, ReadOnlyMemory<byte> stored, ICompactRows rows)
    {
        blocks.Check(block, stored.Span);
        var known = Volatile.Read(ref codec);
        if (known is null)
        {
            // Two readers at once may both read it: the tables are equal.
            known = GroupCodec.Read(sections, attributes, columns, skeletons);
            Volatile.Write(ref codec, known);
        }

        var (first, end) = blocks.Rows(block);
        return new BlockDecoder(known, rows, FirstRow + first, end - first).Decode(stored, blocks.EventBytes(block));
    }

    private static void Keep(List<int> matches, int start, Func<int, bool> holds)
    {
        var kept = start;
        for (var i = start; i < matches.Count; i++)
        {
            if (holds(matches[i]))
                matches[kept++] = matches[i];
        }

        matches.RemoveRange(kept, matches.Count - kept);
    }

    private void SelectIds(uint prefix, int first, int end, bool isFirst, int start, List<int> matches)
    {
        if (isFirst)
            ids.Find(prefix, first, end, matches);
        else
            Keep(matches, start, row => ids.Prefix(row) == prefix);
    }

    private void ReadAttributes(Func<uint, ReadOnlyMemory<byte>?> find)
    {
        // Those that follow from others come after them.
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < attributes.Length; i++)
            {
                if (find((uint)CompactTag.Attribute + (uint)i) is { } section && CompactAttribute.IsDerived(section) == (pass == 1))
                    attributes[i] = CompactAttribute.Read(new(section), Count, attributes);
            }
        }
    }
}

/// <summary>Where the blocks of a row group lie, which rows they hold, what their checksums are.</summary>
internal sealed class CompactBlocks
{
    private readonly int[] firstRows;
    private readonly long[] offsets;
    private readonly PackedColumn bytesOfEvents;
    private readonly ReadOnlyMemory<byte> checksums;

    private CompactBlocks(int[] firstRows, long[] offsets, PackedColumn bytesOfEvents, ReadOnlyMemory<byte> checksums)
    {
        this.firstRows = firstRows;
        this.offsets = offsets;
        this.bytesOfEvents = bytesOfEvents;
        this.checksums = checksums;
    }

    public int Count => firstRows.Length - 1;

    public long EndOffset => offsets[^1];

    public int MemoryBytes => 12 * firstRows.Length;

    public static CompactBlocks Read(SectionCursor cursor, int count, int rows, long offset)
    {
        var rowCounts = cursor.Take(count).Span;
        var lengths = PackedColumn.Read(ref cursor, count);
        var eventBytes = PackedColumn.Read(ref cursor, count);
        var crcs = cursor.Take(4L * count);
        cursor.End();
        var (firstRows, offsets) = (new int[count + 1], new long[count + 1]);
        offsets[0] = offset;
        for (var i = 0; i < count; i++)
        {
            var (length, bytes) = (lengths[i], eventBytes[i]);
            if (rowCounts[i] is 0 or > CompactFormat.RowsPerBlock || length <= CompactFormat.BlockHeaderBytes || length > CompactFormat.MaxRawBytes)
                throw new SegmentFormatException("A block has impossible rows or an impossible length.");
            if (bytes < rowCounts[i] || bytes > SegmentBuilder.MaxEventBytes)
                throw new SegmentFormatException("The events of a block have an impossible length.");
            firstRows[i + 1] = firstRows[i] + rowCounts[i];
            offsets[i + 1] = offsets[i] + length;
        }

        return firstRows[count] == rows ? new(firstRows, offsets, eventBytes, crcs) : throw new SegmentFormatException("The blocks do not hold the rows of their group.");
    }

    public int BlockOf(int row)
    {
        var at = Array.BinarySearch(firstRows, 0, Count, row);
        return at >= 0 ? at : ~at - 1;
    }

    public (int First, int End) Rows(int block) => (firstRows[block], firstRows[block + 1]);

    public BlockRange Range(int block) => new(offsets[block], (int)(offsets[block + 1] - offsets[block]));

    public long EventBytes(int block) => bytesOfEvents[block];

    public void Check(int block, ReadOnlySpan<byte> stored)
    {
        if (stored.Length != Range(block).Length)
            throw new SegmentFormatException($"A block has {Range(block).Length} bytes, not {stored.Length}.");
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(stored);
        if (crc != BinaryPrimitives.ReadUInt32LittleEndian(checksums.Span[(4 * block)..]) || SegmentFormat.Crc(stored[4..]) != crc)
            throw new SegmentFormatException("The checksum of a block is wrong.");
    }
}
