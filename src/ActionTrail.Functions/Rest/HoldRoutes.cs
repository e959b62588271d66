using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Retention;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/retention/holds</c>: legal holds on single accounts.</summary>
internal sealed class HoldRoutes(RetentionPurge purge, AccountStore accounts)
{
    /// <summary>Most characters of the reason of a hold.</summary>
    private const int MaxReason = 1000;

    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/v1/retention/holds", Operation.ListAccountHolds, ListAsync, DigestDescriptions.ListHolds),
        new("PUT", "/v1/retention/holds/{accountId}", Operation.HoldAccount, PutAsync, DigestDescriptions.Hold) { Body = BodyForm.Json },
        new("DELETE", "/v1/retention/holds/{accountId}", Operation.ReleaseAccount, DeleteAsync, DigestDescriptions.Release),
    ];

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var holds = await purge.ListHoldsAsync(call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, holds, Write, nextLink: null));
    }

    private async Task<ApiResult> PutAsync(ApiCall call)
    {
        var account = call.ResourceName = call.Note("accountId", call.Route("accountId"))!;
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var reason = call.Note("reason", body.Text("reason", required: true, MaxReason));
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (body.FinishWithProblem() is { } badBody)
            return badBody;
        if (!AccountIds.IsValid(account) || await accounts.FindAsync(account, call.Cancellation) is null)
            return ProblemType.AccountNotFound;
        var hold = await purge.HoldAccountAsync(account, reason!, call.Cancellation);
        return ApiResult.Ok(json => Write(json, hold));
    }

    private async Task<ApiResult> DeleteAsync(ApiCall call)
    {
        var account = call.ResourceName = call.Note("accountId", call.Route("accountId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (!AccountIds.IsValid(account))
            return ProblemType.AccountNotFound;
        await purge.ReleaseAccountAsync(account, call.Cancellation);
        return ApiResult.NoContent;
    }

    private static void Write(Utf8JsonWriter json, AccountHold hold)
    {
        json.WriteStartObject();
        json.WriteString("accountId"u8, hold.AccountId);
        json.WriteString("reason"u8, hold.Reason);
        json.WriteString("since"u8, hold.Since.UtcDateTime);
        json.WriteEndObject();
    }
}
