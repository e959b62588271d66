using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary><c>GET /v1/events</c> and <c>/v1/events/{eventId}</c>: the account's events as they were stored, the originals of mapped ones only on request.</summary>
internal sealed class LookupRoutes(EventLookup lookup, EventSources sources, LookupRateLimiter limiter, LookupOptions options, PageToken tokens, PublicAddress address, TimeProvider time)
{
    public IEnumerable<ApiRoute> All =>
    [
        .. EventSources.Both(new("GET", "/v1/events", Operation.LookupEvents, LookupAsync, EventDescriptions.Lookup), EventDescriptions.LookupInLogstore),
        .. EventSources.Both(new("GET", "/v1/events/{eventId}", Operation.GetEvent, GetAsync, EventDescriptions.Get), EventDescriptions.GetInLogstore),
        .. EventSources.Both(new("GET", "/v1/events/{eventId}/original", Operation.GetOriginalRecord, GetOriginalAsync, EventDescriptions.GetOriginal)),
    ];

    private async Task<ApiResult> LookupAsync(ApiCall call)
    {
        var withOriginal = ReadWithOriginal(call);
        if (LookupParameters.Read(call, options, time.GetUtcNow(), out var problem) is not { } wanted)
            return problem!;
        if (await sources.FindAsync(call) is not { } source)
            return ProblemType.LogstoreNotFound;
        if (wanted.In(source.Reach, tokens) is not { } query)
            return ProblemType.InvalidContinuation;
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };
        var page = await lookup.LookupAsync(source.Store, query, call.Cancellation);
        var next = page.Next is { } position ? $"{address.Of(call.Request)}{source.Path}?{LookupParameters.Next(query, tokens, position, withOriginal)}" : null;
        return ApiResult.Ok(json => JsonPage.Write(json, page.Events, (writer, found) => Write(writer, found, source.Shape(withOriginal)), next))
            with
        { Statistics = Text(page.Statistics) };
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        var withOriginal = ReadWithOriginal(call);
        var (found, source, problem) = await FindAsync(call);
        return problem is not null ? problem : ApiResult.Ok(json => Write(json, found!, source!.Shape(withOriginal)));
    }

    private async Task<ApiResult> GetOriginalAsync(ApiCall call)
    {
        var (found, _, problem) = await FindAsync(call);
        if (problem is not null)
            return problem;
        return OriginalRecord.Find(found!.Body.Span) is { } original
            ? ApiResult.Ok(json => json.WriteRawValue(original.Of(found.Body.Span), skipInputValidation: true))
            : ProblemType.OriginalNotFound;
    }

    private async Task<(FoundEvent? Found, EventSource? Source, Problem? Problem)> FindAsync(ApiCall call)
    {
        // Routing leaves an escaped slash as it is, so that it looks like an id that holds the three characters; ids of other systems hold either.
        var asRouted = call.Route("eventId");
        var eventId = call.Note("eventId", asRouted.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase))!;
        if (call.Query.Finish() is { } badQuery)
            return (null, null, badQuery);
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return (null, null, new Problem(ProblemType.TooManyRequests) { RetryAfter = wait });
        if (await sources.FindAsync(call) is not { } source)
            return (null, null, new Problem(ProblemType.LogstoreNotFound));
        var found = await lookup.FindAsync(source.Store, source.Reach, call.AccountId, eventId, call.Cancellation);
        if (found is null && asRouted != eventId)
            found = await lookup.FindAsync(source.Store, source.Reach, call.AccountId, asRouted, call.Cancellation);
        return (found, source, found is null ? new Problem(ProblemType.EventNotFound) : null);
    }

    internal static bool ReadWithOriginal(ApiCall call)
    {
        var withOriginal = call.Query.Flag(LookupParameters.Original, fallback: false);
        call.Note(LookupParameters.Original, withOriginal ? "true" : null);
        return withOriginal;
    }

    private static void Write(Utf8JsonWriter json, FoundEvent found, EventShape shape) => json.WriteRawValue(EventSource.Show(found.Body.Span, shape), skipInputValidation: true);

    /// <summary>What an answer cost, as the header says it.</summary>
    internal static string Text(LookupStatistics cost) => string.Create(
        CultureInfo.InvariantCulture,
        $"segments={cost.Segments}, heads={cost.Heads}, rows={cost.Matches}, blocks={cost.Blocks}, gets={cost.Reads}, bytes={cost.Bytes}");
}
