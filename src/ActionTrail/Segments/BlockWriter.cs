using System.Buffers.Binary;
using System.IO.Compression;

namespace ActionTrail.Segments;

/// <summary>
/// Fills blocks with bodies in row order and compresses them.
/// <code>
/// block = crc:u32 codec:u8 0:u8 0:u16 storedLength:u32 rawLength:u32 stored     crc over all that follows it
/// </code>
/// A body that would take a block over 64 KiB opens the next one. A block that does not shrink is stored raw.
/// </summary>
internal sealed class BlockWriter : IDisposable
{
    /// <summary>Brotli quality and window (2^16 bytes, what a block holds): see the comparison in docs/benchmarks.md.</summary>
    public const int Quality = 1;

    public const int Window = 16;

    private readonly PooledBytes staging = new();
    private readonly PooledArray<BlockEntry> directory = new();

    public int Count => directory.Count;

    /// <summary>Writes all blocks and, for each row, where its body ends in its raw block.</summary>
    public void Write(PooledBytes output, BuildInput input, Span<long> ends)
    {
        directory.Clear();
        for (var row = 0; row < ends.Length;)
            row = WriteBlock(output, input, row, ends);
    }

    /// <summary>Per block: first row u32, length with header u32, raw length u32, crc u32 (the block's own).</summary>
    public void WriteDirectory(PooledBytes output)
    {
        foreach (ref readonly var block in directory.Span)
        {
            output.WriteUInt32((uint)block.FirstRow);
            output.WriteUInt32((uint)block.Length);
            output.WriteUInt32((uint)block.RawLength);
            output.WriteUInt32(block.Crc);
        }
    }

    public void Dispose()
    {
        staging.Dispose();
        directory.Dispose();
    }

    private int WriteBlock(PooledBytes output, BuildInput input, int firstRow, Span<long> ends)
    {
        staging.Reset();
        var row = firstRow;
        do
        {
            ref readonly var from = ref input.Row(row);
            if (row > firstRow && staging.Length + from.Length > SegmentFormat.BlockTargetBytes)
                break;
            staging.Write(input.Bodies.Get(from.Chunk, from.Offset, from.Length));
            ends[row++] = staging.Length;
        }
        while (row < ends.Length);

        var start = output.Length;
        var crc = Store(output, staging.Written);
        directory.Add(new() { FirstRow = firstRow, Length = output.Length - start, RawLength = staging.Length, Crc = crc });
        return row;
    }

    private static uint Store(PooledBytes output, ReadOnlySpan<byte> raw)
    {
        var block = output.GetSpan(SegmentFormat.BlockHeaderBytes + BrotliEncoder.GetMaxCompressedLength(raw.Length));
        var stored = block[SegmentFormat.BlockHeaderBytes..];
        var codec = BlockCodec.Brotli;
        if (!BrotliEncoder.TryCompress(raw, stored, out var length, Quality, Window) || length >= raw.Length)
        {
            raw.CopyTo(stored);
            length = raw.Length;
            codec = BlockCodec.Raw;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], (uint)codec);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], length);
        BinaryPrimitives.WriteInt32LittleEndian(block[12..], raw.Length);
        var whole = SegmentFormat.BlockHeaderBytes + length;
        var crc = SegmentFormat.Crc(block[4..whole]);
        BinaryPrimitives.WriteUInt32LittleEndian(block, crc);
        output.Advance(whole);
        return crc;
    }

    private struct BlockEntry
    {
        public int FirstRow;
        public int Length;
        public int RawLength;
        public uint Crc;
    }
}
