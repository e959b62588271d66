using ActionTrail.Access;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary><c>GET /v1/events</c> and <c>/v1/events/{eventId}</c>: the account's events as they were stored.</summary>
internal sealed class LookupRoutes(EventLookup lookup, LookupRateLimiter limiter, LookupOptions options, PageToken tokens, PublicAddress address, TimeProvider time)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/events", Operation.LookupEvents, LookupAsync),
        new("GET", "/v1/events/{eventId}", Operation.GetEvent, GetAsync),
    ];

    private async Task<ApiResult> LookupAsync(ApiCall call)
    {
        if (LookupParameters.Read(call, options, tokens, time.GetUtcNow(), out var problem) is not { } query)
            return problem!;
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
        var page = await lookup.LookupAsync(StoreName.History, query, call.Cancellation);
        var next = page.Next is { } position ? $"{address.Of(call.Request)}/v1/events?{LookupParameters.Next(query, tokens, position)}" : null;
        return ApiResult.Ok(json => JsonPage.Write(json, page.Events, static (writer, found) => writer.WriteRawValue(found.Body.Span, skipInputValidation: true), next));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        // Routing leaves an escaped slash as it is, so that it looks like an id that holds the three characters; ids of other systems hold either.
        var asRouted = call.Route("eventId");
        var eventId = call.Note("eventId", asRouted.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
        var found = await lookup.FindAsync(StoreName.History, call.AccountId, eventId, call.Cancellation);
        if (found is null && asRouted != eventId)
            found = await lookup.FindAsync(StoreName.History, call.AccountId, asRouted, call.Cancellation);
        return found is not null
            ? ApiResult.Ok(json => json.WriteRawValue(found.Body.Span, skipInputValidation: true))
            : ProblemType.EventNotFound;
    }
}
