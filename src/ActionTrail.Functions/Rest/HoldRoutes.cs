using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Retention;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/retention/hold</c>: the legal hold on everything; <c>/v1/retention/holds</c>: those on single accounts, the operator's own among them.</summary>
internal sealed class HoldRoutes(LegalHolds holds, AccountStore accounts)
{
    /// <summary>Most characters of the reason of a hold.</summary>
    private const int MaxReason = 1000;

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/retention/hold", Operation.GetHold, GetAsync, HoldDescriptions.Get),
        new("POST", "/v1/retention/hold", Operation.HoldEvents, HoldAsync, HoldDescriptions.Hold) { Body = BodyForm.Json },
        new("DELETE", "/v1/retention/hold", Operation.ReleaseEvents, ReleaseAsync, HoldDescriptions.Release),
        new("GET", "/v1/retention/holds", Operation.ListAccountHolds, ListAsync, HoldDescriptions.List),
        new("PUT", "/v1/retention/holds/{accountId}", Operation.HoldAccount, HoldAccountAsync, HoldDescriptions.HoldAccount) { Body = BodyForm.Json },
        new("DELETE", "/v1/retention/holds/{accountId}", Operation.ReleaseAccount, ReleaseAccountAsync, HoldDescriptions.ReleaseAccount),
    ];

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        return await holds.FindAsync(LegalHolds.Everything, call.Cancellation) is { } hold
            ? Ok(hold)
            : ApiResult.Ok(static json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("held"u8, value: false);
                json.WriteEndObject();
            });
    }

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var list = await holds.ListAsync(call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, list, Write, nextLink: null));
    }

    private async Task<ApiResult> HoldAsync(ApiCall call) =>
        ReadReason(call, out var reason) is { } problem ? problem : await PutAsync(call, LegalHolds.Everything, reason);

    private async Task<ApiResult> HoldAccountAsync(ApiCall call)
    {
        var account = call.ResourceName = call.Note("accountId", call.Route("accountId"))!;
        if (ReadReason(call, out var reason) is { } problem)
            return problem;
        return AccountIds.IsValid(account) && (account == AccountIds.Operator || await accounts.FindAsync(account, call.Cancellation) is not null)
            ? await PutAsync(call, account, reason)
            : ProblemType.AccountNotFound;
    }

    private async Task<ApiResult> ReleaseAsync(ApiCall call) => call.Query.Finish() is { } badQuery ? badQuery : await EndAsync(call, LegalHolds.Everything);

    private async Task<ApiResult> ReleaseAccountAsync(ApiCall call)
    {
        var account = call.ResourceName = call.Note("accountId", call.Route("accountId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        return AccountIds.IsValid(account) ? await EndAsync(call, account) : ProblemType.AccountNotFound;
    }

    private async Task<ApiResult> PutAsync(ApiCall call, string accountId, string reason)
    {
        var found = await holds.FindAsync(accountId, call.Cancellation);
        if (!ETags.MatchFound(call.Request, found?.ETag))
            return ProblemType.PreconditionFailed;
        return await holds.HoldAsync(accountId, reason, ETags.Named(call.Request, found?.ETag), call.Cancellation) is { } hold ? Ok(hold) : ProblemType.PreconditionFailed;
    }

    private async Task<ApiResult> EndAsync(ApiCall call, string accountId)
    {
        var found = await holds.FindAsync(accountId, call.Cancellation);
        if (!ETags.MatchFound(call.Request, found?.ETag))
            return ProblemType.PreconditionFailed;
        var named = ETags.Named(call.Request, found?.ETag);
        return await holds.ReleaseAsync(accountId, named, call.Cancellation) || named is null ? ApiResult.NoContent : ProblemType.PreconditionFailed;
    }

    private static ApiResult? ReadReason(ApiCall call, out string reason)
    {
        reason = "";
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        reason = call.Note("reason", body.Text("reason", required: true, MaxReason)) ?? "";
        return call.Query.Finish() is { } badQuery ? badQuery : body.FinishWithProblem() is { } badBody ? (ApiResult)badBody : null;
    }

    private static ApiResult Ok(LegalHold hold) => ApiResult.Ok(json => Write(json, hold)) with { ETag = ETags.Of(hold.ETag) };

    private static void Write(Utf8JsonWriter json, LegalHold hold)
    {
        json.WriteStartObject();
        if (hold.AccountId == LegalHolds.Everything)
            json.WriteBoolean("held"u8, value: true);
        else
            json.WriteString("accountId"u8, hold.AccountId);
        json.WriteString("reason"u8, hold.Reason);
        json.WriteString("since"u8, hold.Since.UtcDateTime);
        json.WriteString("etag"u8, ETags.Of(hold.ETag));
        json.WriteEndObject();
    }
}
