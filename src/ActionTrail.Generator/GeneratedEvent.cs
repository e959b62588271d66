namespace ActionTrail.Generator;

/// <summary>The facts of one generated event that a test or a tour wants to look it up by.</summary>
public sealed record GeneratedEvent
{
    /// <summary>Lower-case, shaped like a GUID, derived from the seed.</summary>
    public required string EventId { get; init; }
    public required string AccountId { get; init; }
    public required DateTimeOffset EventTime { get; init; }
    public required string EventName { get; init; }
    public required string ServiceName { get; init; }
    public required string Region { get; init; }

    /// <summary>The user name as in the event: for an assumed role <c>role:session</c>.</summary>
    public required string UserName { get; init; }
    public required string? AccessKeyId { get; init; }
    public required string ResourceType { get; init; }
    public required string ResourceName { get; init; }
    public required string SourceIpAddress { get; init; }
    public required bool IsWrite { get; init; }
    public required bool IsSensitive { get; init; }
    public required string? ErrorCode { get; init; }
}
