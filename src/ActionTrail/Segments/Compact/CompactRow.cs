using ActionTrail.Events;

namespace ActionTrail.Segments.Compact;

/// <summary>An event on its way into a compacted segment. Everything is copied by the builder.</summary>
/// <param name="body">The event, byte for byte as it is stored.</param>
/// <param name="facts">Its account, time and attribute values; of the hashes only the upper 32 bits count.</param>
/// <param name="at">Where it stands in its partition.</param>
/// <param name="origin">The commit that brought it.</param>
public readonly ref struct CompactRow(ReadOnlySpan<byte> body, EventFacts facts, EventCoordinates at, CommitOrigin origin)
{
    public ReadOnlySpan<byte> Body { get; } = body;

    public EventFacts Facts { get; } = facts;

    public EventCoordinates At { get; } = at;

    public CommitOrigin Origin { get; } = origin;

    /// <summary>The upper 32 bits of the hash of the event id, 0 without one: the third part of the order, after account and event time.</summary>
    public static uint IdPrefix(EventFacts facts) => (uint)(facts.Find(EventAttribute.EventId) >> 32 ?? 0);
}
