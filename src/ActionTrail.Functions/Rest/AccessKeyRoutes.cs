using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Events;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/accounts/{accountId}/access-keys</c>: issue, list, switch and delete access keys.</summary>
internal sealed class AccessKeyRoutes(AccountStore accounts, AccessKeyStore keys, Authenticator authenticator)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/v1/accounts/{accountId}/access-keys", Operation.CreateAccessKey, CreateAsync) { Body = BodyForm.Json },
        new("GET", "/v1/accounts/{accountId}/access-keys", Operation.ListAccessKeys, ListAsync),
        new("PATCH", "/v1/accounts/{accountId}/access-keys/{accessKeyId}", Operation.UpdateAccessKey, UpdateAsync) { Body = BodyForm.Json },
        new("DELETE", "/v1/accounts/{accountId}/access-keys/{accessKeyId}", Operation.DeleteAccessKey, DeleteAsync),
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
        return ApiResult.Created($"/v1/accounts/{accountId}/access-keys/{issued.Key.AccessKeyId}", json => Write(json, issued.Key, issued.Secret));
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
        if (!CredentialText.IsAccessKeyId(accessKeyId) || await keys.SetStateAsync(accountId, accessKeyId, state!.Value, call.Cancellation) is not { } key)
            return ProblemType.AccessKeyNotFound;
        call.ResourceName = accessKeyId;
        authenticator.Forget(accessKeyId);
        return ApiResult.Ok(json => Write(json, key, secret: null));
    }

    private async Task<ApiResult> DeleteAsync(ApiCall call)
    {
        var accessKeyId = call.Note("accessKeyId", call.Route("accessKeyId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await FindAccountAsync(call) is not { } accountId)
            return ProblemType.AccountNotFound;
        if (!CredentialText.IsAccessKeyId(accessKeyId) || !await keys.DeleteAsync(accountId, accessKeyId, call.Cancellation))
            return ProblemType.AccessKeyNotFound;
        call.ResourceName = accessKeyId;
        authenticator.Forget(accessKeyId);
        return ApiResult.NoContent;
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
        json.WriteEndObject();
    }
}
