namespace ActionTrail.Segments.Compact;

/// <summary>
/// What foretells each column of a row group, and the tables of those that need one. A leaf whose value was foretold costs nothing in its
/// block. Contexts are those of <see cref="PredictorContext"/>; a table's keys are attribute codes or numbers of leaf texts.
/// </summary>
internal sealed class Predictors : IDisposable
{
    /// <summary>Votes that have a place by code; further ones are found by hash.</summary>
    private const int MaxDense = 256 * 1024;

    private readonly PooledArray<PredictorKind> kinds = new();
    private readonly PooledArray<int> contexts = new();
    private readonly PooledArray<int> denseStarts = new();
    private readonly PooledArray<Vote> dense = new();
    private readonly VoteTable sparse = new();

    /// <summary>Votes of columns that an attribute's code or nothing foretells.</summary>
    public ReadOnlySpan<Vote> Dense => dense.Span;

    /// <summary>All other votes.</summary>
    public ReadOnlySpan<Vote> Sparse => sparse.Slots;

    public int Columns => kinds.Count;

    public void Clear(int columns)
    {
        kinds.Resize(columns).Clear();
        contexts.Resize(columns).Clear();
        denseStarts.Resize(columns).Fill(-1);
        dense.Clear();
        sparse.Clear();
    }

    /// <summary>When all columns are set: gives the votes of small tables a place by code.</summary>
    public void LayOut(GroupAttributes attributes)
    {
        for (var column = 0; column < kinds.Count; column++)
        {
            var context = contexts[column];
            if (kinds[column] != PredictorKind.Map || context >= PredictorContext.FirstColumn)
                continue;
            var lines = context == PredictorContext.Nothing ? 1 : attributes.Distinct(context - PredictorContext.FirstAttribute) + 1;
            if (lines > MaxDense - dense.Count)
                continue;
            denseStarts[column] = dense.Count;
            dense.Resize(dense.Count + lines)[^lines..].Clear();
        }
    }

    public void Cast(int column, int key, int value)
    {
        var start = denseStarts[column];
        if (start >= 0)
            dense[start + key].Cast(VoteTable.Key(column, key), value);
        else
            sparse.Cast(VoteTable.Key(column, key), value);
    }

    /// <summary>The vote of the key; Key 0: there is none.</summary>
    public ref Vote Find(int column, int key)
    {
        var start = denseStarts[column];
        return ref start >= 0 ? ref dense[start + key] : ref sparse.Find(VoteTable.Key(column, key));
    }

    /// <summary>Forgets what too few rows follow; a constant is kept for one.</summary>
    public void Drop(int leastHits)
    {
        Drop(dense.Span, leastHits);
        Drop(sparse.Slots, leastHits);
    }

    public PredictorKind Kind(int column) => kinds.Span[column];

    /// <summary>For a copy the column, for a map the context.</summary>
    public int Context(int column) => contexts.Span[column];

    public void Set(int column, PredictorKind kind, int context)
    {
        kinds[column] = kind;
        contexts[column] = context;
    }

    /// <summary>The column whose leaf before it in the row foretells this one; -1 when it is no column.</summary>
    public static int ParentColumn(PredictorKind kind, int context) => kind switch
    {
        PredictorKind.Copy => context,
        PredictorKind.Map when context >= PredictorContext.FirstColumn => context - PredictorContext.FirstColumn,
        _ => -1,
    };

    public long HeldBytes => kinds.HeldBytes + contexts.HeldBytes + denseStarts.HeldBytes + dense.HeldBytes + sparse.HeldBytes;

    public void Dispose()
    {
        kinds.Dispose();
        contexts.Dispose();
        denseStarts.Dispose();
        dense.Dispose();
        sparse.Dispose();
    }

    private void Drop(Span<Vote> votes, int leastHits)
    {
        foreach (ref var vote in votes)
        {
            if (vote.Key != 0 && vote.Hits < (Context((int)(vote.Key >> 32) - 1) == PredictorContext.Nothing ? 1 : leastHits))
                vote.Value = -1;
        }
    }
}

/// <summary>What a table foretells for one key of one column.</summary>
internal struct Vote
{
    public long Key;
    public int Value;
    public int Lead;
    public int Hits;

    public void Cast(long key, int value)
    {
        if (Key == 0 || (Value != value && Lead == 0))
            this = new() { Key = key, Value = value, Lead = 1 };
        else
            Lead += Value == value ? 1 : -1;
    }
}

/// <summary>Votes by (column, key): an open-addressing table. The value with the most votes stays, near enough.</summary>
internal sealed class VoteTable : IDisposable
{
    private const int Smallest = 4096;

    /// <summary>Keys beyond which no further ones get a vote: nothing foretells them.</summary>
    private const int Most = 512 * 1024;

    private readonly PooledArray<Vote> slots = new();
    private int count;
    private int mask;

    public Span<Vote> Slots => slots.Span;

    public static long Key(int column, int key) => ((long)(column + 1) << 32) | (uint)key;

    public void Clear()
    {
        count = 0;
        mask = Math.Max(Smallest, slots.Count) - 1;
        slots.Resize(mask + 1).Clear();
    }

    /// <summary>The slot of the key; an empty one has Key 0.</summary>
    public ref Vote Find(long key)
    {
        var table = slots.Span;
        var at = Home(key);
        while (table[at].Key != 0 && table[at].Key != key)
            at = (at + 1) & mask;
        return ref table[at];
    }

    public void Cast(long key, int value)
    {
        ref var vote = ref Find(key);
        var isNew = vote.Key == 0;
        if (isNew && count >= Most)
            return;
        vote.Cast(key, value);
        if (isNew && 2 * ++count > mask)
            Grow();
    }

    public long HeldBytes => slots.HeldBytes;

    public void Dispose() => slots.Dispose();

    private int Home(long key) => (int)(((ulong)key * 0x9E3779B97F4A7C15) >> 33) & mask;

    private void Grow()
    {
        var old = slots.Span.ToArray();
        mask = (2 * old.Length) - 1;
        slots.Resize(mask + 1).Clear();
        foreach (ref readonly var vote in old.AsSpan())
        {
            if (vote.Key != 0)
                Find(vote.Key) = vote;
        }
    }
}
