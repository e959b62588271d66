using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>
/// Keys of table <c>directories</c>, all in the one partition <see cref="Partition"/> so that every change of a directory is one
/// transaction: <c>d.{directory}</c> (a directory), <c>m.{directory}.{account}</c> (a member of now or before, or an invited account),
/// <c>a.{account}</c> (the directory that an account is in: there is one row per account, hence one directory), and
/// <c>i.{account}~{directory}</c> (an invitation, for the invited). Directory ids hold no dot.
/// </summary>
public static class DirectoryKeys
{
    public const string Partition = "directories";

    public static string Directory(string directoryId) => $"d.{directoryId}";

    public static string Member(string directoryId, string account) => $"m.{directoryId}.{account}";

    /// <summary>Bounds of the members of a directory.</summary>
    public static (string From, string To) Members(string directoryId) => ($"m.{directoryId}.", $"m.{directoryId}/");

    public static string Account(string account) => $"a.{account}";

    public static string Invitation(string account, string directoryId) => $"i.{account}~{directoryId}";

    /// <summary>Bounds of the invitations of an account: ids of directories start with <c>rd-</c>.</summary>
    public static (string From, string To) Invitations(string account) => ($"i.{account}~r", $"i.{account}~s");

    /// <summary><c>rd-</c> and 16 hexadecimal digits, from the founding account, time and attempt.</summary>
    public static string DirectoryId(string account, DateTimeOffset created, int attempt) => string.Create(
        CultureInfo.InvariantCulture, $"rd-{Hash64.Of(string.Create(CultureInfo.InvariantCulture, $"{account} {created.UtcTicks} {attempt}")):x16}");

    /// <summary>Whether the text can be the id of a directory.</summary>
    public static bool IsDirectoryId(string text) =>
        text.Length == 19 && text.StartsWith("rd-", StringComparison.Ordinal) && text.Skip(3).All(char.IsAsciiHexDigitLower);

    /// <summary>16 decimal digits: the id of an account that a directory makes, from the directory, time and attempt.</summary>
    public static string MemberAccountId(string directoryId, DateTimeOffset created, int attempt) => string.Create(
        CultureInfo.InvariantCulture, $"{Hash64.Of(string.Create(CultureInfo.InvariantCulture, $"{directoryId} {created.UtcTicks} {attempt}")) % 10_000_000_000_000_000:D16}");
}
