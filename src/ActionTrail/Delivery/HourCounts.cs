using System.Buffers;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>
/// The counts of one hour, minute by minute, as they stand in a row: for every minute that has any its number (0 to 59) as a byte, then
/// delivered, failed, bytes, deliveries and failed attempts as varints (7-bit groups, lowest first, high bit set on all but the last).
/// </summary>
internal sealed class HourCounts
{
    private const int Minutes = 60;

    private readonly MinuteCounts[] minutes = new MinuteCounts[Minutes];

    public HourCounts(long hour) => Hour = hour;

    /// <summary>Unix milliseconds of its begin.</summary>
    public long Hour { get; }

    public static long HourOf(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 3_600_000 * 3_600_000;

    public MinuteCounts At(int minute) => minutes[minute];

    /// <summary>These counts and one more.</summary>
    public HourCounts With(DateTimeOffset at, MinuteCounts counts)
    {
        var next = new HourCounts(Hour);
        minutes.CopyTo(next.minutes, 0);
        next.minutes[at.UtcDateTime.Minute] += counts;
        return next;
    }

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        for (var minute = 0; minute < Minutes; minute++)
        {
            if (minutes[minute].IsEmpty)
                continue;
            output.Write([(byte)minute]);
            var one = minutes[minute];
            foreach (var value in (ReadOnlySpan<long>)[one.Delivered, one.Failed, one.Bytes, one.Deliveries, one.FailedAttempts])
                WriteVarint(output, (ulong)value);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="StoreException">Corrupt: the bytes are not what <see cref="ToBytes"/> makes.</exception>
    public static HourCounts Parse(long hour, ReadOnlySpan<byte> bytes)
    {
        var counts = new HourCounts(hour);
        while (!bytes.IsEmpty)
        {
            var minute = bytes[0];
            bytes = bytes[1..];
            if (minute >= Minutes)
                throw Corrupt();
            counts.minutes[minute] = new(ReadVarint(ref bytes), ReadVarint(ref bytes), ReadVarint(ref bytes), ReadVarint(ref bytes), ReadVarint(ref bytes));
        }

        return counts;
    }

    private static void WriteVarint(ArrayBufferWriter<byte> output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            output.Write([(byte)(value | 0x80)]);
        output.Write([(byte)value]);
    }

    private static long ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var (i, shift) = (0, 0); i < bytes.Length && shift < 63; i++, shift += 7)
        {
            value |= (ulong)(bytes[i] & 0x7f) << shift;
            if (bytes[i] >= 0x80)
                continue;
            bytes = bytes[(i + 1)..];
            return (long)value;
        }

        throw Corrupt();
    }

    private static StoreException Corrupt() => new(StoreErrorKind.Corrupt, "The counts of an hour of deliveries cannot be read.");
}
