using ActionTrail.Events;

namespace ActionTrail.Segments;

/// <summary>
/// Writes one section per attribute that occurs: layout u8, then
/// <code>
/// Codes     = distinct:u32 hash:u64{distinct} codes:column          one code per row: 0 = absent, n = hash n-1
/// CodeLists = distinct:u32 hash:u64{distinct} starts:column total:u32 codes:column
/// Hashes    = hash:u64{rows}                                        0 = absent
/// EventIds  =                                                       the section EventIds has it
/// </code>
/// </summary>
internal sealed class AttributeSections : IDisposable
{
    private readonly ValueDictionary dictionary = new();
    private readonly PooledArray<int> codes = new();
    private readonly PooledArray<int> ranks = new();
    private readonly PooledArray<int> members = new();
    private readonly PooledArray<ulong> hashes = new();

    public void Write(SegmentSections sections, PooledBytes output, BuildInput input, PooledArray<long> column)
    {
        Span<AttributeTally> tallies = stackalloc AttributeTally[EventAttributes.Count];
        tallies.Clear();
        Number(input, tallies);
        ranks.Resize(dictionary.Distinct.Length);
        for (var attribute = 0; attribute < tallies.Length; attribute++)
        {
            if (tallies[attribute].Values == 0)
                continue;
            var start = output.Length;
            WriteOne(output, input, (byte)attribute, tallies[attribute], column);
            sections.End(output, SectionTag.Attribute + (ushort)attribute, start);
        }
    }

    public void Dispose()
    {
        dictionary.Dispose();
        codes.Dispose();
        ranks.Dispose();
        members.Dispose();
        hashes.Dispose();
    }

    /// <summary>Numbers all values and notes, per attribute and row, the number plus one of the first.</summary>
    private void Number(BuildInput input, Span<AttributeTally> tallies)
    {
        dictionary.Clear();
        var rows = input.Order.Length;
        var first = codes.Resize(checked(rows * EventAttributes.Count));
        first.Clear();
        for (var i = 0; i < rows; i++)
        {
            ref readonly var row = ref input.Row(i);
            foreach (ref var value in input.Values.Slice(row.FirstValue, row.ValueCount))
            {
                ref var tally = ref tallies[value.Attribute];
                tally.Values++;
                tally.HasZero |= value.Hash == 0;
                value.Code = dictionary.Add(value.Attribute, value.Hash);
                ref var cell = ref first[(value.Attribute * rows) + i];
                tally.HasLists |= cell != 0;
                cell = cell == 0 ? value.Code + 1 : cell;
            }
        }
    }

    private void WriteOne(PooledBytes output, BuildInput input, byte attribute, AttributeTally tally, PooledArray<long> column)
    {
        var rows = input.Order.Length;
        var single = !tally.HasLists && !tally.HasZero;
        if (attribute == (byte)EventAttribute.EventId && single && tally.Values == rows)
        {
            output.WriteByte((byte)AttributeLayout.EventIds);
            return;
        }

        Rank(attribute);
        var firstCodes = codes.Span.Slice(attribute * rows, rows);
        var codeBits = 1 + System.Numerics.BitOperations.Log2((uint)hashes.Count);
        if (single && 8L * rows <= (8L * hashes.Count) + ((long)rows * codeBits / 8))
        {
            output.WriteByte((byte)AttributeLayout.Hashes);
            foreach (var code in firstCodes)
                output.WriteUInt64(code == 0 ? 0 : dictionary.Distinct[code - 1].Hash);
            return;
        }

        output.WriteByte((byte)(tally.HasLists ? AttributeLayout.CodeLists : AttributeLayout.Codes));
        output.WriteUInt32((uint)hashes.Count);
        foreach (var hash in hashes.Span)
            output.WriteUInt64(hash);
        if (tally.HasLists)
        {
            WriteLists(output, input, attribute, tally.Values, column);
            return;
        }

        var cells = column.Resize(rows);
        for (var i = 0; i < cells.Length; i++)
            cells[i] = firstCodes[i] == 0 ? 0 : ranks[firstCodes[i] - 1];
        PackedColumn.Write(output, cells);
    }

    /// <summary>Sorts the attribute's hashes and ranks their numbers from 1.</summary>
    private void Rank(byte attribute)
    {
        hashes.Clear();
        members.Clear();
        var distinct = dictionary.Distinct;
        for (var number = 0; number < distinct.Length; number++)
        {
            if (distinct[number].Attribute != attribute)
                continue;
            hashes.Add(distinct[number].Hash);
            members.Add(number);
        }

        hashes.Span.Sort(members.Span);
        for (var i = 0; i < members.Count; i++)
            ranks[members[i]] = i + 1;
    }

    private void WriteLists(PooledBytes output, BuildInput input, byte attribute, int total, PooledArray<long> column)
    {
        var rows = input.Order.Length;
        var starts = column.Resize(rows + 1);
        starts[0] = 0;
        for (var i = 0; i < rows; i++)
        {
            ref readonly var row = ref input.Row(i);
            var count = 0;
            foreach (ref readonly var value in input.Values.Slice(row.FirstValue, row.ValueCount))
                count += value.Attribute == attribute ? 1 : 0;
            starts[i + 1] = starts[i] + count;
        }

        PackedColumn.Write(output, starts);
        output.WriteUInt32((uint)total);
        var cells = column.Resize(total);
        var at = 0;
        for (var i = 0; i < rows; i++)
        {
            ref readonly var row = ref input.Row(i);
            foreach (ref readonly var value in input.Values.Slice(row.FirstValue, row.ValueCount))
            {
                if (value.Attribute == attribute)
                    cells[at++] = ranks[value.Code];
            }
        }

        PackedColumn.Write(output, cells);
    }

    private struct AttributeTally
    {
        public int Values;
        public bool HasLists;
        public bool HasZero;
    }
}
