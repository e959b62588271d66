using ActionTrail.Events;
using ActionTrail.Events.CloudEvents;
using ActionTrail.Layout;

namespace ActionTrail.Ingest;

/// <summary>One message of an event hub. The body is valid only as long as the payload that it came from.</summary>
/// <param name="SequenceNumber">The hub's own number within the partition, before any <see cref="PartitionHead.HubBase"/>.</param>
/// <param name="EnqueuedTimeMs">When the hub took it, Unix milliseconds UTC.</param>
/// <param name="Body">Bytes as the publisher sent them.</param>
/// <param name="ContentType">The publisher's content type, when the host passed one on.</param>
public readonly record struct HubMessage(long SequenceNumber, long EnqueuedTimeMs, ReadOnlyMemory<byte> Body, string? ContentType)
{
    /// <summary>The attributes of a CloudEvent in binary mode; null for nearly all messages.</summary>
    public CloudEventAttributes? CloudEvent { get; init; }

    /// <summary>Where the message stands in the log.</summary>
    /// <param name="partition">Partition of the commit log.</param>
    /// <param name="sequenceNumber">Sequence number in it.</param>
    internal MessageOrigin OriginAt(PartitionName partition, long sequenceNumber) =>
        new(partition, sequenceNumber, EnqueuedTimeMs, ContentType) { CloudEvent = CloudEvent };
}

/// <summary>A batch whose coordinates are known and whose messages cannot be read: it is quarantined whole, so that it cannot block its partition.</summary>
/// <param name="First">Smallest sequence number of the batch.</param>
/// <param name="Last">Largest sequence number of the batch.</param>
/// <param name="EnqueuedTimeMs">Newest enqueued time of the batch, Unix milliseconds.</param>
/// <param name="Rule">One sentence that says what is wrong.</param>
/// <param name="Payload">The whole invocation body.</param>
public sealed record HubDamage(long First, long Last, long EnqueuedTimeMs, string Rule, ReadOnlyMemory<byte> Payload);

/// <summary>What one invocation of IngestEvents delivers: messages of one partition of one event hub.</summary>
public sealed record HubBatch
{
    public required string FullyQualifiedNamespace { get; init; }

    public required string EventHubName { get; init; }

    /// <summary>The hub's own decimal partition id.</summary>
    public required string PartitionId { get; init; }

    /// <summary>The messages; empty when <see cref="Damage"/> is set.</summary>
    public required ReadOnlyMemory<HubMessage> Messages { get; init; }

    public HubDamage? Damage { get; init; }
}
