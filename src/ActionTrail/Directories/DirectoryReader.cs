using System.Runtime.CompilerServices;
using ActionTrail.Access;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Directories;

/// <summary>An account that a multi-account trail covers, with the times of its membership.</summary>
public sealed record CoveredAccount(string Account, IReadOnlyList<TimeInterval> Intervals)
{
    public bool At(DateTimeOffset committedAt) => TimeIntervals.Hold(Intervals, committedAt);
}

/// <summary>Reads directories. Nothing is cached: what was taken from an account is gone at its next call. All methods throw <see cref="StoreException"/>.</summary>
public sealed class DirectoryReader(ITableStore tables)
{
    /// <summary>The directory, or null.</summary>
    public async Task<ResourceDirectory?> FindAsync(string directoryId, CancellationToken cancellationToken) =>
        await FindRowAsync(DirectoryKeys.Directory(directoryId), cancellationToken) is { } row ? ResourceDirectory.FromRow(row) : null;

    /// <summary>The directory that the account is in and its role there; null when it is in none.</summary>
    public async Task<Standing?> FindOfAsync(string account, CancellationToken cancellationToken)
    {
        var guard = await ReadGuardAsync(account, cancellationToken);
        if (!await IsTakenAsync(guard, cancellationToken))
            return null;
        return await FindAsync(guard.DirectoryId!, cancellationToken) is { } directory ? new(directory, directory.RoleOf(account)) : null;
    }

    /// <summary>The account as the directory knows it, or null.</summary>
    public async Task<DirectoryMember?> FindMemberAsync(string directoryId, string account, CancellationToken cancellationToken) =>
        await FindRowAsync(DirectoryKeys.Member(directoryId, account), cancellationToken) is { } row ? await SettledAsync(DirectoryMember.FromRow(row), cancellationToken) : null;

    /// <summary>Members of now and before and invited accounts with ids after <paramref name="after"/> (null: from the first), by account id.</summary>
    public async IAsyncEnumerable<DirectoryMember> ReadMembersAsync(string directoryId, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (from, to) = DirectoryKeys.Members(directoryId);

        // Ids hold no character below U+002D, so the next possible key after `after` is `after` with the lowest one behind it.
        await foreach (var row in tables.QueryAsync(Tables.Directories, DirectoryKeys.Partition, after is null ? from : from + after + "-", to, cancellationToken))
            yield return await SettledAsync(DirectoryMember.FromRow(row), cancellationToken);
    }

    /// <summary>Every account that ever was a member, with the times of it.</summary>
    public async Task<IReadOnlyList<CoveredAccount>> ReadCoverageAsync(string directoryId, CancellationToken cancellationToken)
    {
        var covered = new List<CoveredAccount>();
        await foreach (var member in ReadMembersAsync(directoryId, after: null, cancellationToken))
        {
            if (member.Intervals.Count > 0)
                covered.Add(new(member.Account, member.Intervals));
        }

        return covered;
    }

    /// <summary>Invitations of an account that can still be accepted at <paramref name="now"/>, by directory id.</summary>
    public async Task<IReadOnlyList<DirectoryMember>> ReadInvitationsAsync(string account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var invitations = new List<DirectoryMember>();
        var (from, to) = DirectoryKeys.Invitations(account);
        await foreach (var row in tables.QueryAsync(Tables.Directories, DirectoryKeys.Partition, from, to, cancellationToken))
        {
            var invitation = DirectoryMember.FromRow(row);
            if (!invitation.HasExpired(now))
                invitations.Add(invitation);
        }

        return invitations;
    }

    internal async Task<Guard> ReadGuardAsync(string account, CancellationToken cancellationToken) =>
        Guard.Of(account, await FindRowAsync(DirectoryKeys.Account(account), cancellationToken));

    /// <summary>Whether the account is in a directory. An id that one reserved and somebody else then made an account of is free.</summary>
    internal async Task<bool> IsTakenAsync(Guard guard, CancellationToken cancellationToken) =>
        guard.DirectoryId is not null && (!guard.IsCreating || await IsBornAsync(guard.Account, cancellationToken));

    /// <summary>Whether the account exists because a directory made it. Only the directory that the guard names can have.</summary>
    internal async Task<bool> IsBornAsync(string account, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Accounts, Account.Partition, account, cancellationToken) is { } row && Account.FromRow(row).Source == AccountSource.Directory;

    /// <summary>A death while an account was made may leave the last write undone: the account that exists is a member from its beginning.</summary>
    internal async Task<DirectoryMember> SettledAsync(DirectoryMember member, CancellationToken cancellationToken)
    {
        if (member.State != MemberState.Creating || !await IsBornAsync(member.Account, cancellationToken))
            return member;
        var guard = await ReadGuardAsync(member.Account, cancellationToken);
        return guard.DirectoryId == member.DirectoryId ? member with { State = MemberState.Member, Intervals = [new(member.Since, null)] } : member;
    }

    private Task<TableRow?> FindRowAsync(string rowKey, CancellationToken cancellationToken) =>
        tables.FindAsync(Tables.Directories, DirectoryKeys.Partition, rowKey, cancellationToken);
}
