using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Retention;
using ActionTrail.Tests.Ingest;

namespace ActionTrail.Tests.Retention;

/// <summary>Legal holds on accounts, and digests that are not sealed.</summary>
public sealed class AccountHoldTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_commit_with_an_event_of_a_held_account_stays_with_all_that_follow_it_until_the_hold_ends()
    {
        var world = await WorldAsync();
        await Holds(world).HoldAsync("rival", "case 7", ifMatch: null, default);
        var marked = Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions);
        Assert.Equal((1L, true), (marked.Marked, marked.IsHeld));
        world.Time.Advance(TimeSpan.FromDays(2));
        var report = await Purge(world).RunAsync(dryRun: false, default);
        Assert.Equal(1, Assert.Single(report.Partitions).Deleted);
        Assert.Equal(["rival"], report.HeldAccounts);
        await world.AssertStoredOnceAsync(1, 2);

        Assert.True(await Holds(world).ReleaseAsync("rival", ifMatch: null, default));
        await Purge(world).RunAsync(dryRun: false, default);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(2, Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions).Deleted);
    }

    [Fact]
    public async Task A_hold_that_comes_after_the_mark_still_counts()
    {
        var world = await WorldAsync();
        Assert.Equal(3, Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions).Marked);
        await Holds(world).HoldAsync("rival", "case 7", ifMatch: null, default);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions).Deleted);
        await world.AssertStoredOnceAsync(1, 2);
    }

    [Fact]
    public async Task A_hold_keeps_its_first_time_and_takes_a_later_reason()
    {
        var world = await IngestWorld.CreateAsync();
        world.Time.Set(Start);
        var first = (await Holds(world).HoldAsync("acme", "one", ifMatch: null, default))!;
        world.Time.Advance(TimeSpan.FromDays(1));
        var second = (await Holds(world).HoldAsync("acme", "two", ifMatch: null, default))!;
        Assert.Equal([first with { Reason = "two", ETag = second.ETag }], await Holds(world).ListAsync(default));
        Assert.True(await Holds(world).ReleaseAsync("acme", ifMatch: null, default));
        Assert.False(await Holds(world).ReleaseAsync("acme", ifMatch: null, default));
    }

    [Fact]
    public async Task A_hold_is_placed_changed_and_ended_in_the_version_that_is_named()
    {
        var world = await IngestWorld.CreateAsync();
        var holds = Holds(world);
        var first = (await holds.HoldAsync("operator", "one", ifMatch: null, default))!;
        Assert.Equal(first, await holds.FindAsync("operator", default));
        Assert.Null(await holds.HoldAsync("acme", "two", first.ETag, default));
        Assert.Equal(["operator"], (await holds.ListAsync(default)).Select(static hold => hold.AccountId));
        var second = (await holds.HoldAsync("operator", "two", first.ETag, default))!;
        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Null(await holds.HoldAsync("operator", "three", first.ETag, default));
        Assert.False(await holds.ReleaseAsync("operator", first.ETag, default));
        Assert.Equal(second, await holds.FindAsync("operator", default));
        Assert.True(await holds.ReleaseAsync("operator", second.ETag, default));

        var all = (await holds.HoldAsync(LegalHolds.Everything, "one", ifMatch: null, default))!;
        Assert.Null(await holds.HoldAsync(LegalHolds.Everything, "two", second.ETag, default));
        Assert.False(await holds.ReleaseAsync(LegalHolds.Everything, second.ETag, default));
        Assert.Equal(all, await holds.FindAsync(LegalHolds.Everything, default));
        Assert.True(await holds.ReleaseAsync(LegalHolds.Everything, all.ETag, default));
        Assert.Null(await holds.FindAsync(LegalHolds.Everything, default));
    }

    [Fact]
    public async Task What_a_run_that_died_left_behind_its_anchor_is_kept_by_a_hold_that_came_after()
    {
        var world = await WorldAsync();
        await Purge(world).RunAsync(dryRun: false, default);
        world.Time.Advance(TimeSpan.FromDays(2));
        var log = new CommitLog(world.Tables, world.Time);
        var commits = new List<Commit>();
        await foreach (var commit in log.ReadCommitsAsync(StoreName.History, world.Partition, -1, default))
            commits.Add(commit);

        // As a run leaves it that died right after it set the anchor.
        var row = await world.Tables.FindAsync(Tables.Progress, "history", Keys.Purge(world.Partition), default);
        var anchored = PurgePosition.FromRow(row) with { PurgedThrough = commits[^1].Last, PurgedHash = commits[^1].Hash };
        await world.Tables.ReplaceAsync(Tables.Progress, anchored.ToRow(StoreName.History, world.Partition), row!.ETag!, default);
        await Holds(world).HoldAsync("rival", "case 7", ifMatch: null, default);

        var run = Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions);
        Assert.Equal((2L, true), (run.Deleted, run.IsHeld));
        Assert.NotNull(await world.Objects.FindAsync(Containers.Events, commits[1].Segment!.Name, default));
        await Holds(world).ReleaseAsync("rival", ifMatch: null, default);
        Assert.Equal(1, Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions).Deleted);
    }

    [Fact]
    public async Task A_compacted_segment_of_a_held_account_is_not_retired_and_a_retired_one_not_deleted()
    {
        var world = await WorldAsync();
        await CompactAsync(world);
        await Holds(world).HoldAsync("rival", "case 7", ifMatch: null, default);
        Assert.Equal(1, (await Purge(world).RunAsync(dryRun: false, default)).Segments.Held);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0, (await Purge(world).RunAsync(dryRun: false, default)).Segments.Retired);

        await Holds(world).ReleaseAsync("rival", ifMatch: null, default);
        await Purge(world).RunAsync(dryRun: false, default);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, (await Purge(world).RunAsync(dryRun: false, default)).Segments.Retired);
        await Holds(world).HoldAsync("rival", "case 8", ifMatch: null, default);
        world.Time.Advance(TimeSpan.FromDays(30));
        var before = await SegmentsAsync(world);
        await CompactAsync(world);
        Assert.Equal(before, await SegmentsAsync(world));
        await Holds(world).ReleaseAsync("rival", ifMatch: null, default);
        await CompactAsync(world);
        Assert.NotEqual(before, await SegmentsAsync(world));
    }

    [Fact]
    public async Task Commits_whose_deliveries_no_sealed_digest_names_stay()
    {
        var world = await WorldAsync();
        var floor = new Floor(Start.AddDays(1));
        var purge = Purge(world, floor);
        var report = await purge.RunAsync(dryRun: false, default);
        Assert.Equal((1L, true), (Assert.Single(report.Partitions).Marked, report.Partitions[0].IsHeld));
        Assert.Equal("The digest is not sealed.", report.Unsealed);
        floor.Time = null;
        world.Time.Advance(TimeSpan.FromDays(2));
        await purge.RunAsync(dryRun: false, default);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(2, Assert.Single((await purge.RunAsync(dryRun: false, default)).Partitions).Deleted);
    }

    /// <summary>Three days of one commit each, the second with an event of another account; 95 days later.</summary>
    private static async Task<IngestWorld> WorldAsync()
    {
        var world = await IngestWorld.CreateAsync();
        world.Time.Set(Start);
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Message(0, world.EventJson("e0"))), default);
        world.Time.Advance(TimeSpan.FromDays(1));
        await ingest.IngestAsync(world.Batch(world.Message(1, world.EventJson("e1", "rival"))), default);
        world.Time.Advance(TimeSpan.FromDays(1));
        await ingest.IngestAsync(world.Batch(world.Message(2, world.EventJson("e2"))), default);
        world.Time.Advance(TimeSpan.FromDays(95));
        await world.Tables.UpsertAsync(Tables.Progress, new Storage.TableRow("history", Keys.Retention).With("LastRunAt", world.Time.GetUtcNow()), default);
        return world;
    }

    private static RetentionPurge Purge(IngestWorld world, IPurgeFloor? floor = null) =>
        new(world.Tables, world.Objects, world.Time, new RetentionOptions(), IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time), floor);

    private static LegalHolds Holds(IngestWorld world) => new(world.Tables, world.Time);

    private static Task CompactAsync(IngestWorld world) => IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time).RunAsync(StoreName.History, default);

    private static async Task<int> SegmentsAsync(IngestWorld world)
    {
        var count = 0;
        await foreach (var unused in world.Objects.ListAsync(Containers.Events, "history/segments/", default))
            count++;
        return count;
    }

    private sealed class Floor(DateTimeOffset time) : IPurgeFloor
    {
        public DateTimeOffset? Time { get; set; } = time;

        public Task<PurgeFloor?> FindAsync(CancellationToken cancellationToken) => Task.FromResult(Time is { } at ? new PurgeFloor(at, "The digest is not sealed.") : null);
    }
}
