using System.Numerics;
using ActionTrail.Events;

namespace ActionTrail.Segments.Compact;

/// <summary>
/// The attribute values of a row group as codes: 0 for none, else the place from 1 among the attribute's sorted distinct hashes. Written
/// one section per attribute that occurs: layout u8, then
/// <code>
/// Codes     = distinct:u32 hash:u32{distinct} codes:column
/// CodeLists = distinct:u32 hash:u32{distinct} counts:column, per row; total:u32 codes:column, from 1
/// Hashes    = hash:u32{rows}                                     0 = none
/// Derived   = distinct:u32 hash:u32{distinct} parent:u8 map:column     code by the parent's code, from 0 on
/// </code>
/// </summary>
internal sealed class GroupAttributes : IDisposable
{
    private readonly ValueDictionary dictionary = new();
    private readonly PooledArray<int> codes = new();
    private readonly PooledArray<int> ranks = new();
    private readonly PooledArray<long> cells = new();
    private readonly PooledArray<ulong> hashes = new();
    private readonly PooledArray<int> members = new();
    private readonly int[] distinct = new int[EventAttributes.Count];
    private readonly int[] firstHash = new int[EventAttributes.Count];
    private readonly int[] totals = new int[EventAttributes.Count];
    private readonly bool[] hasLists = new bool[EventAttributes.Count];
    private readonly bool[] hasZero = new bool[EventAttributes.Count];
    private readonly int[] parents = new int[EventAttributes.Count];
    private int rows;

    public int Distinct(int attribute) => distinct[attribute];

    /// <summary>Whether a reader finds codes, not just hashes, for every row.</summary>
    public bool HasCodes(int attribute) => totals[attribute] > 0 && !IsPlainHashes(attribute);

    /// <summary>The code of each row's first value.</summary>
    public ReadOnlySpan<int> Codes(int attribute) => codes.Span.Slice(attribute * rows, rows);

    public void Read(RowGroup group)
    {
        rows = group.Rows.Length;
        dictionary.Clear();
        Array.Clear(totals);
        Array.Clear(hasLists);
        Array.Clear(hasZero);
        var first = codes.Resize(checked(rows * EventAttributes.Count));
        first.Clear();
        for (var i = 0; i < rows; i++)
        {
            ref readonly var row = ref group.Rows[i];
            foreach (ref readonly var value in group.Values.Slice(row.FirstValue, row.ValueCount))
            {
                totals[value.Attribute]++;
                hasZero[value.Attribute] |= value.Hash == 0;
                var number = dictionary.Add(value.Attribute, value.Hash);
                ref var cell = ref first[(value.Attribute * rows) + i];
                hasLists[value.Attribute] |= cell != 0;
                cell = cell == 0 ? number + 1 : cell;
            }
        }

        Rank();
        foreach (ref var cell in first)
            cell = cell == 0 ? 0 : ranks[cell - 1];
        FindParents();
    }

    public void Write(PooledBytes output, SectionList sections, RowGroup group, ushort groupNumber)
    {
        for (var attribute = 0; attribute < EventAttributes.Count; attribute++)
        {
            if (totals[attribute] == 0)
                continue;
            var start = output.Length;
            WriteOne(output, group, attribute);
            sections.End(output, (ushort)((int)CompactTag.Attribute + attribute), groupNumber, start);
        }
    }

    public long HeldBytes => dictionary.HeldBytes + codes.HeldBytes + ranks.HeldBytes + cells.HeldBytes + hashes.HeldBytes + members.HeldBytes;

    public void Dispose()
    {
        dictionary.Dispose();
        codes.Dispose();
        ranks.Dispose();
        cells.Dispose();
        hashes.Dispose();
        members.Dispose();
    }

    /// <summary>Sorts each attribute's hashes; a number's rank is its place among those of its attribute, from 1.</summary>
    private void Rank()
    {
        var known = dictionary.Distinct;
        ranks.Resize(known.Length);
        hashes.Clear();
        for (var attribute = 0; attribute < EventAttributes.Count; attribute++)
        {
            var from = firstHash[attribute] = hashes.Count;
            members.Clear();
            for (var number = 0; totals[attribute] > 0 && number < known.Length; number++)
            {
                if (known[number].Attribute != attribute)
                    continue;
                hashes.Add(known[number].Hash);
                members.Add(number);
            }

            distinct[attribute] = members.Count;
            hashes.Span[from..].Sort(members.Span);
            for (var i = 0; i < members.Count; i++)
                ranks[members[i]] = i + 1;
        }
    }

    /// <summary>An attribute whose code follows from another one's is stored as that function, when it is the smaller.</summary>
    private void FindParents()
    {
        Array.Fill(parents, -1);
        Span<bool> isParent = stackalloc bool[EventAttributes.Count];
        for (var child = 0; child < EventAttributes.Count; child++)
        {
            if (totals[child] == 0 || hasLists[child] || isParent[child] || IsPlainHashes(child))
                continue;
            for (var parent = 0; parent < EventAttributes.Count; parent++)
            {
                var fits = parent != child && parents[parent] < 0 && totals[parent] > 0 && !hasLists[parent] && !IsPlainHashes(parent)
                    && 2 * distinct[parent] < rows && (parents[child] < 0 || distinct[parent] < distinct[parents[child]]);
                if (fits && IsFunction(parent, child))
                    parents[child] = parent;
            }

            if (parents[child] >= 0)
                isParent[parents[child]] = true;
        }
    }

    private bool IsPlainHashes(int attribute) =>
        !hasLists[attribute] && !hasZero[attribute] && 4L * rows <= (4L * distinct[attribute]) + ((long)rows * (1 + BitOperations.Log2((uint)distinct[attribute])) / 8);

    private bool IsFunction(int parent, int child)
    {
        var map = cells.Resize(distinct[parent] + 1);
        map.Fill(-1);
        var from = Codes(parent);
        var to = Codes(child);
        for (var i = 0; i < rows; i++)
        {
            ref var cell = ref map[from[i]];
            if (cell != to[i] && cell >= 0)
                return false;
            cell = to[i];
        }

        return true;
    }

    private void WriteOne(PooledBytes output, RowGroup group, int attribute)
    {
        var own = hashes.Span.Slice(firstHash[attribute], distinct[attribute]);
        if (IsPlainHashes(attribute))
        {
            output.WriteByte((byte)CompactLayout.Hashes);
            foreach (var code in Codes(attribute))
                output.WriteUInt32(code == 0 ? 0 : (uint)own[code - 1]);
            return;
        }

        output.WriteByte((byte)(parents[attribute] >= 0 ? CompactLayout.Derived : hasLists[attribute] ? CompactLayout.CodeLists : CompactLayout.Codes));
        output.WriteUInt32((uint)own.Length);
        foreach (var hash in own)
            output.WriteUInt32((uint)hash);
        if (parents[attribute] >= 0)
            WriteMap(output, parents[attribute], attribute);
        else if (hasLists[attribute])
            WriteLists(output, group, attribute);
        else
            WriteCells(output, Codes(attribute));
    }

    private void WriteMap(PooledBytes output, int parent, int child)
    {
        IsFunction(parent, child);
        output.WriteByte((byte)parent);
        foreach (ref var cell in cells.Span)
            cell = Math.Max(cell, 0);
        PackedColumn.Write(output, cells.Span);
    }

    private void WriteCells(PooledBytes output, ReadOnlySpan<int> source)
    {
        var target = cells.Resize(source.Length);
        for (var i = 0; i < target.Length; i++)
            target[i] = source[i];
        PackedColumn.Write(output, target);
    }

    private void WriteLists(PooledBytes output, RowGroup group, int attribute)
    {
        var counts = cells.Resize(rows);
        members.Clear();
        for (var i = 0; i < rows; i++)
        {
            ref readonly var row = ref group.Rows[i];
            var before = members.Count;
            foreach (ref readonly var value in group.Values.Slice(row.FirstValue, row.ValueCount))
            {
                if (value.Attribute == attribute)
                    members.Add(ranks[dictionary.Add(value.Attribute, value.Hash)]);
            }

            counts[i] = members.Count - before;
        }

        PackedColumn.Write(output, counts);
        output.WriteUInt32((uint)members.Count);
        WriteCells(output, members.Span);
    }
}
