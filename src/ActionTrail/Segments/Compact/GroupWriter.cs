using System.Buffers.Binary;

namespace ActionTrail.Segments.Compact;

/// <summary>Writes a row group: its blocks to the segment, its sections to the head. Buffers are kept for the next one.</summary>
internal sealed class GroupWriter : IDisposable
{
    private readonly GroupAttributes attributes = new();
    private readonly Predictors predictors = new();
    private readonly PredictorSearch search = new();
    private readonly LeafParents parents = new();
    private readonly EntryNumbers numbers = new();
    private readonly CompactBlockWriter blocks = new();
    private readonly PooledArray<long> cells = new();
    private readonly PooledArray<long> floors = new();
    private readonly PooledArray<long> lineKeys = new();
    private readonly PooledArray<int> lineEntries = new();
    private readonly PooledBytes raw = new();

    public void Write(PooledBytes output, PooledBytes head, SectionList sections, RowGroup group, int number, List<CommitOrigin> origins)
    {
        attributes.Read(group);
        search.Run(group, attributes, predictors, parents);
        numbers.Assign(group);

        raw.Reset();
        var skeletons = group.Skeletons.Write(raw);
        var start = head.Length;
        Packing.Write(head, raw.Written, CompactQuality.Tables);
        sections.End(head, CompactTag.Skeletons, number, start);
        numbers.Write(head, sections, group, number, raw);
        WritePredictors(head, sections, group, number);

        blocks.Write(output, group, numbers);
        WriteFacts(head, sections, group, number, skeletons);
        start = head.Length;
        blocks.WriteDirectory(head, cells);
        sections.End(head, CompactTag.Blocks, number, start);
        WriteColumns(head, sections, group, number, origins);
        start = head.Length;
        IdFilter.Write(head, group.Rows);
        sections.End(head, CompactTag.EventIds, number, start);
        attributes.Write(head, sections, group, (ushort)number);
    }

    public long HeldBytes => attributes.HeldBytes + predictors.HeldBytes + search.HeldBytes + parents.HeldBytes + numbers.HeldBytes + blocks.HeldBytes
        + cells.HeldBytes + floors.HeldBytes + lineKeys.HeldBytes + lineEntries.HeldBytes + raw.HeldBytes;

    public void Dispose()
    {
        attributes.Dispose();
        predictors.Dispose();
        search.Dispose();
        parents.Dispose();
        numbers.Dispose();
        blocks.Dispose();
        cells.Dispose();
        floors.Dispose();
        lineKeys.Dispose();
        lineEntries.Dispose();
        raw.Dispose();
    }

    /// <summary>Rows u32, blocks u32, columns u32, skeletons u32, oldest and newest event time i64.</summary>
    private void WriteFacts(PooledBytes head, SectionList sections, RowGroup group, int number, int skeletons)
    {
        long oldest = long.MaxValue, newest = long.MinValue;
        foreach (ref readonly var row in group.Rows)
        {
            oldest = Math.Min(oldest, row.EventTimeMs);
            newest = Math.Max(newest, row.EventTimeMs);
        }

        var start = head.Length;
        head.WriteUInt32((uint)group.Rows.Length);
        head.WriteUInt32((uint)blocks.Count);
        head.WriteUInt32((uint)predictors.Columns);
        head.WriteUInt32((uint)skeletons);
        head.WriteUInt64((ulong)oldest);
        head.WriteUInt64((ulong)newest);
        sections.End(head, CompactTag.Group, number, start);
    }

    private void WriteColumns(PooledBytes head, SectionList sections, RowGroup group, int number, List<CommitOrigin> origins)
    {
        var rows = group.Rows;
        var column = cells.Resize(rows.Length);
        for (var i = 0; i < rows.Length; i++)
            column[i] = rows[i].EventTimeMs;
        WriteColumn(head, sections, CompactTag.EventTimes, number, column);
        for (var i = 0; i < rows.Length; i++)
            column[i] = rows[i].Origin;
        WriteColumn(head, sections, CompactTag.RowOrigins, number, column);
        for (var i = 0; i < rows.Length; i++)
            column[i] = unchecked(rows[i].At.SequenceNumber - origins[rows[i].Origin].First);
        WriteColumn(head, sections, CompactTag.SequenceOffsets, number, column);
        for (var i = 0; i < rows.Length; i++)
            column[i] = rows[i].At.Index;
        WriteColumn(head, sections, CompactTag.Indexes, number, column);
        for (var i = 0; i < rows.Length; i++)
            column[i] = unchecked(rows[i].At.ReceiveTimeMs - origins[rows[i].Origin].CommittedAt.ToUnixTimeMilliseconds());
        WriteColumn(head, sections, CompactTag.ReceiveDelays, number, column);
    }

    private void WriteColumn(PooledBytes head, SectionList sections, CompactTag tag, int number, Span<long> values)
    {
        var start = head.Length;
        FramedColumn.Write(head, values, floors);
        sections.End(head, tag, number, start);
    }

    /// <summary>
    /// Packed: per column varints of how many dictionary entries are its own, kind, and context; for a map also the number of its lines, their keys as
    /// distances, their entries as zigzag distances.
    /// </summary>
    private void WritePredictors(PooledBytes head, SectionList sections, RowGroup group, int number)
    {
        lineKeys.Clear();
        lineEntries.Clear();
        AddLines(group, predictors.Dense);
        AddLines(group, predictors.Sparse);
        lineKeys.Span.Sort(lineEntries.Span);
        raw.Reset();
        var at = 0;
        for (var column = 0; column < predictors.Columns; column++)
        {
            raw.WriteVarint(numbers.First(column + 1) - numbers.First(column));
            raw.WriteByte((byte)predictors.Kind(column));
            if (predictors.Kind(column) == PredictorKind.None)
                continue;
            raw.WriteVarint(predictors.Context(column));
            if (predictors.Kind(column) != PredictorKind.Map)
                continue;
            var from = at;
            while (at < lineKeys.Count && (int)(lineKeys[at] >> 32) - 1 == column)
                at++;
            raw.WriteVarint(at - from);
            var (key, entry) = (0, 0);
            for (var i = from; i < at; i++)
            {
                raw.WriteVarint((int)lineKeys[i] - key);
                key = (int)lineKeys[i];
            }

            for (var i = from; i < at; i++)
            {
                raw.WriteZigzag(lineEntries[i] - entry);
                entry = lineEntries[i];
            }
        }

        var start = head.Length;
        Packing.Write(head, raw.Written, CompactQuality.Tables);
        sections.End(head, CompactTag.Predictors, number, start);
    }

    /// <summary>Adds the lines of maps; keys that are texts become their entries.</summary>
    private void AddLines(RowGroup group, ReadOnlySpan<Vote> votes)
    {
        var texts = group.Texts.Entries;
        foreach (ref readonly var vote in votes)
        {
            if (vote.Key == 0 || vote.Value < 0)
                continue;
            var (column, key) = ((int)(vote.Key >> 32) - 1, (int)vote.Key);
            if (predictors.Context(column) >= PredictorContext.FirstColumn)
                key = texts[key].Entry;
            lineKeys.Add(VoteTable.Key(column, key));
            lineEntries.Add(texts[vote.Value].Entry);
        }
    }
}

/// <summary>
/// The event ids of a row group: a split-block Bloom filter (blocks of 32 bytes, 12 bits per row) and the upper 32 bits of each row's hash.
/// <code>ids = blocks:u32 filter:u8{32 * blocks} prefix:u32{rows}</code>
/// Block and bits of an id follow from the product of its prefix with 0x9E3779B97F4A7C15: the upper half picks the block, the lower half times
/// eight salts the bit of each of its eight words.
/// </summary>
internal readonly struct IdFilter(ReadOnlyMemory<byte> filter, ReadOnlyMemory<byte> prefixes)
{
    private const int BlockBytes = 32;
    private const int BitsPerRow = 12;

    private static ReadOnlySpan<uint> Salts => [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31];

    public static void Write(PooledBytes output, ReadOnlySpan<GroupRow> rows)
    {
        var blocks = Math.Max(1, ((rows.Length * BitsPerRow) + (8 * BlockBytes) - 1) / (8 * BlockBytes));
        output.WriteUInt32((uint)blocks);
        var filter = output.GetSpan(blocks * BlockBytes)[..(blocks * BlockBytes)];
        filter.Clear();
        foreach (ref readonly var row in rows)
        {
            var (block, bits) = Place(row.IdPrefix, blocks);
            for (var i = 0; i < Salts.Length; i++)
                filter[block + (4 * i) + Byte(bits, i)] |= Bit(bits, i);
        }

        output.Advance(filter.Length);
        foreach (ref readonly var row in rows)
            output.WriteUInt32(row.IdPrefix);
    }

    public static IdFilter Read(SectionCursor cursor, int rows)
    {
        var blocks = cursor.Count();
        if (blocks == 0)
            throw new SegmentFormatException("An id filter has no block.");
        var filter = cursor.Take((long)blocks * BlockBytes);
        var prefixes = cursor.Take(4L * rows);
        cursor.End();
        return new(filter, prefixes);
    }

    public uint Prefix(int row) => BinaryPrimitives.ReadUInt32LittleEndian(prefixes.Span[(4 * row)..]);

    /// <summary>False when no row has the id.</summary>
    public bool MayHave(uint prefix)
    {
        var span = filter.Span;
        var (block, bits) = Place(prefix, span.Length / BlockBytes);
        for (var i = 0; i < Salts.Length; i++)
        {
            if ((span[block + (4 * i) + Byte(bits, i)] & Bit(bits, i)) == 0)
                return false;
        }

        return true;
    }

    /// <summary>Adds the rows of [first, end) whose id has this prefix.</summary>
    public void Find(uint prefix, int first, int end, List<int> matches)
    {
        if (first >= end || !MayHave(prefix))
            return;
        if (!BitConverter.IsLittleEndian)
        {
            for (var row = first; row < end; row++)
            {
                if (Prefix(row) == prefix)
                    matches.Add(row);
            }

            return;
        }

        var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(prefixes.Span)[..end];
        for (var at = first; at < end;)
        {
            var found = words[at..].IndexOf(prefix);
            if (found < 0)
                return;
            matches.Add(at + found);
            at += found + 1;
        }
    }

    private static (int Block, uint Bits) Place(uint prefix, int blocks)
    {
        var product = prefix * 0x9E3779B97F4A7C15;
        return ((int)(((product >> 32) * (ulong)blocks) >> 32) * BlockBytes, (uint)product);
    }

    private static int Byte(uint bits, int word) => (int)((bits * Salts[word]) >> 27) >> 3;

    private static byte Bit(uint bits, int word) => (byte)(1 << ((int)((bits * Salts[word]) >> 27) & 7));
}
