using System.Globalization;
using ActionTrail.Storage;

namespace ActionTrail.Trails;

/// <summary>A time in which a trail logged: <c>[Start, Stop)</c> in UTC; still logging when <paramref name="Stop"/> is null.</summary>
public readonly record struct LoggingInterval(DateTimeOffset Start, DateTimeOffset? Stop)
{
    public bool Holds(DateTimeOffset time) => Start <= time && (Stop is not { } stop || time < stop);
}

/// <summary>The stored form of intervals: <c>{start}:{stop}</c> in UTC ticks, joined by <c>;</c>, stop empty while it is open.</summary>
internal static class LoggingIntervals
{
    /// <summary>Most intervals that a row holds: 40 characters each within the 32,768 of a property.</summary>
    public const int Max = 800;

    public static string Format(IEnumerable<LoggingInterval> intervals) => string.Join(';', intervals.Select(static i =>
        string.Create(CultureInfo.InvariantCulture, $"{i.Start.UtcTicks}:{i.Stop?.UtcTicks}")));

    /// <exception cref="StoreException">Corrupt: the text is not one that <see cref="Format"/> makes.</exception>
    public static IReadOnlyList<LoggingInterval> Parse(string text) =>
        text.Length == 0 ? [] : [.. text.Split(';').Select(static one => ParseOne(one))];

    private static LoggingInterval ParseOne(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && TryTime(text.AsSpan(0, colon), out var start))
        {
            if (colon == text.Length - 1)
                return new(start, null);
            if (TryTime(text.AsSpan(colon + 1), out var stop))
                return new(start, stop);
        }

        throw new StoreException(StoreErrorKind.Corrupt, $"'{text}' is no logging interval.");
    }

    private static bool TryTime(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        var valid = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks;
        time = valid ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
        return valid;
    }
}
