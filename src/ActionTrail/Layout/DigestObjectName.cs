using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>
/// Names of digests, beside the objects they prove:
/// <code>[{prefix}/]ActionTrail/ActionTrail-Digest/{account}/{region}/{yyyy}/{MM}/{dd}/{account}_ActionTrail-Digest_{region}_{trail name}_{trail}_{end:yyyyMMddTHHmmssZ}.json</code>
/// The times are those of the digest's end in UTC, region is the trail's home region, trail = 8 hexadecimal digits of the <see cref="Hash64"/> of the
/// trail's key. The signature lies beside it, under the same name and <c>.sig</c>.
/// </summary>
public static class DigestObjectName
{
    public const string SignatureSuffix = ".sig";

    private const string Folder = "ActionTrail/ActionTrail-Digest/";
    private const string Suffix = ".json";
    private const string TimeForm = "yyyyMMdd'T'HHmmss'Z'";
    private const int TailLength = 1 + 8 + 1 + 16 + 5;

    public static string Of(string? prefix, string account, string region, string trailName, string trailKey, DateTimeOffset end)
    {
        var time = end.UtcDateTime;
        var root = string.IsNullOrEmpty(prefix) ? "" : prefix.TrimEnd('/') + "/";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{root}{Folder}{account}/{region}/{time:yyyy}/{time:MM}/{time:dd}/{account}_ActionTrail-Digest_{region}_{trailName}_{TrailMark(trailKey)}_{time.ToString(TimeForm, CultureInfo.InvariantCulture)}{Suffix}");
    }

    /// <summary>The folder of a name that <see cref="Of"/> makes, without its day: all digests of the account's trails with this prefix lie below.</summary>
    public static string FolderOf(string name)
    {
        var end = name.Length;
        for (var levels = 0; levels < 4 && end > 0; levels++)
            end = name.LastIndexOf('/', end - 1);
        return name[..(end + 1)];
    }

    /// <summary>How names of objects tell the trail: 8 hexadecimal digits.</summary>
    public static string TrailMark(string trailKey) => string.Create(CultureInfo.InvariantCulture, $"{Hash64.Of(trailKey) >> 32:x8}");

    /// <summary>What a name says about itself, which proves nothing; false when it is none that <see cref="Of"/> makes.</summary>
    public static bool TryParse(string name, out string trailMark, out DateTimeOffset end)
    {
        (trailMark, end) = ("", default);
        var at = name.IndexOf(Folder, StringComparison.Ordinal);
        if (at < 0 || (at > 0 && name[at - 1] != '/') || !name.EndsWith(Suffix, StringComparison.Ordinal) || name.Length - at < Folder.Length + TailLength)
            return false;
        var tail = name.AsSpan(name.Length - TailLength);
        if (tail[0] != '_' || tail[9] != '_' || !IsMark(tail[1..9])
            || !DateTimeOffset.TryParseExact(tail.Slice(10, 16), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out end))
            return false;
        trailMark = tail[1..9].ToString();
        return true;
    }

    /// <summary>Whether the object is a digest or the signature of one, by its place.</summary>
    public static bool IsInFolder(string name) => name.StartsWith(Folder, StringComparison.Ordinal) || name.Contains("/" + Folder, StringComparison.Ordinal);

    internal static bool IsMark(ReadOnlySpan<char> text) => text.Length == 8 && text.IndexOfAnyExcept(Marks) < 0;

    private static readonly System.Buffers.SearchValues<char> Marks = System.Buffers.SearchValues.Create("0123456789abcdef");
}

/// <summary>
/// Keys of table <c>digests</c>. PK <c>{account}.{trail id}</c>: RK <c>g{end:D20}</c> (a digest; its end in Unix milliseconds), <c>head</c> (where the chain
/// ends). PK <see cref="Open"/>: RK <c>{account}.{trail id}</c>: a trail whose chain is looked after.
/// </summary>
public static class DigestKeys
{
    public const string Open = "~open";
    public const string Head = "head";
    public const string FirstDigest = "g";
    public const string AfterDigests = "h";

    /// <summary>Name, in container <c>proofs</c>, of the service's own copy of a digest: <c>digests/{account}.{trail id}/{end:D20}-{hash}</c>, the first 16 digits of the digest's SHA-256.</summary>
    /// <param name="trailKey">Key of the trail.</param>
    /// <param name="end">Its end.</param>
    /// <param name="hash">SHA-256 of the digest in hexadecimal.</param>
    public static string Copy(string trailKey, DateTimeOffset end, string hash) => string.Create(CultureInfo.InvariantCulture, $"digests/{trailKey}/{end.ToUnixTimeMilliseconds():D20}-{hash[..16]}");

    public static string Digest(DateTimeOffset end) => string.Create(CultureInfo.InvariantCulture, $"g{end.ToUnixTimeMilliseconds():D20}");
}
