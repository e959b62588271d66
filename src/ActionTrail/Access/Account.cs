using ActionTrail.Events;
using ActionTrail.Storage;

namespace ActionTrail.Access;

/// <summary>How an account came to be.</summary>
public enum AccountSource
{
    /// <summary>The operator made it.</summary>
    Operator,

    /// <summary>An event of the hub named it first. It has no access key until the operator issues one.</summary>
    OnSight,

    /// <summary>The management account of a directory made it, as a member.</summary>
    Directory,
}

/// <summary>Whether an account's keys work. Events of a disabled account are stored all the same.</summary>
public enum AccountState
{
    Active,
    Disabled,
}

/// <summary>The tenant that owns events. Ids compare case-sensitively. Accounts are never deleted, only disabled.</summary>
/// <param name="AccountId"><c>[A-Za-z0-9][A-Za-z0-9._-]{0,63}</c>.</param>
/// <param name="DisplayName">1 to 128 characters for people.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Source">How it came to be.</param>
/// <param name="State">Whether its keys work.</param>
public sealed record Account(string AccountId, string DisplayName, DateTimeOffset CreatedAt, AccountSource Source, AccountState State)
{
    /// <summary>The version of its row.</summary>
    public string ETag { get; init; } = "";

    /// <summary>The reserved id under which the operator's own calls are audited. It always exists and has no row.</summary>
    public const string Operator = AccountIds.Operator;

    /// <summary>Partition of all accounts in table <c>accounts</c>; the row key is the id.</summary>
    internal const string Partition = "accounts";

    /// <summary>Most characters of <see cref="DisplayName"/>.</summary>
    public const int MaxDisplayName = 128;

    /// <summary>Whether nobody may make an account of this id.</summary>
    public static bool IsReserved(string accountId) => string.Equals(accountId, Operator, StringComparison.OrdinalIgnoreCase);

    internal TableRow ToRow() => new TableRow(Partition, AccountId)
        .With("DisplayName", DisplayName).With("CreatedAt", CreatedAt).With("Source", Source.ToString()).With("State", State.ToString()).With("Version", 1);

    internal static Account FromRow(TableRow row) => new(
        row.RowKey, row.Known(1).GetString("DisplayName"), row.GetTime("CreatedAt"), row.ReadEnum<AccountSource>("Source"), row.ReadEnum<AccountState>("State"))
    { ETag = row.ETag! };
}
