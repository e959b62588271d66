using ActionTrail.Access;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Directories;

/// <summary>
/// Brings accounts into directories and takes them out. As with <see cref="DirectoryStore"/> every change is one transaction that replaces the
/// directory's row; the account's guard in it keeps the account in one directory at most, whoever races. Only the creation of a
/// member writes elsewhere as well (table <c>accounts</c>): it reserves, makes the account, and settles; readers settle what a death left.
/// All methods throw <see cref="StoreException"/>; after Unavailable the change may have happened.
/// </summary>
public sealed class MemberStore(ITableStore tables, AccountStore accounts, TimeProvider time, ILogger<MemberStore> log)
{
    private readonly DirectoryReader reader = new(tables);

    /// <summary>
    /// Asks an account to join; again when the last invitation expired. Whether the account exists or is in another directory does not show.
    /// Created, Ok (it is invited), AlreadyMember, QuotaExceeded, NotFound.
    /// </summary>
    public Task<DirectoryOutcome> InviteAsync(string directoryId, string account, CancellationToken cancellationToken) => ChangeAsync(directoryId, account, (directory, member) =>
    {
        if (member is { State: MemberState.Member or MemberState.Creating })
            return Task.FromResult(Step.End(DirectoryOutcomeKind.AlreadyMember));
        var now = time.GetUtcNow();
        if (member is { State: MemberState.Invited } && !member.HasExpired(now))
            return Task.FromResult(Step.End(DirectoryOutcomeKind.Ok));
        var isCounted = member is { State: MemberState.Invited };
        if (!isCounted && directory.Count >= ResourceDirectory.MaxMembers)
            return Task.FromResult(Step.End(DirectoryOutcomeKind.QuotaExceeded));
        var invited = new DirectoryMember { DirectoryId = directoryId, Account = account, State = MemberState.Invited, Since = now, Intervals = member?.Intervals ?? [] };
        return Task.FromResult(new Step(DirectoryOutcomeKind.Created, directory with { Count = directory.Count + (isCounted ? 0 : 1) })
        {
            Actions = [Put(invited, member), TableAction.Upsert(InvitationRow(invited))],
        });
    }, cancellationToken);

    /// <summary>The invited account joins. Ok (also when it is a member), NotFound (no invitation, or expired), InDirectory, TooManyChanges.</summary>
    public Task<DirectoryOutcome> AcceptAsync(string directoryId, string account, CancellationToken cancellationToken) => ChangeAsync(directoryId, account, async (directory, member) =>
    {
        if (member is { State: MemberState.Member })
            return Step.End(DirectoryOutcomeKind.Ok);
        var now = time.GetUtcNow();
        if (member is not { State: MemberState.Invited } || member.HasExpired(now))
            return Step.End(DirectoryOutcomeKind.NotFound);
        var guard = await reader.ReadGuardAsync(account, cancellationToken);
        if (await reader.IsTakenAsync(guard, cancellationToken))
            return Step.End(DirectoryOutcomeKind.InDirectory);
        if (member.Intervals.Count >= TimeIntervals.Max)
            return Step.End(DirectoryOutcomeKind.TooManyChanges);
        var start = now < guard.FreeSince ? guard.FreeSince : now;
        var joined = member with { State = MemberState.Member, Intervals = [.. member.Intervals, new(start, null)] };
        return new Step(DirectoryOutcomeKind.Ok, directory)
        {
            Actions =
            [
                Put(joined, member),
                (guard with { DirectoryId = directoryId, IsCreating = false }).ToAction(),
                TableAction.Delete(DirectoryKeys.Partition, DirectoryKeys.Invitation(account, directoryId)),
            ],
            Done = () => DirectoriesLog.Joined(log, directoryId, account),
        };
    }, cancellationToken);

    /// <summary>The invited account refuses. Ok or NotFound.</summary>
    public Task<DirectoryOutcome> DeclineAsync(string directoryId, string account, CancellationToken cancellationToken) => ChangeAsync(
        directoryId,
        account,
        (directory, member) => Task.FromResult(member is { State: MemberState.Invited } ? Withdraw(directory, member) : Step.End(DirectoryOutcomeKind.NotFound)),
        cancellationToken);

    /// <summary>
    /// Takes an account out: a member leaves and is no administrator any more, an invitation is withdrawn, a creation under way is given up.
    /// Ok, NotFound, HasMembers (the management account goes by <see cref="DirectoryStore.DissolveAsync"/>), PreconditionFailed.
    /// </summary>
    public Task<DirectoryOutcome> RemoveAsync(string directoryId, string account, string? ifMatch, CancellationToken cancellationToken) => ChangeAsync(directoryId, account, async (directory, member) =>
    {
        if (member is null or { State: MemberState.Left })
            return Step.End(DirectoryOutcomeKind.NotFound);
        if (ifMatch is not null && ifMatch != member.ETag)
            return Step.End(DirectoryOutcomeKind.PreconditionFailed);
        if (account == directory.ManagementAccount)
            return Step.End(DirectoryOutcomeKind.HasMembers);
        if (member.State == MemberState.Invited)
            return Withdraw(directory, member);
        var now = time.GetUtcNow();
        var guard = await reader.ReadGuardAsync(account, cancellationToken);
        var fewer = directory with { Administrators = [.. directory.Administrators.Where(a => a != account)], Count = directory.Count - 1 };
        var left = member.State == MemberState.Member ? DirectoryStore.Leave(member, now) : member with { Intervals = [] };
        return new Step(DirectoryOutcomeKind.Ok, fewer)
        {
            Actions = [Keep(left, member), .. guard.DirectoryId == directoryId ? [DirectoryStore.Free(guard, now).ToAction()] : Array.Empty<TableAction>()],
            Done = () => DirectoriesLog.Left(log, directoryId, account),
        };
    }, cancellationToken);

    /// <summary>Makes a new account that is a member from its beginning. Created, AccountTaken, QuotaExceeded, NotFound, TooManyChanges.</summary>
    /// <param name="directoryId">The directory.</param>
    /// <param name="accountId">Its id; null to have one made, which tells nobody which ids there are.</param>
    /// <param name="displayName">1 to 128 characters.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<DirectoryOutcome> CreateAsync(string directoryId, string? accountId, string displayName, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < DirectoryStore.MaxTries; attempt++)
        {
            // 1. The id is this directory's, if no account has it. A creation that died here is taken up again by the same id.
            var id = accountId ?? DirectoryKeys.MemberAccountId(directoryId, time.GetUtcNow(), attempt);
            var reserved = await ReserveAsync(directoryId, id, cancellationToken);
            if (reserved.Kind == DirectoryOutcomeKind.AccountTaken && accountId is null)
                continue;
            if (reserved.Kind is not DirectoryOutcomeKind.Ok)
                return reserved;

            // 2. The account. Null: it exists, made by this directory's attempt before or by somebody else in between.
            _ = await accounts.CreateAsync(id, displayName, AccountSource.Directory, cancellationToken);
            if (await reader.IsBornAsync(id, cancellationToken))
                return await SettleAsync(directoryId, id, cancellationToken);
            await RemoveAsync(directoryId, id, ifMatch: null, cancellationToken);
            if (accountId is not null)
                return new(DirectoryOutcomeKind.AccountTaken);
        }

        return new(DirectoryOutcomeKind.TooManyChanges);
    }

    private Task<DirectoryOutcome> ReserveAsync(string directoryId, string id, CancellationToken cancellationToken) => ChangeAsync(directoryId, id, async (directory, member) =>
    {
        var guard = await reader.ReadGuardAsync(id, cancellationToken);
        if (member is not null && guard.IsCreating && guard.DirectoryId == directoryId)
            return Step.End(DirectoryOutcomeKind.Ok);
        if (guard.DirectoryId is not null || Account.IsReserved(id) || await accounts.FindAsync(id, cancellationToken) is not null)
            return Step.End(DirectoryOutcomeKind.AccountTaken);
        var isCounted = member is { State: MemberState.Invited };
        if (!isCounted && directory.Count >= ResourceDirectory.MaxMembers)
            return Step.End(DirectoryOutcomeKind.QuotaExceeded);
        var creating = new DirectoryMember { DirectoryId = directoryId, Account = id, State = MemberState.Creating, Since = time.GetUtcNow() };
        return new Step(DirectoryOutcomeKind.Ok, directory with { Count = directory.Count + (isCounted ? 0 : 1) })
        {
            Actions =
            [
                Put(creating, member),
                (guard with { DirectoryId = directoryId, IsCreating = true }).ToAction(),
                .. isCounted ? [TableAction.Delete(DirectoryKeys.Partition, DirectoryKeys.Invitation(id, directoryId))] : Array.Empty<TableAction>(),
            ],
        };
    }, cancellationToken);

    /// <summary>3. Readers have taken the account for a member since it exists; this spares them the look.</summary>
    private Task<DirectoryOutcome> SettleAsync(string directoryId, string id, CancellationToken cancellationToken) => ChangeAsync(directoryId, id, async (directory, member) =>
    {
        var guard = await reader.ReadGuardAsync(id, cancellationToken);
        if (member is not { State: MemberState.Member } || guard.DirectoryId != directoryId)
            return Step.End(DirectoryOutcomeKind.NotFound);
        return guard.IsCreating
            ? new Step(DirectoryOutcomeKind.Created, directory)
            {
                Actions = [Put(member, member), (guard with { IsCreating = false }).ToAction()],
                Done = () => DirectoriesLog.Joined(log, directoryId, id),
            }
            : Step.End(DirectoryOutcomeKind.Created);
    }, cancellationToken);

    private async Task<DirectoryOutcome> ChangeAsync(
        string directoryId, string account, Func<ResourceDirectory, DirectoryMember?, Task<Step>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < DirectoryStore.MaxTries; attempt++)
        {
            // Both are read whatever the first says: how long a refusal takes shall not tell which directories there are.
            var found = await reader.FindAsync(directoryId, cancellationToken);
            var member = await reader.FindMemberAsync(directoryId, account, cancellationToken);
            if (found is not { } directory)
                return new(DirectoryOutcomeKind.NotFound);
            var step = await change(directory, member);
            if (step.Directory is null)
                return new(step.Kind, directory, member);
            if (!await DirectoryStore.TrySubmitAsync(tables, [TableAction.Replace(step.Directory.ToRow(), directory.ETag), .. step.Actions], cancellationToken))
                continue;
            step.Done?.Invoke();
            return new(step.Kind, directory, await reader.FindMemberAsync(directoryId, account, cancellationToken));
        }

        return new(DirectoryOutcomeKind.TooManyChanges);
    }

    private static Step Withdraw(ResourceDirectory directory, DirectoryMember invited) => new(DirectoryOutcomeKind.Ok, directory with { Count = directory.Count - 1 })
    {
        Actions = [Keep(invited, invited), TableAction.Delete(DirectoryKeys.Partition, DirectoryKeys.Invitation(invited.Account, invited.DirectoryId))],
    };

    /// <summary>Whoever was a member stays known as such: windows of that time may still be open. Of the others nothing is kept.</summary>
    private static TableAction Keep(DirectoryMember gone, DirectoryMember before) => gone.Intervals.Count == 0
        ? TableAction.Delete(DirectoryKeys.Partition, DirectoryKeys.Member(gone.DirectoryId, gone.Account), before.ETag)
        : TableAction.Replace((gone with { State = MemberState.Left }).ToRow(), before.ETag);

    private static TableAction Put(DirectoryMember member, DirectoryMember? before) =>
        before is null ? TableAction.Insert(member.ToRow()) : TableAction.Replace(member.ToRow(), before.ETag);

    private static TableRow InvitationRow(DirectoryMember invited)
    {
        var row = new TableRow(DirectoryKeys.Partition, DirectoryKeys.Invitation(invited.Account, invited.DirectoryId));
        foreach (var (name, value) in invited.ToRow().Properties)
            row[name] = value;
        return row;
    }

    /// <summary>What a change does: nothing but end (no directory), or replace the directory's row and these others.</summary>
    private sealed record Step(DirectoryOutcomeKind Kind, ResourceDirectory? Directory)
    {
        public IReadOnlyList<TableAction> Actions { get; init; } = [];

        public Action? Done { get; init; }

        public static Step End(DirectoryOutcomeKind kind) => new(kind, Directory: null);
    }
}
