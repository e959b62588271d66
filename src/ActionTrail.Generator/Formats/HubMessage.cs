namespace ActionTrail.Generator.Formats;

/// <summary>One message as a producer gives it to the event hub, and what the service must make of it.</summary>
public sealed record HubMessage
{
    public required TrafficFormat Format { get; init; }

    /// <summary>The bytes of the message: UTF-8 JSON, or gzip of it.</summary>
    public required byte[] Body { get; init; }

    public required string ContentType { get; init; }

    /// <summary>Application properties; empty but for CloudEvents in binary mode, which have their attributes here, named <c>cloudEvents:id</c> and so on.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>The events that the message holds, in order.</summary>
    public required IReadOnlyList<ExpectedEvent> Events { get; init; }
}

/// <summary>What a record says, for somebody who looks for its event afterwards.</summary>
public sealed record ExpectedEvent
{
    /// <summary>The event's id where the source gives one that is taken over; null when the service derives it.</summary>
    public string? EventId { get; init; }

    public required string AccountId { get; init; }

    /// <summary>UTC, as fine as the record says it; the service may keep whole seconds of it.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>As spelled in the record.</summary>
    public required string EventName { get; init; }

    /// <summary>Null when the record names nobody.</summary>
    public string? UserName { get; init; }

    /// <summary>Null when the record has none. Without the port that the record may have.</summary>
    public string? SourceIpAddress { get; init; }

    /// <summary>The record holds a value with <see cref="PlantedSecrets.Marker"/> that must not be stored.</summary>
    public bool HasSecret { get; init; }
}
