using ActionTrail.Layout;

namespace ActionTrail.Tests.HistoryJobs;

/// <summary>Sets of times against sets of whole seconds.</summary>
public class TimeRangesTests
{
    private const int Length = 40;

    private static readonly DateTimeOffset Origin = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Union_difference_and_cut_are_those_of_sets()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var (left, right) = (Some(random), Some(random));
            var (a, b) = (Seconds(left), Seconds(right));
            var (from, to) = (random.Next(Length), random.Next(Length));

            Holds(TimeRanges.Union(left), a);
            Holds(TimeRanges.Subtract(left, right), [.. a.Except(b)]);
            Holds(TimeRanges.Cut(left, At(from), At(to)), [.. a.Where(s => s >= from && s < to)]);
        }
    }

    [Fact]
    public void What_lasts_ends_at_the_end_of_time()
    {
        Assert.Equal([new(Origin, At(3))], TimeRanges.Subtract([new(Origin, At(9))], [new(At(3), null)]));
        Assert.Equal([new TimeInterval(At(3), DateTimeOffset.MaxValue)], TimeRanges.Union([new(At(5), null), new(At(3), At(6))]));
    }

    [Theory]
    [InlineData("acme", 1)]
    [InlineData("a.b-c_d.000000000001", 999_999_999_999)]
    public void The_entry_of_an_open_job_names_it(string account, long job)
    {
        Assert.True(JobKeys.TryParseOpen(JobKeys.OpenJob(account, job), out var parsed, out var number));
        Assert.Equal((account, job), (parsed, number));
        Assert.False(JobKeys.TryParseOpen("acme.12", out _, out _));
    }

    private static void Holds(IReadOnlyList<TimeInterval> actual, HashSet<int> expected)
    {
        Assert.Equal(expected.Order(), Seconds(actual).Order());
        for (var i = 0; i < actual.Count; i++)
            Assert.True(actual[i].Start < actual[i].Stop && (i == 0 || actual[i - 1].Stop < actual[i].Start), "sorted, apart, none empty");
    }

    private static List<TimeInterval> Some(Random random) =>
        [.. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(Length)).Select(start => new TimeInterval(At(start), At(start + random.Next(-2, 12))))];

    private static HashSet<int> Seconds(IEnumerable<TimeInterval> intervals) => [.. Enumerable.Range(-5, Length + 30).Where(second => intervals.Any(i => i.Holds(At(second))))];

    private static DateTimeOffset At(int second) => Origin.AddSeconds(second);
}
