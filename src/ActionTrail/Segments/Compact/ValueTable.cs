using ActionTrail.Layout;

namespace ActionTrail.Segments.Compact;

/// <summary>A distinct leaf text of the row group that is being built.</summary>
internal struct ValueEntry
{
    public ulong Hash;
    public int Start;
    public int Length;

    /// <summary>How many rows have it; copies within a row count once.</summary>
    public int Rows;
    public int LastRow;

    /// <summary>The column whose part of the dictionary it stands in, and how often that column spells it.</summary>
    public int Home;
    public int Uses;

    /// <summary>Number in the stored dictionary, -1 when it is not there.</summary>
    public int Entry;
}

/// <summary>The distinct leaf texts of a row group, numbered from 0 as they come; the first are those of <see cref="RowEntry"/>.</summary>
internal sealed class ValueTable : IDisposable
{
    private readonly PooledArray<ValueEntry> entries = new();
    private readonly PooledBytes texts = new();
    private readonly HashSlots slots = new();
    private readonly Func<int, ulong> hashOf;

    public ValueTable()
    {
        hashOf = number => entries[number].Hash;
        Clear();
    }

    public Span<ValueEntry> Entries => entries.Span;

    public long MemoryBytes => texts.Length + (48L * entries.Count);

    public ReadOnlySpan<byte> Text(int number)
    {
        ref readonly var entry = ref entries[number];
        return texts.Written.Slice(entry.Start, entry.Length);
    }

    public void Clear()
    {
        entries.Clear();
        texts.Reset();
        slots.Clear();
        for (var i = 0; i < RowEntry.Count; i++)
        {
            entries.Add(new() { Hash = (ulong)i, Length = -1, Rows = int.MaxValue, LastRow = -1, Entry = i });
            slots.Add((ulong)i, i, hashOf);
        }
    }

    /// <summary>The row spells a text that is known.</summary>
    public void Repeat(int number, int row)
    {
        ref var entry = ref entries[number];
        if (entry.LastRow == row)
            return;
        entry.LastRow = row;
        entry.Rows++;
    }

    public int Add(ReadOnlySpan<byte> text, int row)
    {
        var hash = Hash64.Of(text);
        var known = entries.Span;
        for (var probe = slots.Start(hash); slots.Next(ref probe, out var number);)
        {
            ref var entry = ref known[number];
            if (entry.Hash == hash && entry.Length == text.Length && Text(number).SequenceEqual(text))
            {
                Repeat(number, row);
                return number;
            }
        }

        entries.Add(new() { Hash = hash, Start = texts.Length, Length = text.Length, Rows = 1, LastRow = row, Home = -1, Entry = -1 });
        texts.Write(text);
        slots.Add(hash, entries.Count - 1, hashOf);
        return entries.Count - 1;
    }

    public long HeldBytes => entries.HeldBytes + texts.HeldBytes + slots.HeldBytes;

    public void Dispose()
    {
        entries.Dispose();
        texts.Dispose();
        slots.Dispose();
    }
}
