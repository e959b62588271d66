using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>
/// Names of delivered objects:
/// <code>[{prefix}/]ActionTrail/ActionTrail/[{directory}/{account}/]{region}/{yyyy}/{MM}/{dd}/ActionTrail_{region}_{yyyyMMddHHmmss}_{trail}_{part:D4}_{events}_{bytes}_{hash}.json.gz</code>
/// The time is the window's boundary in UTC; trail = 8 hexadecimal digits of the <see cref="Hash64"/> of the trail's key; bytes and
/// hash (32 hexadecimal digits of the SHA-256) are of the uncompressed content, so that another gzip gives the same name. Directory and
/// account are there for multi-account trails.
/// </summary>
public static class DeliveredObjectName
{
    /// <summary>Stands for the region of events that have none.</summary>
    public const string GlobalRegion = "global";

    /// <summary>Stands for regions that cannot be part of a name, and for those beyond the number that one window may open.</summary>
    public const string OtherRegions = "other";

    private const string EventTypeFolder = "ActionTrail";

    /// <summary>The folder in front of the region for an account that a multi-account trail covers; ends with a slash.</summary>
    public static string MemberFolder(string directoryId, string account) => $"{directoryId}/{account}/";

    /// <summary>Everything up to and including the underscore after the part: all attempts at one part of one delivery share it, no two parts do.</summary>
    public static string Stem(string? prefix, string memberFolder, string region, long window, string trailKey, int part)
    {
        var boundary = DateTimeOffset.FromUnixTimeMilliseconds(window).UtcDateTime;
        var root = string.IsNullOrEmpty(prefix) ? "" : prefix.TrimEnd('/') + "/";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{root}ActionTrail/{EventTypeFolder}/{memberFolder}{region}/{boundary:yyyy}/{boundary:MM}/{boundary:dd}/ActionTrail_{region}_{boundary:yyyyMMddHHmmss}_{Hash64.Of(trailKey) >> 32:x8}_{part:D4}_");
    }

    public static string Of(string stem, int events, long bytes, ReadOnlySpan<byte> sha256) =>
        string.Create(CultureInfo.InvariantCulture, $"{stem}{events}_{bytes}_{Convert.ToHexStringLower(sha256[..16])}.json.gz");

    /// <summary>The region as a part of names: 1 to 64 letters, digits and <c>-</c> stay as they are.</summary>
    public static string RegionFolder(string? region) => region switch
    {
        null => GlobalRegion,
        { Length: <= 64 } when region.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') => region,
        _ => OtherRegions,
    };
}
