using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Layout;

namespace ActionTrail.Segments;

/// <summary>What a build works on: rows as added, their order in the segment, values, bodies, accounts in ordinal order, further accounts by upper half of their hash.</summary>
internal readonly ref struct BuildInput(BuilderRow[] rows, ReadOnlySpan<int> order, Span<BuilderValue> values, BodyArena bodies, List<string> accounts, HashSet<uint> recipients, long rawBytes)
{
    public readonly BuilderRow[] Rows = rows;
    public readonly ReadOnlySpan<int> Order = order;
    public readonly Span<BuilderValue> Values = values;
    public readonly BodyArena Bodies = bodies;
    public readonly List<string> Accounts = accounts;
    public readonly HashSet<uint> Recipients = recipients;
    public readonly long RawBytes = rawBytes;

    public ref BuilderRow Row(int row) => ref Rows[Order[row]];
}

/// <summary>
/// Writes a segment: header, blocks, head. Grammar (little-endian):
/// <code>
/// segment = header block+ head
/// head    = section* footer trailer          sections lie in the order of the footer and leave no gap
/// footer  = count:u32 (tag:u16 reserved:u16 length:u32 crc:u32){count}
/// trailer = footerLength:u32 crc:u32 major:u16 minor:u16 "AUD1"    crc over footer, footerLength, major, minor, magic
/// </code>
/// </summary>
internal sealed class SegmentSections : IDisposable
{
    private readonly PooledArray<long> column = new();
    private readonly PooledArray<long> ends = new();
    private readonly AttributeSections attributes = new();
    private readonly BlockWriter blocks = new();
    private readonly PooledBytes footer = new();

    public SegmentImage Write(BuildInput input)
    {
        using var output = new PooledBytes();
        output.GetSpan((int)Math.Min(int.MaxValue / 2, (input.RawBytes / 2) + 4096));
        output.Advance(SegmentFormat.HeaderBytes);
        blocks.Write(output, input, ends.Resize(input.Order.Length));
        var headOffset = output.Length;
        SegmentFormat.WriteHeader(output.At(0, SegmentFormat.HeaderBytes), input.Order.Length, headOffset);

        footer.Reset();
        footer.WriteUInt32(0);
        var (minTime, maxTime) = WriteRows(output, input);
        attributes.Write(this, output, input, column);
        WriteFooter(output);

        var length = output.Length;
        var sha256 = SHA256.HashData(output.Written);
        return new(output.Detach(), length)
        {
            HeadOffset = headOffset,
            Count = input.Order.Length,
            MinEventTimeMs = minTime,
            MaxEventTimeMs = maxTime,
            Sha256 = sha256,
            Accounts = AccountSummary.Of(input.Accounts, input.Recipients),
        };
    }

    /// <summary>Ends a section that started at <paramref name="start"/> and enters it in the footer.</summary>
    public void End(PooledBytes output, SectionTag tag, int start)
    {
        var section = output.Written[start..];
        footer.WriteUInt16((ushort)tag);
        footer.WriteUInt16(0);
        footer.WriteUInt32((uint)section.Length);
        footer.WriteUInt32(SegmentFormat.Crc(section));
    }

    public void Dispose()
    {
        column.Dispose();
        ends.Dispose();
        attributes.Dispose();
        blocks.Dispose();
        footer.Dispose();
    }

    private (long MinTime, long MaxTime) WriteRows(PooledBytes output, BuildInput input)
    {
        long minTime = long.MaxValue, maxTime = long.MinValue;
        foreach (var row in input.Order)
        {
            minTime = Math.Min(minTime, input.Rows[row].EventTimeMs);
            maxTime = Math.Max(maxTime, input.Rows[row].EventTimeMs);
        }

        var start = output.Length;
        output.WriteUInt32((uint)input.Order.Length);
        output.WriteUInt32((uint)input.Accounts.Count);
        output.WriteUInt32((uint)blocks.Count);
        output.WriteUInt32(0);
        output.WriteUInt64((ulong)minTime);
        output.WriteUInt64((ulong)maxTime);
        output.WriteUInt64((ulong)input.RawBytes);
        End(output, SectionTag.Facts, start);

        WriteAccounts(output, input);
        start = output.Length;
        blocks.WriteDirectory(output);
        End(output, SectionTag.Blocks, start);

        var cells = column.Resize(input.Order.Length);
        for (var i = 0; i < cells.Length; i++)
            cells[i] = input.Row(i).EventTimeMs;
        WriteColumn(output, SectionTag.EventTimes, cells);
        for (var i = 0; i < cells.Length; i++)
            cells[i] = input.Row(i).At.ReceiveTimeMs;
        WriteColumn(output, SectionTag.ReceiveTimes, cells);
        for (var i = 0; i < cells.Length; i++)
            cells[i] = input.Row(i).At.SequenceNumber;
        WriteColumn(output, SectionTag.SequenceNumbers, cells);
        for (var i = 0; i < cells.Length; i++)
            cells[i] = input.Row(i).At.Index;
        WriteColumn(output, SectionTag.Indexes, cells);
        WriteColumn(output, SectionTag.Ends, ends.Span);

        start = output.Length;
        for (var i = 0; i < cells.Length; i++)
            output.WriteUInt64(input.Row(i).EventIdHash);
        End(output, SectionTag.EventIds, start);
        return (minTime, maxTime);
    }

    private void WriteAccounts(PooledBytes output, BuildInput input)
    {
        var start = output.Length;
        var row = 0;
        foreach (var accountId in input.Accounts)
        {
            var first = row;
            var account = input.Row(first).Account;
            while (row < input.Order.Length && input.Row(row).Account == account)
                row++;
            var text = output.GetSpan(1 + SegmentFormat.MaxAccountBytes);
            var length = Encoding.UTF8.GetBytes(accountId, text[1..]);
            text[0] = (byte)length;
            output.Advance(1 + length);
            output.WriteUInt32((uint)(row - first));
        }

        End(output, SectionTag.Accounts, start);
    }

    private void WriteColumn(PooledBytes output, SectionTag tag, ReadOnlySpan<long> cells)
    {
        var start = output.Length;
        PackedColumn.Write(output, cells);
        End(output, tag, start);
    }

    private void WriteFooter(PooledBytes output)
    {
        var entries = (footer.Length - 4) / SegmentFormat.SectionEntryBytes;
        BinaryPrimitives.WriteInt32LittleEndian(footer.At(0, 4), entries);
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
}
