using ActionTrail.Events;

namespace ActionTrail.Segments.Compact;

/// <summary>The head of a segment of level 1 or 2: its row groups one after another.</summary>
internal sealed class CompactSegmentHead(int level, CompactGroup[] groups, CommitOrigin[] origins, AccountRows[] accounts) : SegmentHead(accounts), ICompactRows
{
    public override int Level => level;

    public override int BlockCount => groups[^1].FirstBlock + groups[^1].BlockCount;

    public override long EventTimeMs(int row)
    {
        var group = GroupOf(row);
        return group.EventTimeMs(row - group.FirstRow);
    }

    public override ulong EventIdHash(int row)
    {
        var group = GroupOf(row);
        return (ulong)group.IdPrefix(row - group.FirstRow) << 32;
    }

    public override EventCoordinates At(int row)
    {
        var group = GroupOf(row);
        return group.At(row - group.FirstRow, origins);
    }

    public override CommitOrigin? OriginOf(int row)
    {
        var group = GroupOf(row);
        return group.Origin(row - group.FirstRow, origins);
    }

    public int FirstCode(int attribute, int row)
    {
        var group = GroupOf(row);
        return group.FirstCode(attribute, row - group.FirstRow);
    }

    public override int CountValues(EventAttribute attribute, int first, int end, Dictionary<uint, ValueTally> tallies)
    {
        var counted = 0;
        foreach (var group in groups)
        {
            var (from, to) = (Math.Max(first - group.FirstRow, 0), Math.Min(end - group.FirstRow, group.Count));
            if (from >= to)
                continue;
            if (attribute == EventAttribute.EventId)
                counted += CountIds(group, from, to, tallies);
            else
                counted += group.Attribute(attribute)?.Count(from, to, group.FirstRow, tallies) ?? 0;
        }

        return counted;
    }

    public override int CountValues(EventAttribute attribute, IReadOnlyList<int> rows, Dictionary<uint, ValueTally> tallies)
    {
        var counted = 0;
        var prefixes = new List<uint>();
        for (var i = 0; i < rows.Count; i++)
        {
            var group = GroupOf(rows[i]);
            var row = rows[i] - group.FirstRow;
            if (attribute == EventAttribute.EventId)
                counted += CountIds(group, row, row + 1, tallies);
            else if (group.Attribute(attribute) is { } values)
                counted += values.CountOne(row, group.FirstRow, prefixes, tallies) ? 1 : 0;
        }

        return counted;
    }

    public override void ReadValues(EventAttribute attribute, int row, List<uint> prefixes)
    {
        var group = GroupOf(row);
        if (attribute != EventAttribute.EventId)
            group.Attribute(attribute)?.Append(row - group.FirstRow, prefixes);
        else if (group.IdPrefix(row - group.FirstRow) is not 0 and var prefix)
            prefixes.Add(prefix);
    }

    public override void ReadFacts(int row, EventFacts facts)
    {
        var group = GroupOf(row);
        var own = row - group.FirstRow;
        facts.Clear();
        facts.AccountId = AccountId(row);
        facts.EventTimeMs = group.EventTimeMs(own);
        if (group.IdPrefix(own) is not 0 and var id)
            facts.Add(EventAttribute.EventId, (ulong)id << 32);
        var prefixes = new List<uint>();
        for (var attribute = 0; attribute < EventAttributes.Count; attribute++)
        {
            prefixes.Clear();
            group.Attribute((EventAttribute)attribute)?.Append(own, prefixes);
            foreach (var prefix in prefixes)
                facts.Add((EventAttribute)attribute, (ulong)prefix << 32);
        }
    }

    public override int BlockOf(int row)
    {
        var group = GroupOf(row);
        return group.FirstBlock + group.Blocks.BlockOf(row - group.FirstRow);
    }

    public override int BodyLength(int row)
    {
        var group = GroupOf(row);
        var block = group.Blocks.BlockOf(row - group.FirstRow);
        var (first, end) = group.Blocks.Rows(block);
        return (int)(group.Blocks.EventBytes(block) / (end - first));
    }

    public override BlockRange Block(int block)
    {
        var group = GroupOfBlock(block);
        return group.Blocks.Range(block - group.FirstBlock);
    }

    public override SegmentBlock Decode(int block, ReadOnlyMemory<byte> stored)
    {
        var group = GroupOfBlock(block);
        return group.Decode(block - group.FirstBlock, stored, this);
    }

    private protected override void SelectIn(int first, int end, ReadOnlySpan<AttributeFilter> filters, List<int> matches)
    {
        if (filters.IsEmpty)
        {
            for (var row = first; row < end; row++)
                matches.Add(row);
            return;
        }

        foreach (var group in groups)
        {
            var (from, to) = (Math.Max(first - group.FirstRow, 0), Math.Min(end - group.FirstRow, group.Count));
            if (from >= to)
                continue;
            var start = matches.Count;
            group.Select(from, to, filters, matches);
            for (var i = start; i < matches.Count && group.FirstRow > 0; i++)
                matches[i] += group.FirstRow;
        }
    }

    private static int CountIds(CompactGroup group, int first, int end, Dictionary<uint, ValueTally> tallies)
    {
        var counted = 0;
        for (var row = first; row < end; row++)
        {
            if (group.IdPrefix(row) is 0)
                continue;
            ref var tally = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(tallies, group.IdPrefix(row), out _);
            tally = tally.With(group.FirstRow + row);
            counted++;
        }

        return counted;
    }

    private CompactGroup GroupOf(int row)
    {
        Checked(row);
        var at = groups.Length - 1;
        while (groups[at].FirstRow > row)
            at--;
        return groups[at];
    }

    private CompactGroup GroupOfBlock(int block)
    {
        if ((uint)block >= (uint)BlockCount)
            throw new ArgumentOutOfRangeException(nameof(block), block, "No such block.");
        var at = groups.Length - 1;
        while (groups[at].FirstBlock > block)
            at--;
        return groups[at];
    }
}
