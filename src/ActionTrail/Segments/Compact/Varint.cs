namespace ActionTrail.Segments.Compact;

/// <summary>Whole numbers in 7-bit groups, lowest first, the high bit set on all but the last; signed ones zigzag.</summary>
internal static class Varint
{
    public static void WriteVarint(this PooledBytes output, ulong value)
    {
        var span = output.GetSpan(10);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
            span[at++] = (byte)(value | 0x80);
        span[at++] = (byte)value;
        output.Advance(at);
    }

    public static void WriteVarint(this PooledBytes output, int value) => output.WriteVarint((ulong)(uint)value);

    public static void WriteZigzag(this PooledBytes output, long value) => output.WriteVarint((ulong)((value << 1) ^ (value >> 63)));
}

/// <summary>Reads what <see cref="Varint"/> and plain bytes make; every step is checked against what is left.</summary>
internal ref struct VarintReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> left = bytes;

    public readonly int Left => left.Length;

    public readonly bool IsEmpty => left.IsEmpty;

    public ulong Number()
    {
        ulong value = 0;
        for (var i = 0; i < left.Length && i < 10; i++)
        {
            var one = left[i];
            value |= (ulong)(one & 0x7F) << (7 * i);
            if (one < 0x80)
            {
                left = left[(i + 1)..];
                return i < 9 || one < 2 ? value : throw TooLarge();
            }
        }

        throw new SegmentFormatException("A number does not end.");
    }

    /// <summary>A number from 0 to <paramref name="most"/>.</summary>
    public int Number(int most)
    {
        if (left.Length > 0 && left[0] < 0x80 && left[0] <= most)
        {
            int small = left[0];
            left = left[1..];
            return small;
        }

        var value = Number();
        return value <= (ulong)most ? (int)value : throw TooLarge();
    }

    public long Zigzag()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)left.Length)
            throw new SegmentFormatException("There is less than what is said to be there.");
        var taken = left[..count];
        left = left[count..];
        return taken;
    }

    public readonly void End()
    {
        if (!left.IsEmpty)
            throw new SegmentFormatException("There is more than what is said to be there.");
    }

    private static SegmentFormatException TooLarge() => new("A number is larger than it can be.");
}
