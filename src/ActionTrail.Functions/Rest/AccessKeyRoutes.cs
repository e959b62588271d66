using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/accounts/{accountId}/access-keys</c>: issue, list, switch, rotate and delete access keys, and what one did last.</summary>
internal sealed class AccessKeyRoutes(AccountStore accounts, AccessKeyStore keys, AccessKeyUse use, LookupRateLimiter limiter, Authenticator authenticator)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/v1/accounts/{accountId}/access-keys", Operation.CreateAccessKey, CreateAsync, AccountDescriptions.CreateKey) { Body = BodyForm.Json },
        new("GET", "/v1/accounts/{accountId}/access-keys", Operation.ListAccessKeys, ListAsync, AccountDescriptions.ListKeys),
        new("GET", "/v1/accounts/{accountId}/access-keys/{accessKeyId}", Operation.GetAccessKey, GetAsync, AccountDescriptions.GetKey),
        new("PATCH", "/v1/accounts/{accountId}/access-keys/{accessKeyId}", Operation.UpdateAccessKey, UpdateAsync, AccountDescriptions.UpdateKey) { Body = BodyForm.Json },
        new("DELETE", "/v1/accounts/{accountId}/access-keys/{accessKeyId}", Operation.DeleteAccessKey, DeleteAsync, AccountDescriptions.DeleteKey),
        new("POST", "/v1/accounts/{accountId}/access-keys/{accessKeyId}/rotate", Operation.RotateAccessKey, RotateAsync, AccountDescriptions.RotateKey),
        new("GET", "/v1/accounts/{accountId}/access-keys/{accessKeyId}/last-used", Operation.GetAccessKeyLastUsedInfo, GetLastUsedAsync, AccountDescriptions.LastUsed),
    ];

    private async Task<ApiResult> CreateAsync(ApiCall call)
    {
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var role = body.Choice("role", required: true, Role.Administrator, Role.TrailAdministrator, Role.Auditor, Role.Publisher);
        call.Note("role", role?.ToString());
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (body.FinishWithProblem() is { } badBody)
            return badBody;
        if (await FindAccountAsync(call) is not { } accountId)
            return ProblemType.AccountNotFound;
        if (await keys.CreateAsync(accountId, role!.Value, call.Cancellation) is not { } issued)
            return new Problem(ProblemType.AccessKeyLimitExceeded, $"At most {AccessKeyStore.MaxPerAccount}, inactive ones included.");
        call.ResourceName = issued.Key.AccessKeyId;
        return ApiResult.Created($"/v1/accounts/{accountId}/access-keys/{issued.Key.AccessKeyId}", json => Write(json, issued.Key, issued.Secret)) with { ETag = ETags.Of(issued.Key.ETag) };
    }

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await FindAccountAsync(call) is not { } accountId)
            return ProblemType.AccountNotFound;
        var list = await keys.ListAsync(accountId, call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, list, static (writer, key) => Write(writer, key, secret: null), nextLink: null));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        var accessKeyId = call.Note("accessKeyId", call.Route("accessKeyId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await FindAccountAsync(call) is not { } accountId)
            return ProblemType.AccountNotFound;
        if (!CredentialText.IsAccessKeyId(accessKeyId) || await keys.FindKeyAsync(accountId, accessKeyId, call.Cancellation) is not { } key)
            return ProblemType.AccessKeyNotFound;
        call.ResourceName = accessKeyId;
        return Ok(key);
    }

    private static ApiResult Ok(AccessKey key) => ApiResult.Ok(json => Write(json, key, secret: null)) with { ETag = ETags.Of(key.ETag) };

    private async Task<ApiResult> UpdateAsync(ApiCall call)
    {
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var state = body.Choice("state", required: true, AccessKeyState.Active, AccessKeyState.Inactive);
        call.Note("state", state?.ToString());
        var accessKeyId = call.Note("accessKeyId", call.Route("accessKeyId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (body.FinishWithProblem() is { } badBody)
            return badBody;
        if (await FindAccountAsync(call) is not { } accountId)
            return ProblemType.AccountNotFound;
        var (found, refusal) = await FindToChangeAsync(call, accountId, accessKeyId);
        if (found is null)
            return refusal!;
        var ifMatch = ETags.Named(call.Request, found.ETag);
        if (await keys.SetStateAsync(accountId, accessKeyId, state!.Value, ifMatch, call.Cancellation) is not { } key)
            return ifMatch is null ? ProblemType.AccessKeyNotFound : ProblemType.PreconditionFailed;
        authenticator.Forget(accessKeyId);
        return Ok(key);
    }

    private async Task<ApiResult> DeleteAsync(ApiCall call)
    {
        var accessKeyId = call.Note("accessKeyId", call.Route("accessKeyId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await FindAccountAsync(call) is not { } accountId)
            return ProblemType.AccountNotFound;
        var (found, refusal) = await FindToChangeAsync(call, accountId, accessKeyId);
        if (found is null)
            return refusal!;
        var ifMatch = ETags.Named(call.Request, found.ETag);
        if (!await keys.DeleteAsync(accountId, accessKeyId, ifMatch, call.Cancellation))
            return ifMatch is null ? ProblemType.AccessKeyNotFound : ProblemType.PreconditionFailed;
        authenticator.Forget(accessKeyId);
        return ApiResult.NoContent;
    }

    /// <summary>The key as it is now; null with the refusal when there is none or it is not the version that was named.</summary>
    private async Task<(AccessKey? Key, ApiResult? Refusal)> FindToChangeAsync(ApiCall call, string accountId, string accessKeyId)
    {
        if (!CredentialText.IsAccessKeyId(accessKeyId) || await keys.FindKeyAsync(accountId, accessKeyId, call.Cancellation) is not { } key)
            return (null, ProblemType.AccessKeyNotFound);
        call.ResourceName = accessKeyId;
        return ETags.Match(call.Request, key.ETag) ? (key, null) : (null, ProblemType.PreconditionFailed);
    }

    private async Task<ApiResult> RotateAsync(ApiCall call)
    {
        var accessKeyId = call.Note("accessKeyId", call.Route("accessKeyId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await FindAccountAsync(call) is not { } accountId)
            return ProblemType.AccountNotFound;
        var (found, problem) = await FindToChangeAsync(call, accountId, accessKeyId);
        if (found is null)
            return problem!;
        var (issued, refusal) = await keys.RotateAsync(accountId, accessKeyId, ETags.Named(call.Request, found.ETag), call.Cancellation);
        if (issued is null)
        {
            return refusal switch
            {
                KeyRotationRefusal.OtherVersion => ProblemType.PreconditionFailed,
                KeyRotationRefusal.Inactive => new Problem(ProblemType.Conflict, "The access key is inactive."),
                KeyRotationRefusal.LineIsFull => new Problem(ProblemType.AccessKeyLimitExceeded, $"{AccessKeyStore.MaxActivePerLine} keys of this line are active: deactivate the old one first."),
                KeyRotationRefusal.AccountIsFull => new Problem(ProblemType.AccessKeyLimitExceeded, $"At most {AccessKeyStore.MaxPerAccount}, inactive ones included."),
                _ => ProblemType.AccessKeyNotFound,
            };
        }

        call.Note("newAccessKeyId", issued.Key.AccessKeyId);
        return ApiResult.Created($"/v1/accounts/{accountId}/access-keys/{issued.Key.AccessKeyId}", json => Write(json, issued.Key, issued.Secret)) with { ETag = ETags.Of(issued.Key.ETag) };
    }

    private async Task<ApiResult> GetLastUsedAsync(ApiCall call)
    {
        var accessKeyId = call.Note("accessKeyId", call.Route("accessKeyId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await FindAccountAsync(call) is not { } accountId)
            return ProblemType.AccountNotFound;
        if (!limiter.TryAcquire(call.Caller.HomeAccountId, out var wait))
            return new Problem(ProblemType.TooManyRequests) { RetryAfter = wait };

        // A key that is deleted by now, or that another system issued, has left events all the same.
        var last = await use.FindLastAsync(StoreName.History, accountId, accessKeyId, call.Cancellation);
        if (last is null && !(await keys.ListAsync(accountId, call.Cancellation)).Any(key => key.AccessKeyId == accessKeyId))
            return ProblemType.AccessKeyNotFound;
        call.ResourceName = accessKeyId;
        return ApiResult.Ok(json => WriteUse(json, accessKeyId, last));
    }

    private static void WriteUse(Utf8JsonWriter json, string accessKeyId, KeyUse? last)
    {
        json.WriteStartObject();
        json.WriteString("accessKeyId"u8, accessKeyId);
        if (last is null)
        {
            json.WriteNull("lastUsed"u8);
        }
        else
        {
            json.WriteStartObject("lastUsed"u8);
            json.WriteString("eventTime"u8, last.Event.EventTime.UtcDateTime);
            json.WriteString("serviceName"u8, last.ServiceName);
            json.WriteString("eventName"u8, last.EventName);
            json.WriteString("sourceIpAddress"u8, last.SourceIpAddress);
            json.WriteString("eventId"u8, last.EventId);
            json.WriteString("source"u8, last.Source.ToString());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private async Task<string?> FindAccountAsync(ApiCall call)
    {
        var accountId = call.Note("accountId", call.Route("accountId"))!;
        return AccountRoutes.Reaches(call, accountId) && AccountIds.IsValid(accountId) && await accounts.FindAsync(accountId, call.Cancellation) is not null
            ? accountId
            : null;
    }

    private static void Write(Utf8JsonWriter json, AccessKey key, string? secret)
    {
        json.WriteStartObject();
        json.WriteString("accessKeyId"u8, key.AccessKeyId);
        if (secret is not null)
            json.WriteString("secret"u8, secret);
        json.WriteString("accountId"u8, key.AccountId);
        json.WriteString("role"u8, key.Role.ToString());
        json.WriteString("state"u8, key.State.ToString());
        json.WriteString("createdAt"u8, key.CreatedAt.UtcDateTime);
        if (key.RotatedFrom is not null)
            json.WriteString("rotatedFrom"u8, key.RotatedFrom);
        json.WriteString("etag"u8, ETags.Of(key.ETag));
        json.WriteEndObject();
    }
}
