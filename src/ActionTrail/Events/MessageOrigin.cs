using ActionTrail.Events.CloudEvents;
using ActionTrail.Layout;

namespace ActionTrail.Events;

/// <summary>Where a message came from.</summary>
/// <param name="Partition">Partition of the commit log.</param>
/// <param name="SequenceNumber">Position in the partition.</param>
/// <param name="ReceiveTimeMs">When the hub or the API took the message, Unix milliseconds. Never the wall clock: a re-delivery must normalise to the same bytes and the same refusals.</param>
/// <param name="ContentType">Content type the publisher set, if any. Formats are recognised by content; only a type of CloudEvents must fit it.</param>
public readonly record struct MessageOrigin(PartitionName Partition, long SequenceNumber, long ReceiveTimeMs, string? ContentType)
{
    /// <summary>The attributes of a CloudEvent in binary mode, which lie beside the message; null for nearly all messages.</summary>
    public CloudEventAttributes? CloudEvent { get; init; }
}

/// <summary>Takes what a message holds: called synchronously, in record order. The arguments are only valid during the call.</summary>
public interface INormalizedSink
{
    /// <summary>One good event.</summary>
    /// <param name="body">The event as it is stored: one JSON object in UTF-8, byte for byte as sent, with an event id put in when it had none.</param>
    /// <param name="facts">Account, time and searchable values; filled again for the next event.</param>
    /// <param name="index">Position of the record in the message, from 0, counting good and bad ones.</param>
    void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index);

    /// <summary>One refused record.</summary>
    /// <param name="record">The raw bytes of the record; of all that is left when the message cannot be split further; empty when an array ends before it is closed.</param>
    /// <param name="reason">Why.</param>
    /// <param name="index">Position of the record in the message, from 0, counting good and bad ones.</param>
    void Reject(ReadOnlySpan<byte> record, Rejection reason, int index);
}
