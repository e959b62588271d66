using System.Globalization;

namespace ActionTrail.Layout;

/// <summary>What names of delivered objects say to somebody who finds them: hints, never proofs.</summary>
public static class FoundObjectName
{
    private static readonly string[] Folders = ["ActionTrail/", "AWSLogs/"];

    /// <summary>Whether the object lies where deliveries and digests of any trail lie.</summary>
    public static bool IsInFolder(string name) =>
        Folders.Any(folder => name.StartsWith(folder, StringComparison.Ordinal) || name.Contains("/" + folder, StringComparison.Ordinal));

    /// <summary>Reads a name that <see cref="DeliveredObjectName.Of"/> made.</summary>
    /// <param name="name">The name.</param>
    /// <param name="trailMark">See <see cref="DigestObjectName.TrailMark"/>; empty in the CloudTrail layout, which does not tell.</param>
    /// <param name="boundary">End of the window; in the CloudTrail layout to the minute.</param>
    public static bool TryParse(string name, out string trailMark, out DateTimeOffset boundary)
    {
        (trailMark, boundary) = ("", default);
        if (!IsInFolder(name))
            return false;
        var parts = name[(name.LastIndexOf('/') + 1)..].Split('_');
        if (parts is [.., "CloudTrail", _, var minute, { Length: 24 }])
            return TryTime(minute, "yyyyMMdd'T'HHmm'Z'", out boundary);
        if (parts is not ["ActionTrail", _, var second, var mark, _, _, _, _] || !DigestObjectName.IsMark(mark))
            return false;
        trailMark = mark;
        return TryTime(second, "yyyyMMddHHmmss", out boundary);
    }

    private static bool TryTime(string text, string form, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
