namespace ActionTrail.Segments;

/// <summary>The distinct (attribute, hash) pairs of a segment, numbered from 0 as they come: an open-addressing table in pooled arrays.</summary>
internal sealed class ValueDictionary : IDisposable
{
    private const int SmallestTable = 1024;

    private readonly PooledArray<BuilderValue> distinct = new();
    private readonly PooledArray<int> slots = new();
    private int mask;

    /// <summary>The pairs in the order of their numbers.</summary>
    public ReadOnlySpan<BuilderValue> Distinct => distinct.Span;

    public void Clear()
    {
        distinct.Clear();
        Resize(Math.Max(SmallestTable, slots.Count));
    }

    /// <summary>The number of the pair, a new one at its first appearance.</summary>
    public int Add(byte attribute, ulong hash)
    {
        var known = distinct.Span;
        var table = slots.Span;
        for (var at = Home(attribute, hash); ; at = (at + 1) & mask)
        {
            var number = table[at] - 1;
            if (number < 0)
            {
                table[at] = distinct.Count + 1;
                distinct.Add(new() { Attribute = attribute, Hash = hash });
                if (2 * distinct.Count > mask)
                    Rebuild();
                return distinct.Count - 1;
            }

            if (known[number].Hash == hash && known[number].Attribute == attribute)
                return number;
        }
    }

    public long HeldBytes => distinct.HeldBytes + slots.HeldBytes;

    public void Dispose()
    {
        distinct.Dispose();
        slots.Dispose();
    }

    private int Home(byte attribute, ulong hash) => (int)(((hash ^ attribute) * 0x9E3779B97F4A7C15) >> 32) & mask;

    private void Resize(int size)
    {
        slots.Resize(size).Clear();
        mask = size - 1;
    }

    private void Rebuild()
    {
        Resize(2 * slots.Count);
        var table = slots.Span;
        for (var number = 0; number < distinct.Count; number++)
        {
            var at = Home(distinct[number].Attribute, distinct[number].Hash);
            while (table[at] != 0)
                at = (at + 1) & mask;
            table[at] = number + 1;
        }
    }
}
