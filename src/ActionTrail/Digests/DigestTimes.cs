using System.Globalization;

namespace ActionTrail.Digests;

/// <summary>Times as digests write them: <c>2026-03-01T13:00:00Z</c>; those of events with three digits behind the seconds.</summary>
internal static class DigestTimes
{
    private const string Whole = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string Fine = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Whole, CultureInfo.InvariantCulture);

    public static string FormatFine(DateTimeOffset time) => time.UtcDateTime.ToString(Fine, CultureInfo.InvariantCulture);

    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time) => TryParse(text, Whole, out time);

    public static bool TryParseFine(ReadOnlySpan<char> text, out DateTimeOffset time) => TryParse(text, Fine, out time);

    private static bool TryParse(ReadOnlySpan<char> text, string form, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
