using System.Buffers.Binary;

namespace ActionTrail.Segments.Compact;

/// <summary>
/// Writes the blocks of a row group, up to 64 rows each.
/// <code>
/// block  = crc:u32 codec:u8 0:u8{3} storedLength:u32 rawLength:u32 binaryLength:u32 stored binary      crc over all that follows it
/// raw    = codesLength skeleton{rows} skeletonText* flags column* text        codesLength: of all before text
/// column = code {leaves of the column in the block, in row order}             only columns with a flag
/// </code>
/// </summary>
internal sealed class CompactBlockWriter : IDisposable
{
    private readonly PooledBytes codes = new();
    private readonly PooledBytes texts = new();
    private readonly PooledBytes binary = new();
    private readonly PooledBytes raw = new();
    private readonly PooledArray<CompactBlockEntry> directory = new();
    private readonly ColumnOrder columns = new();

    public int Count => directory.Count;

    public void Write(PooledBytes output, RowGroup group, EntryNumbers numbers)
    {
        directory.Clear();
        for (var row = 0; row < group.Rows.Length;)
        {
            var end = row + 1;
            long bytes = group.Rows[row].BodyLength;
            while (end < group.Rows.Length && end - row < CompactFormat.RowsPerBlock && bytes + group.Rows[end].BodyLength <= CompactFormat.BlockEventBytes)
                bytes += group.Rows[end++].BodyLength;
            Fill(group, numbers, row, end);
            Store(output, end - row, bytes);
            row = end;
        }
    }

    /// <summary>Rows per block u8, then columns of lengths and event bytes, then crcs u32.</summary>
    public void WriteDirectory(PooledBytes output, PooledArray<long> cells)
    {
        foreach (ref readonly var block in directory.Span)
            output.WriteByte((byte)block.Rows);
        var values = cells.Resize(directory.Count);
        for (var i = 0; i < values.Length; i++)
            values[i] = directory[i].Length;
        PackedColumn.Write(output, values);
        for (var i = 0; i < values.Length; i++)
            values[i] = directory[i].EventBytes;
        PackedColumn.Write(output, values);
        foreach (ref readonly var block in directory.Span)
            output.WriteUInt32(block.Crc);
    }

    public long HeldBytes => codes.HeldBytes + texts.HeldBytes + binary.HeldBytes + raw.HeldBytes + directory.HeldBytes + columns.HeldBytes;

    public void Dispose()
    {
        codes.Dispose();
        texts.Dispose();
        binary.Dispose();
        raw.Dispose();
        directory.Dispose();
        columns.Dispose();
    }

    private void Fill(RowGroup group, EntryNumbers numbers, int first, int end)
    {
        codes.Reset();
        texts.Reset();
        binary.Reset();
        var skeletons = group.Skeletons;
        for (var row = first; row < end; row++)
            codes.WriteVarint(skeletons.Entries[group.Rows[row].Skeleton].Code);
        for (var row = first; row < end; row++)
        {
            ref readonly var skeleton = ref skeletons.Entries[group.Rows[row].Skeleton];
            if (skeleton.Code == 0)
                skeletons.WriteOne(codes, skeleton);
        }

        columns.Gather(group, first, end);
        WriteFlags();
        foreach (var column in columns.Present)
        {
            if (columns.HasCodes(column))
                WriteColumn(group, numbers, column);
        }
    }

    private void WriteFlags()
    {
        var flags = 0;
        var present = columns.Present;
        for (var i = 0; i < present.Length; i++)
        {
            flags |= columns.HasCodes(present[i]) ? 1 << (i % 8) : 0;
            if (i % 8 == 7 || i == present.Length - 1)
            {
                codes.WriteByte((byte)flags);
                flags = 0;
            }
        }
    }

    private void WriteColumn(RowGroup group, EntryNumbers numbers, int column)
    {
        var (home, next) = (numbers.First(column), numbers.First(column + 1));
        foreach (var leaf in columns.Leaves(column))
        {
            if (leaf < 0)
            {
                codes.WriteByte(LeafCode.Predicted);
                continue;
            }

            var entry = group.Texts.Entries[leaf].Entry;
            if (entry >= home && entry < next)
            {
                codes.WriteVarint(LeafCode.Home + entry - home);
            }
            else if (entry >= 0)
            {
                codes.WriteByte(LeafCode.Foreign);
                codes.WriteVarint(entry);
            }
            else
            {
                WriteLiteral(group.Texts.Text(leaf));
            }
        }
    }

    private void WriteLiteral(ReadOnlySpan<byte> text)
    {
        var before = binary.Length;
        var code = LeafLiteral.Write(text, binary);
        codes.WriteByte((byte)code);
        if (code == LeafCode.Text)
        {
            codes.WriteVarint(text.Length);
            texts.Write(text);
        }
        else if (code is LeafCode.Hex or LeafCode.Base64)
        {
            codes.WriteVarint(binary.Length - before);
        }
    }

    private void Store(PooledBytes output, int rows, long eventBytes)
    {
        raw.Reset();
        raw.WriteVarint(codes.Length);
        raw.Write(codes.Written);
        raw.Write(texts.Written);
        var block = output.GetSpan(CompactFormat.BlockHeaderBytes + Packing.Bound(raw.Length) + binary.Length);
        var length = Packing.Compress(raw.Written, block[CompactFormat.BlockHeaderBytes..], CompactQuality.Blocks, out var codec);
        binary.Written.CopyTo(block[(CompactFormat.BlockHeaderBytes + length)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], (uint)codec);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], length);
        BinaryPrimitives.WriteInt32LittleEndian(block[12..], raw.Length);
        BinaryPrimitives.WriteInt32LittleEndian(block[16..], binary.Length);
        var whole = CompactFormat.BlockHeaderBytes + length + binary.Length;
        var crc = SegmentFormat.Crc(block[4..whole]);
        BinaryPrimitives.WriteUInt32LittleEndian(block, crc);
        output.Advance(whole);
        directory.Add(new() { Rows = rows, Length = whole, EventBytes = (int)eventBytes, Crc = crc });
    }

    private struct CompactBlockEntry
    {
        public int Rows;
        public int Length;
        public int EventBytes;
        public uint Crc;
    }
}
