using System.Globalization;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>A time in which a trail logged or an account was a member: <c>[Start, Stop)</c> in UTC; it lasts when <paramref name="Stop"/> is null.</summary>
public readonly record struct TimeInterval(DateTimeOffset Start, DateTimeOffset? Stop)
{
    public bool Holds(DateTimeOffset time) => Start <= time && (Stop is not { } stop || time < stop);
}

/// <summary>The stored form of intervals: <c>{start}:{stop}</c> in UTC ticks, joined by <c>;</c>, stop empty while it is open.</summary>
internal static class TimeIntervals
{
    /// <summary>Most intervals that a row holds: 40 characters each within the 32,768 of a property.</summary>
    public const int Max = 800;

    /// <summary>Whether one of the intervals, oldest first, holds the time.</summary>
    public static bool Hold(IReadOnlyList<TimeInterval> intervals, DateTimeOffset time)
    {
        for (var i = intervals.Count - 1; i >= 0; i--)
        {
            if (intervals[i].Holds(time))
                return true;
        }

        return false;
    }

    /// <summary>The intervals with the last one, which is open, ended at <paramref name="now"/>; without it when it would be empty.</summary>
    public static IReadOnlyList<TimeInterval> Close(IReadOnlyList<TimeInterval> intervals, DateTimeOffset now)
    {
        var last = intervals[^1];
        return now <= last.Start ? [.. intervals.SkipLast(1)] : [.. intervals.SkipLast(1), last with { Stop = now }];
    }

    public static string Format(IEnumerable<TimeInterval> intervals) => string.Join(';', intervals.Select(static i =>
        string.Create(CultureInfo.InvariantCulture, $"{i.Start.UtcTicks}:{i.Stop?.UtcTicks}")));

    /// <exception cref="StoreException">Corrupt: the text is not one that <see cref="Format"/> makes.</exception>
    public static IReadOnlyList<TimeInterval> Parse(string text) =>
        text.Length == 0 ? [] : [.. text.Split(';').Select(static one => ParseOne(one))];

    private static TimeInterval ParseOne(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && TryTime(text.AsSpan(0, colon), out var start))
        {
            if (colon == text.Length - 1)
                return new(start, null);
            if (TryTime(text.AsSpan(colon + 1), out var stop))
                return new(start, stop);
        }

        throw new StoreException(StoreErrorKind.Corrupt, $"'{text}' is no interval.");
    }

    private static bool TryTime(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        var valid = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks;
        time = valid ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
        return valid;
    }
}
