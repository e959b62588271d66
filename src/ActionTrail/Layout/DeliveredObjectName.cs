using System.Buffers.Binary;
using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>
/// Names of delivered objects:
/// <code>[{prefix}/]ActionTrail/ActionTrail/[{directory}/{account}/]{region}/{yyyy}/{MM}/{dd}/ActionTrail_{region}_{yyyyMMddHHmmss}_{trail}[-{job}]_{part:D4}_{events}_{bytes}_{hash}.json.gz</code>
/// The time is the window's boundary in UTC, for a history job (whose number is there then) the beginning of the piece; trail = 8 hexadecimal digits of the <see cref="Hash64"/> of the trail's key; bytes and
/// hash (32 hexadecimal digits of the SHA-256) are of the uncompressed content, so that another gzip gives the same name. Directory and
/// account are there for multi-account trails. NDJSON ends in <c>.ndjson.gz</c>. In the CloudTrail layout:
/// <code>[{prefix}/]AWSLogs/[{directory}/]{account}/CloudTrail/{region}/{yyyy}/{MM}/{dd}/{account}_CloudTrail_{region}_{yyyyMMddTHHmm}Z_{place}{hash}.json.gz</code>
/// where place is the <see cref="Hash64"/> of <c>{trail key}[-{job}]/{window}/{part}</c> and hash the first 8 bytes of the SHA-256, little-endian, each
/// modulo 36^8 in 8 digits of base 36: together the 16 letters and digits that readers of CloudTrail expect.
/// </summary>
public static class DeliveredObjectName
{
    /// <summary>Stands for the region of events that have none.</summary>
    public const string GlobalRegion = "global";

    /// <summary>Stands for regions that cannot be part of a name, and for those beyond the number that one window may open.</summary>
    public const string OtherRegions = "other";

    private const string EventTypeFolder = "ActionTrail";

    /// <summary>Everything up to the part that depends on the content: all attempts at one part of one delivery share it, no two parts do.</summary>
    /// <param name="format">Layout.</param>
    /// <param name="prefix">Of the trail, or null.</param>
    /// <param name="directoryId">Of a multi-account trail, else null.</param>
    /// <param name="account">Whose events they are.</param>
    /// <param name="region">As <see cref="RegionFolder"/> gives it.</param>
    /// <param name="window">Unix milliseconds.</param>
    /// <param name="trailKey">Key of the trail.</param>
    /// <param name="part">From 0 within window, account and region.</param>
    /// <param name="job">Number of the history job, whose window is the beginning of a piece of its time; null for a delivery of a window.</param>
    public static string Stem(ObjectFormat format, string? prefix, string? directoryId, string account, string region, long window, string trailKey, int part, long? job = null)
    {
        var ofJob = job is { } number ? string.Create(CultureInfo.InvariantCulture, $"-{number}") : "";
        var boundary = DateTimeOffset.FromUnixTimeMilliseconds(window).UtcDateTime;
        var root = string.IsNullOrEmpty(prefix) ? "" : prefix.TrimEnd('/') + "/";
        var directory = directoryId is null ? "" : directoryId + "/";
        if (format == ObjectFormat.CloudTrail)
        {
            var place = Base36.Of(Hash64.Of(string.Create(CultureInfo.InvariantCulture, $"{trailKey}{ofJob}/{window}/{part}")), digits: 8);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{root}AWSLogs/{directory}{account}/CloudTrail/{region}/{boundary:yyyy}/{boundary:MM}/{boundary:dd}/{account}_CloudTrail_{region}_{boundary:yyyyMMdd}T{boundary:HHmm}Z_{place}");
        }

        var member = directoryId is null ? "" : $"{directory}{account}/";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{root}ActionTrail/{EventTypeFolder}/{member}{region}/{boundary:yyyy}/{boundary:MM}/{boundary:dd}/ActionTrail_{region}_{boundary:yyyyMMddHHmmss}_{Hash64.Of(trailKey) >> 32:x8}{ofJob}_{part:D4}_");
    }

    public static string Of(ObjectFormat format, string stem, int events, long bytes, ReadOnlySpan<byte> sha256) => format == ObjectFormat.CloudTrail
        ? $"{stem}{Base36.Of(BinaryPrimitives.ReadUInt64LittleEndian(sha256), digits: 8)}.json.gz"
        : string.Create(CultureInfo.InvariantCulture, $"{stem}{events}_{bytes}_{Convert.ToHexStringLower(sha256[..16])}.{(format == ObjectFormat.Ndjson ? "ndjson" : "json")}.gz");

    /// <summary>The region as a part of names: 1 to 64 letters, digits and <c>-</c> stay as they are.</summary>
    public static string RegionFolder(string? region) => region switch
    {
        null => GlobalRegion,
        { Length: <= 64 } when region.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') => region,
        _ => OtherRegions,
    };
}
