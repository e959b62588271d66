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
        await Purge(world).HoldAccountAsync("rival", "case 7", default);
        var marked = Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions);
        Assert.Equal((1L, true), (marked.Marked, marked.IsHeld));
        world.Time.Advance(TimeSpan.FromDays(2));
        var report = await Purge(world).RunAsync(dryRun: false, default);
        Assert.Equal(1, Assert.Single(report.Partitions).Deleted);
        Assert.Equal(["rival"], report.HeldAccounts);
        await world.AssertStoredOnceAsync(1, 2);

        Assert.True(await Purge(world).ReleaseAccountAsync("rival", default));
        await Purge(world).RunAsync(dryRun: false, default);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(2, Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions).Deleted);
    }

    [Fact]
    public async Task A_hold_that_comes_after_the_mark_still_counts()
    {
        var world = await WorldAsync();
        Assert.Equal(3, Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions).Marked);
        await Purge(world).HoldAccountAsync("rival", "case 7", default);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, Assert.Single((await Purge(world).RunAsync(dryRun: false, default)).Partitions).Deleted);
        await world.AssertStoredOnceAsync(1, 2);
    }

    [Fact]
    public async Task A_hold_keeps_its_first_time_and_takes_a_later_reason()
    {
        var world = await IngestWorld.CreateAsync();
        world.Time.Set(Start);
        var first = await Purge(world).HoldAccountAsync("acme", "one", default);
        world.Time.Advance(TimeSpan.FromDays(1));
        await Purge(world).HoldAccountAsync("acme", "two", default);
        Assert.Equal([first with { Reason = "two" }], await Purge(world).ListHoldsAsync(default));
        Assert.True(await Purge(world).ReleaseAccountAsync("acme", default));
        Assert.False(await Purge(world).ReleaseAccountAsync("acme", default));
    }

    [Fact]
    public async Task A_compacted_segment_of_a_held_account_is_not_retired_and_a_retired_one_not_deleted()
    {
        var world = await WorldAsync();
        await CompactAsync(world);
        await Purge(world).HoldAccountAsync("rival", "case 7", default);
        Assert.Equal(1, (await Purge(world).RunAsync(dryRun: false, default)).Segments.Held);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0, (await Purge(world).RunAsync(dryRun: false, default)).Segments.Retired);

        await Purge(world).ReleaseAccountAsync("rival", default);
        await Purge(world).RunAsync(dryRun: false, default);
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(1, (await Purge(world).RunAsync(dryRun: false, default)).Segments.Retired);
        await Purge(world).HoldAccountAsync("rival", "case 8", default);
        world.Time.Advance(TimeSpan.FromDays(30));
        var before = await SegmentsAsync(world);
        await CompactAsync(world);
        Assert.Equal(before, await SegmentsAsync(world));
        await Purge(world).ReleaseAccountAsync("rival", default);
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
