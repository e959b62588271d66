namespace ActionTrail.Segments.Compact;

/// <summary>The texts of a row group's dictionary. A chunk is inflated when the first of its texts is asked for, and stays.</summary>
internal sealed class GroupDictionary
{
    private readonly int[] entryEnds;
    private readonly int[] firstEntries;
    private readonly int[] chunkStarts;
    private readonly ReadOnlyMemory<byte> packedChunks;
    private readonly byte[]?[] chunks;

    private GroupDictionary(int[] ends, int[] firstEntries, int[] chunkStarts, ReadOnlyMemory<byte> packed)
    {
        entryEnds = ends;
        this.firstEntries = firstEntries;
        this.chunkStarts = chunkStarts;
        packedChunks = packed;
        chunks = new byte[]?[firstEntries.Length];
    }

    /// <summary>Entries, those of <see cref="RowEntry"/> with them.</summary>
    public int Count => RowEntry.Count + entryEnds.Length;

    public static GroupDictionary Read(ReadOnlyMemory<byte> lengths, ReadOnlyMemory<byte> entries)
    {
        var cursor = new SectionCursor(lengths);
        var count = cursor.Count();
        var raw = Packing.Read(lengths.Span[4..]);
        if (count > raw.Length)
            throw new SegmentFormatException("A dictionary counts more entries than it has lengths.");
        var reader = new VarintReader(raw);
        var ends = new int[count];
        var firsts = new List<int>();
        var end = 0;
        var opens = true;
        for (var i = 0; i < count; i++)
        {
            if (opens)
                firsts.Add(i);
            var length = reader.Number(CompactFormat.MaxEntryBytes);
            end = length <= CompactFormat.MaxRawBytes - end ? end + length : throw new SegmentFormatException("A dictionary is longer than a reader takes.");
            ends[i] = end;
            opens = ChunkRule.Ends(i, end - StartOf(ends, firsts[^1]));
        }

        reader.End();
        return WithChunks(ends, firsts, new SectionCursor(entries));
    }

    public int Length(int entry) => entryEnds[entry - RowEntry.Count] - StartOf(entryEnds, entry - RowEntry.Count);

    public ReadOnlySpan<byte> Text(int entry)
    {
        var index = entry - RowEntry.Count;
        var at = Array.BinarySearch(firstEntries, index);
        var chunk = at >= 0 ? at : ~at - 1;
        var text = Volatile.Read(ref chunks[chunk]) ?? Inflate(chunk);
        var start = StartOf(entryEnds, index);
        return text.AsSpan(start - StartOf(entryEnds, firstEntries[chunk]), entryEnds[index] - start);
    }

    private static GroupDictionary WithChunks(int[] ends, List<int> firsts, SectionCursor cursor)
    {
        var count = cursor.Count();
        if (count != firsts.Count)
            throw new SegmentFormatException("A dictionary does not have the chunks that its lengths make.");
        var starts = new int[count + 1];
        for (var i = 0; i < count; i++)
        {
            var length = cursor.UInt32();
            starts[i + 1] = length <= int.MaxValue - starts[i] ? starts[i] + (int)length : throw new SegmentFormatException("A chunk is longer than a reader takes.");
        }

        var packed = cursor.Take(starts[count]);
        cursor.End();
        return new(ends, [.. firsts], starts, packed);
    }

    private static int StartOf(int[] ends, int index) => index == 0 ? 0 : ends[index - 1];

    private byte[] Inflate(int chunk)
    {
        var text = Packing.Read(packedChunks.Span[chunkStarts[chunk]..chunkStarts[chunk + 1]]);
        var last = chunk + 1 < firstEntries.Length ? firstEntries[chunk + 1] : entryEnds.Length;
        if (text.Length != entryEnds[last - 1] - StartOf(entryEnds, firstEntries[chunk]))
            throw new SegmentFormatException("A chunk does not have the length of its entries.");
        Volatile.Write(ref chunks[chunk], text);
        return text;
    }
}
