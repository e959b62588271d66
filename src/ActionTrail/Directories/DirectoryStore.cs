using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Directories;

/// <summary>
/// Makes and dissolves directories and names their delegated administrators. Every change is one transaction that replaces the row of the
/// directory, so that changes of one directory never interleave. Who may call what, the caller decides. All methods throw
/// <see cref="StoreException"/>; after Unavailable the change may have happened, and repeating it is harmless.
/// </summary>
public sealed class DirectoryStore(ITableStore tables, TimeProvider time, ILogger<DirectoryStore> log)
{
    internal const int MaxTries = 20;

    private readonly DirectoryReader reader = new(tables);

    /// <summary>Makes a directory that the account manages. Created, InDirectory or TooManyChanges.</summary>
    public async Task<DirectoryOutcome> CreateAsync(string account, string displayName, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var guard = await reader.ReadGuardAsync(account, cancellationToken);
            if (await reader.IsTakenAsync(guard, cancellationToken))
                return new(DirectoryOutcomeKind.InDirectory);
            var now = time.GetUtcNow();
            var directory = new ResourceDirectory(DirectoryKeys.DirectoryId(account, now, attempt), account, displayName, now, [], Count: 1, "");
            var start = now < guard.FreeSince ? guard.FreeSince : now;
            var management = new DirectoryMember { DirectoryId = directory.DirectoryId, Account = account, State = MemberState.Member, Since = start, Intervals = [new(start, null)] };
            TableAction[] actions =
            [
                TableAction.Insert(directory.ToRow()),
                TableAction.Insert(management.ToRow()),
                (guard with { DirectoryId = directory.DirectoryId, IsCreating = false }).ToAction(),
            ];
            if (!await TrySubmitAsync(tables, actions, cancellationToken))
                continue;
            DirectoriesLog.Created(log, directory.DirectoryId, account);
            return await AnswerAsync(DirectoryOutcomeKind.Created, directory.DirectoryId, cancellationToken);
        }

        return new(DirectoryOutcomeKind.TooManyChanges);
    }

    /// <summary>Ends a directory without members beside the management account, without invitations and without a trail. The times of memberships are kept.</summary>
    /// <param name="directoryId">The directory.</param>
    /// <param name="ifMatch">The version that the caller saw, or null for any.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<DirectoryOutcome> DissolveAsync(string directoryId, string? ifMatch, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await reader.FindAsync(directoryId, cancellationToken) is not { } directory)
                return new(DirectoryOutcomeKind.NotFound);
            if (ifMatch is not null && ifMatch != directory.ETag)
                return new(DirectoryOutcomeKind.PreconditionFailed);
            if (directory.Count > 1)
                return new(DirectoryOutcomeKind.HasMembers);
            var account = directory.ManagementAccount;
            if (await tables.FindAsync(Tables.Trails, account, TrailKeys.Organization(directoryId), cancellationToken) is not null)
                return new(DirectoryOutcomeKind.HasTrail);
            var guard = await reader.ReadGuardAsync(account, cancellationToken);
            if (guard.DirectoryId != directoryId || await reader.FindMemberAsync(directoryId, account, cancellationToken) is not { } member)
                continue;
            var now = time.GetUtcNow();
            TableAction[] actions =
            [
                TableAction.Delete(DirectoryKeys.Partition, DirectoryKeys.Directory(directoryId), directory.ETag),
                TableAction.Replace(Leave(member, now).ToRow(), member.ETag),
                Free(guard, now).ToAction(),
            ];
            if (!await TrySubmitAsync(tables, actions, cancellationToken))
                continue;
            DirectoriesLog.Dissolved(log, directoryId, account);
            return new(DirectoryOutcomeKind.Ok, directory);
        }

        return new(DirectoryOutcomeKind.TooManyChanges);
    }

    /// <summary>Makes a member a delegated administrator. Ok (also when it is one), NotFound, NotMember, QuotaExceeded, PreconditionFailed.</summary>
    public Task<DirectoryOutcome> DelegateAsync(string directoryId, string account, string? ifMatch, CancellationToken cancellationToken) =>
        ChangeAdministratorsAsync(
            directoryId,
            ifMatch,
            async directory =>
            {
                if (directory.Administrators.Contains(account, StringComparer.Ordinal))
                    return (null, directory.Administrators);
                if (account == directory.ManagementAccount || await reader.FindMemberAsync(directoryId, account, cancellationToken) is not { State: MemberState.Member })
                    return (DirectoryOutcomeKind.NotMember, []);
                return directory.Administrators.Count == ResourceDirectory.MaxAdministrators
                    ? (DirectoryOutcomeKind.QuotaExceeded, [])
                    : (null, [.. directory.Administrators.Append(account).Order(StringComparer.Ordinal)]);
            },
            cancellationToken);

    /// <summary>Ends a delegation; from then on the account can do no more than any member. Ok, NotFound (it is no administrator), PreconditionFailed.</summary>
    public Task<DirectoryOutcome> RevokeAsync(string directoryId, string account, string? ifMatch, CancellationToken cancellationToken) =>
        ChangeAdministratorsAsync(
            directoryId,
            ifMatch,
            directory => Task.FromResult<(DirectoryOutcomeKind?, IReadOnlyList<string>)>(
                directory.Administrators.Contains(account, StringComparer.Ordinal) ? (null, [.. directory.Administrators.Where(a => a != account)]) : (DirectoryOutcomeKind.NotFound, [])),
            cancellationToken);

    /// <summary>All actions or none; false when somebody else changed one of the rows.</summary>
    internal static async Task<bool> TrySubmitAsync(ITableStore tables, IReadOnlyList<TableAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            await tables.SubmitAsync(Tables.Directories, actions, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            return false;
        }
    }

    internal static DirectoryMember Leave(DirectoryMember member, DateTimeOffset now) =>
        member with { State = MemberState.Left, Intervals = TimeIntervals.Close(member.Intervals, now) };

    internal static Guard Free(Guard guard, DateTimeOffset now) =>
        guard with { DirectoryId = null, IsCreating = false, FreeSince = now < guard.FreeSince ? guard.FreeSince : now };

    private async Task<DirectoryOutcome> ChangeAdministratorsAsync(
        string directoryId,
        string? ifMatch,
        Func<ResourceDirectory, Task<(DirectoryOutcomeKind? Refusal, IReadOnlyList<string> Administrators)>> change,
        CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await reader.FindAsync(directoryId, cancellationToken) is not { } directory)
                return new(DirectoryOutcomeKind.NotFound);
            if (ifMatch is not null && ifMatch != directory.ETag)
                return new(DirectoryOutcomeKind.PreconditionFailed);
            var (refusal, administrators) = await change(directory);
            if (refusal is { } kind)
                return new(kind);
            if (ReferenceEquals(administrators, directory.Administrators))
                return new(DirectoryOutcomeKind.Ok, directory);

            // The directory's row is replaced by every change of its members: under its ETag the account is still one.
            var changed = directory with { Administrators = administrators };
            if (!await TrySubmitAsync(tables, [TableAction.Replace(changed.ToRow(), directory.ETag)], cancellationToken))
                continue;
            DirectoriesLog.Delegated(log, directoryId, string.Join(", ", administrators));
            return await AnswerAsync(DirectoryOutcomeKind.Ok, directoryId, cancellationToken);
        }

        return new(DirectoryOutcomeKind.TooManyChanges);
    }

    private async Task<DirectoryOutcome> AnswerAsync(DirectoryOutcomeKind kind, string directoryId, CancellationToken cancellationToken) =>
        new(kind, await reader.FindAsync(directoryId, cancellationToken));
}
