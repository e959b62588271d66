namespace ActionTrail.Segments.Compact;

/// <summary>Where an open-addressing search stands.</summary>
internal struct SlotProbe
{
    public int At;
}

/// <summary>An open-addressing table of numbers from 0 by hash; the owner compares the things themselves.</summary>
internal sealed class HashSlots : IDisposable
{
    private const int Smallest = 1024;

    private readonly PooledArray<int> slots = new();
    private int count;
    private int mask;

    public HashSlots() => Clear();

    public void Clear()
    {
        count = 0;
        mask = Math.Max(Smallest, slots.Count) - 1;
        slots.Resize(mask + 1).Clear();
    }

    public SlotProbe Start(ulong hash) => new() { At = Home(hash) };

    /// <summary>The next number that may be the one sought; false when there is none, and the probe then stands where it belongs.</summary>
    public bool Next(ref SlotProbe probe, out int number)
    {
        number = slots.Span[probe.At] - 1;
        if (number < 0)
            return false;
        probe.At = (probe.At + 1) & mask;
        return true;
    }

    public void Add(ulong hash, int number, Func<int, ulong> hashOf)
    {
        if (2 * ++count > mask)
        {
            mask = (2 * (mask + 1)) - 1;
            slots.Resize(mask + 1).Clear();
            for (var i = 0; i < number; i++)
                Place(hashOf(i), i);
        }

        Place(hash, number);
    }

    public long HeldBytes => slots.HeldBytes;

    public void Dispose() => slots.Dispose();

    private int Home(ulong hash) => (int)((hash * 0x9E3779B97F4A7C15) >> 33) & mask;

    private void Place(ulong hash, int number)
    {
        var table = slots.Span;
        var at = Home(hash);
        while (table[at] != 0)
            at = (at + 1) & mask;
        table[at] = number + 1;
    }
}
