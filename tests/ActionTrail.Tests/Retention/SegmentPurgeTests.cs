using ActionTrail.Layout;
using ActionTrail.Retention;
using ActionTrail.Tests.Ingest;
using ActionTrail.Tests.Query;

namespace ActionTrail.Tests.Retention;

/// <summary>The purge of compacted segments.</summary>
public sealed class SegmentPurgeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_segment_is_marked_when_its_newest_event_is_past_retention_and_retired_a_grace_later()
    {
        var world = await CompactedAsync(days: 92);

        var marked = (await RunAsync(world)).Segments;
        world.Time.Advance(TimeSpan.FromHours(23));
        var waiting = (await RunAsync(world)).Segments;
        await world.AssertStoredOnceAsync(0, 91);
        world.Time.Advance(TimeSpan.FromHours(1));
        var retired = (await RunAsync(world)).Segments;

        Assert.Equal((1L, 1L, 0L), (marked.Marked, marked.MarkedEvents, marked.Retired));
        Assert.Equal(new SegmentPurge(), waiting);
        Assert.Equal((1L, 1L), (retired.Retired, retired.RetiredEvents));
        Assert.True(retired.RetiredBytes > 0);
        Assert.Equal(1, retired.Marked);
        await AssertStoredAsync(world, 1, 91);
    }

    [Fact]
    public async Task Over_months_with_merges_nothing_younger_than_the_retention_is_ever_retired_and_nothing_stays_for_good()
    {
        var world = await IngestWorld.CreateAsync();
        world.Time.Set(Start);
        var ingest = world.NewHubIngest();
        var compaction = new HandCompaction(world.Tables, world.Objects, world.Time, shards: 1, rowsPerSegment: 50);
        for (var day = 0; day < 130; day++)
        {
            await ingest.IngestAsync(world.Batch(world.Message(day, world.EventJson($"e{day}"))), default);
            await compaction.RunAsync();
            if (day % 7 == 6)
                await compaction.RunAsync(CompactionKind.Merge, static segment => segment.Level == 1);
            await compaction.SweepAsync();
            await RunAsync(world);
            world.Time.Advance(TimeSpan.FromDays(1));
        }

        var ids = await world.StoredIdsAsync();
        Assert.Empty(Enumerable.Range(40, 90).Select(static n => $"e{n}").Except(ids, StringComparer.Ordinal));
        Assert.InRange(ids.Count, 90, 100);
    }

    [Fact]
    public async Task A_dry_run_says_the_numbers_of_the_run_and_writes_nothing()
    {
        var world = await CompactedAsync(days: 95);
        var dry = (await RunAsync(world, dryRun: true)).Segments;
        Assert.Equal(dry, (await RunAsync(world)).Segments);
        Assert.Equal(4, dry.Marked);
        world.Time.Advance(TimeSpan.FromDays(1));
        var before = (await new CompactionLog(world.Tables).ReadHeadAsync(StoreName.History, default)).Generation;

        dry = (await RunAsync(world, dryRun: true)).Segments;

        Assert.Equal(before, (await new CompactionLog(world.Tables).ReadHeadAsync(StoreName.History, default)).Generation);
        Assert.Equal(dry, (await RunAsync(world)).Segments);
        Assert.Equal(4, dry.Retired);
    }

    [Fact]
    public async Task A_hold_stops_the_retiring_of_what_is_marked()
    {
        var world = await CompactedAsync(days: 95);
        await RunAsync(world);
        var holds = new LegalHolds(world.Tables, world.Time);
        await holds.HoldAsync(LegalHolds.Everything, "a case", ifMatch: null, default);
        world.Time.Advance(TimeSpan.FromDays(2));

        Assert.NotNull((await RunAsync(world)).Refusal);
        await AssertStoredAsync(world, 0, 94);

        await holds.ReleaseAsync(LegalHolds.Everything, ifMatch: null, default);
        Assert.Equal(4, (await RunAsync(world)).Segments.Retired);
    }

    [Fact]
    public async Task A_run_beside_a_plan_of_compaction_leaves_retiring_to_a_later_run()
    {
        var world = await CompactedAsync(days: 95);
        await RunAsync(world);
        world.Time.Advance(TimeSpan.FromDays(1));
        await world.NewHubIngest().IngestAsync(world.Batch(world.Message(95, world.EventJson("e95"))), default);
        var compaction = new HandCompaction(world.Tables, world.Objects, world.Time, shards: 1, rowsPerSegment: 50);
        Assert.True(await compaction.PlanAsync());

        var beside = (await RunAsync(world)).Segments;
        await compaction.BuildAsync();
        await compaction.TakeEffectAsync();
        var later = (await RunAsync(world)).Segments;

        Assert.True(beside is { IsContended: true, Retired: 0 });
        Assert.True(later is { IsContended: false, Retired: 4 });
    }

    /// <summary>A commit of one event and a plan for it per day, the events of day n with id <c>e{n}</c>.</summary>
    private static async Task<IngestWorld> CompactedAsync(int days)
    {
        var world = await IngestWorld.CreateAsync();
        world.Time.Set(Start);
        var ingest = world.NewHubIngest();
        var compaction = new HandCompaction(world.Tables, world.Objects, world.Time, shards: 1, rowsPerSegment: 50);
        for (var day = 0; day < days; day++)
        {
            if (day > 0)
                world.Time.Advance(TimeSpan.FromDays(1));
            await ingest.IngestAsync(world.Batch(world.Message(day, world.EventJson($"e{day}"))), default);
            await compaction.RunAsync();
        }

        return world;
    }

    private static async Task AssertStoredAsync(IngestWorld world, int first, int last) =>
        Assert.Equal(Enumerable.Range(first, last - first + 1).Select(static n => $"e{n}").Order(StringComparer.Ordinal), (await world.StoredIdsAsync()).Order(StringComparer.Ordinal));

    private static RetentionPurge Purge(IngestWorld world) =>
        new(world.Tables, world.Objects, world.Time, new RetentionOptions(), IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time));

    private static Task<PurgeReport> RunAsync(IngestWorld world, bool dryRun = false) => Purge(world).RunAsync(dryRun, default);
}
