using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/trails</c>: the trails of the account the call acts for.</summary>
internal sealed class TrailRoutes(TrailStore trails)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/v1/trails", Operation.CreateTrail, CreateAsync) { Body = BodyForm.Json },
        new("GET", "/v1/trails", Operation.DescribeTrails, ListAsync),
        new("GET", "/v1/trails/{name}", Operation.GetTrail, GetAsync),
        new("PATCH", "/v1/trails/{name}", Operation.UpdateTrail, UpdateAsync) { Body = BodyForm.Json },
        new("DELETE", "/v1/trails/{name}", Operation.DeleteTrail, DeleteAsync),
        new("POST", "/v1/trails/{name}/start", Operation.StartLogging, StartAsync),
        new("POST", "/v1/trails/{name}/stop", Operation.StopLogging, StopAsync),
    ];

    /// <summary>The trail of the route, or null when the account has none of that name. Notes it for the audit event.</summary>
    public static async Task<Trail?> FindAsync(TrailStore trails, ApiCall call)
    {
        var name = call.Note("name", call.Route("name"))!;
        var trail = TrailRules.IsName(name) ? await trails.FindAsync(call.AccountId, name, call.Cancellation) : null;
        call.ResourceName = trail?.Name;
        return trail;
    }

    private async Task<ApiResult> CreateAsync(ApiCall call)
    {
        if (BodyReader.Parse(call.Body, out var malformed) is not { } body)
            return malformed!;
        var errors = new List<TrailFieldError>();
        var draft = TrailJson.ReadDraft(body, errors);
        call.ResourceName = call.Note("name", draft.Name);
        Note(call, draft.Container, draft.Prefix, draft.EventRW, draft.TrailRegion);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (errors.Count > 0)
            return Invalid(errors);
        return Answer(await trails.CreateAsync(call.AccountId, draft, call.Cancellation));
    }

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var list = await trails.ListAsync(call.AccountId, call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, list, Write, nextLink: null));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        return await FindAsync(trails, call) is { } trail ? Ok(trail) : ProblemType.TrailNotFound;
    }

    private async Task<ApiResult> UpdateAsync(ApiCall call)
    {
        if (BodyReader.Parse(call.Body, out var malformed) is not { } body)
            return malformed!;
        var errors = new List<TrailFieldError>();
        var change = TrailJson.ReadChange(body, errors);
        Note(call, change.Container, change.Prefix, change.EventRW, change.TrailRegion);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (errors.Count > 0)
            return Invalid(errors);
        return await GuardedAsync(call, (trail, ifMatch) => trails.UpdateAsync(call.AccountId, trail.Name, change, ifMatch, call.Cancellation));
    }

    private async Task<ApiResult> DeleteAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var result = await GuardedAsync(call, (trail, ifMatch) => trails.DeleteAsync(call.AccountId, trail.Name, ifMatch, call.Cancellation));
        return result.Problem is null ? ApiResult.NoContent : result;
    }

    private async Task<ApiResult> StartAsync(ApiCall call) => call.Query.Finish() is { } badQuery
        ? badQuery
        : await GuardedAsync(call, (trail, _) => trails.StartAsync(call.AccountId, trail.Name, call.Cancellation));

    private async Task<ApiResult> StopAsync(ApiCall call) => call.Query.Finish() is { } badQuery
        ? badQuery
        : await GuardedAsync(call, (trail, _) => trails.StopAsync(call.AccountId, trail.Name, call.Cancellation));

    /// <summary>Changes the trail of the route if it is the version that If-Match names.</summary>
    private async Task<ApiResult> GuardedAsync(ApiCall call, Func<Trail, string?, Task<TrailOutcome>> change)
    {
        if (await FindAsync(trails, call) is not { } trail)
            return ProblemType.TrailNotFound;
        if (!ETags.Match(call.Request, trail.ETag))
            return ProblemType.PreconditionFailed;
        var named = call.Request.Headers.IfMatch.Count > 0 && call.Request.Headers.IfMatch != "*";
        return Answer(await change(trail, named ? trail.ETag : null));
    }

    private static ApiResult Answer(TrailOutcome outcome) => outcome.Kind switch
    {
        TrailOutcomeKind.Created => Created(outcome.Trail!),
        TrailOutcomeKind.Ok => Ok(outcome.Trail!),
        TrailOutcomeKind.Invalid or TrailOutcomeKind.ContainerMissing => Invalid(outcome.Errors),
        TrailOutcomeKind.NameTaken => ProblemType.TrailAlreadyExists,
        TrailOutcomeKind.QuotaExceeded => ProblemType.TrailLimitExceeded,
        TrailOutcomeKind.NotFound => ProblemType.TrailNotFound,
        TrailOutcomeKind.PreconditionFailed => ProblemType.PreconditionFailed,
        TrailOutcomeKind.TooManyChanges => new Problem(ProblemType.Conflict, "The trail changes too fast; repeat later."),
        _ => throw new InvalidOperationException($"There is no outcome {outcome.Kind}."),
    };

    private static ApiResult Created(Trail trail) =>
        ApiResult.Created($"/v1/trails/{trail.Name}", json => Write(json, trail)) with { ETag = ETags.Of(trail.ETag) };

    private static ApiResult Ok(Trail trail) => ApiResult.Ok(json => Write(json, trail)) with { ETag = ETags.Of(trail.ETag) };

    private static Problem Invalid(IReadOnlyList<TrailFieldError> errors) => Problem.Invalid([.. errors.Select(static e => new Fault(e.Pointer, e.Rule))]);

    private static void Note(ApiCall call, string? container, string? prefix, string? eventRW, string? trailRegion)
    {
        call.Note("container", container);
        call.Note("prefix", prefix);
        call.Note("eventRW", eventRW);
        call.Note("trailRegion", trailRegion);
    }

    private static void Write(Utf8JsonWriter json, Trail trail)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, trail.Name);
        json.WriteString("accountId"u8, trail.Account);
        json.WriteString("status"u8, trail.Status.ToString());
        json.WriteString("container"u8, trail.Container);
        if (trail.Prefix is not null)
            json.WriteString("prefix"u8, trail.Prefix);
        json.WriteString("eventRW"u8, trail.EventRW.ToString());
        json.WriteString("trailRegion"u8, trail.TrailRegion);
        json.WriteString("homeRegion"u8, trail.HomeRegion);
        json.WriteBoolean("isOrganizationTrail"u8, trail.IsOrganizationTrail);
        json.WritePropertyName("selectors"u8);
        TrailJson.Write(json, trail.Selectors);
        json.WriteString("createTime"u8, trail.CreateTime.UtcDateTime);
        json.WriteString("updateTime"u8, trail.UpdateTime.UtcDateTime);
        if (trail.StartLoggingTime is { } started)
            json.WriteString("startLoggingTime"u8, started.UtcDateTime);
        if (trail.StopLoggingTime is { } stopped)
            json.WriteString("stopLoggingTime"u8, stopped.UtcDateTime);
        json.WriteString("etag"u8, ETags.Of(trail.ETag));
        json.WriteEndObject();
    }
}
