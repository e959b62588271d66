using System.Globalization;

namespace ActionTrail.Cli.Lookup;

/// <summary>Times on the command line: ISO 8601 (UTC where no offset is given), or an age such as <c>90s</c>, <c>30m</c>, <c>6h</c>, <c>7d</c>, <c>2w</c>.</summary>
internal static class TimeText
{
    public const string Rule = "a time such as 2026-11-22T07:00:00Z or 2026-11-22, or an age such as 30m, 6h, 7d";

    private static readonly string[] Forms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
        "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
    ];

    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        if (TryParseAge(text, out var age) && now - DateTimeOffset.MinValue > age)
        {
            time = now - age;
            return true;
        }

        return DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    /// <summary>A whole number and one of <c>s m h d w</c>; more than nothing, at most ten years.</summary>
    public static bool TryParseAge(string text, out TimeSpan age)
    {
        age = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        var seconds = text[^1] switch { 's' => 1L, 'm' => 60L, 'h' => 3_600L, 'd' => 86_400L, 'w' => 604_800L, _ => 0L } * count;
        age = TimeSpan.FromSeconds(Math.Min(seconds, 3_660L * 86_400));
        return seconds > 0 && seconds <= 3_660L * 86_400;
    }

    /// <summary>The form that the API reads.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
