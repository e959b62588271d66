using System.Globalization;
using ActionTrail.Compaction;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Tests.Ingest;

namespace ActionTrail.Tests.Compaction;

public sealed class MergePlannerTests
{
    private const long Megabyte = 1024 * 1024;
    private const long Day = TimeSlice.DayMs;

    private readonly SettableTime time = new();
    private readonly CompactionOptions options = new();

    private long Today => TimeSlice.Start(time.GetUtcNow().ToUnixTimeMilliseconds(), Day);

    private long ThisWeek => TimeSlice.Start(Today, TimeSlice.WeekMs);

    [Theory]
    [InlineData(7, 0)]
    [InlineData(8, 8)]
    [InlineData(40, 32)]
    public void Segments_of_an_open_day_are_merged_by_eights_and_at_most_32_at_once(int count, int merged) =>
        Assert.Equal(merged, Choose(Enumerable.Range(0, count).Select(_ => (Today, Megabyte))).Count);

    [Fact]
    public void In_an_open_day_the_small_ones_do_not_drag_the_large_ones_along() =>
        Assert.Equal(8, Choose([.. Enumerable.Repeat((Today, Megabyte), 8), (Today, 40 * Megabyte)]).Count);

    [Fact]
    public void Large_ones_are_merged_with_each_other_even_when_few_small_ones_wait() =>
        Assert.Equal(8, Choose([(Today, Megabyte), .. Enumerable.Repeat((Today, 8 * Megabyte), 8)]).Count);

    [Fact]
    public void What_is_left_of_a_closed_day_is_merged_and_days_stay_apart()
    {
        var days = new[] { ThisWeek, ThisWeek + Day }.Select(day => (day, Megabyte)).ToArray();
        Assert.True(ThisWeek + (2 * Day) + options.DayGrace.TotalMilliseconds < time.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Empty(Choose(days));
        Assert.Equal([ThisWeek, ThisWeek], Choose([.. days, days[0]]).Select(static s => s.Segment.MinEventTimeMs));
    }

    [Fact]
    public void What_is_left_of_a_closed_week_is_merged_across_its_days()
    {
        var week = ThisWeek - TimeSlice.WeekMs;
        time.Set(DateTimeOffset.FromUnixTimeMilliseconds(week + TimeSlice.WeekMs).Add(options.WeekGrace));
        var segments = Enumerable.Range(0, 7).Select(n => (week + (n * Day), 2 * Megabyte)).Append((week + TimeSlice.WeekMs, Megabyte)).ToArray();
        Assert.Equal(7, Choose(segments).Count);
        time.Advance(-TimeSpan.FromMinutes(1));
        Assert.Empty(Choose(segments));
    }

    [Fact]
    public void A_late_arrival_waits_until_it_is_worth_reading_the_large_one_again()
    {
        var old = ThisWeek - (4 * TimeSlice.WeekMs);
        Assert.Empty(Choose([(old, Megabyte), (old, 40 * Megabyte)]));
        Assert.Equal(2, Choose([(old, 10 * Megabyte), (old, 40 * Megabyte)]).Count);
    }

    [Fact]
    public void Full_and_damaged_segments_are_left_alone_and_no_more_bytes_are_merged_than_a_plan_bears()
    {
        var old = ThisWeek - (4 * TimeSlice.WeekMs);
        Assert.Empty(Choose([(old, options.FullBytes), (old, options.FullBytes)]));
        Assert.Equal(2, Choose([(old, 60 * Megabyte), (old, 60 * Megabyte), (old, 60 * Megabyte)]).Count);
        var damaged = Segment(old, Megabyte, 1) with { DamagedAt = time.GetUtcNow() };
        Assert.Empty(Planner().Choose([Segment(old, Megabyte, 0), damaged]));
    }

    [Fact]
    public void Merging_day_after_day_rewrites_an_event_a_few_times_only()
    {
        var (segments, written, next) = (new List<CompactedSegment>(), 0L, 0);
        for (var run = 0; run < 288; run++)
        {
            segments.Add(Segment(Today, Megabyte / 8, next++));
            while (Planner().Choose(segments) is { Count: > 0 } chosen)
            {
                var bytes = chosen.Sum(static s => s.Segment.Length);
                written += bytes;
                segments = [.. segments.Except(chosen), Segment(Today, bytes, next++)];
            }
        }

        Assert.InRange(written / (288.0 * Megabyte / 8), 1, 4);
        Assert.InRange(segments.Count, 1, 24);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(-1, -1, 0)]
    [InlineData(1, 1, 2)]
    public void From_yesterday_on_a_slice_is_a_day(int days, int from, int to)
    {
        var slice = TimeSlice.Of(Today + (days * Day) + 5, time.GetUtcNow().ToUnixTimeMilliseconds());
        Assert.Equal((Today + (from * Day), Today + (to * Day)), (slice.FromMs, slice.ToMs));
    }

    [Fact]
    public void Every_time_lies_in_its_slice_slices_do_not_overlap_and_none_leaves_its_week()
    {
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            var planned = random.NextInt64(0, 4_000_000_000_000);
            var slices = Enumerable.Range(0, 20).Select(_ => planned + random.NextInt64(-30 * Day, 5 * Day)).Append(-random.NextInt64(100 * Day)).Select(at => (at, Slice: TimeSlice.Of(at, planned))).ToList();
            Assert.All(slices, static s => Assert.InRange(s.at, s.Slice.FromMs, s.Slice.ToMs - 1));
            Assert.All(slices, static s => Assert.Equal(TimeSlice.Start(s.Slice.FromMs, TimeSlice.WeekMs), TimeSlice.Start(s.Slice.ToMs - 1, TimeSlice.WeekMs)));
            var sorted = slices.Select(static s => s.Slice).Distinct().Order().ToList();
            Assert.All(sorted.Zip(sorted.Skip(1)), static pair => Assert.True(pair.First.ToMs <= pair.Second.FromMs));
        }
    }

    private List<CompactedSegment> Choose(IEnumerable<(long At, long Length)> segments) => Planner().Choose([.. segments.Select((s, n) => Segment(s.At, s.Length, n))]);

    private MergePlanner Planner() => new(new ShardCatalog(new MemoryTableStore(), options), time, options);

    private static CompactedSegment Segment(long at, long length, int number) => new()
    {
        Store = StoreName.History,
        Shard = 0,
        Id = CompactionKeys.SegmentId(1, number),
        Level = 1,
        Since = 1,
        Segment = new(number.ToString(CultureInfo.InvariantCulture), length, 0, [], at, at + 1, AccountSummary.Any),
        Count = 1,
        Ranges = [],
    };
}
