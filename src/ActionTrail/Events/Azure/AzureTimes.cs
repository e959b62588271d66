using System.Globalization;
using System.Text;

namespace ActionTrail.Events.Azure;

/// <summary>
/// The time forms that records of Azure Monitor arrive in: ISO with 0-9 fraction digits, Z, offset or neither (then UTC), also with
/// a blank for the T or stray blanks inside; <c>M/d/yyyy H:mm:ss</c> and <c>M/d/yyyy h:mm:ss tt</c>, UTC.
/// </summary>
internal static class AzureTimes
{
    private static readonly string[] Slashed = ["M/d/yyyy H:mm:ss", "M/d/yyyy H:mm:ss.FFFFFFF", "M/d/yyyy h:mm:ss tt", "M/d/yyyy h:mm:ss.FFFFFFF tt"];

    public static bool TryParse(string text, out long unixMs)
    {
        unixMs = 0;
        if (text.Length is < 12 or > 64)
        {
            return false;
        }

        if (text.Contains('/', StringComparison.Ordinal))
        {
            var isRead = DateTimeOffset.TryParseExact(text, Slashed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var time);
            unixMs = time.ToUnixTimeMilliseconds();
            return isRead;
        }

        text = text[10] == ' ' ? text[..10] + "T" + text[11..] : text;
        var tight = text.Replace(" ", "", StringComparison.Ordinal);
        return EventTimes.TryParse(Encoding.UTF8.GetBytes(tight), out unixMs) || EventTimes.TryParse(Encoding.UTF8.GetBytes(tight + "Z"), out unixMs);
    }

    /// <summary>The form in which mapped events carry times: UTC, whole seconds.</summary>
    public static string Format(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
