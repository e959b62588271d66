using System.Buffers.Binary;

namespace ActionTrail.Segments;

/// <summary>Reads a section from its beginning; every step is checked against what is left.</summary>
internal struct SectionCursor(ReadOnlyMemory<byte> section)
{
    private ReadOnlyMemory<byte> left = section;

    public ReadOnlyMemory<byte> Take(long count)
    {
        if (count < 0 || count > left.Length)
            throw new SegmentFormatException("A section is shorter than what it says it holds.");
        var taken = left[..(int)count];
        left = left[(int)count..];
        return taken;
    }

    public byte Byte() => Take(1).Span[0];

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    /// <summary>A count of things, 0 to <see cref="int.MaxValue"/>.</summary>
    public int Count()
    {
        var count = UInt32();
        return count <= int.MaxValue ? (int)count : throw new SegmentFormatException("A section counts more than a reader can.");
    }

    public readonly void End()
    {
        if (!left.IsEmpty)
            throw new SegmentFormatException("A section is longer than what it says it holds.");
    }
}
