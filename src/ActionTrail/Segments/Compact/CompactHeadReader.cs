using System.Text;
using ActionTrail.Layout;

namespace ActionTrail.Segments.Compact;

/// <summary>Parses the head of a segment of level 1 or 2 from its sections, whose checksums are right already.</summary>
internal static class CompactHeadReader
{
    private const int AccountMemoryBytes = 96;
    private const int OriginMemoryBytes = 48;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static SegmentHead Parse(ReadOnlyMemory<byte> head, long headOffset, Dictionary<uint, ReadOnlyMemory<byte>> sections)
    {
        ReadOnlyMemory<byte> Require(CompactTag tag) =>
            sections.TryGetValue((uint)tag, out var section) ? section : throw new SegmentFormatException($"Section {tag} is missing.");
        var cursor = new SectionCursor(Require(CompactTag.Facts));
        int rows = cursor.Count(), accountCount = cursor.Count(), groupCount = cursor.Count(), originCount = cursor.Count(), level = cursor.Count();
        _ = cursor.UInt32();
        long minTime = cursor.Int64(), maxTime = cursor.Int64();
        _ = cursor.Int64();
        cursor.End();
        if (level is < 1 or > 2 || groupCount is 0 or > CompactFormat.MaxGroups)
            throw new SegmentFormatException("The segment has an unknown level or an impossible number of row groups.");

        var groups = new CompactGroup[groupCount];
        int row = 0, block = 0;
        long offset = SegmentFormat.HeaderBytes, memory = head.Length;
        for (var i = 0; i < groupCount; i++)
        {
            var number = (uint)i << 16;
            groups[i] = new(tag => sections.TryGetValue(number | tag, out var section) ? section : (ReadOnlyMemory<byte>?)null, row, block, offset);
            (row, block, offset) = (row + groups[i].Count, block + groups[i].BlockCount, groups[i].EndOffset);
            memory += groups[i].MemoryBytes;
        }

        if (row != rows || offset != headOffset)
            throw new SegmentFormatException("The blocks do not fill the object from its header to its head with all its rows.");
        var origins = ReadOrigins(Packing.Read(Require(CompactTag.Origins).Span), originCount);
        var accounts = ReadAccounts(Packing.Read(Require(CompactTag.Accounts).Span), accountCount, rows, groups);
        if (groups.Min(static g => g.MinEventTimeMs) != minTime || groups.Max(static g => g.MaxEventTimeMs) != maxTime)
            throw new SegmentFormatException("The time range is not that of the row groups.");
        return new CompactSegmentHead(level, groups, origins, accounts)
        {
            Count = rows,
            HeadOffset = headOffset,
            MemoryBytes = (int)Math.Min(int.MaxValue, memory + ((long)AccountMemoryBytes * accounts.Length) + ((long)OriginMemoryBytes * origins.Length)),
            MinEventTimeMs = minTime,
            MaxEventTimeMs = maxTime,
        };
    }

    private static CommitOrigin[] ReadOrigins(ReadOnlySpan<byte> raw, int count)
    {
        // An origin takes at least 4 bytes.
        if (count == 0 || count > raw.Length / 4)
            throw new SegmentFormatException("The commits do not fit their section, or there are none.");
        var reader = new VarintReader(raw);
        var origins = new CommitOrigin[count];
        PartitionName? partition = null;
        long first = 0, ticks = 0;
        for (var i = 0; i < count; i++)
        {
            var name = reader.Take(reader.Take(1)[0]);
            if (!name.IsEmpty)
                partition = PartitionName.TryParse(Encoding.ASCII.GetString(name), out var parsed) ? parsed : throw new SegmentFormatException("A partition has an impossible name.");
            first = unchecked(first + reader.Zigzag());
            var last = unchecked(first + (long)reader.Number());
            ticks = unchecked(ticks + reader.Zigzag());
            if (partition is not { } known || last < first || ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks)
                throw new SegmentFormatException("A commit has impossible facts.");
            origins[i] = new(known, first, last, new DateTimeOffset(ticks, TimeSpan.Zero));
        }

        reader.End();
        return origins;
    }

    private static AccountRows[] ReadAccounts(ReadOnlySpan<byte> raw, int count, int rows, CompactGroup[] groups)
    {
        // An account takes at least 3 bytes.
        if (count == 0 || count > raw.Length / 3)
            throw new SegmentFormatException("The accounts do not fit their section, or there are none.");
        var reader = new VarintReader(raw);
        var accounts = new AccountRows[count];
        var times = new TimeWalk(groups);
        var first = 0;
        for (var i = 0; i < count; i++)
        {
            var accountId = ReadText(reader.Take(reader.Take(1)[0]));
            var length = reader.Number(rows - first);
            if (length == 0)
                throw new SegmentFormatException("An account has no rows.");
            if (i > 0 && string.CompareOrdinal(accounts[i - 1].AccountId, accountId) >= 0)
                throw new SegmentFormatException("The accounts are not sorted.");
            var (oldest, newest) = times.Take(length);
            accounts[i] = new(accountId, first, length, oldest, newest);
            first += length;
        }

        reader.End();
        times.End();
        return first == rows ? accounts : throw new SegmentFormatException("There are rows without an account.");
    }

    private static string ReadText(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return utf8.IsEmpty ? throw new SegmentFormatException("An account has no id.") : Utf8.GetString(utf8);
        }
        catch (DecoderFallbackException error)
        {
            throw new SegmentFormatException("An account id is not UTF-8.", error);
        }
    }

    /// <summary>Walks the event times of all rows once: those of an account ascend, those of a group have its bounds.</summary>
    private struct TimeWalk(CompactGroup[] groups)
    {
        private int group;
        private int row;
        private long min = long.MaxValue;
        private long max = long.MinValue;

        public (long Oldest, long Newest) Take(int count)
        {
            long oldest = 0, before = long.MinValue;
            for (var i = 0; i < count; i++)
            {
                var time = groups[group].EventTimeMs(row);
                if (time < before)
                    throw new SegmentFormatException("The rows of an account are not sorted by time.");
                oldest = i == 0 ? time : oldest;
                before = time;
                (min, max) = (Math.Min(min, time), Math.Max(max, time));
                if (++row == groups[group].Count)
                    EndGroup();
            }

            return (oldest, before);
        }

        public readonly void End()
        {
            if (group != groups.Length)
                throw new SegmentFormatException("There are rows without an account.");
        }

        private void EndGroup()
        {
            if (min != groups[group].MinEventTimeMs || max != groups[group].MaxEventTimeMs)
                throw new SegmentFormatException("The time range of a row group is not that of its rows.");
            (group, row, min, max) = (group + 1, 0, long.MaxValue, long.MinValue);
        }
    }
}
