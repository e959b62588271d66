using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Directories;
using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/directories</c>: the resource directory of the account the call acts for. Every other one is not there.</summary>
internal sealed class DirectoryRoutes(DirectoryReader reader, DirectoryStore directories, MemberStore members, TimeProvider time, PublicAddress address)
{
    private const string One = "/v1/directories/{directoryId}";
    private const string Member = One + "/members/{accountId}";
    private const string Administrator = One + "/administrators/{accountId}";
    private const int MaxPageSize = 1000;
    private const string AccountIdRule = "1 to 64 letters, digits, dots, underscores and hyphens, a letter or digit first.";

    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/v1/directories", Operation.CreateDirectory, CreateAsync, DirectoryDescriptions.Create) { Body = BodyForm.Json },
        new("GET", "/v1/directories", Operation.ListDirectories, ListAsync, DirectoryDescriptions.List),
        new("GET", "/v1/directories/invitations", Operation.ListInvitations, ListInvitationsAsync, DirectoryDescriptions.Invitations),
        new("GET", One, Operation.GetDirectory, GetAsync, DirectoryDescriptions.Get),
        new("DELETE", One, Operation.DeleteDirectory, DeleteAsync, DirectoryDescriptions.Delete),
        new("POST", One + "/members", Operation.CreateMember, CreateMemberAsync, DirectoryDescriptions.CreateMember) { Body = BodyForm.Json },
        new("GET", One + "/members", Operation.ListMembers, ListMembersAsync, DirectoryDescriptions.Members),
        new("GET", Member, Operation.GetMember, GetMemberAsync, DirectoryDescriptions.GetMember),
        new("DELETE", Member, Operation.RemoveMember, RemoveMemberAsync, DirectoryDescriptions.RemoveMember),
        new("POST", One + "/invitations", Operation.InviteAccount, InviteAsync, DirectoryDescriptions.Invite) { Body = BodyForm.Json },
        new("POST", One + "/accept", Operation.AcceptInvitation, AcceptAsync, DirectoryDescriptions.Accept),
        new("POST", One + "/decline", Operation.DeclineInvitation, DeclineAsync, DirectoryDescriptions.Decline),
        new("GET", One + "/administrators", Operation.ListDelegatedAdministrators, ListAdministratorsAsync, DirectoryDescriptions.Administrators),
        new("PUT", Administrator, Operation.RegisterDelegatedAdministrator, DelegateAsync, DirectoryDescriptions.Delegate),
        new("DELETE", Administrator, Operation.DeregisterDelegatedAdministrator, RevokeAsync, DirectoryDescriptions.Revoke),
    ];

    private async Task<ApiResult> CreateAsync(ApiCall call)
    {
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var name = call.Note("displayName", body.Text("displayName", required: false, Account.MaxDisplayName));
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (body.FinishWithProblem() is { } badBody)
            return badBody;
        if (Account.IsReserved(call.AccountId))
            return new Problem(ProblemType.AccountNotFound, $"Name the management account in {ApiPipeline.AccountHeader}.");
        var outcome = await directories.CreateAsync(call.AccountId, name ?? call.AccountId, call.Cancellation);
        if (outcome is not { Kind: DirectoryOutcomeKind.Created, Directory: { } made })
            return Refused(outcome.Kind, ProblemType.DirectoryNotFound);
        call.ResourceName = made.DirectoryId;
        return ApiResult.Created($"/v1/directories/{made.DirectoryId}", json => Write(json, new Standing(made, DirectoryRole.Management))) with { ETag = ETags.Of(made.ETag) };
    }

    private async Task<ApiResult> ListAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var own = await reader.FindOfAsync(call.AccountId, call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write<Standing>(json, own is null ? [] : [own], Write, nextLink: null));
    }

    private async Task<ApiResult> ListInvitationsAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        var list = await reader.ReadInvitationsAsync(call.AccountId, time.GetUtcNow(), call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, list, Write, nextLink: null));
    }

    private async Task<ApiResult> GetAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await StandingAsync(call) is not { } standing)
            return ProblemType.DirectoryNotFound;
        var result = ApiResult.Ok(json => Write(json, standing));
        return standing.Administers ? result with { ETag = ETags.Of(standing.Directory.ETag) } : result;
    }

    private Task<ApiResult> DeleteAsync(ApiCall call) => ManagingAsync(call, async directory =>
    {
        if (!ETags.Match(call.Request, directory.ETag))
            return ProblemType.PreconditionFailed;
        var outcome = await directories.DissolveAsync(directory.DirectoryId, ETags.Named(call.Request, directory.ETag), call.Cancellation);
        return outcome.Kind == DirectoryOutcomeKind.Ok ? ApiResult.NoContent : Refused(outcome.Kind, ProblemType.DirectoryNotFound);
    });

    private async Task<ApiResult> CreateMemberAsync(ApiCall call)
    {
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var accountId = call.Note("accountId", body.Text("accountId", required: false, AccountIds.MaxLength));
        var name = call.Note("displayName", body.Text("displayName", required: false, Account.MaxDisplayName));
        if (accountId is not null && call.Caller.Role != Role.Operator)
            body.Refuse("accountId", "The id of a new account is made; only the operator may name one.");
        else if (accountId is not null && (!AccountIds.IsValid(accountId) || Account.IsReserved(accountId)))
            body.Refuse("accountId", AccountIdRule);
        return await ManagingAsync(call, body, async directory =>
        {
            var outcome = await members.CreateAsync(directory.DirectoryId, accountId, name ?? accountId ?? "member", call.Cancellation);
            if (outcome is not { Kind: DirectoryOutcomeKind.Created, Member: { } made })
                return Refused(outcome.Kind, ProblemType.DirectoryNotFound);
            call.ResourceName = made.Account;
            return Created(made);
        });
    }

    private async Task<ApiResult> ListMembersAsync(ApiCall call)
    {
        var pageSize = call.Query.Number("pageSize", 1, MaxPageSize, 100);
        var after = call.Query.Text("after", AccountIds.MaxLength);
        if (after is not null && !AccountIds.IsValid(after))
            call.Query.Refuse("after", "An account id.");
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await StandingAsync(call) is not { } standing)
            return ProblemType.DirectoryNotFound;
        if (!standing.Administers)
            return ProblemType.NotOrganizationMasterAccount;
        var page = new List<DirectoryMember>();
        await foreach (var member in reader.ReadMembersAsync(standing.Directory.DirectoryId, after, call.Cancellation))
        {
            if (member.State == MemberState.Left)
                continue;
            page.Add(member);
            if (page.Count > pageSize)
                break;
        }

        var next = page.Count > pageSize
            ? string.Create(CultureInfo.InvariantCulture, $"{address.Of(call.Request)}/v1/directories/{standing.Directory.DirectoryId}/members?pageSize={pageSize}&after={page[pageSize - 1].Account}")
            : null;
        return ApiResult.Ok(json => JsonPage.Write(json, page.Take(pageSize), Write, next));
    }

    private async Task<ApiResult> GetMemberAsync(ApiCall call)
    {
        var accountId = call.Note("accountId", call.Route("accountId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await StandingAsync(call) is not { } standing)
            return ProblemType.DirectoryNotFound;
        if (!standing.Administers && accountId != call.AccountId)
            return ProblemType.NotOrganizationMasterAccount;
        return await FindMemberAsync(call, standing.Directory, accountId) is { } member
            ? ApiResult.Ok(json => Write(json, member)) with { ETag = ETags.Of(member.ETag) }
            : ProblemType.MemberNotFound;
    }

    private Task<ApiResult> RemoveMemberAsync(ApiCall call) => ManagingAsync(call, async directory =>
    {
        var accountId = call.Note("accountId", call.Route("accountId"))!;
        if (await FindMemberAsync(call, directory, accountId) is not { } member)
            return ProblemType.MemberNotFound;
        if (!ETags.Match(call.Request, member.ETag))
            return ProblemType.PreconditionFailed;
        var outcome = accountId == directory.ManagementAccount
            ? await directories.DissolveAsync(directory.DirectoryId, ifMatch: null, call.Cancellation)
            : await members.RemoveAsync(directory.DirectoryId, accountId, ETags.Named(call.Request, member.ETag), call.Cancellation);
        return outcome.Kind == DirectoryOutcomeKind.Ok ? ApiResult.NoContent : Refused(outcome.Kind, ProblemType.MemberNotFound);
    });

    private async Task<ApiResult> InviteAsync(ApiCall call)
    {
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var accountId = call.Note("accountId", body.Text("accountId", required: true, AccountIds.MaxLength));
        if (accountId is not null && (!AccountIds.IsValid(accountId) || Account.IsReserved(accountId)))
            body.Refuse("accountId", AccountIdRule);
        return await ManagingAsync(call, body, async directory =>
        {
            call.ResourceName = accountId;
            var outcome = await members.InviteAsync(directory.DirectoryId, accountId!, call.Cancellation);
            return outcome switch
            {
                { Kind: DirectoryOutcomeKind.Created, Member: { } made } => Created(made),
                { Kind: DirectoryOutcomeKind.Ok, Member: { } invited } => ApiResult.Ok(json => Write(json, invited)) with { ETag = ETags.Of(invited.ETag) },
                _ => Refused(outcome.Kind, ProblemType.DirectoryNotFound),
            };
        });
    }

    private Task<ApiResult> AcceptAsync(ApiCall call) => AnswerInvitationAsync(call, members.AcceptAsync, static member => ApiResult.Ok(json => Write(json, member)) with { ETag = ETags.Of(member.ETag) });

    private Task<ApiResult> DeclineAsync(ApiCall call) => AnswerInvitationAsync(call, members.DeclineAsync, static _ => ApiResult.NoContent);

    private static async Task<ApiResult> AnswerInvitationAsync(
        ApiCall call, Func<string, string, CancellationToken, Task<DirectoryOutcome>> answer, Func<DirectoryMember, ApiResult> done)
    {
        var directoryId = call.Note("directoryId", call.Route("directoryId"))!;
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (!DirectoryKeys.IsDirectoryId(directoryId))
            return ProblemType.InvitationNotFound;
        var outcome = await answer(directoryId, call.AccountId, call.Cancellation);
        if (outcome.Kind != DirectoryOutcomeKind.Ok)
            return Refused(outcome.Kind, ProblemType.InvitationNotFound);
        call.ResourceName = directoryId;
        return outcome.Member is { } member ? done(member) : ApiResult.NoContent;
    }

    private async Task<ApiResult> ListAdministratorsAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        if (await StandingAsync(call) is not { } standing)
            return ProblemType.DirectoryNotFound;
        if (!standing.Administers)
            return ProblemType.NotOrganizationMasterAccount;
        return ApiResult.Ok(json => JsonPage.Write(json, standing.Directory.Administrators, WriteAccount, nextLink: null)) with { ETag = ETags.Of(standing.Directory.ETag) };
    }

    private Task<ApiResult> DelegateAsync(ApiCall call) => ChangeAdministratorsAsync(call, directories.DelegateAsync);

    private Task<ApiResult> RevokeAsync(ApiCall call) => ChangeAdministratorsAsync(call, directories.RevokeAsync);

    private Task<ApiResult> ChangeAdministratorsAsync(ApiCall call, Func<string, string, string?, CancellationToken, Task<DirectoryOutcome>> change) => ManagingAsync(call, async directory =>
    {
        var accountId = call.Note("accountId", call.Route("accountId"))!;
        if (!AccountIds.IsValid(accountId))
            return ProblemType.MemberNotFound;
        call.ResourceName = accountId;
        if (!ETags.Match(call.Request, directory.ETag))
            return ProblemType.PreconditionFailed;
        var outcome = await change(directory.DirectoryId, accountId, ETags.Named(call.Request, directory.ETag), call.Cancellation);
        return outcome.Kind == DirectoryOutcomeKind.Ok ? ApiResult.NoContent : Refused(outcome.Kind, ProblemType.MemberNotFound);
    });

    /// <summary>Does what only the management account may.</summary>
    private async Task<ApiResult> ManagingAsync(ApiCall call, Func<ResourceDirectory, Task<ApiResult>> work)
    {
        if (call.Query.Finish() is { } badQuery)
            return badQuery;
        return await StandingAsync(call) switch
        {
            null => ProblemType.DirectoryNotFound,
            { Role: not DirectoryRole.Management } => ProblemType.NotOrganizationMasterAccount,
            var standing => await work(standing.Directory),
        };
    }

    private async Task<ApiResult> ManagingAsync(ApiCall call, BodyReader body, Func<ResourceDirectory, Task<ApiResult>> work) =>
        call.Query.Finish() is { } badQuery ? badQuery : body.FinishWithProblem() is { } badBody ? badBody : await ManagingAsync(call, work);

    /// <summary>The directory of the route, if it is the one that the account is in.</summary>
    private async Task<Standing?> StandingAsync(ApiCall call)
    {
        var directoryId = call.Note("directoryId", call.Route("directoryId"));
        var standing = await reader.FindOfAsync(call.AccountId, call.Cancellation);
        if (standing?.Directory.DirectoryId != directoryId)
            return null;
        call.ResourceName = directoryId;
        return standing;
    }

    private async Task<DirectoryMember?> FindMemberAsync(ApiCall call, ResourceDirectory directory, string accountId)
    {
        if (!AccountIds.IsValid(accountId) || await reader.FindMemberAsync(directory.DirectoryId, accountId, call.Cancellation) is not { State: not MemberState.Left } member)
            return null;
        call.ResourceName = accountId;
        return member;
    }

    private static ApiResult Created(DirectoryMember made) =>
        ApiResult.Created($"/v1/directories/{made.DirectoryId}/members/{made.Account}", json => Write(json, made)) with { ETag = ETags.Of(made.ETag) };

    private static ApiResult Refused(DirectoryOutcomeKind kind, ProblemType missing) => kind switch
    {
        DirectoryOutcomeKind.NotFound => missing,
        DirectoryOutcomeKind.InDirectory => ProblemType.AccountInDirectory,
        DirectoryOutcomeKind.AlreadyMember => new Problem(ProblemType.Conflict, "The account is a member already."),
        DirectoryOutcomeKind.NotMember => ProblemType.MemberNotFound,
        DirectoryOutcomeKind.AccountTaken => ProblemType.AccountAlreadyExists,
        DirectoryOutcomeKind.QuotaExceeded => ProblemType.DirectoryLimitExceeded,
        DirectoryOutcomeKind.HasMembers => new Problem(ProblemType.Conflict, "Others are members or invited."),
        DirectoryOutcomeKind.HasTrail => new Problem(ProblemType.Conflict, "The directory has a multi-account trail; delete that first."),
        DirectoryOutcomeKind.PreconditionFailed => ProblemType.PreconditionFailed,
        DirectoryOutcomeKind.TooManyChanges => new Problem(ProblemType.Conflict, "The directory changes too fast; repeat later."),
        _ => throw new InvalidOperationException($"{kind} is no refusal."),
    };

    private static void WriteAccount(Utf8JsonWriter json, string accountId)
    {
        json.WriteStartObject();
        json.WriteString("accountId"u8, accountId);
        json.WriteEndObject();
    }

    /// <summary>A plain member learns whose directory it is in, no more.</summary>
    private static void Write(Utf8JsonWriter json, Standing standing)
    {
        var directory = standing.Directory;
        json.WriteStartObject();
        json.WriteString("directoryId"u8, directory.DirectoryId);
        json.WriteString("managementAccountId"u8, directory.ManagementAccount);
        json.WriteString("role"u8, standing.Role.ToString());
        if (standing.Administers)
        {
            json.WriteString("displayName"u8, directory.DisplayName);
            json.WriteString("createdAt"u8, directory.CreatedAt.UtcDateTime);
            json.WriteNumber("accounts"u8, directory.Count);
            json.WriteString("etag"u8, ETags.Of(directory.ETag));
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DirectoryMember member)
    {
        json.WriteStartObject();
        json.WriteString("directoryId"u8, member.DirectoryId);
        json.WriteString("accountId"u8, member.Account);
        json.WriteString("state"u8, member.State.ToString());
        if (member.State == MemberState.Invited)
        {
            json.WriteString("invitedAt"u8, member.Since.UtcDateTime);
            json.WriteString("expiresAt"u8, (member.Since + ResourceDirectory.InvitationLife).UtcDateTime);
        }

        if (member.JoinedAt is { } joined)
            json.WriteString("joinedAt"u8, joined.UtcDateTime);
        json.WriteEndObject();
    }
}
