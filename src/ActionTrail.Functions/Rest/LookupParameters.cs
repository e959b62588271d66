using ActionTrail.Events;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary>The query string of <c>GET /v1/events</c>, both ways.</summary>
internal static class LookupParameters
{
    /// <summary><c>true</c>: events come with the records they were mapped from.</summary>
    public const string Original = "original";

    private const int DefaultPageSize = 50;

    /// <summary>Every attribute by which events are looked up, under its parameter's name. docs/api.md lists them; a test compares.</summary>
    public static IReadOnlyList<(string Name, EventAttribute Attribute)> Attributes { get; } =
    [
        ("eventId", EventAttribute.EventId), ("requestId", EventAttribute.RequestId), ("user", EventAttribute.User),
        ("principalId", EventAttribute.PrincipalId), ("accessKeyId", EventAttribute.AccessKeyId), ("roleName", EventAttribute.RoleName),
        ("eventName", EventAttribute.EventName), ("serviceName", EventAttribute.ServiceName), ("resourceType", EventAttribute.ResourceType),
        ("resourceName", EventAttribute.ResourceName), ("eventRW", EventAttribute.EventRW), ("sensitiveAction", EventAttribute.SensitiveAction),
        ("sourceIpAddress", EventAttribute.SourceIpAddress), ("errorCode", EventAttribute.ErrorCode), ("eventType", EventAttribute.EventType),
        ("region", EventAttribute.Region),
    ];

    /// <summary>
    /// Reads the query; null with the problem. Without times it reaches from <see cref="LookupOptions.DefaultRangeDays"/> days ago to a
    /// day from now, which is as far into the future as events are accepted.
    /// </summary>
    public static LookupQuery? Read(ApiCall call, LookupOptions options, PageToken tokens, DateTimeOffset now, out Problem? problem)
    {
        var query = call.Query;
        var start = query.Time("startTime");
        var end = query.Time("endTime");
        var direction = query.Choice("direction", "backward", "forward");
        var pageSize = query.Number("pageSize", 1, options.MaxPageSize, DefaultPageSize);
        var token = query.Text("continuationToken", 200);
        var conditions = ReadConditions(call);
        if (start >= end)
            query.Refuse("startTime", "Before endTime.");
        Note(call, start, end, direction, pageSize, token);
        problem = query.Finish();
        if (problem is not null)
            return null;
        var to = end ?? now.AddDays(1);
        // Without a start an end near the year 1 would reach before all times.
        var reach = (end ?? now) - DateTimeOffset.MinValue;
        var from = start ?? (reach.TotalDays > options.DefaultRangeDays ? (end ?? now).AddDays(-options.DefaultRangeDays) : DateTimeOffset.MinValue);
        var lookup = new LookupQuery
        {
            AccountId = call.AccountId,
            FromMs = from.ToUnixTimeMilliseconds(),
            ToMs = to.ToUnixTimeMilliseconds(),
            Direction = direction == "forward" ? LookupDirection.Forward : LookupDirection.Backward,
            PageSize = pageSize,
            Conditions = conditions,
        };
        if (token is null)
            return lookup;

        // A time that is given again beside the token must be the token's.
        var continued = tokens.Decode(token, lookup, rangeGiven: false);
        var fits = continued is not null && (start is null || continued.FromMs == lookup.FromMs) && (end is null || continued.ToMs == lookup.ToMs);
        problem = fits ? null : new Problem(ProblemType.InvalidContinuation);
        return fits ? continued : null;
    }

    /// <summary>The query string of the next page. The range is in the token.</summary>
    public static string Next(LookupQuery query, PageToken tokens, LookupPosition next, bool withOriginal)
    {
        var parts = new List<string> { FormattableString.Invariant($"pageSize={query.PageSize}") };
        if (query.Direction == LookupDirection.Forward)
            parts.Add("direction=forward");
        foreach (var condition in query.Conditions)
            parts.Add($"{Attributes.First(a => a.Attribute == condition.Attribute).Name}={Uri.EscapeDataString(condition.Value)}");
        if (withOriginal)
            parts.Add(Original + "=true");
        parts.Add("continuationToken=" + tokens.Encode(query, next));
        return string.Join('&', parts);
    }

    private static List<LookupCondition> ReadConditions(ApiCall call)
    {
        var conditions = new List<LookupCondition>();
        foreach (var (name, attribute) in Attributes)
        {
            var value = attribute switch
            {
                EventAttribute.EventRW => call.Query.Choice(name, "Read", "Write"),
                EventAttribute.SensitiveAction => call.Query.Choice(name, "true"),
                _ => call.Query.Text(name),
            };
            if (value is not null)
                conditions.Add(new LookupCondition(attribute, call.Note(name, value)!));
        }

        return conditions;
    }

    private static void Note(ApiCall call, DateTimeOffset? start, DateTimeOffset? end, string? direction, int pageSize, string? token)
    {
        call.Note("startTime", start?.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        call.Note("endTime", end?.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        call.Note("direction", direction);
        call.Note("pageSize", pageSize.ToString(System.Globalization.CultureInfo.InvariantCulture));
        call.Note("continued", token is null ? null : "true");
    }
}
