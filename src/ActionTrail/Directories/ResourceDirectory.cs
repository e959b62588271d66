using ActionTrail.Access;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Directories;

/// <summary>A management account and the accounts that belong to it. Immutable; <see cref="DirectoryStore"/> changes directories.</summary>
/// <param name="DirectoryId">See <see cref="DirectoryKeys.DirectoryId"/>.</param>
/// <param name="ManagementAccount">The account that founded it and rules it for as long as it exists.</param>
/// <param name="DisplayName">1 to 128 characters for people.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Administrators">Delegated administrators for ActionTrail: members, at most <see cref="MaxAdministrators"/>, in ordinal order.</param>
/// <param name="Count">Members, the management account among them, and invited accounts.</param>
/// <param name="ETag">Version of the stored row: every change of the directory or its members makes a new one.</param>
public sealed record ResourceDirectory(
    string DirectoryId, string ManagementAccount, string DisplayName, DateTimeOffset CreatedAt, IReadOnlyList<string> Administrators, int Count, string ETag)
{
    /// <summary>Most delegated administrators, as CloudTrail has it.</summary>
    public const int MaxAdministrators = 3;

    /// <summary>Most members and invited accounts: those due in a window are frozen into one delivery's row, far below 1 MiB.</summary>
    public const int MaxMembers = 1000;

    /// <summary>How long an invitation can be accepted.</summary>
    public static readonly TimeSpan InvitationLife = TimeSpan.FromDays(14);

    private const int Version = 1;

    /// <summary>What the account may do in this directory, given that it is in it.</summary>
    public DirectoryRole RoleOf(string account) =>
        account == ManagementAccount ? DirectoryRole.Management
        : Administrators.Contains(account, StringComparer.Ordinal) ? DirectoryRole.Administrator
        : DirectoryRole.Member;

    internal TableRow ToRow() => new TableRow(DirectoryKeys.Partition, DirectoryKeys.Directory(DirectoryId))
        .With("ManagementAccount", ManagementAccount).With("DisplayName", DisplayName).With("CreatedAt", CreatedAt)
        .With("Administrators", string.Join(' ', Administrators)).With("Count", Count).With("DirectoryVersion", Version);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    internal static ResourceDirectory FromRow(TableRow row) => row.GetInt32("DirectoryVersion") > Version
        ? throw new StoreException(StoreErrorKind.Corrupt, $"Directory {row.RowKey} was written by a newer version.")
        : new(
            row.RowKey[2..], row.GetString("ManagementAccount"), row.GetString("DisplayName"), row.GetTime("CreatedAt"),
            row.GetString("Administrators").Split(' ', StringSplitOptions.RemoveEmptyEntries), row.GetInt32("Count"), row.ETag ?? "");
}

/// <summary>What an account may do in its directory.</summary>
public enum DirectoryRole
{
    /// <summary>Changes nothing of the directory; sees its own membership and the multi-account trail.</summary>
    Member,

    /// <summary>Delegated administrator for ActionTrail: the multi-account trail, and reading members.</summary>
    Administrator,

    /// <summary>Everything.</summary>
    Management,
}

/// <summary>The directory that an account is in, and its role there.</summary>
public sealed record Standing(ResourceDirectory Directory, DirectoryRole Role)
{
    /// <summary>Whether the account may make and change the directory's multi-account trail.</summary>
    public bool Administers => Role is DirectoryRole.Management or DirectoryRole.Administrator;
}

/// <summary>How an account stands to a directory.</summary>
public enum MemberState
{
    /// <summary>Asked to join.</summary>
    Invited,

    /// <summary>Its account is being made; a member as soon as that exists.</summary>
    Creating,

    Member,

    /// <summary>Was a member.</summary>
    Left,
}

/// <summary>An account of a directory, now or before.</summary>
public sealed record DirectoryMember
{
    public required string DirectoryId { get; init; }

    public required string Account { get; init; }

    public required MemberState State { get; init; }

    /// <summary>When it was invited, or its creation began; the founding for the management account. UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it was a member, oldest first.</summary>
    public IReadOnlyList<TimeInterval> Intervals { get; init; } = [];

    public string ETag { get; init; } = "";

    /// <summary>When it joined; null unless it is a member.</summary>
    public DateTimeOffset? JoinedAt => State == MemberState.Member ? Intervals[^1].Start : null;

    /// <summary>Whether the invitation is too old at <paramref name="now"/>.</summary>
    public bool HasExpired(DateTimeOffset now) => State == MemberState.Invited && now >= Since + ResourceDirectory.InvitationLife;

    internal TableRow ToRow() => new TableRow(DirectoryKeys.Partition, DirectoryKeys.Member(DirectoryId, Account))
        .With("Directory", DirectoryId).With("Account", Account).With("State", State.ToString()).With("Since", Since).With("Intervals", TimeIntervals.Format(Intervals));

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    internal static DirectoryMember FromRow(TableRow row) => new()
    {
        DirectoryId = row.Known(1).GetString("Directory"),
        Account = row.GetString("Account"),
        State = row.ReadEnum<MemberState>("State"),
        Since = row.GetTime("Since"),
        Intervals = TimeIntervals.Parse(row.GetString("Intervals")),
        ETag = row.ETag ?? "",
    };
}

/// <summary>The row that guards that an account is in one directory at most. <paramref name="DirectoryId"/> is null while it is in none.</summary>
/// <param name="Account">The account.</param>
/// <param name="DirectoryId">The directory it is in.</param>
/// <param name="IsCreating">True until the account that the directory makes is known to exist.</param>
/// <param name="FreeSince">When it last left a directory: memberships never overlap, whatever the clocks say.</param>
/// <param name="ETag">Version of the stored row; null when there is none.</param>
internal sealed record Guard(string Account, string? DirectoryId, bool IsCreating, DateTimeOffset FreeSince, string? ETag)
{
    public TableAction ToAction()
    {
        var row = new TableRow(DirectoryKeys.Partition, DirectoryKeys.Account(Account))
            .With("Directory", DirectoryId).With("IsCreating", IsCreating).With("FreeSince", FreeSince);
        return ETag is null ? TableAction.Insert(row) : TableAction.Replace(row, ETag);
    }

    public static Guard Of(string account, TableRow? row) => row is null
        ? new(account, null, IsCreating: false, DateTimeOffset.UnixEpoch, null)
        : new(account, row.Known(1).FindString("Directory"), row.GetBoolean("IsCreating"), row.GetTime("FreeSince"), row.ETag);
}
