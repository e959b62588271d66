using System.Globalization;
using ActionTrail.Events;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary>The query string of <c>GET /v1/events</c>, both ways.</summary>
internal static class LookupParameters
{
    /// <summary><c>true</c>: events come with the records they were mapped from.</summary>
    public const string Original = "original";

    private const int DefaultPageSize = 50;

    /// <summary>Until it is known how long the Logstore keeps events.</summary>
    private static readonly LookupReach AnyTime = new(null, "");

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

    /// <summary>Those of a Logstore: the events of a multi-account trail are of several accounts.</summary>
    public static IReadOnlyList<(string Name, EventAttribute Attribute)> LogstoreAttributes { get; } = [.. Attributes, ("recipientAccountId", EventAttribute.RecipientAccount)];

    public static IReadOnlyList<(string Name, EventAttribute Attribute)> AttributesOf(ApiCall call) => EventSources.IsLogstore(call) ? LogstoreAttributes : Attributes;

    /// <summary>
    /// Reads the query; null with the problem. Without times it reaches from <see cref="LookupOptions.DefaultRangeDays"/> days ago to a
    /// day from now, which is as far into the future as events are accepted.
    /// </summary>
    public static WantedPage? Read(ApiCall call, LookupOptions options, DateTimeOffset now, out Problem? problem)
    {
        var query = call.Query;
        var direction = query.Choice("direction", "backward", "forward");
        var pageSize = query.Number("pageSize", 1, options.MaxPageSize, DefaultPageSize);
        var token = query.Text("continuationToken", 200);
        var (selection, start, end) = Select(call, options, now);
        call.Note("direction", direction);
        call.Note("pageSize", pageSize.ToString(CultureInfo.InvariantCulture));
        call.Note("continued", token is null ? null : "true");
        problem = query.Finish();
        return problem is null ? new(selection with { Direction = DirectionOf(direction), PageSize = pageSize }, token, start is not null, end is not null) : null;
    }

    /// <summary>Reads range and conditions alone, without page and order; faults are left in the reader. The range is that of <see cref="Read"/>.</summary>
    public static LookupQuery ReadSelection(ApiCall call, LookupOptions options, DateTimeOffset now) => Select(call, options, now).Query;

    public static LookupDirection DirectionOf(string? direction) => direction == "forward" ? LookupDirection.Forward : LookupDirection.Backward;

    /// <summary>The query string of the next page. The range is in the token.</summary>
    public static string Next(LookupQuery query, PageToken tokens, LookupPosition next, bool withOriginal)
    {
        var parts = new List<string> { FormattableString.Invariant($"pageSize={query.PageSize}") };
        if (query.Direction == LookupDirection.Forward)
            parts.Add("direction=forward");
        foreach (var condition in query.Conditions)
            parts.Add($"{LogstoreAttributes.First(a => a.Attribute == condition.Attribute).Name}={Uri.EscapeDataString(condition.Value)}");
        if (withOriginal)
            parts.Add(Original + "=true");
        parts.Add("continuationToken=" + tokens.Encode(query, next));
        return string.Join('&', parts);
    }

    private static List<LookupCondition> ReadConditions(ApiCall call)
    {
        var conditions = new List<LookupCondition>();
        foreach (var (name, attribute) in AttributesOf(call))
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

    private static (LookupQuery Query, DateTimeOffset? Start, DateTimeOffset? End) Select(ApiCall call, LookupOptions options, DateTimeOffset now)
    {
        var start = call.Query.Time("startTime");
        var end = call.Query.Time("endTime");
        if (start >= end)
            call.Query.Refuse("startTime", "Before endTime.");
        call.Note("startTime", start?.ToString("O", CultureInfo.InvariantCulture));
        call.Note("endTime", end?.ToString("O", CultureInfo.InvariantCulture));
        var to = end ?? now.AddDays(1);
        // Without a start an end near the year 1 would reach before all times.
        var reach = (end ?? now) - DateTimeOffset.MinValue;
        var from = start ?? (reach.TotalDays > options.DefaultRangeDays ? (end ?? now).AddDays(-options.DefaultRangeDays) : DateTimeOffset.MinValue);
        var query = new LookupQuery
        {
            AccountId = call.AccountId,
            Reach = EventSources.IsLogstore(call) ? AnyTime : LookupReach.Retention,
            FromMs = from.ToUnixTimeMilliseconds(),
            ToMs = to.ToUnixTimeMilliseconds(),
            Conditions = ReadConditions(call),
        };
        return (query, start, end);
    }
}

/// <summary>A page as it was asked for, before it is known of which store.</summary>
/// <param name="Query">Range, conditions and order.</param>
/// <param name="Token">Where it begins; null: at the begin.</param>
/// <param name="HasStart">Whether the range's begin was given.</param>
/// <param name="HasEnd">Whether its end was.</param>
internal sealed record WantedPage(LookupQuery Query, string? Token, bool HasStart, bool HasEnd)
{
    /// <summary>The query of the store; null when the token is not of it, or not of the query. A time that is given again beside a token must be the token's.</summary>
    public LookupQuery? In(LookupReach reach, PageToken tokens)
    {
        var query = Query with { Reach = reach };
        if (Token is null)
            return query;
        return tokens.Decode(Token, query, rangeGiven: false) is { } continued && (!HasStart || continued.FromMs == query.FromMs) && (!HasEnd || continued.ToMs == query.ToMs) ? continued : null;
    }
}
