using ActionTrail.Events;

namespace ActionTrail.Segments.Compact;

/// <summary>An event on its way into a compacted segment.</summary>
public readonly ref struct CompactRow
{
    private readonly ReadOnlySpan<byte> body;

    /// <summary>A row whose body is at hand. Everything is copied by the builder.</summary>
    /// <param name="body">The event, byte for byte as it is stored.</param>
    /// <param name="facts">Its account, time and attribute values; of the hashes only the upper 32 bits count.</param>
    /// <param name="at">Where it stands in its partition.</param>
    /// <param name="origin">The commit that brought it.</param>
    public CompactRow(ReadOnlySpan<byte> body, EventFacts facts, EventCoordinates at, CommitOrigin origin)
    {
        this.body = body;
        (BodyLength, Facts, At, Origin) = (body.Length, facts, at, origin);
    }

    /// <summary>
    /// A row of a block. One that is shredded already goes on as its skeleton and leaves: its body is put together only when it has to be held
    /// against another one. The builder may keep the block until the next row of another time.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="row">A row of it.</param>
    /// <param name="facts">As above; account and time are the row's own.</param>
    /// <param name="at">As above.</param>
    /// <param name="origin">As above.</param>
    /// <exception cref="SegmentFormatException">The block cannot be read.</exception>
    public CompactRow(SegmentBlock block, int row, EventFacts facts, EventCoordinates at, CommitOrigin origin)
    {
        (Facts, At, Origin) = (facts, at, origin);
        if (block is ShreddedBlock shredded)
        {
            (Shredded, ShreddedRow, BodyLength) = (shredded, row, shredded.EventLength(row));
            return;
        }

        body = block.Event(row).Span;
        BodyLength = body.Length;
    }

    /// <summary>The event, byte for byte.</summary>
    public ReadOnlySpan<byte> Body => Shredded is null ? body : Shredded.Event(ShreddedRow).Span;

    public int BodyLength { get; }

    public EventFacts Facts { get; }

    public EventCoordinates At { get; }

    public CommitOrigin Origin { get; }

    internal ShreddedBlock? Shredded { get; }

    internal int ShreddedRow { get; }

    /// <summary>The upper 32 bits of the hash of the event id, 0 without one: the third part of the order, after account and event time.</summary>
    public static uint IdPrefix(EventFacts facts) => (uint)(facts.Find(EventAttribute.EventId) >> 32 ?? 0);
}
