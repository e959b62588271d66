using System.Numerics;

namespace ActionTrail.Segments.Compact;

/// <summary>
/// A column of whole numbers in frames of 64, each with its own floor and width, so that values which drift stay narrow; read in place.
/// <code>
/// column = base:i64 unit:u64 floors:packed column, one per frame; widths:u8 per frame; bits of each frame, to the full byte
/// value  = base + unit * (floor of its frame + its bits)
/// </code>
/// </summary>
internal readonly struct FramedColumn
{
    public const int FrameRows = 64;

    private readonly long origin;
    private readonly long step;
    private readonly PackedColumn lows;
    private readonly ReadOnlyMemory<byte> frameWidths;
    private readonly ReadOnlyMemory<byte> frameBits;
    private readonly int[] frameOffsets;

    private FramedColumn(long origin, long step, PackedColumn lows, ReadOnlyMemory<byte> frameWidths, ReadOnlyMemory<byte> frameBits, int[] frameOffsets)
    {
        this.origin = origin;
        this.step = step;
        this.lows = lows;
        this.frameWidths = frameWidths;
        this.frameBits = frameBits;
        this.frameOffsets = frameOffsets;
    }

    public long this[int index]
    {
        get
        {
            var frame = index / FrameRows;
            var width = frameWidths.Span[frame];
            var packed = width == 0 ? 0 : PackedColumn.Bits(frameBits.Span[frameOffsets[frame]..], width, index % FrameRows);
            return unchecked(origin + (step * (lows[frame] + (long)packed)));
        }
    }

    public int MemoryBytes => 4 * frameOffsets.Length;

    public static FramedColumn Read(SectionCursor cursor, int count)
    {
        var (start, unit) = (cursor.Int64(), cursor.Int64());
        var frames = (count + FrameRows - 1) / FrameRows;
        var floors = PackedColumn.Read(ref cursor, frames);
        var widths = cursor.Take(frames);
        var offsets = new int[frames];
        long at = 0;
        for (var frame = 0; frame < frames; frame++)
        {
            int width = widths.Span[frame];
            if (width > PackedColumn.MaxSharedWidth && width != 64)
                throw new SegmentFormatException($"A frame has values of {width} bits.");
            offsets[frame] = (int)at;
            at += Bytes(Math.Min(FrameRows, count - (frame * FrameRows)), width);
            if (at > int.MaxValue)
                throw new SegmentFormatException("A column is longer than a reader takes.");
        }

        var bits = cursor.Take(at);
        cursor.End();
        return new(start, unit, floors, widths, bits, offsets);
    }

    /// <summary>Writes the column; <paramref name="values"/> are changed.</summary>
    public static void Write(PooledBytes output, Span<long> values, PooledArray<long> floors)
    {
        var (start, unit) = Normalize(values);
        output.WriteUInt64((ulong)start);
        output.WriteUInt64((ulong)unit);
        var frames = (values.Length + FrameRows - 1) / FrameRows;
        var lowest = floors.Resize(frames);
        for (var frame = 0; frame < frames; frame++)
        {
            var low = long.MaxValue;
            foreach (var value in Frame(values, frame))
                low = Math.Min(low, value);
            lowest[frame] = low;
        }

        PackedColumn.Write(output, lowest);
        for (var frame = 0; frame < frames; frame++)
            output.WriteByte((byte)Width(Frame(values, frame), lowest[frame]));
        for (var frame = 0; frame < frames; frame++)
        {
            var content = Frame(values, frame);
            PackedColumn.Pack(output, content, Width(content, lowest[frame]), lowest[frame]);
        }
    }

    private static Span<long> Frame(Span<long> values, int frame) => values.Slice(frame * FrameRows, Math.Min(FrameRows, values.Length - (frame * FrameRows)));

    private static int Bytes(int count, int width) => ((count * width) + 7) / 8;

    private static int Width(ReadOnlySpan<long> values, long low)
    {
        ulong top = 0;
        foreach (var value in values)
            top |= unchecked((ulong)value - (ulong)low);
        var width = 64 - BitOperations.LeadingZeroCount(top);
        return width > PackedColumn.MaxSharedWidth ? 64 : width;
    }

    /// <summary>Takes out what all values share: the first of them, and the largest unit that divides all distances from it.</summary>
    private static (long Start, long Unit) Normalize(Span<long> values)
    {
        const long Bound = long.MaxValue / 4;
        var start = values.IsEmpty ? 0 : values[0];
        ulong unit = 0;
        foreach (var value in values)
        {
            if (value is < -Bound or > Bound)
                return (0, 1);
            for (var rest = (ulong)Math.Abs(value - start); rest != 0 && unit != 1;)
                (unit, rest) = unit == 0 ? (rest, 0) : (rest, unit % rest);
        }

        var divisor = unit == 0 ? 1 : (long)unit;
        foreach (ref var value in values)
            value = (value - start) / divisor;
        return (start, divisor);
    }
}
