using ActionTrail.Trails;

namespace ActionTrail.Digests;

/// <summary>When digests begin and end: at multiples of the interval, one after the other without a gap while the trail logs; after a stop, when there is something to say again.</summary>
internal static class DigestSchedule
{
    /// <param name="lastEnd">End of the newest digest; null before the first.</param>
    /// <param name="continues">Whether the newest digest says that the trail logged at its end: then the next one begins there.</param>
    /// <param name="trail">The trail; null when it is gone.</param>
    /// <param name="since">Since when its digests are looked after.</param>
    /// <param name="firstHour">Hour of the oldest delivery that no digest names; null when there is none.</param>
    /// <param name="interval">Length of an interval.</param>
    /// <returns>The next digest, which may end in the future; null when there is nothing to say.</returns>
    public static (DateTimeOffset Start, DateTimeOffset End)? Next(DateTimeOffset? lastEnd, bool continues, Trail? trail, DateTimeOffset since, DateTimeOffset? firstHour, TimeSpan interval)
    {
        var start = continues ? lastEnd : trail is { LogFileValidation: true } ? FirstLogging(trail, lastEnd ?? since, interval) : null;
        if (firstHour - interval is { } written && (start is null || written < start))
            start = written;
        if (start is not { } from)
            return null;
        if (from < lastEnd)
            from = lastEnd.Value;
        return (from, Floor(from, interval) + interval);
    }

    public static DateTimeOffset Floor(DateTimeOffset time, TimeSpan interval)
    {
        var length = (long)interval.TotalMilliseconds;
        return DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds() / length * length);
    }

    /// <summary>The beginning of the first interval in which the trail logs, from a time on.</summary>
    private static DateTimeOffset? FirstLogging(Trail trail, DateTimeOffset from, TimeSpan interval)
    {
        if (trail.ValidatedSince > from)
            from = trail.ValidatedSince.Value;
        foreach (var logged in trail.Intervals)
        {
            var begin = logged.Start > from ? logged.Start : from;
            if (logged.Stop is not { } stop || stop > begin)
                return Floor(begin, interval);
        }

        return null;
    }
}
