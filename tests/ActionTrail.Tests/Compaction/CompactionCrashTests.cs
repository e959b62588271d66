using ActionTrail.Layout;
using ActionTrail.Retention;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Verify;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Compaction;

/// <summary>Every storage request of a run fails in every way, or a rival comes before it; a reader judges at once, after the next run, and after all graces.</summary>
public sealed class CompactionCrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_fault_at_every_request_is_survived()
    {
        var probe = await PreparedAsync();
        probe.Faults.Reset();
        var done = await probe.NewCompactor().RunAsync(StoreName.History, default);
        var requests = probe.Faults.Requests;
        Assert.Contains("submit segments", probe.Faults.Journal);
        Assert.Contains("replace progress", probe.Faults.Journal);
        Assert.Contains("delete events", probe.Faults.Journal);
        Assert.Contains("upsert progress", probe.Faults.Journal);
        Assert.Contains("delete-row progress", probe.Faults.Journal);
        Assert.True((await probe.Log.ReadCheckpointAsync(StoreName.History, default)).Through > 0);
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var world = await PreparedAsync();
                world.Faults.FailAt(request, mode);
                await RunAsync(world);
                await world.AssertExactAsync();
                world.Faults.Reset();
                await RunAsync(world);
                Assert.Equal(done.Generation, (await world.Log.ReadHeadAsync(StoreName.History, default)).Generation);
                await world.AssertExactAsync();
                await world.AssertChainAsync();
                await world.SettleAsync();
                await world.AssertExactAsync();
                await world.AssertNoOrphansAsync();
            }
        }

        output.WriteLine($"{requests * StorageFaults.Modes.Count} faults at {requests} requests survived");
    }

    [Fact]
    public async Task A_loss_is_accepted_once_whatever_request_of_it_fails()
    {
        var probe = await LostAsync();
        probe.World.Faults.Reset();
        await AcceptAsync(probe.World, probe.Lost);
        for (int request = 0, requests = probe.World.Faults.Requests; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var (world, lost) = await LostAsync();
                world.Faults.FailAt(request, mode);
                try
                {
                    await AcceptAsync(world, lost);
                }
                catch (Exception error) when (error is StoreException or SimulatedCrashException)
                {
                    Assert.True(world.Faults.Fired);
                }

                world.Faults.Reset();
                await AcceptAsync(world, lost);
                await world.CompactAsync();
                var verified = await world.Ingest.VerifyAsync();
                Assert.True(verified.IsSound, string.Join("; ", verified.Problems));
                Assert.Equal(lost.Segment.Name, Assert.Single(verified.LostSegments).Name);
                Assert.Equal(world.Committed.Count - lost.Count, (await world.ReadIdsAsync()).Count);
                await world.AssertChainAsync();
            }
        }
    }

    /// <summary>A compacted segment is gone, and what it was made of too.</summary>
    private static async Task<(CompactionWorld World, CompactedSegment Lost)> LostAsync()
    {
        var world = await CompactionWorld.CreateAsync();
        for (var i = 0; i < 4; i++)
            await world.CommitAsync(6);
        await world.CompactAsync();
        await world.SettleAsync();
        var lost = (await world.InForceAsync())[0];
        await world.Ingest.Objects.DeleteAsync(Containers.Events, lost.Segment.Name, default);
        return (world, lost);
    }

    private static Task<RepairReport> AcceptAsync(CompactionWorld world, CompactedSegment lost) =>
        new StoreRepair(world.Ingest.FaultyTables, world.Ingest.FaultyObjects, world.Time, world.NewCompactor()).RepairAsync(StoreName.History, window: null, lost.Segment.Name, default);

    [Fact]
    public async Task A_rival_before_any_request_changes_nothing()
    {
        var probe = await PreparedAsync();
        probe.Faults.Reset();
        await probe.NewCompactor().RunAsync(StoreName.History, default);
        var expected = await probe.ObjectNamesAsync();
        for (var request = 0; request < probe.Faults.Requests; request++)
        {
            var world = await PreparedAsync();
            world.Faults.RunAt(request, world.CompactAsync);
            await world.NewCompactor().RunAsync(StoreName.History, default);
            Assert.True(world.Faults.Fired);
            await world.AssertExactAsync();
            await world.AssertChainAsync();
            Assert.Equal(expected, await world.ObjectNamesAsync());
            await world.SettleAsync();
            await world.AssertNoOrphansAsync();
        }
    }

    [Fact]
    public async Task Of_two_runs_that_saw_different_inputs_one_decides_and_the_other_leaves_orphans_that_are_swept()
    {
        var probe = await PreparedAsync();
        probe.Faults.Reset();
        await probe.NewCompactor().RunAsync(StoreName.History, default);
        var built = probe.Faults.Journal.Select((operation, at) => (operation, at)).First(static o => o.operation == "replace progress").at;
        var world = await PreparedAsync();
        var commit = (await world.Ingest.CommitsAsync()).Last(static c => c.Segment is not null);

        // The first run has read all; before it says so, a segment vanishes and a rival passes it over.
        var content = await world.Ingest.Objects.ReadAsync(Containers.Events, commit.Segment!.Name, 0, (int)commit.Segment.Length, default);
        world.Faults.RunAt(built, async () =>
        {
            await world.Ingest.Objects.DeleteAsync(Containers.Events, commit.Segment.Name, default);
            await world.CompactAsync();
            await world.Ingest.Objects.CreateAsync(Containers.Events, commit.Segment.Name, content, ObjectLabel.Binary, default);
        });
        await world.NewCompactor().RunAsync(StoreName.History, default);
        await world.AssertExactAsync();
        await world.SettleAsync();
        await world.AssertExactAsync();
        await world.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task What_the_storage_forgot_of_a_built_plan_is_made_again_before_the_plan_takes_effect()
    {
        var probe = await PreparedAsync();
        probe.Faults.Reset();
        await probe.NewCompactor().RunAsync(StoreName.History, default);
        var submitted = probe.Faults.Journal.Select((operation, at) => (operation, at)).First(static o => o.operation == "submit segments").at;
        var expected = await probe.ObjectNamesAsync();
        for (var lost = 0; lost < 2; lost++)
        {
            var world = await PreparedAsync();
            var before = (await world.ObjectNamesAsync()).ToHashSet(StringComparer.Ordinal);
            world.Faults.FailAt(submitted, StorageFaults.Modes[0]);
            Assert.False(await RunAsync(world));
            var written = (await world.ObjectNamesAsync()).Where(name => !before.Contains(name)).ToList();
            Assert.True(written.Count > 1);
            foreach (var name in lost == 0 ? written : written[..1])
                await world.Ingest.Objects.DeleteAsync(Containers.Events, name, default);
            world.Faults.Reset();

            Assert.True(await RunAsync(world));

            Assert.Equal(expected, await world.ObjectNamesAsync());
            await world.AssertExactAsync();
            await world.AssertChainAsync();
        }
    }

    [Fact]
    public async Task A_lost_list_of_segments_stops_no_sweep()
    {
        var world = await PreparedAsync();
        var list = (await world.ObjectNamesAsync()).First(static name => name.Contains("/outputs-", StringComparison.Ordinal));
        await world.Ingest.Objects.DeleteAsync(Containers.Events, list, default);
        await world.SettleAsync();
        await world.AssertExactAsync();
        Assert.DoesNotContain(await world.ObjectNamesAsync(), static name => name.Contains("/fresh/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Runs_at_the_same_time_beside_writers_lose_and_repeat_nothing()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var world = await CompactionWorld.CreateAsync();
            var compacting = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
            {
                for (var run = 0; run < 12; run++)
                {
                    await world.CompactAsync();
                    await Task.Yield();
                }
            })));
            for (var i = 0; i < 12; i++)
            {
                await world.CommitAsync(7);
                await world.AssertExactAsync();
            }

            await compacting;
            await world.CompactAsync();
            await world.AssertExactAsync();
            await world.AssertChainAsync();
            await world.SettleAsync();
            await world.AssertNoOrphansAsync();
        }
    }

    [Fact]
    public async Task Random_histories_of_commits_runs_purges_and_faults_show_every_event_once()
    {
        var (plans, forgotten, faults) = (0L, 0L, 0);
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var world = await CompactionWorld.CreateAsync();
            world.Options.Shards = random.Next(1, 4);
            world.Options.MergeCount = random.Next(2, 5);
            world.Options.MaxFreshCommits = random.Next(1, 6);
            world.Options.LargeAccountRows = seed % 2 == 0 ? 4 : 65_536;
            for (var step = 0; step < 40; step++)
            {
                switch (random.Next(10))
                {
                    case < 4:
                        await world.CommitAsync(random.Next(1, 12), world.Time.GetUtcNow().AddHours(-random.Next(0, 24 * random.Next(1, 30))));
                        break;
                    case 4:
                        world.Time.Advance(TimeSpan.FromHours(random.Next(1, 60)));
                        break;
                    case 5:
                        await PurgeAsync(world);
                        break;
                    default:
                        if (random.Next(2) == 0)
                            world.Faults.FailAt(random.Next(60), StorageFaults.Modes[random.Next(StorageFaults.Modes.Count)]);
                        else
                            world.Faults.Reset();
                        faults += await RunAsync(world) ? 0 : 1;
                        break;
                }

                await AssertKeptAsync(world);
            }

            world.Faults.Reset();
            await world.CompactAsync();
            await AssertKeptAsync(world);
            await world.AssertChainAsync();
            var verified = await world.Ingest.VerifyAsync();
            Assert.True(verified.IsSound, $"Seed {seed}: {string.Join("; ", verified.Problems)}");
            forgotten += (await world.Log.ReadCheckpointAsync(StoreName.History, default)).Through;
            plans += (await world.Log.ReadHeadAsync(StoreName.History, default)).Generation;
        }

        output.WriteLine($"{plans} plans, {forgotten} forgotten, {faults} runs failed");
        Assert.True(faults > 50 && plans > 200 && forgotten > 100);
    }

    /// <summary>Every event within retention exactly once; older ones at most once, since they may be purged.</summary>
    private static async Task AssertKeptAsync(CompactionWorld world)
    {
        var ids = await world.ReadIdsAsync();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        var cutoff = world.Time.GetUtcNow() - Retention;
        Assert.Empty(world.Committed.Where(e => e.Value >= cutoff).Select(static e => e.Key).Except(ids));
        Assert.Empty(ids.Except(world.Committed.Keys));
    }

    private static readonly TimeSpan Retention = TimeSpan.FromDays(30);

    private static async Task PurgeAsync(CompactionWorld world)
    {
        var purge = new RetentionPurge(world.Ingest.Tables, world.Ingest.Objects, world.Time, new RetentionOptions { Days = 30 }, world.NewRival());
        await purge.RunAsync(dryRun: false, force: true, default);
        var cutoff = (world.Time.GetUtcNow() - Retention).ToUnixTimeMilliseconds();
        var old = (await world.InForceAsync()).Where(s => s.Segment.MaxEventTimeMs < cutoff).Select(static s => new SegmentKey(s.Shard, s.Id)).ToList();
        await world.NewRival().RetireAsync(StoreName.History, old, default);
    }

    private static async Task<bool> RunAsync(CompactionWorld world)
    {
        try
        {
            await world.NewCompactor().RunAsync(StoreName.History, default);
            return true;
        }
        catch (Exception error) when (error is StoreException or SimulatedCrashException)
        {
            Assert.True(world.Faults.Fired);
            return false;
        }
    }

    /// <summary>Old plans with something to sweep, commits to take up, segments to merge.</summary>
    private static async Task<CompactionWorld> PreparedAsync()
    {
        var world = await CompactionWorld.CreateAsync();
        world.Options.MaxFreshCommits = 1;
        world.Options.MergeCount = 2;
        world.Options.BacklogAlarm = TimeSpan.FromSeconds(1);
        for (var i = 0; i < 2; i++)
            await world.CommitAsync(6);
        await world.CompactAsync();
        world.Time.Advance(world.Options.FreshGrace + TimeSpan.FromMinutes(5));
        for (var i = 0; i < 2; i++)
            await world.CommitAsync(6);
        return world;
    }
}
