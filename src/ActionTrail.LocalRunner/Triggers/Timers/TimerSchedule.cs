using ActionTrail.LocalRunner.Options;
using NCrontab;

namespace ActionTrail.LocalRunner.Triggers.Timers;

/// <summary>A six-field NCRONTAB expression in UTC.</summary>
internal sealed class TimerSchedule
{
    private static readonly TimeSpan ShortestMonitored = TimeSpan.FromMinutes(1);

    private readonly CrontabSchedule schedule;

    private TimerSchedule(CrontabSchedule schedule) => this.schedule = schedule;

    /// <summary>Throws <see cref="RunnerException"/> when the text is no schedule.</summary>
    public static TimerSchedule Parse(string functionName, string text) =>
        CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = true }) is { } schedule
            ? new TimerSchedule(schedule)
            : throw new RunnerException($"The schedule '{text}' of {functionName} is not an NCRONTAB expression of six fields: second minute hour day month weekday.");

    /// <summary>The first occurrence after <paramref name="time"/>.</summary>
    public DateTimeOffset NextAfter(DateTimeOffset time) => new(schedule.GetNextOccurrence(time.UtcDateTime), TimeSpan.Zero);

    /// <summary>False when it fires more often than once a minute: the host keeps no status for such a timer.</summary>
    public bool CanBeMonitored(DateTimeOffset now)
    {
        var last = NextAfter(now);
        for (var i = 0; i < 5; i++)
        {
            var next = NextAfter(last);
            if (next - last < ShortestMonitored)
            {
                return false;
            }

            last = next;
        }

        return true;
    }
}
