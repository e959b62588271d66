namespace ActionTrail.LocalRunner.Triggers.EventHub;

/// <summary>
/// One event of a partition. Properties and system properties (message-id, content-type ... and the sender's annotations, as far as the event has
/// them) are JSON objects as text; the body stays Base64, the form in which it is passed on.
/// </summary>
internal sealed record HubEvent(
    long SequenceNumber,
    string Offset,
    DateTimeOffset EnqueuedTimeUtc,
    string? PartitionKey,
    string PropertiesJson,
    string SystemPropertiesJson,
    string BodyBase64);

/// <summary>A run of consecutive events of one partition, in order. <paramref name="Namespace"/> changes when the hub's log is made anew.</summary>
internal sealed record HubPage(string Namespace, IReadOnlyList<HubEvent> Events);

/// <summary>One partition: <paramref name="First"/> is the oldest sequence number kept, <paramref name="Next"/> the one the next event will get.</summary>
internal sealed record HubPartition(string Id, long First, long Next);

internal sealed record HubDescription(string Namespace, IReadOnlyList<HubPartition> Partitions);
