using System.Buffers.Binary;
using System.Numerics;

namespace ActionTrail.Segments;

/// <summary>
/// A column of whole numbers, read in place: floor i64, width u8 (0 to 56, or 64), then <c>width</c> bits per value, the value less
/// the floor, lowest bits first.
/// </summary>
internal readonly struct PackedColumn(ReadOnlyMemory<byte> bits, int width, long floor)
{
    public const int MaxSharedWidth = 56;

    public long this[int index] => unchecked(floor + (long)Bits(bits.Span, width, index));

    public int Width => width;

    public ReadOnlySpan<byte> Packed => bits.Span;

    /// <summary>The bits that stand for <paramref name="value"/>; false when the column cannot hold it.</summary>
    public bool TryEncode(long value, out ulong encoded)
    {
        encoded = unchecked((ulong)value - (ulong)floor);
        return value >= floor && (width == 64 || encoded >> width == 0);
    }

    public static PackedColumn Read(ref SectionCursor cursor, int count)
    {
        var floor = cursor.Int64();
        int width = cursor.Byte();
        if (width > MaxSharedWidth && width != 64)
            throw new SegmentFormatException($"A column has values of {width} bits.");
        return new(cursor.Take((((long)count * width) + 7) / 8), width, floor);
    }

    public static ulong Bits(ReadOnlySpan<byte> packed, int width, int index)
    {
        var bit = (long)index * width;
        var from = packed[(int)(bit >> 3)..];
        var word = from.Length >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(from) : Tail(from);
        word >>= (int)(bit & 7);
        return width == 64 ? word : word & ((1UL << width) - 1);
    }

    public static void Write(PooledBytes output, ReadOnlySpan<long> values)
    {
        long floor = values.IsEmpty ? 0 : values[0], top = floor;
        foreach (var value in values)
        {
            floor = Math.Min(floor, value);
            top = Math.Max(top, value);
        }

        var width = 64 - BitOperations.LeadingZeroCount(unchecked((ulong)top - (ulong)floor));
        width = width > MaxSharedWidth ? 64 : width;
        output.WriteUInt64(unchecked((ulong)floor));
        output.WriteByte((byte)width);
        if (width > 0)
            Pack(output, values, width, floor);
    }

    /// <summary>Writes the values less <paramref name="floor"/>, which fit <paramref name="width"/> bits, without floor and width.</summary>
    public static void Pack(PooledBytes output, ReadOnlySpan<long> values, int width, long floor)
    {
        var bytes = (((long)values.Length * width) + 7) / 8;
        var target = output.GetSpan(checked((int)bytes + 8));
        ulong word = 0;
        int filled = 0, at = 0;
        foreach (var value in values)
        {
            var part = unchecked((ulong)value - (ulong)floor);
            word |= part << filled;
            filled += width;
            if (filled < 64)
                continue;
            BinaryPrimitives.WriteUInt64LittleEndian(target[at..], word);
            at += 8;
            filled -= 64;
            word = filled == 0 ? 0 : part >> (width - filled);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(target[at..], word);
        output.Advance((int)bytes);
    }

    private static ulong Tail(ReadOnlySpan<byte> from)
    {
        ulong word = 0;
        for (var i = 0; i < from.Length; i++)
            word |= (ulong)from[i] << (8 * i);
        return word;
    }
}
