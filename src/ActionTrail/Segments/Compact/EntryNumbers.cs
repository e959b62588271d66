using System.Buffers.Binary;

namespace ActionTrail.Segments.Compact;

/// <summary>
/// Lays out the dictionary of a row group: the texts of two and more rows, column by column, in each the ones it spells most often first, so
/// that a column's codes are small numbers and like texts stand together.
/// </summary>
internal sealed class EntryNumbers : IDisposable
{
    private readonly PooledArray<int> order = new();
    private readonly PooledArray<EntryKey> keys = new();
    private readonly PooledArray<int> firstOfColumn = new();

    /// <summary>Texts in the order of their numbers, which start after those of <see cref="RowEntry"/>.</summary>
    public ReadOnlySpan<int> Order => order.Span;

    /// <summary>Number of the first entry of a column; those of the column after it follow.</summary>
    public int First(int column) => firstOfColumn.Span[column];

    public void Assign(RowGroup group)
    {
        var texts = group.Texts.Entries;
        foreach (ref readonly var row in group.Rows)
        {
            var columns = group.Skeletons.Columns(group.Skeletons.Entries[row.Skeleton]);
            for (var i = 0; i < columns.Length; i++)
            {
                var leaf = group.Leaves[row.FirstLeaf + i];
                ref var text = ref texts[leaf < 0 ? ~leaf : leaf];
                if (leaf >= 0 && text.Uses == 0)
                    text.Home = columns[i];
                text.Uses += leaf >= 0 && text.Home == columns[i] ? 1 : 0;
                text.Home = text.Home < 0 ? columns[i] : text.Home;
            }
        }

        order.Clear();
        keys.Clear();
        for (var i = RowEntry.Count; i < texts.Length; i++)
        {
            if (texts[i].Rows <= 1 || texts[i].Length > CompactFormat.MaxEntryBytes)
                continue;
            order.Add(i);
            keys.Add(new() { Place = ((ulong)(uint)texts[i].Home << 32) | (uint)(int.MaxValue - texts[i].Uses), Text = i, Start = FirstBytes(group.Texts.Text(i)) });
        }

        keys.Span.Sort(new EntryOrder(group.Texts));
        for (var i = 0; i < order.Count; i++)
            order[i] = keys[i].Text;
        Number(group, texts);
    }

    /// <summary>Writes the lengths of all texts, and the texts in packed chunks: <c>chunks:u32 length:u32{chunks} packed{chunks}</c>.</summary>
    public void Write(PooledBytes output, SectionList sections, RowGroup group, int groupNumber, PooledBytes raw)
    {
        raw.Reset();
        foreach (var text in order.Span)
            raw.WriteVarint(group.Texts.Entries[text].Length);
        var start = output.Length;
        output.WriteUInt32((uint)order.Count);
        Packing.Write(output, raw.Written, CompactQuality.Tables);
        sections.End(output, CompactTag.EntryLengths, groupNumber, start);

        start = output.Length;
        var lengths = new List<int>();
        using var chunks = new PooledBytes();
        raw.Reset();
        for (var i = 0; i < order.Count; i++)
        {
            raw.Write(group.Texts.Text(order[i]));
            if (!ChunkRule.Ends(i, raw.Length) && i < order.Count - 1)
                continue;
            var before = chunks.Length;
            Packing.Write(chunks, raw.Written, CompactQuality.Tables);
            lengths.Add(chunks.Length - before);
            raw.Reset();
        }

        output.WriteUInt32((uint)lengths.Count);
        foreach (var length in lengths)
            output.WriteUInt32((uint)length);
        output.Write(chunks.Written);
        sections.End(output, CompactTag.Entries, groupNumber, start);
    }

    public long HeldBytes => order.HeldBytes + keys.HeldBytes + firstOfColumn.HeldBytes;

    public void Dispose()
    {
        order.Dispose();
        keys.Dispose();
        firstOfColumn.Dispose();
    }

    private void Number(RowGroup group, Span<ValueEntry> texts)
    {
        var columns = group.Skeletons.Paths.Count;
        var firsts = firstOfColumn.Resize(columns + 1);
        var column = 0;
        for (var i = 0; i < order.Count; i++)
        {
            ref var text = ref texts[order[i]];
            text.Entry = RowEntry.Count + i;
            while (column <= text.Home)
                firsts[column++] = text.Entry;
        }

        firsts[column..].Fill(RowEntry.Count + order.Count);
    }

    private static ulong FirstBytes(ReadOnlySpan<byte> text)
    {
        Span<byte> first = stackalloc byte[8];
        first.Clear();
        text[..Math.Min(8, text.Length)].CopyTo(first);
        return BinaryPrimitives.ReadUInt64BigEndian(first);
    }

    /// <summary>What orders an entry, side by side in memory: column and uses, the first bytes of its text.</summary>
    private struct EntryKey
    {
        public ulong Place;
        public ulong Start;
        public int Text;
    }

    private readonly struct EntryOrder(ValueTable texts) : IComparer<EntryKey>
    {
        public int Compare(EntryKey left, EntryKey right)
        {
            if (left.Place != right.Place)
                return left.Place.CompareTo(right.Place);
            if (left.Start != right.Start)
                return left.Start.CompareTo(right.Start);
            var order = texts.Text(left.Text).SequenceCompareTo(texts.Text(right.Text));
            return order != 0 ? order : left.Text.CompareTo(right.Text);
        }
    }
}

/// <summary>Where a chunk of the dictionary ends: writer and reader count alike.</summary>
internal static class ChunkRule
{
    /// <param name="entry">The entry that was added last, from 0 after the row entries.</param>
    /// <param name="rawLength">Bytes of the chunk with it.</param>
    public static bool Ends(int entry, int rawLength) => (entry + 1) % CompactFormat.ChunkEntries == 0 || rawLength >= CompactFormat.ChunkBytes;
}

/// <summary>Brotli qualities. Quality 4 for blocks and a window of 2^17 were tried: no fewer bytes, and no time beyond the noise.</summary>
internal static class CompactQuality
{
    public const int Blocks = 5;
    public const int Tables = 5;
}
