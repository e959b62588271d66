namespace ActionTrail.Segments;

/// <summary>Neighbouring events of one account in one decoded block.</summary>
public readonly struct EventRun
{
    private readonly SegmentHead head;
    private readonly string accountId;
    private readonly SegmentBlock block;
    private readonly int first;

    internal EventRun(SegmentHead head, string accountId, SegmentBlock block, int first, int end)
    {
        (this.head, this.accountId, this.block, this.first) = (head, accountId, block, first);
        Count = end - first;
    }

    public int Count { get; }

    /// <param name="index">From 0 to before <see cref="Count"/>.</param>
    public StoredEvent this[int index] => new(head.At(first + index), head.EventTimeMs(first + index), accountId, Body(index), head.OriginOf(first + index));

    /// <summary>The body of an event alone, byte for byte as it was stored.</summary>
    /// <param name="index">From 0 to before <see cref="Count"/>.</param>
    public ReadOnlyMemory<byte> Body(int index) => block.Event(first + index);

    /// <summary>The time of an event alone, Unix milliseconds.</summary>
    /// <param name="index">From 0 to before <see cref="Count"/>.</param>
    public long EventTimeMs(int index) => head.EventTimeMs(first + index);
}
