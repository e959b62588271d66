namespace ActionTrail.Compaction;

/// <summary>
/// A span of event time, [<paramref name="FromMs"/>, <paramref name="ToMs"/>) in Unix milliseconds: a UTC day, or the part of a week (seven days
/// counted from 1970-01-01) that is older than yesterday. A segment lies within one week always, so that whole segments expire.
/// </summary>
internal readonly record struct TimeSlice(long FromMs, long ToMs) : IComparable<TimeSlice>
{
    public const long DayMs = 24L * 60 * 60 * 1000;
    public const long WeekMs = 7 * DayMs;

    /// <summary>The slice of an event time, for a plan made at <paramref name="plannedMs"/>: days from yesterday on, whole weeks before, so that late events make few segments.</summary>
    public static TimeSlice Of(long timeMs, long plannedMs)
    {
        var yesterday = Start(plannedMs, DayMs) - DayMs;
        if (timeMs >= yesterday)
            return new(Start(timeMs, DayMs), Start(timeMs, DayMs) + DayMs);
        var week = Start(timeMs, WeekMs);
        return new(week, Math.Min(week + WeekMs, yesterday));
    }

    /// <summary>The beginning of the day or week that the time lies in; times before 1970 too.</summary>
    public static long Start(long timeMs, long unitMs) => timeMs - ((timeMs % unitMs) + unitMs) % unitMs;

    public int CompareTo(TimeSlice other) => FromMs.CompareTo(other.FromMs);
}
