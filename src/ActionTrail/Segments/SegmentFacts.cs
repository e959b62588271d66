using ActionTrail.Events;

namespace ActionTrail.Segments;

/// <summary>Where an event stands in its partition of the log, ordered by (<paramref name="SequenceNumber"/>, <paramref name="Index"/>).</summary>
/// <param name="SequenceNumber">Sequence number of the message that brought it.</param>
/// <param name="Index">Place among the records of that message, from 0.</param>
/// <param name="ReceiveTimeMs">When the message was received, Unix milliseconds.</param>
public readonly record struct EventCoordinates(long SequenceNumber, int Index, long ReceiveTimeMs);

/// <summary>The rows of one account in a segment: <paramref name="First"/> and the <paramref name="Count"/> - 1 that follow. Times are Unix milliseconds, both inclusive.</summary>
public readonly record struct AccountRows(string AccountId, int First, int Count, long MinEventTimeMs, long MaxEventTimeMs);

/// <summary>Where a block lies in the object, its 16 byte header included.</summary>
public readonly record struct BlockRange(long Offset, int Length);

/// <summary>A condition on one attribute: some value of it has this <see cref="Layout.Hash64"/>.</summary>
public readonly record struct AttributeFilter(EventAttribute Attribute, ulong Hash);

/// <summary>An event as it was stored. <paramref name="Body"/> is its JSON, byte for byte.</summary>
/// <remarks><paramref name="Origin"/> is the commit that brought it; null from a level 0 segment, whose catalog row says it.</remarks>
public sealed record StoredEvent(EventCoordinates At, long EventTimeMs, string AccountId, ReadOnlyMemory<byte> Body, CommitOrigin? Origin);
