using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/trails</c>: the trails of the account the call acts for, and the multi-account trail of its directory.</summary>
internal sealed class TrailRoutes(TrailStore trails)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/v1/trails", Operation.CreateTrail, CreateAsync, TrailDescriptions.Create) { Body = BodyForm.Json },
        new("GET", "/v1/trails", Operation.DescribeTrails, ListAsync, TrailDescriptions.List),
        new("GET", "/v1/trails/{name}", Operation.GetTrail, GetAsync, TrailDescriptions.Get),
        new("PATCH", "/v1/trails/{name}", Operation.UpdateTrail, UpdateAsync, TrailDescriptions.Update) { Body = BodyForm.Json },
        new("DELETE", "/v1/trails/{name}", Operation.DeleteTrail, DeleteAsync, TrailDescriptions.Delete),
        new("POST", "/v1/trails/{name}/start", Operation.StartLogging, StartAsync, TrailDescriptions.Start),
        new("POST", "/v1/trails/{name}/stop", Operation.StopLogging, StopAsync, TrailDescriptions.Stop),
    ];

    /// <summary>As <see cref="QueryReader.Finish"/> for routes of one trail, which may say <c>isOrganizationTrail=true</c> to mean the directory's.</summary>
    public static Problem? Finish(ApiCall call)
    {
        IsOrganization(call);
        return call.Query.Finish();
    }

    /// <summary>The trail of the route as the account sees it, or null. Notes it for the audit event.</summary>
    public static async Task<VisibleTrail?> FindAsync(TrailStore trails, ApiCall call)
    {
        var name = call.Note("name", call.Route("name"))!;
        var seen = await trails.ResolveAsync(call.AccountId, name, IsOrganization(call), call.Cancellation);
        call.ResourceName = seen?.Trail.Name;
        return seen;
    }

    /// <summary>The trail of the route if the account may do more than know of it; else the refusal.</summary>
    public static async Task<(Trail? Trail, ApiResult? Refusal)> FindAdministeredAsync(TrailStore trails, ApiCall call) => await FindAsync(trails, call) switch
    {
        null => (null, ProblemType.TrailNotFound),
        { Access: TrailAccess.Shadow } => (null, ProblemType.NotOrganizationMasterAccount),
        var seen => (seen.Trail, null),
    };

    private async Task<ApiResult> CreateAsync(ApiCall call)
    {
        if (BodyReader.Parse(call.Body, out var malformed) is not { } body)
            return malformed!;
        var errors = new List<TrailFieldError>();
        var draft = TrailJson.ReadDraft(body, errors);
        call.ResourceName = call.Note("name", draft.Name);
        call.Note("isOrganizationTrail", draft.IsOrganizationTrail is true ? "true" : null);
        call.Note("format", draft.Format);
        call.Note("stream", draft.Stream);
        call.Note("logAnalytics", draft.LogAnalytics);
        call.Note("logstoreProject", draft.LogstoreProject);
        call.Note("isInnerTrail", draft.IsInnerTrail is true ? "true" : null);
        Note(call, draft.Container, draft.Prefix, draft.EventRW, draft.TrailRegion);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (errors.Count > 0)
            return Invalid(errors);
        return Answer(await trails.CreateAsync(call.AccountId, draft, call.Cancellation));
    }

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        // To a member the trail of its directory is a shadow trail; either name asks for it.
        var includes = call.Query.Flag("includeOrganizationTrail", fallback: false) | call.Query.Flag("includeShadowTrails", fallback: false);
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var list = await trails.ListVisibleAsync(call.AccountId, includes, call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, list, Write, nextLink: null));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        if (Finish(call) is { } badQuery)
            return badQuery;
        return await FindAsync(trails, call) switch
        {
            null => ProblemType.TrailNotFound,
            { Access: TrailAccess.Shadow } shadow => ApiResult.Ok(json => Write(json, shadow)),
            var seen => Ok(seen.Trail),
        };
    }

    private async Task<ApiResult> UpdateAsync(ApiCall call)
    {
        if (BodyReader.Parse(call.Body, out var malformed) is not { } body)
            return malformed!;
        var errors = new List<TrailFieldError>();
        var change = TrailJson.ReadChange(body, errors);
        call.Note("format", change.Format);
        call.Note("stream", change.Stream);
        call.Note("logAnalytics", change.LogAnalytics);
        call.Note("logstoreProject", change.LogstoreProject);
        Note(call, change.Container, change.Prefix, change.EventRW, change.TrailRegion);
        if (Finish(call) is { } badQuery)
            return badQuery;
        if (errors.Count > 0)
            return Invalid(errors);
        return await GuardedAsync(call, (trail, ifMatch) => trails.UpdateAsync(trail.Account, trail.Name, change, ifMatch, call.Cancellation));
    }

    private async Task<ApiResult> DeleteAsync(ApiCall call)
    {
        if (Finish(call) is { } badQuery)
            return badQuery;
        var result = await GuardedAsync(call, (trail, ifMatch) => trails.DeleteAsync(trail.Account, trail.Name, ifMatch, call.Cancellation));
        return result.Problem is null ? ApiResult.NoContent : result;
    }

    private async Task<ApiResult> StartAsync(ApiCall call) => Finish(call) is { } badQuery
        ? badQuery
        : await GuardedAsync(call, (trail, _) => trails.StartAsync(trail.Account, trail.Name, call.Cancellation));

    private async Task<ApiResult> StopAsync(ApiCall call) => Finish(call) is { } badQuery
        ? badQuery
        : await GuardedAsync(call, (trail, _) => trails.StopAsync(trail.Account, trail.Name, call.Cancellation));

    /// <summary>Changes the trail of the route if it is the version that If-Match names.</summary>
    private Task<ApiResult> GuardedAsync(ApiCall call, Func<Trail, string?, Task<TrailOutcome>> change) => GuardedAsync(trails, call, change, Answer);

    public static async Task<ApiResult> GuardedAsync(TrailStore trails, ApiCall call, Func<Trail, string?, Task<TrailOutcome>> change, Func<TrailOutcome, ApiResult> answer)
    {
        var (trail, refusal) = await FindAdministeredAsync(trails, call);
        if (trail is null)
            return refusal!;
        if (!ETags.Match(call.Request, trail.ETag))
            return ProblemType.PreconditionFailed;
        return answer(await change(trail, ETags.Named(call.Request, trail.ETag)));
    }

    public static ApiResult Answer(TrailOutcome outcome) => outcome.Kind switch
    {
        TrailOutcomeKind.Created => Created(outcome.Trail!),
        TrailOutcomeKind.Ok => Ok(outcome.Trail!),
        TrailOutcomeKind.Invalid or TrailOutcomeKind.ContainerMissing => Invalid(outcome.Errors),
        TrailOutcomeKind.NameTaken => ProblemType.TrailAlreadyExists,
        TrailOutcomeKind.QuotaExceeded => ProblemType.TrailLimitExceeded,
        TrailOutcomeKind.LogstoreQuotaExceeded => new Problem(ProblemType.LogstoreLimitExceeded, "Delete one that is not needed any more, or have the operator raise the limit."),
        TrailOutcomeKind.NotFound => ProblemType.TrailNotFound,
        TrailOutcomeKind.NotPermitted => ProblemType.NotOrganizationMasterAccount,
        TrailOutcomeKind.PreconditionFailed => ProblemType.PreconditionFailed,
        TrailOutcomeKind.TooManyChanges => new Problem(ProblemType.Conflict, "The trail changes too fast; repeat later."),
        _ => throw new InvalidOperationException($"There is no outcome {outcome.Kind}."),
    };

    private static ApiResult Created(Trail trail) =>
        ApiResult.Created($"/v1/trails/{trail.Name}", json => Write(json, trail)) with { ETag = ETags.Of(trail.ETag) };

    private static ApiResult Ok(Trail trail) => ApiResult.Ok(json => Write(json, trail)) with { ETag = ETags.Of(trail.ETag) };

    public static Problem Invalid(IReadOnlyList<TrailFieldError> errors) => Problem.Invalid([.. errors.Select(static e => new Fault(e.Pointer, e.Rule))]);

    private static void Note(ApiCall call, string? container, string? prefix, string? eventRW, string? trailRegion)
    {
        call.Note("container", container);
        call.Note("prefix", prefix);
        call.Note("eventRW", eventRW);
        call.Note("trailRegion", trailRegion);
    }

    private static bool IsOrganization(ApiCall call) => call.Query.Flag("isOrganizationTrail", fallback: false);

    /// <summary>Of a shadow trail no more than that it is there and what it takes: where it delivers to, and how that goes, is not the member's.</summary>
    private static void Write(Utf8JsonWriter json, VisibleTrail seen)
    {
        if (seen.Access != TrailAccess.Shadow)
        {
            Write(json, seen.Trail);
            return;
        }

        var trail = seen.Trail;
        json.WriteStartObject();
        json.WriteString("name"u8, trail.Name);
        json.WriteString("accountId"u8, trail.Account);
        json.WriteString("status"u8, trail.Status.ToString());
        json.WriteString("eventRW"u8, trail.EventRW.ToString());
        json.WriteString("trailRegion"u8, trail.TrailRegion);
        json.WriteString("homeRegion"u8, trail.HomeRegion);
        json.WriteBoolean("isOrganizationTrail"u8, value: true);
        json.WriteBoolean("isShadowTrail"u8, value: true);
        json.WriteString("organizationId"u8, trail.DirectoryId);
        json.WriteString("createTime"u8, trail.CreateTime.UtcDateTime);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Trail trail)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, trail.Name);
        json.WriteString("accountId"u8, trail.Account);
        json.WriteString("status"u8, trail.Status.ToString());
        if (trail.Container is not null)
            json.WriteString("container"u8, trail.Container);
        if (trail.Stream is not null)
            json.WriteString("stream"u8, trail.Stream);
        if (trail.LogAnalytics is not null)
            json.WriteString("logAnalytics"u8, trail.LogAnalytics);
        if (trail.Logstore is { } logstore)
        {
            json.WriteString("logstoreProject"u8, logstore.Project);
            json.WriteString("logstore"u8, logstore.Name);
        }

        if (trail.Prefix is not null)
            json.WriteString("prefix"u8, trail.Prefix);
        json.WriteString("format"u8, trail.Format.ToString());
        if (trail.MaxObjectMegabytes is { } megabytes)
            json.WriteNumber("maxObjectMegabytes"u8, megabytes);
        if (trail.FlushAfterSeconds is { } seconds)
            json.WriteNumber("flushAfterSeconds"u8, seconds);
        json.WriteString("eventRW"u8, trail.EventRW.ToString());
        json.WriteString("trailRegion"u8, trail.TrailRegion);
        json.WriteString("homeRegion"u8, trail.HomeRegion);
        json.WriteBoolean("logFileValidation"u8, trail.LogFileValidation);
        json.WriteBoolean("isOrganizationTrail"u8, trail.IsOrganizationTrail);
        json.WriteBoolean("isInnerTrail"u8, trail.IsInner);
        if (trail.DirectoryId is not null)
            json.WriteString("organizationId"u8, trail.DirectoryId);
        json.WritePropertyName(trail.AdvancedSelectors is null ? "selectors"u8 : "advancedSelectors"u8);
        if (trail.AdvancedSelectors is null)
            TrailJson.Write(json, trail.Selectors);
        else
            SelectorJson.Write(json, trail.AdvancedSelectors);
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
