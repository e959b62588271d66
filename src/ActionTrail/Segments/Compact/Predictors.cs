namespace ActionTrail.Segments.Compact;

/// <summary>
/// What foretells each column of a row group, and the tables of those that need one. A leaf whose value was foretold costs nothing in its
/// block. Contexts are those of <see cref="PredictorContext"/>; a table's keys are attribute codes or numbers of leaf texts.
/// </summary>
internal sealed class Predictors : IDisposable
{
    private readonly PooledArray<PredictorKind> kinds = new();
    private readonly PooledArray<int> contexts = new();

    public VoteTable Votes { get; } = new();

    public int Columns => kinds.Count;

    public void Clear(int columns)
    {
        kinds.Resize(columns).Clear();
        contexts.Resize(columns).Clear();
        Votes.Clear();
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

    public void Dispose()
    {
        kinds.Dispose();
        contexts.Dispose();
        Votes.Dispose();
    }
}

/// <summary>What a table foretells for one key of one column.</summary>
internal struct Vote
{
    public long Key;
    public int Value;
    public int Lead;
    public int Hits;
}

/// <summary>Votes by (column, key): an open-addressing table. The value with the most votes stays, near enough.</summary>
internal sealed class VoteTable : IDisposable
{
    private const int Smallest = 4096;

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
        if (vote.Key == 0)
        {
            vote = new() { Key = key, Value = value, Lead = 1 };
            if (2 * ++count > mask)
                Grow();
        }
        else if (vote.Value == value)
        {
            vote.Lead++;
        }
        else if (--vote.Lead < 0)
        {
            vote.Value = value;
            vote.Lead = 1;
        }
    }

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
