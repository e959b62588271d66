using System.Runtime.InteropServices;
using ActionTrail.Layout;

namespace ActionTrail.Segments.Compact;

/// <summary>A skeleton of the row group that is being built: its text, its holes with their columns, how many rows have it.</summary>
internal struct SkeletonEntry
{
    public ulong Hash;
    public int TextStart;
    public int TextLength;
    public int FirstHole;
    public int HoleCount;
    public int Rows;

    /// <summary>Place in the stored table plus one; 0: spelt out in the block.</summary>
    public int Code;
}

/// <summary>The distinct skeletons of a row group, numbered from 0 as they come.</summary>
internal sealed class SkeletonTable : IDisposable
{
    private readonly PooledArray<SkeletonEntry> entries = new();
    private readonly PooledBytes texts = new();
    private readonly PooledArray<int> holes = new();
    private readonly PooledArray<int> columns = new();
    private readonly HashSlots slots = new();

    public ColumnPaths Paths { get; } = new();

    public Span<SkeletonEntry> Entries => entries.Span;

    public long MemoryBytes => texts.Length + (8L * holes.Count) + (40L * entries.Count);

    public ReadOnlySpan<byte> Text(in SkeletonEntry entry) => texts.Written.Slice(entry.TextStart, entry.TextLength);

    public ReadOnlySpan<int> Holes(in SkeletonEntry entry) => holes.Span.Slice(entry.FirstHole, entry.HoleCount);

    public ReadOnlySpan<int> Columns(in SkeletonEntry entry) => columns.Span.Slice(entry.FirstHole, entry.HoleCount);

    public void Clear()
    {
        entries.Clear();
        texts.Reset();
        holes.Clear();
        columns.Clear();
        slots.Clear();
        Paths.Clear();
    }

    /// <summary>One more row has this skeleton.</summary>
    public void Repeat(int number) => entries[number].Rows++;

    /// <summary>The number of the skeleton of a row.</summary>
    public int Add(ReadOnlySpan<byte> text, ReadOnlySpan<int> places)
    {
        var hash = Hash64.Of(text) ^ (Hash64.Of(MemoryMarshal.AsBytes(places)) * 3);
        for (var probe = slots.Start(hash); slots.Next(ref probe, out var number);)
        {
            ref var known = ref entries[number];
            if (known.Hash == hash && Text(known).SequenceEqual(text) && Holes(known).SequenceEqual(places))
            {
                known.Rows++;
                return number;
            }
        }

        var entry = new SkeletonEntry { Hash = hash, TextStart = texts.Length, TextLength = text.Length, FirstHole = holes.Count, HoleCount = places.Length, Rows = 1 };
        texts.Write(text);
        foreach (var hole in places)
            holes.Add(hole);
        Paths.Assign(text, places, columns);
        entries.Add(entry);
        slots.Add(hash, entries.Count - 1, number => entries[number].Hash);
        return entries.Count - 1;
    }

    /// <summary>Writes the skeletons of two and more rows, the most frequent first, and gives them their codes.</summary>
    public int Write(PooledBytes output)
    {
        var ranked = new List<int>();
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Rows > 1)
                ranked.Add(i);
        }

        ranked.Sort((a, b) => entries[a].Rows != entries[b].Rows ? entries[b].Rows.CompareTo(entries[a].Rows) : a.CompareTo(b));
        output.WriteVarint(ranked.Count);
        for (var rank = 0; rank < ranked.Count; rank++)
        {
            entries[ranked[rank]].Code = rank + 1;
            WriteOne(output, entries[ranked[rank]]);
        }

        return ranked.Count;
    }

    /// <summary><c>textLength text holeCount (distance from the hole before, column){holeCount}</c>, numbers as varints.</summary>
    public void WriteOne(PooledBytes output, in SkeletonEntry entry)
    {
        output.WriteVarint(entry.TextLength);
        output.Write(Text(entry));
        output.WriteVarint(entry.HoleCount);
        var before = 0;
        var places = Holes(entry);
        var paths = Columns(entry);
        for (var i = 0; i < places.Length; i++)
        {
            output.WriteVarint(places[i] - before);
            output.WriteVarint(paths[i]);
            before = places[i];
        }
    }

    public long HeldBytes => entries.HeldBytes + texts.HeldBytes + holes.HeldBytes + columns.HeldBytes + slots.HeldBytes;

    public void Dispose()
    {
        entries.Dispose();
        texts.Dispose();
        holes.Dispose();
        columns.Dispose();
        slots.Dispose();
    }
}
