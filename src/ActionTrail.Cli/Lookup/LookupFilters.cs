namespace ActionTrail.Cli.Lookup;

/// <summary>What events are asked for: conditions by the API's parameter names, and a half-open range of event time.</summary>
internal sealed record LookupFilters
{
    /// <summary>The API's filters (docs/api.md) under the names of their options.</summary>
    public static IReadOnlyList<(string Option, string Parameter, string Description)> All { get; } =
    [
        ("--event-id", "eventId", "Id of the event."),
        ("--request-id", "requestId", "Id of the request that caused it."),
        ("--user", "user", "Name of the user."),
        ("--principal-id", "principalId", "Id of the principal."),
        ("--access-key-id", "accessKeyId", "Access key that signed the request."),
        ("--role-name", "roleName", "Role that was assumed."),
        ("--event-name", "eventName", "Name of the operation."),
        ("--service-name", "serviceName", "Service that the event is about."),
        ("--resource-type", "resourceType", "Type of a resource."),
        ("--resource-name", "resourceName", "Name of a resource."),
        ("--event-rw", "eventRW", "Read or Write."),
        ("--sensitive-action", "sensitiveAction", "Only sensitive actions."),
        ("--source-ip-address", "sourceIpAddress", "Address of the caller."),
        ("--error-code", "errorCode", "Error code of a refused request."),
        ("--event-type", "eventType", "Type of the event."),
        ("--region", "region", "Region."),
    ];

    public IReadOnlyList<(string Parameter, string Value)> Conditions { get; init; } = [];

    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }

    public bool OldestFirst { get; init; }

    /// <summary>Whether mapped events come with the record they were made from.</summary>
    public bool WithOriginal { get; init; }

    /// <summary>Where the events are.</summary>
    public string Path { get; init; } = "v1/events";

    /// <summary>The query string of the first page.</summary>
    public string Query(int pageSize)
    {
        var parts = new List<string> { FormattableString.Invariant($"pageSize={pageSize}") };
        if (OldestFirst)
            parts.Add("direction=forward");
        if (WithOriginal)
            parts.Add("original=true");
        parts.AddRange(Selection);
        return string.Join('&', parts);
    }

    /// <summary>The parts of a query string that say which events, without page and order.</summary>
    public IReadOnlyList<string> Selection
    {
        get
        {
            var parts = new List<string>();
            if (Start is { } start)
                parts.Add("startTime=" + TimeText.Format(start));
            if (End is { } end)
                parts.Add("endTime=" + TimeText.Format(end));
            parts.AddRange(Conditions.Select(static c => $"{c.Parameter}={Uri.EscapeDataString(c.Value)}"));
            return parts;
        }
    }
}
