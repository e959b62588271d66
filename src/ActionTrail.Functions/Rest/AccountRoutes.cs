using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Events;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/accounts</c>: the operator makes, lists and changes accounts; callers see their own.</summary>
internal sealed class AccountRoutes(AccountStore accounts, Authenticator authenticator, PublicAddress address)
{
    private const int MaxPageSize = 1000;

    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/v1/accounts", Operation.CreateAccount, CreateAsync, AccountDescriptions.Create) { Body = BodyForm.Json },
        new("GET", "/v1/accounts", Operation.ListAccounts, ListAsync, AccountDescriptions.List),
        new("GET", "/v1/accounts/{accountId}", Operation.GetAccount, GetAsync, AccountDescriptions.Get),
        new("PATCH", "/v1/accounts/{accountId}", Operation.UpdateAccount, UpdateAsync, AccountDescriptions.Update) { Body = BodyForm.Json },
    ];

    /// <summary>Whether the call may touch the account of its route: the operator any, others their own.</summary>
    public static bool Reaches(ApiCall call, string accountId) => call.Caller.Role == Role.Operator || accountId == call.Caller.HomeAccountId;

    private async Task<ApiResult> CreateAsync(ApiCall call)
    {
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var accountId = call.Note("accountId", body.Text("accountId", required: true, maxLength: 64));
        var displayName = call.Note("displayName", body.Text("displayName", required: false, Account.MaxDisplayName));
        if (accountId is not null && !AccountIds.IsValid(accountId))
            body.Refuse("accountId", "1 to 64 letters, digits, dots, underscores and hyphens, a letter or digit first.");
        else if (accountId is not null && Account.IsReserved(accountId))
            body.Refuse("accountId", "The id is reserved.");
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (body.FinishWithProblem() is { } badBody)
            return badBody;
        call.ResourceName = accountId;
        return await accounts.CreateAsync(accountId!, displayName ?? accountId!, AccountSource.Operator, call.Cancellation) is { } account
            ? ApiResult.Created($"/v1/accounts/{account.AccountId}", json => Write(json, account)) with { ETag = ETags.Of(account.ETag) }
            : ProblemType.AccountAlreadyExists;
    }

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        var pageSize = call.Query.Number("pageSize", 1, MaxPageSize, 100);
        var after = call.Query.Text("after", 64);
        if (after is not null && !AccountIds.IsValid(after))
            call.Query.Refuse("after", "An account id.");
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var page = new List<Account>();
        await foreach (var account in accounts.ListAsync(after, call.Cancellation))
        {
            page.Add(account);
            if (page.Count > pageSize)
                break;
        }

        var next = page.Count > pageSize
            ? string.Create(CultureInfo.InvariantCulture, $"{address.Of(call.Request)}/v1/accounts?pageSize={pageSize}&after={page[pageSize - 1].AccountId}")
            : null;
        return ApiResult.Ok(json => JsonPage.Write(json, page.Take(pageSize), Write, next));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        var accountId = call.Note("accountId", call.Route("accountId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (!Reaches(call, accountId) || !AccountIds.IsValid(accountId) || await accounts.FindAsync(accountId, call.Cancellation) is not { } account)
            return ProblemType.AccountNotFound;
        call.ResourceName = accountId;
        return Ok(account);
    }

    private async Task<ApiResult> UpdateAsync(ApiCall call)
    {
        var accountId = call.Note("accountId", call.Route("accountId"))!;
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var displayName = call.Note("displayName", body.Text("displayName", required: false, Account.MaxDisplayName));
        var state = body.Choice("state", required: false, AccountState.Active, AccountState.Disabled);
        call.Note("state", state?.ToString());
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (body.FinishWithProblem() is { } badBody)
            return badBody;
        if (!AccountIds.IsValid(accountId) || await accounts.FindAsync(accountId, call.Cancellation) is not { } found)
            return ProblemType.AccountNotFound;
        call.ResourceName = accountId;

        // Accounts are never deleted: what is not updated now has another version.
        if (!ETags.Match(call.Request, found.ETag) || await accounts.UpdateAsync(accountId, displayName, state, ETags.Named(call.Request, found.ETag), call.Cancellation) is not { } account)
            return ProblemType.PreconditionFailed;
        authenticator.ForgetAccount(accountId);
        return Ok(account);
    }

    private static ApiResult Ok(Account account) => ApiResult.Ok(json => Write(json, account)) with { ETag = ETags.Of(account.ETag) };

    private static void Write(Utf8JsonWriter json, Account account)
    {
        json.WriteStartObject();
        json.WriteString("accountId"u8, account.AccountId);
        json.WriteString("displayName"u8, account.DisplayName);
        json.WriteString("createdAt"u8, account.CreatedAt.UtcDateTime);
        json.WriteString("source"u8, account.Source.ToString());
        json.WriteString("state"u8, account.State.ToString());
        json.WriteString("etag"u8, ETags.Of(account.ETag));
        json.WriteEndObject();
    }
}
