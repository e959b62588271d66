using System.Globalization;
using ActionTrail.Events;
using ActionTrail.Functions.Rest;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rpc;

/// <summary>LookupEvents as ActionTrail has it: at most two attributes, certain pairs of them, 1 to 50 events a page.</summary>
internal sealed class LookupCalls(EventLookup lookup, LookupRateLimiter limiter, LookupOptions options, PageToken tokens, TimeProvider time)
{
    private const int MaxResults = 50;
    private const int DefaultResults = 20;

    /// <summary>How deep events are read; deeper than any that is accepted.</summary>
    public const int MaxDepth = 512;

    /// <summary>How much earlier than the retention a range may begin: clocks differ, and clients count back from now.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(15);

    public static IReadOnlyDictionary<string, EventAttribute> Keys { get; } = new Dictionary<string, EventAttribute>(StringComparer.Ordinal)
    {
        ["ServiceName"] = EventAttribute.ServiceName,
        ["EventName"] = EventAttribute.EventName,
        ["User"] = EventAttribute.User,
        ["EventId"] = EventAttribute.EventId,
        ["ResourceType"] = EventAttribute.ResourceType,
        ["ResourceName"] = EventAttribute.ResourceName,
        ["EventRW"] = EventAttribute.EventRW,
        ["EventAccessKeyId"] = EventAttribute.AccessKeyId,
        ["SensitiveAction"] = EventAttribute.SensitiveAction,
        ["SourceIpAddress"] = EventAttribute.SourceIpAddress,
        ["EventType"] = EventAttribute.EventType,
        ["RoleName"] = EventAttribute.RoleName,
        ["PrincipalId"] = EventAttribute.PrincipalId,
    };

    /// <summary>Which keys go with a key; either may come first.</summary>
    public static IReadOnlyDictionary<string, string[]> Pairs { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["ServiceName"] = ["EventName", "User", "PrincipalId", "RoleName", "ResourceName", "EventRW", "SensitiveAction", "EventType"],
        ["ResourceName"] = ["ResourceType", "EventName", "User", "RoleName", "ServiceName"],
        ["EventType"] = ["EventName"],
    };

    public async Task<ApiResult> LookupAsync(ApiCall call, RpcParameters parameters)
    {
        if (Read(call, parameters, out var problem) is not { } query)
            return problem!;
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
        var page = await lookup.LookupAsync(StoreName.History, query, call.Cancellation);
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteString("StartTime"u8, Text(query.FromMs));
            json.WriteString("EndTime"u8, Text(query.ToMs));
            json.WriteString("NextToken"u8, page.Next is { } next ? tokens.Encode(query, next) : "");
            json.WriteStartArray("Events"u8);
            foreach (var found in page.Events)
                json.WriteRawValue(Shown(found.Body.Span), skipInputValidation: true);
            json.WriteEndArray();
        }) with
        { Statistics = LookupRoutes.Text(page.Statistics) };
    }

    private LookupQuery? Read(ApiCall call, RpcParameters parameters, out Problem? problem)
    {
        // Whole seconds: that is what the answer repeats and what a client may ask for again.
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds() + 1);
        var (start, end) = ReadRange(parameters, now);
        var direction = parameters.Choice("Direction", "BACKWARD", "FORWARD");
        var pageSize = parameters.Number("MaxResults", 1, MaxResults, DefaultResults);
        var token = parameters.Text("NextToken");
        var conditions = ReadConditions(parameters);
        problem = parameters.Finish();
        if (problem is not null)
            return null;
        var query = new LookupQuery
        {
            AccountId = call.AccountId,
            FromMs = (start ?? now.AddDays(-options.DefaultRangeDays)).ToUnixTimeMilliseconds(),
            ToMs = (end ?? now).ToUnixTimeMilliseconds(),
            Direction = direction == "FORWARD" ? LookupDirection.Forward : LookupDirection.Backward,
            PageSize = pageSize,
            Conditions = conditions,
        };
        if (token is null)
            return query;
        var continued = tokens.Decode(token, query, rangeGiven: start is not null);
        problem = continued is null ? new Problem(ProblemType.InvalidContinuation) { Errors = [new Fault("NextToken", "The one of the page before, with the same parameters.")] } : null;
        return continued;
    }

    private (DateTimeOffset? Start, DateTimeOffset? End) ReadRange(RpcParameters parameters, DateTimeOffset now)
    {
        var start = parameters.Time("StartTime");
        var end = parameters.Time("EndTime");
        if (start is null != end is null)
            parameters.Refuse(start is null ? "StartTime" : "EndTime", "StartTime and EndTime come together or not at all.");
        else if (start >= end)
            parameters.Refuse("StartTime", "Before EndTime.");
        else if (start < now.AddDays(-options.RetentionDays) - Leeway)
            parameters.Refuse("StartTime", string.Create(CultureInfo.InvariantCulture, $"Not longer than {options.RetentionDays} days ago."));
        return (start, end);
    }

    /// <summary>The first two attributes, which is how many count. Of two with one key the second wins.</summary>
    private static List<LookupCondition> ReadConditions(RpcParameters parameters)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in parameters.Pairs("LookupAttribute").Take(2))
        {
            values[key] = value;
            if (!Keys.ContainsKey(key))
                parameters.Refuse("LookupAttribute", $"Key is one of {string.Join(", ", Keys.Keys)}.");
            else if ((key == "EventRW" && value is not ("Read" or "Write")) || (key == "SensitiveAction" && value != "true"))
                parameters.Refuse("LookupAttribute", key == "EventRW" ? "EventRW is Read or Write." : "SensitiveAction is true.");
        }

        var keys = values.Keys.ToArray();
        if (keys.Length == 2 && keys.All(Keys.ContainsKey) && !AreTogether(keys[0], keys[1]) && !AreTogether(keys[1], keys[0]))
            parameters.Refuse("LookupAttribute", $"{keys[0]} and {keys[1]} cannot be combined.");
        return [.. values.Where(static pair => Keys.ContainsKey(pair.Key)).Select(static pair => new LookupCondition(Keys[pair.Key], pair.Value))];
    }

    private static bool AreTogether(string one, string other) => Pairs.TryGetValue(one, out var others) && others.Contains(other, StringComparer.Ordinal);

    /// <summary>An event as it was stored, without the record that it was mapped from.</summary>
    public static ReadOnlySpan<byte> Shown(ReadOnlySpan<byte> body) => OriginalRecord.Find(body) is { } original ? original.Without(body) : body;

    private static string Text(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
