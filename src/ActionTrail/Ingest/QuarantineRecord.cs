using ActionTrail.Events;

namespace ActionTrail.Ingest;

/// <summary>One record that could not become an event.</summary>
/// <param name="SequenceNumber">Sequence number of its message in the partition of the commit log.</param>
/// <param name="Index">Position in the message, counting good and bad records.</param>
/// <param name="EnqueuedTimeMs">When the hub or the API took the message, Unix milliseconds.</param>
/// <param name="Reason">Why it was refused.</param>
/// <param name="Raw">Its bytes.</param>
public sealed record QuarantineRecord(long SequenceNumber, int Index, long EnqueuedTimeMs, Rejection Reason, ReadOnlyMemory<byte> Raw);
