using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ActionTrail.Events.Azure;

/// <summary>
/// The time forms that records of Azure Monitor arrive in: ISO with 0-9 fraction digits, Z, offset or neither (then UTC), also with
/// a blank for the T or stray blanks inside; month/day/year with a time of day, with or without AM/PM and offset (else UTC); Unix seconds or milliseconds.
/// </summary>
internal static class AzureTimes
{
    /// <summary>Length of what <see cref="Format(long, Span{byte})"/> writes.</summary>
    public const int Length = 20;

    private const int MaxLength = 64;

    private static readonly long EarliestMs = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long LatestMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static readonly string[] Slashed =
    [
        "M/d/yyyy H:mm:ss", "M/d/yyyy H:mm:ss.FFFFFFF", "M/d/yyyy h:mm:ss tt", "M/d/yyyy h:mm:ss.FFFFFFF tt",
        "M/d/yyyy H:mm:ss zzz", "M/d/yyyy H:mm:ss.FFFFFFF zzz", "M/d/yyyy h:mm:ss tt zzz", "M/d/yyyy h:mm:ss.FFFFFFF tt zzz",
    ];

    public static bool TryParse(ReadOnlySpan<byte> text, out long unixMs)
    {
        unixMs = 0;
        return text.Length is >= 9 and <= MaxLength
            && (EventTimes.TryParse(text, out unixMs) || TryUnix(text, out unixMs) || (text.Contains((byte)'/') ? TrySlashed(text, out unixMs) : TryLoose(text, out unixMs)))
            && unixMs >= EarliestMs && unixMs <= LatestMs;
    }

    /// <summary>The same of a string; text that is not ASCII is no time.</summary>
    public static bool TryParse(string text, out long unixMs)
    {
        Span<byte> ascii = stackalloc byte[MaxLength];
        unixMs = 0;
        return text.Length <= MaxLength && Ascii.FromUtf16(text, ascii, out var written) == OperationStatus.Done && TryParse(ascii[..written], out unixMs);
    }

    /// <summary>Writes the form in which mapped events carry times: UTC, whole seconds. An offset can carry a time out of the calendar: then its first or last second, which no retention takes.</summary>
    public static ReadOnlySpan<byte> Format(long unixMs, Span<byte> buffer)
    {
        var inCalendar = Math.Clamp(unixMs, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        DateTimeOffset.FromUnixTimeMilliseconds(inCalendar).UtcDateTime.TryFormat(buffer, out var written, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return buffer[..written];
    }

    /// <summary>The same as a string.</summary>
    public static string Format(long unixMs) => Encoding.ASCII.GetString(Format(unixMs, stackalloc byte[Length]));

    // 9-10 digits are seconds, 12-13 milliseconds: 1973 to 2286 either way.
    private static bool TryUnix(ReadOnlySpan<byte> text, out long unixMs)
    {
        unixMs = 0;
        if (text.Length is not (9 or 10 or 12 or 13) || !Utf8Parser.TryParse(text, out ulong number, out var consumed) || consumed != text.Length || text[0] == '+')
        {
            return false;
        }

        unixMs = (long)number * (text.Length <= 10 ? 1000 : 1);
        return true;
    }

    private static bool TryLoose(ReadOnlySpan<byte> text, out long unixMs)
    {
        Span<byte> tight = stackalloc byte[MaxLength + 1];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != ' ' || i == 10)
            {
                tight[length++] = text[i] == ' ' ? (byte)'T' : text[i];
            }
        }

        tight[length] = (byte)'Z';
        return EventTimes.TryParse(tight[..length], out unixMs) || EventTimes.TryParse(tight[..(length + 1)], out unixMs);
    }

    private static bool TrySlashed(ReadOnlySpan<byte> text, out long unixMs)
    {
        Span<char> characters = stackalloc char[MaxLength];
        var isRead = DateTimeOffset.TryParseExact(
            characters[..Encoding.Latin1.GetChars(text, characters)], Slashed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var time);
        unixMs = time.ToUnixTimeMilliseconds();
        return isRead;
    }
}
