using System.Buffers.Binary;
using System.IO.Compression;

namespace ActionTrail.Segments.Compact;

/// <summary>
/// Compressed bytes with their lengths: <c>codec:u8 rawLength:u32 stored</c>. What does not shrink is stored raw. A reader allocates for
/// what comes out, never for what a length claims.
/// </summary>
internal static class Packing
{
    public const int HeaderBytes = 5;
    public const int Window = 22;

    public static void Write(PooledBytes output, ReadOnlySpan<byte> raw, int quality)
    {
        var target = output.GetSpan(HeaderBytes + Bound(raw.Length));
        var length = Compress(raw, target[HeaderBytes..], quality, out var codec);
        target[0] = (byte)codec;
        BinaryPrimitives.WriteInt32LittleEndian(target[1..], raw.Length);
        output.Advance(HeaderBytes + length);
    }

    /// <summary>Most bytes that <see cref="Compress"/> writes.</summary>
    public static int Bound(int rawLength) => BrotliEncoder.GetMaxCompressedLength(rawLength) + 64;

    public static int Compress(ReadOnlySpan<byte> raw, Span<byte> target, int quality, out BlockCodec codec)
    {
        codec = BlockCodec.Brotli;
        var window = Math.Clamp(System.Numerics.BitOperations.Log2((uint)raw.Length | 1) + 1, 16, Window);
        if (BrotliEncoder.TryCompress(raw, target, out var length, quality, window) && length < raw.Length)
            return length;
        codec = BlockCodec.Raw;
        raw.CopyTo(target);
        return raw.Length;
    }

    public static byte[] Read(ReadOnlySpan<byte> packed)
    {
        if (packed.Length < HeaderBytes)
            throw new SegmentFormatException("A packed table is shorter than its header.");
        return Inflate((BlockCodec)packed[0], packed[HeaderBytes..], BinaryPrimitives.ReadUInt32LittleEndian(packed[1..]));
    }

    public static byte[] Inflate(BlockCodec codec, ReadOnlySpan<byte> stored, uint rawLength)
    {
        if (rawLength > CompactFormat.MaxRawBytes)
            throw new SegmentFormatException("Something is said to inflate to more than a reader takes.");
        return codec switch
        {
            BlockCodec.Raw when stored.Length == rawLength => stored.ToArray(),
            BlockCodec.Brotli => Brotli(stored, (int)rawLength),
            _ => throw new SegmentFormatException($"Something is stored in an unknown way ({codec})."),
        };
    }

    private static byte[] Brotli(ReadOnlySpan<byte> stored, int rawLength)
    {
        var raw = GC.AllocateUninitializedArray<byte>((int)Math.Min(rawLength, (64L * stored.Length) + 4096));
        using var decoder = default(BrotliDecoder);
        var done = 0;
        while (true)
        {
            var status = decoder.Decompress(stored, raw.AsSpan(done), out var consumed, out var written);
            stored = stored[consumed..];
            done += written;
            if (status == System.Buffers.OperationStatus.Done && done == rawLength && stored.IsEmpty)
                return raw.Length == done ? raw : raw[..done];
            if (status != System.Buffers.OperationStatus.DestinationTooSmall || raw.Length == rawLength)
                throw new SegmentFormatException("Something does not inflate to its length.");
            Array.Resize(ref raw, (int)Math.Min(rawLength, 2L * raw.Length));
        }
    }
}
