using System.Buffers.Binary;
using System.IO.Compression;

namespace ActionTrail.Segments;

/// <summary>Where blocks lie, which rows they hold, and what their checksums are.</summary>
internal sealed class BlockDirectory
{
    private readonly int[] firstRows;
    private readonly long[] offsets;
    private readonly int[] rawLengths;
    private readonly uint[] crcs;

    private BlockDirectory(int count)
    {
        firstRows = new int[count + 1];
        offsets = new long[count + 1];
        rawLengths = new int[count];
        crcs = new uint[count];
    }

    public int Count => crcs.Length;

    public int MemoryBytes => 20 * firstRows.Length;

    /// <exception cref="SegmentFormatException">The blocks do not fill the object from its header to its head, or do not hold all rows.</exception>
    public static BlockDirectory Read(SectionCursor cursor, int count, int rows, long headOffset)
    {
        var entries = cursor.Take(16L * count).Span;
        cursor.End();
        var directory = new BlockDirectory(count);
        directory.offsets[0] = SegmentFormat.HeaderBytes;
        for (var i = 0; i < count; i++, entries = entries[16..])
        {
            directory.firstRows[i] = BinaryPrimitives.ReadInt32LittleEndian(entries);
            var length = BinaryPrimitives.ReadInt32LittleEndian(entries[4..]);
            directory.rawLengths[i] = BinaryPrimitives.ReadInt32LittleEndian(entries[8..]);
            directory.crcs[i] = BinaryPrimitives.ReadUInt32LittleEndian(entries[12..]);
            if (length <= SegmentFormat.BlockHeaderBytes || directory.rawLengths[i] is < 1 or > SegmentFormat.MaxBlockBytes)
                throw new SegmentFormatException("A block has an impossible length.");
            directory.offsets[i + 1] = directory.offsets[i] + length;
            if (i == 0 ? directory.firstRows[0] != 0 : directory.firstRows[i] <= directory.firstRows[i - 1])
                throw new SegmentFormatException("The blocks' first rows do not ascend from 0.");
        }

        if (count == 0 || directory.firstRows[count - 1] >= rows || directory.offsets[count] != headOffset)
            throw new SegmentFormatException("The blocks do not fill the object from its header to its head with all its rows.");
        directory.firstRows[count] = rows;
        return directory;
    }

    /// <summary>Checks that each block's rows end one after another, the last with the block.</summary>
    public void CheckEnds(PackedColumn ends)
    {
        for (var block = 0; block < Count; block++)
        {
            long before = 0;
            for (var row = firstRows[block]; row < firstRows[block + 1]; row++)
            {
                var end = ends[row];
                if (end <= before || end > rawLengths[block])
                    throw new SegmentFormatException("A body does not lie within its block.");
                before = end;
            }

            if (before != rawLengths[block])
                throw new SegmentFormatException("A block is not filled by its bodies.");
        }
    }

    public int BlockOf(int row)
    {
        var at = Array.BinarySearch(firstRows, 0, Count, row);
        return at >= 0 ? at : ~at - 1;
    }

    public BlockRange Range(int block) => new(offsets[Checked(block)], (int)(offsets[block + 1] - offsets[block]));

    public (int First, int End) Rows(int block) => (firstRows[Checked(block)], firstRows[block + 1]);

    /// <summary>The raw bytes of a block, in an array of their own.</summary>
    public byte[] Decode(int block, ReadOnlyMemory<byte> stored)
    {
        var bytes = stored.Span;
        if (bytes.Length != Range(block).Length)
            throw new SegmentFormatException($"Block {block} has {Range(block).Length} bytes, not {bytes.Length}.");
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (crc != crcs[block] || SegmentFormat.Crc(bytes[4..]) != crc)
            throw new SegmentFormatException($"The checksum of block {block} is wrong.");
        var codec = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        var content = stored[SegmentFormat.BlockHeaderBytes..];
        var rawLength = rawLengths[block];
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != content.Length || BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) != rawLength)
            throw new SegmentFormatException($"Block {block} does not have the lengths that the directory says.");
        return (BlockCodec)codec switch
        {
            BlockCodec.Raw when content.Length == rawLength => content.ToArray(),
            BlockCodec.Brotli when codec <= byte.MaxValue => Inflate(content.Span, rawLength),
            _ => throw new SegmentFormatException($"Block {block} is stored in an unknown way ({codec})."),
        };
    }

    private static byte[] Inflate(ReadOnlySpan<byte> content, int rawLength)
    {
        var raw = GC.AllocateUninitializedArray<byte>(rawLength);
        if (!BrotliDecoder.TryDecompress(content, raw, out var written) || written != rawLength)
            throw new SegmentFormatException("A block does not inflate to its length.");
        return raw;
    }

    private int Checked(int block) => (uint)block < (uint)Count ? block : throw new ArgumentOutOfRangeException(nameof(block), block, "No such block.");
}
