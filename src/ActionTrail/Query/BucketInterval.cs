using System.Globalization;

namespace ActionTrail.Query;

/// <summary>
/// Length of the buckets of a histogram: an ISO 8601 duration of one number and unit, <c>PT30S</c>, <c>PT5M</c>, <c>PT1H</c>, <c>P1D</c>, <c>P1W</c>, at
/// most 366 days. Buckets lie on the UTC clock: multiples of the length from 1970 on, those of whole weeks from a Monday.
/// </summary>
public readonly record struct BucketInterval
{
    private const long SecondMs = 1000;
    private const long DayMs = 24 * 60 * 60 * SecondMs;
    private const long WeekMs = 7 * DayMs;
    private const long MaxMs = 366 * DayMs;

    /// <summary>1969-12-29, a Monday.</summary>
    private const long MondayMs = -3 * DayMs;

    /// <summary>Intervals that are chosen from when none is named, shortest first.</summary>
    private static readonly string[] Usual = ["PT1M", "PT5M", "PT15M", "PT1H", "PT6H", "P1D", "P1W"];

    private BucketInterval(string text, long milliseconds) => (Text, Milliseconds) = (text, milliseconds);

    public static BucketInterval Day { get; } = new("P1D", DayMs);

    public long Milliseconds { get; }

    private string Text { get; }

    /// <summary>The interval when the text is one.</summary>
    public static bool TryParse(string text, out BucketInterval interval)
    {
        interval = default;
        var isTime = text.StartsWith("PT", StringComparison.Ordinal);
        if (text.Length < 3 || text[0] != 'P' || UnitOf(text[^1], isTime) is not { } unit
            || !int.TryParse(text.AsSpan()[(isTime ? 2 : 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
        {
            return false;
        }

        interval = new(text, unit * number);
        return interval.Milliseconds <= MaxMs;
    }

    /// <summary>The shortest usual interval of which <paramref name="countBuckets"/> makes at most 200, else a week.</summary>
    public static BucketInterval Choose(Func<BucketInterval, long> countBuckets)
    {
        BucketInterval interval = default;
        foreach (var text in Usual)
        {
            if (TryParse(text, out interval) && countBuckets(interval) <= 200)
                break;
        }

        return interval;
    }

    /// <summary>Where the bucket begins that holds a time, Unix milliseconds.</summary>
    public long Floor(long timeMs)
    {
        var origin = Milliseconds % WeekMs == 0 ? MondayMs : 0;
        var rest = (timeMs - origin) % Milliseconds;
        return timeMs - (rest < 0 ? rest + Milliseconds : rest);
    }

    public override string ToString() => Text;

    private static long? UnitOf(char unit, bool isTime) => (unit, isTime) switch
    {
        ('S', true) => SecondMs,
        ('M', true) => 60 * SecondMs,
        ('H', true) => 60 * 60 * SecondMs,
        ('D', false) => DayMs,
        ('W', false) => WeekMs,
        _ => null,
    };
}
