using System.Buffers.Binary;

namespace ActionTrail.Segments.Compact;

/// <summary>The footer while the sections are written: per section tag u16, row group u16 (0 for sections of the whole segment), length u32, crc u32.</summary>
internal sealed class SectionList : IDisposable
{
    private readonly PooledBytes footer = new();

    public void Clear()
    {
        footer.Reset();
        footer.WriteUInt32(0);
    }

    /// <summary>Ends the section that started at <paramref name="start"/>.</summary>
    public void End(PooledBytes output, ushort tag, ushort group, int start)
    {
        var section = output.Written[start..];
        footer.WriteUInt16(tag);
        footer.WriteUInt16(group);
        footer.WriteUInt32((uint)section.Length);
        footer.WriteUInt32(SegmentFormat.Crc(section));
    }

    public void End(PooledBytes output, CompactTag tag, int group, int start) => End(output, (ushort)tag, (ushort)group, start);

    /// <summary>Writes footer and trailer after the last section.</summary>
    public void Write(PooledBytes output)
    {
        BinaryPrimitives.WriteInt32LittleEndian(footer.At(0, 4), (footer.Length - 4) / SegmentFormat.SectionEntryBytes);
        output.Write(footer.Written);
        var trailer = output.GetSpan(SegmentFormat.TrailerBytes)[..SegmentFormat.TrailerBytes];
        BinaryPrimitives.WriteInt32LittleEndian(trailer, footer.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(trailer[8..], SegmentFormat.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(trailer[10..], SegmentFormat.Minor);
        SegmentFormat.Magic.CopyTo(trailer[12..]);
        var crc = SegmentFormat.Crc(trailer[8..], SegmentFormat.Crc(trailer[..4], SegmentFormat.Crc(footer.Written)));
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], crc);
        output.Advance(SegmentFormat.TrailerBytes);
    }

    public void Dispose() => footer.Dispose();
}
