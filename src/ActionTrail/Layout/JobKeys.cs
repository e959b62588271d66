using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Layout;

/// <summary>
/// Keys of table <c>jobs</c>. PK <c>{account}</c>: RK <c>head</c> (the next number, and which job runs), <c>j.{job:D12}</c> (a history delivery
/// job), <c>i.{job:D12}.{yyyyMMdd}.{destination}</c> (a work item: one day of a job and one destination), <c>c.{token}</c> (a client token that made a job; 32 hexadecimal digits of
/// its SHA-256). PK <see cref="Open"/>: RK <c>{account}.{job:D12}</c>: a job that is to be looked at again. No account starts with <c>~</c>.
/// </summary>
public static class JobKeys
{
    public const string Head = "head";

    public const string Open = "~open";

    /// <summary>Bounds of the jobs of an account.</summary>
    public const string FirstJob = "j.";

    public const string AfterJobs = "j/";

    public static string Job(long job) => string.Create(CultureInfo.InvariantCulture, $"j.{job:D12}");

    public static string Item(long job, DateTimeOffset day, DestinationKind destination) =>
        string.Create(CultureInfo.InvariantCulture, $"i.{job:D12}.{day.UtcDateTime:yyyyMMdd}.{DestinationKinds.Text(destination)}");

    /// <summary>Bounds of the items of a job.</summary>
    public static (string From, string To) Items(long job) =>
        (string.Create(CultureInfo.InvariantCulture, $"i.{job:D12}."), string.Create(CultureInfo.InvariantCulture, $"i.{job:D12}/"));

    public static string Token(string clientToken) => "c." + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(clientToken)).AsSpan(0, 16));

    public static string OpenJob(string account, long job) => string.Create(CultureInfo.InvariantCulture, $"{account}.{job:D12}");

    /// <summary>Bounds of the entries of an account; those of an account whose name goes on with a dot may lie between them.</summary>
    public static (string From, string To) OpenJobs(string account) => ($"{account}.", $"{account}/");

    /// <summary>The parts of a key made by <see cref="OpenJob"/>; false for any other text.</summary>
    public static bool TryParseOpen(string rowKey, out string account, out long job)
    {
        (account, job) = ("", 0);
        if (rowKey.Length < 14 || rowKey[^13] != '.')
            return false;
        account = rowKey[..^13];
        return long.TryParse(rowKey.AsSpan(rowKey.Length - 12), NumberStyles.None, CultureInfo.InvariantCulture, out job);
    }
}
