namespace ActionTrail.Layout;

/// <summary>
/// Sets of times as lists of intervals: oldest first, none empty, none touching the next, and all with an end (one that lasts ends at the end of
/// time). Every method takes intervals in any order and returns such a list.
/// </summary>
internal static class TimeRanges
{
    /// <summary>The times in any of the intervals.</summary>
    public static IReadOnlyList<TimeInterval> Union(IEnumerable<TimeInterval> intervals)
    {
        var ranges = new List<TimeInterval>();
        foreach (var (start, stop) in intervals.Select(static i => (i.Start, Stop: End(i))).Where(static i => i.Start < i.Stop).OrderBy(static i => i.Start))
        {
            if (ranges.Count > 0 && start <= End(ranges[^1]))
                ranges[^1] = ranges[^1] with { Stop = stop > End(ranges[^1]) ? stop : End(ranges[^1]) };
            else
                ranges.Add(new(start, stop));
        }

        return ranges;
    }

    /// <summary>The times of <paramref name="intervals"/> that are in none of <paramref name="without"/>.</summary>
    public static IReadOnlyList<TimeInterval> Subtract(IEnumerable<TimeInterval> intervals, IEnumerable<TimeInterval> without)
    {
        var (left, taken) = (new List<TimeInterval>(), Union(without));
        foreach (var range in Union(intervals))
        {
            var start = range.Start;
            foreach (var gap in taken.Where(t => t.Start < End(range) && End(t) > start))
            {
                if (gap.Start > start)
                    left.Add(new(start, gap.Start));
                start = End(gap);
            }

            if (start < End(range))
                left.Add(new(start, End(range)));
        }

        return left;
    }

    /// <summary>The times of <paramref name="intervals"/> in <c>[start, stop)</c>.</summary>
    public static IReadOnlyList<TimeInterval> Cut(IEnumerable<TimeInterval> intervals, DateTimeOffset start, DateTimeOffset stop) =>
        Union(intervals.Select(i => new TimeInterval(i.Start > start ? i.Start : start, End(i) < stop ? End(i) : stop)));

    private static DateTimeOffset End(TimeInterval interval) => interval.Stop ?? DateTimeOffset.MaxValue;
}
