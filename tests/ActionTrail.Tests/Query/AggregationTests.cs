using System.Globalization;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Segments;
using Microsoft.Extensions.Logging.Abstractions;
using static ActionTrail.Tests.Query.EventLookupTests;

namespace ActionTrail.Tests.Query;

/// <summary>Counts must be those of the events that lookups show, whatever the store is made of.</summary>
public class AggregationTests
{
    private static readonly EventAttribute[] Counted = [EventAttribute.User, EventAttribute.EventName, EventAttribute.ResourceName, EventAttribute.EventId, EventAttribute.ErrorCode];

    private static readonly string[] Intervals = ["PT1S", "PT7S", "PT1M", "PT1H", "P1D", "P1W"];

    [Fact]
    public async Task Counts_are_those_of_the_events_that_lookups_show()
    {
        var (events, copies, withSplit) = (0L, 0L, 0L);
        for (var seed = 1; seed <= 25; seed++)
        {
            var random = new Random(seed);
            using var world = await RandomStoreAsync(random, isRough: true);
            var counting = new Counting(world, new LookupOptions { ParallelHeads = random.Next(1, 5) });
            for (var i = 0; i < 12; i++)
            {
                var query = RandomQuery(random) with { PageSize = 100 };
                if (random.Next(3) == 0)
                    query = query with { Conditions = [], FromMs = 0, ToMs = long.MaxValue };
                var shown = await ShownAsync(world, query);
                var attribute = Counted[random.Next(Counted.Length)];
                var limit = random.Next(1, 6);

                var top = await counting.Top.ReadAsync(StoreName.History, query, attribute, limit, default);
                AssertTop(shown, attribute, limit, top);

                Assert.True(BucketInterval.TryParse(Intervals[random.Next(Intervals.Length)], out var interval));
                if (counting.Histogram.CountBuckets(query, interval) > EventHistogram.MaxBuckets)
                    Assert.True(BucketInterval.TryParse("P1D", out interval));
                var plain = await counting.Histogram.ReadAsync(StoreName.History, query, interval, split: null, default);
                AssertHistogram(shown, interval, plain);
                var split = await counting.Histogram.ReadAsync(StoreName.History, query, interval, (attribute, limit), default);
                AssertHistogram(shown, interval, split);
                AssertSplit(shown, attribute, interval, split);
                Assert.Equal(top.Values.Select(static one => one.Value), split.Values);
                events += shown.Count;
                copies += top.Statistics.Matches - shown.Count;
                withSplit += split.Buckets.Sum(static bucket => bucket.Values.Sum());
            }
        }

        Assert.True(events > 3000 && copies > 300 && withSplit > 3000, $"{events} events, {copies} copies and {withSplit} split prove little");
    }

    [Fact]
    public async Task Counts_do_not_change_while_the_store_is_compacted_under_them()
    {
        var steps = 0;
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            using var world = new LookupWorld(cache: new SegmentCacheOptions { HeadBytes = 0, BlockBytes = 0 });
            var compaction = world.Compaction(random.Next(1, 3), random.Next(5, 60));
            var all = new List<Sample>();
            for (var commit = 0; commit < 10; commit++)
            {
                var batch = CompactedLookupTests.RandomBatch(random, all);
                all.AddRange(batch);
                await world.CommitAsync(PartitionName.Api(random.Next(3)), batch);
            }

            var query = RandomQuery(random) with { PageSize = 500 };
            var shown = await ShownAsync(world, query);
            var counting = new Counting(world, new LookupOptions { ParallelHeads = 2 });
            var (sweeps, busy) = (0, false);
            world.BeforeRequest = async () =>
            {
                if (busy || random.Next(3) != 0)
                    return;
                busy = true;
                steps++;
                if (!compaction.IsPlanned)
                    await compaction.PlanAsync(random.Next(3) == 0 ? CompactionKind.Merge : CompactionKind.Fresh);
                else if (!compaction.IsBuilt)
                    await compaction.BuildAsync();
                else
                    await compaction.TakeEffectAsync();
                if (sweeps++ < 3)
                    await compaction.SweepAsync();
                busy = false;
            };

            AssertTop(shown, EventAttribute.User, 9, await counting.Top.ReadAsync(StoreName.History, query, EventAttribute.User, 9, default));
            sweeps = 0;
            Assert.True(BucketInterval.TryParse("PT10S", out var interval));
            if (counting.Histogram.CountBuckets(query, interval) > 0)
                AssertSplit(shown, EventAttribute.ResourceName, interval, await counting.Histogram.ReadAsync(StoreName.History, query, interval, (EventAttribute.ResourceName, 3), default));
        }

        Assert.True(steps > 100, $"{steps} steps");
    }

    [Fact]
    public async Task A_value_that_only_shares_its_hash_is_neither_counted_nor_taken_for_the_one_asked_for()
    {
        var (one, other) = Collision();
        using var world = new LookupWorld();
        Sample[] samples =
        [
            .. Enumerable.Range(0, 3).Select(n => new Sample("a", $"x{n}", LookupWorld.Now.AddMinutes(-n), one, "Stop", [])),
            .. Enumerable.Range(0, 200).Select(n => new Sample("a", $"y{n}", LookupWorld.Now.AddMinutes(-n).AddHours(-9), other, "Stop", [])),
        ];
        await world.CommitAsync(PartitionName.Api(0), samples);
        await world.Compaction(rowsPerSegment: 1000).RunAsync();
        var counting = new Counting(world, new LookupOptions());
        var query = QueryOf("a") with { Conditions = [new(EventAttribute.User, one)] };

        var top = await counting.Top.ReadAsync(StoreName.History, query, EventAttribute.User, 9, default);

        Assert.Equal([(one, 3L)], top.Values.Select(static value => (value.Value, value.Count)));
        Assert.Equal(3, top.Total);
        var none = await counting.Top.ReadAsync(StoreName.History, query with { ToMs = LookupWorld.Now.AddHours(-1).ToUnixTimeMilliseconds() }, EventAttribute.User, 9, default);
        Assert.Equal(0, none.Total);
    }

    [Fact]
    public async Task More_values_than_are_held_make_counts_short_by_no_more_than_is_said()
    {
        var random = new Random(5);
        using var world = new LookupWorld();
        for (var commit = 0; commit < 30; commit++)
            await world.CommitAsync(PartitionName.Api(0), [.. Enumerable.Range(0, 40).Select(_ => RandomSample(random) with { Account = "a", User = $"u{Math.Min(random.Next(40), random.Next(40))}" })]);
        var query = QueryOf("a") with { PageSize = 1000 };
        var truth = (await ShownAsync(world, query)).SelectMany(static one => one.Values(EventAttribute.User)).GroupBy(static v => v).ToDictionary(static g => g.Key, static g => g.LongCount());

        var top = await new Counting(world, new LookupOptions { MaxDistinctValues = 20 }).Top.ReadAsync(StoreName.History, query, EventAttribute.User, 10, default);

        Assert.True(top.MaxError > 0);
        Assert.Equal(truth.Values.Sum(), top.Total);
        Assert.Equal(top.Total, top.Other + top.Values.Sum(static one => one.Count));
        Assert.All(top.Values, one => Assert.InRange(one.Count, truth[one.Value] - top.MaxError, truth[one.Value]));
        Assert.Equal(0, (await new Counting(world, new LookupOptions { MaxDistinctValues = 40 }).Top.ReadAsync(StoreName.History, query, EventAttribute.User, 10, default)).MaxError);
    }

    [Fact]
    public async Task A_count_over_everything_decodes_no_events_but_one_for_each_value_shown()
    {
        using var world = new LookupWorld();
        await world.CommitAsync(PartitionName.Api(0), [.. Enumerable.Range(0, 2000).Select(n => new Sample("a", $"id-{n}", LookupWorld.Now.AddSeconds(-n), $"user-{n % 3}", "Stop", ["r"]))]);
        await world.Compaction(rowsPerSegment: 600).RunAsync();
        var counting = new Counting(world, new LookupOptions());
        Assert.True(BucketInterval.TryParse("PT1H", out var interval));

        var histogram = await counting.Histogram.ReadAsync(StoreName.History, QueryOf("a") with { FromMs = LookupWorld.Now.AddHours(-2).ToUnixTimeMilliseconds() }, interval, split: null, default);
        var top = await counting.Top.ReadAsync(StoreName.History, QueryOf("a"), EventAttribute.User, 3, default);

        Assert.Equal((0, 2000L), (histogram.Statistics.Blocks, histogram.Buckets.Sum(static bucket => bucket.Count)));
        Assert.InRange(top.Statistics.Blocks, 1, 3);
        Assert.Equal(2000, top.Total);
    }

    [Theory]
    [InlineData("PT1M", 60_000)]
    [InlineData("PT30S", 30_000)]
    [InlineData("PT6H", 21_600_000)]
    [InlineData("P7D", 604_800_000)]
    [InlineData("P1W", 604_800_000)]
    [InlineData("P366D", 31_622_400_000)]
    public void Intervals_are_read(string text, long milliseconds)
    {
        Assert.True(BucketInterval.TryParse(text, out var interval));
        Assert.Equal((milliseconds, text), (interval.Milliseconds, interval.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("PTM")]
    [InlineData("PT0M")]
    [InlineData("PT-1M")]
    [InlineData("PT1.5H")]
    [InlineData("P1DT1H")]
    [InlineData("P1M")]
    [InlineData("P1H")]
    [InlineData("PT1D")]
    [InlineData("P367D")]
    [InlineData("PT99999999999999999999S")]
    [InlineData("1H")]
    [InlineData("pt1h")]
    public void Everything_else_is_no_interval(string text) => Assert.False(BucketInterval.TryParse(text, out _));

    [Theory]
    [InlineData("P1W", "2026-11-22T12:00:00Z", "2026-11-16T00:00:00Z")]
    [InlineData("P7D", "2026-11-16T00:00:00Z", "2026-11-16T00:00:00Z")]
    [InlineData("P1D", "2026-11-22T23:59:59.999Z", "2026-11-22T00:00:00Z")]
    [InlineData("PT1H", "2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z")]
    [InlineData("PT1H", "1969-12-31T23:30:00Z", "1969-12-31T23:00:00Z")]
    public void Buckets_lie_on_the_clock_and_weeks_begin_on_mondays(string text, string time, string start)
    {
        Assert.True(BucketInterval.TryParse(text, out var interval));
        Assert.Equal(Ms(start), interval.Floor(Ms(time)));
    }

    [Fact]
    public async Task An_export_has_every_event_once_in_the_order_of_the_lookup()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var random = new Random(seed);
            using var world = await RandomStoreAsync(random, isRough: false);
            var compaction = world.Compaction(rowsPerSegment: 30);
            var query = RandomQuery(random);
            var expected = await world.ReadAllPagesAsync(query with { PageSize = 100 });
            var seen = new List<string>();
            await foreach (var page in new EventExport(world.Lookup, new LookupOptions { MaxPageSize = random.Next(1, 20) }).ReadAsync(StoreName.History, query, default))
            {
                seen.AddRange(page.Events.Select(static found => EventMatcher.EventId(found.Body.Span)!));
                if (random.Next(3) == 0)
                    await compaction.RunAsync();
                if (random.Next(5) == 0)
                    await compaction.SweepAsync();
            }

            Assert.Equal(expected, seen);
        }
    }

    /// <summary>Commits with copies, of which some are compacted, merged, swept; in a rough one some copies are forged and a commit is lost.</summary>
    private static async Task<LookupWorld> RandomStoreAsync(Random random, bool isRough)
    {
        var world = new LookupWorld();
        // The number of shards is one store's for good, and others go on compacting a smooth one.
        var compaction = world.Compaction(isRough ? random.Next(1, 3) : 1, random.Next(10, 200));
        var all = new List<Sample>();
        for (var commit = 0; commit < 20; commit++)
        {
            var batch = CompactedLookupTests.RandomBatch(random, all);
            for (var i = 0; i < batch.Length; i++)
            {
                if (isRough && random.Next(25) == 0)
                    batch[i] = batch[i] with { User = $"user-{random.Next(4)}" };
            }

            await world.CommitAsync(PartitionName.Api(random.Next(3)), batch);
            world.Clock.Advance(TimeSpan.FromSeconds(random.Next(3)));
            all.AddRange(batch);
            switch (random.Next(12))
            {
                case < 3:
                    await compaction.RunAsync();
                    break;
                case 3:
                    await compaction.RunAsync(CompactionKind.Merge, _ => random.Next(2) == 0);
                    break;
                case 4:
                    await compaction.SweepAsync();
                    break;
            }
        }

        if (isRough)
        {
            var lost = await world.CommitAsync(PartitionName.Api(random.Next(3)), CompactedLookupTests.RandomBatch(random, all));
            await world.Objects.DeleteAsync(Containers.Events, lost.Segment!.Name, default);
            await world.Rows.UpsertAsync(Tables.Commits, (lost with { LostAt = LookupWorld.Now }).ToRow(), default);
        }

        return world;
    }

    private static async Task<List<Shown>> ShownAsync(LookupWorld world, LookupQuery query)
    {
        var shown = new List<Shown>();
        while (true)
        {
            var page = await world.Lookup.LookupAsync(StoreName.History, query, default);
            shown.AddRange(page.Events.Select(static found => new Shown(found.EventTime.ToUnixTimeMilliseconds(), JsonDocument.Parse(found.Body).RootElement)));
            if (page.Next is null)
                return shown;
            query = query with { After = page.Next };
        }
    }

    private static void AssertTop(List<Shown> shown, EventAttribute attribute, int limit, TopAnswer top)
    {
        var expected = shown.SelectMany(one => one.Values(attribute).Select(value => (value, one.TimeMs))).GroupBy(static one => one.value)
            .Select(static g => new TopValue(g.Key, g.LongCount(), g.Max(static one => one.TimeMs)))
            .OrderByDescending(static one => one.Count).ThenByDescending(static one => one.NewestMs).ThenBy(static one => Hash64.Of(one.Value) >> 32).ToList();
        Assert.Equal(expected.Take(limit), top.Values);
        Assert.Equal((expected.Count, 0L), (top.Distinct, top.MaxError));
        Assert.Equal((shown.Count, expected.Skip(limit).Sum(static one => one.Count)), (top.Total, top.Other));
        Assert.Equal(shown.Count(one => one.Values(attribute).Count == 0), top.Without);
    }

    private static void AssertHistogram(List<Shown> shown, BucketInterval interval, HistogramAnswer histogram)
    {
        Assert.Equal(shown.Count, histogram.Buckets.Sum(static bucket => bucket.Count));
        Assert.All(histogram.Buckets, bucket => Assert.Equal(shown.Count(one => interval.Floor(one.TimeMs) == bucket.StartMs), bucket.Count));
        Assert.Equal(histogram.Buckets.Select((_, i) => histogram.Buckets[0].StartMs + (i * interval.Milliseconds)), histogram.Buckets.Select(static bucket => bucket.StartMs));
        if (histogram.Buckets.Count > 0)
            Assert.Equal((interval.Floor(histogram.FromMs), interval.Floor(histogram.ToMs - 1)), (histogram.Buckets[0].StartMs, histogram.Buckets[^1].StartMs));
    }

    private static void AssertSplit(List<Shown> shown, EventAttribute attribute, BucketInterval interval, HistogramAnswer histogram)
    {
        foreach (var bucket in histogram.Buckets)
        {
            var inside = shown.Where(one => interval.Floor(one.TimeMs) == bucket.StartMs).ToList();
            Assert.Equal(histogram.Values.Select(value => inside.LongCount(one => one.Values(attribute).Contains(value))), bucket.Values);
            Assert.Equal(inside.LongCount(one => !one.Values(attribute).Overlaps(histogram.Values)), bucket.Other);
        }
    }

    /// <summary>Two names whose hashes have the same upper 32 bits.</summary>
    private static (string One, string Other) Collision()
    {
        var known = new Dictionary<uint, string>();
        for (var n = 0; ; n++)
        {
            var name = "name-" + n.ToString(CultureInfo.InvariantCulture);
            if (!known.TryAdd((uint)(Hash64.Of(name) >> 32), name))
                return (known[(uint)(Hash64.Of(name) >> 32)], name);
        }
    }

    private static long Ms(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private sealed record Shown(long TimeMs, JsonElement Event)
    {
        public HashSet<string> Values(EventAttribute attribute) => attribute switch
        {
            EventAttribute.User => [Event.GetProperty("userIdentity").GetProperty("userName").GetString()!],
            EventAttribute.EventName => [Event.GetProperty("eventName").GetString()!],
            EventAttribute.EventId => [Event.GetProperty("eventId").GetString()!],
            EventAttribute.ResourceName => [.. Event.GetProperty("resourceName").GetString()!.Split(';', StringSplitOptions.RemoveEmptyEntries)],
            _ => [],
        };
    }

    private sealed class Counting(LookupWorld world, LookupOptions options)
    {
        private readonly SegmentSource segments = new(new SteppedObjects(world.Objects, world.StepAsync), new SegmentCacheOptions());

        public TopValues Top => new(world.Catalog, segments, world.Clock, options, NullLogger<TopValues>.Instance);

        public EventHistogram Histogram => new(world.Catalog, segments, world.Clock, options, NullLogger<EventHistogram>.Instance);
    }
}
