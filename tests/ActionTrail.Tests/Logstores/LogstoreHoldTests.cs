using ActionTrail.Layout;
using ActionTrail.Retention;

namespace ActionTrail.Tests.Logstores;

/// <summary>Legal holds over Logstores, whose segments bear the owner as the account of all events.</summary>
public sealed class LogstoreHoldTests
{
    [Theory]
    [InlineData("kid")]
    [InlineData("acme")]
    public async Task A_hold_on_an_account_keeps_its_events_in_the_logstore_of_another(string held)
    {
        var world = await LogstoreWorld.StartAsync();
        await world.AppendAsync("one", world.Bench.Event("acme"));
        await world.AppendAsync("two", world.Bench.Event("acme"), world.Bench.Event("kid"));
        await world.AppendAsync("three", world.Bench.Event("acme"));
        await world.Holds.HoldAsync("nobody", "case 6", ifMatch: null, default);
        await world.Holds.HoldAsync(held, "case 7", ifMatch: null, default);
        world.Bench.Clock.Advance(seconds: 9 * 86_400);
        await PurgeAsync(world);
        world.Bench.Clock.Advance(seconds: 2 * 86_400);
        await PurgeAsync(world);
        Assert.Equal(held == "kid" ? ["e-2", "e-3", "e-4"] : ["e-1", "e-2", "e-3", "e-4"], (await world.AppendedAsync()).Order(StringComparer.Ordinal));

        await world.Holds.ReleaseAsync(held, ifMatch: null, default);
        await PurgeAsync(world);
        world.Bench.Clock.Advance(seconds: 2 * 86_400);
        await PurgeAsync(world);
        Assert.Empty(await world.AppendedAsync());
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(1)]
    public async Task Compacted_they_are_not_retired_and_when_retired_not_deleted(int largeAccountRows)
    {
        var world = await LogstoreWorld.StartAsync();
        await world.AppendAsync("one", world.Bench.Event("acme"), world.Bench.Event("kid"));
        await world.CompactAsync(largeAccountRows);
        var written = Assert.Single(await SegmentsAsync(world));
        Assert.Equal(largeAccountRows == 1 ? "acme" : null, written.Account);
        Assert.True(written.Segment.Accounts.MayHold(Hash64.Of("kid")));
        await world.VerifyAsync();

        await world.Holds.HoldAsync("kid", "case 7", ifMatch: null, default);
        world.Bench.Clock.Advance(seconds: 9 * 86_400);
        Assert.Equal(1, (await world.Purge().RunAsync(world.Store, days: 1, dryRun: false, force: true, default)).Segments.Held);
        world.Bench.Clock.Advance(seconds: 2 * 86_400);
        Assert.Equal(0, (await world.Purge().RunAsync(world.Store, days: 1, dryRun: false, force: true, default)).Segments.Retired);

        await world.Holds.ReleaseAsync("kid", ifMatch: null, default);
        await PurgeAsync(world);
        world.Bench.Clock.Advance(seconds: 2 * 86_400);
        Assert.Equal(1, (await world.Purge().RunAsync(world.Store, days: 1, dryRun: false, force: true, default)).Segments.Retired);

        // A hold on the account, or on everything, that comes after: the sweep of compaction deletes nothing.
        await world.Holds.HoldAsync("kid", "case 8", ifMatch: null, default);
        world.Bench.Clock.Advance(seconds: 30 * 86_400);
        await world.CompactAsync(largeAccountRows);
        Assert.Single(await SegmentsAsync(world));
        await world.Holds.HoldAsync(LegalHolds.Everything, "case 9", ifMatch: null, default);
        await world.Holds.ReleaseAsync("kid", ifMatch: null, default);
        await world.CompactAsync(largeAccountRows);
        Assert.Single(await SegmentsAsync(world));
        Assert.NotNull(await world.Bench.Objects.FindAsync(Containers.Events, written.Segment.Name, default));

        await world.Holds.ReleaseAsync(LegalHolds.Everything, ifMatch: null, default);
        await world.CompactAsync(largeAccountRows);
        Assert.Empty(await SegmentsAsync(world));
    }

    [Fact]
    public async Task The_report_on_a_store_that_is_kept_for_ever_has_no_cutoff()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.AppendAsync("one", world.Bench.Event("acme"));
        Assert.Null((await world.Purge().RunAsync(world.Store, days: null, dryRun: false, force: true, default)).Cutoff);
        Assert.NotNull((await world.Purge().RunAsync(world.Store, days: 1, dryRun: true, force: true, default)).Cutoff);
    }

    private static Task PurgeAsync(LogstoreWorld world) => world.Purge().RunAsync(world.Store, days: 1, dryRun: false, force: true, default);

    private static async Task<List<CompactedSegment>> SegmentsAsync(LogstoreWorld world)
    {
        var (segments, log) = (new List<CompactedSegment>(), new CompactionLog(world.Bench.Tables));
        for (var shard = 0; shard < (await log.ReadHeadAsync(world.Store, default)).Shards; shard++)
        {
            await foreach (var segment in log.ReadAllSegmentsAsync(world.Store, shard, default))
                segments.Add(segment);
        }

        return segments;
    }
}
