using ActionTrail.Layout;
using ActionTrail.Retention;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Ingest;
using ActionTrail.Verify;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Retention;

public sealed class RetentionPurgeTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Commits_are_marked_when_past_retention_and_deleted_a_grace_period_later()
    {
        var world = await YearAsync(days: 100);

        var marked = Assert.Single((await RunAsync(world)).Partitions);
        Assert.Equal((9L, 0L), (marked.Marked, marked.Deleted));
        await world.AssertStoredOnceAsync(0, 99);
        world.Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(0, Assert.Single((await RunAsync(world)).Partitions).Deleted);
        world.Time.Advance(TimeSpan.FromHours(1));
        var swept = Assert.Single((await RunAsync(world)).Partitions);

        Assert.Equal((9L, 9L, 1L), (swept.Deleted, swept.DeletedEvents, swept.Marked));
        await world.AssertStoredOnceAsync(9, 99);
        Assert.Equal(91, await CountObjectsAsync(world));
    }

    [Fact]
    public async Task Over_months_of_daily_runs_nothing_younger_than_the_retention_is_ever_deleted()
    {
        var world = await IngestWorld.CreateAsync();
        world.Time.Set(Start);
        var ingest = world.NewHubIngest();
        for (var day = 0; day < 130; day++)
        {
            await ingest.IngestAsync(world.Batch(world.Message(day, world.EventJson($"e{day}"))), default);
            await RunAsync(world);
            world.Time.Advance(TimeSpan.FromDays(1));
        }

        var ids = await world.StoredIdsAsync();
        var expected = Enumerable.Range(40, 90).Select(n => $"e{n}");
        Assert.Empty(expected.Except(ids, StringComparer.Ordinal));
        Assert.InRange(ids.Count, 90, 93);
    }

    [Fact]
    public async Task One_young_event_keeps_its_commit_and_all_behind_it()
    {
        var world = await IngestWorld.CreateAsync();
        world.Time.Set(Start);
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Message(0, world.EventJson("e0"))), default);
        await ingest.IngestAsync(world.Batch(world.Message(1, world.EventJson("e1")), world.Message(2, world.EventJson("e2", at: Start.AddHours(20)))), default);
        await ingest.IngestAsync(world.Batch(world.Message(3, world.EventJson("e3"))), default);
        await MoveAsync(world, TimeSpan.FromDays(90) + TimeSpan.FromHours(1));

        var result = Assert.Single((await RunAsync(world)).Partitions);

        Assert.Equal((1L, 0L), (result.Marked, result.MarkedThrough));
    }

    [Fact]
    public async Task Quarantined_records_go_with_their_commit_and_no_earlier()
    {
        var world = await IngestWorld.CreateAsync();
        world.Time.Set(Start);
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Message(0, "bad")), default);
        await world.Tables.InsertAsync(Tables.Quarantine, new TableRow(Keys.CommitPartition(StoreName.History, world.Partition), Keys.Replay(0, 0)).With("ReplayedAt", Start), default);
        world.Time.Advance(TimeSpan.FromDays(30));
        await ingest.IngestAsync(world.Batch(world.Message(1, world.EventJson("e1", at: Start)), world.Message(2, "bad")), default);
        await MoveAsync(world, TimeSpan.FromDays(61));
        await RunAsync(world);
        world.Time.Advance(TimeSpan.FromDays(2));

        var result = Assert.Single((await RunAsync(world)).Partitions);

        Assert.Equal((1L, 1L), (result.Deleted, result.DeletedQuarantined));
        var key = Keys.CommitPartition(StoreName.History, world.Partition);
        Assert.Null(await world.Tables.FindAsync(Tables.Commits, key, Keys.Quarantine(0), default));
        Assert.Null(await world.Tables.FindAsync(Tables.Quarantine, key, Keys.Replay(0, 0), default));
        Assert.Equal(1, (await world.VerifyAsync()).Quarantined);
    }

    [Fact]
    public async Task A_dry_run_reports_the_same_and_writes_nothing()
    {
        var world = await YearAsync(days: 100);
        var dryMark = Assert.Single((await RunAsync(world, dryRun: true)).Partitions);
        AssertNoWrites(world);
        var mark = Assert.Single((await RunAsync(world)).Partitions);
        world.Time.Advance(TimeSpan.FromDays(1));
        var drySweep = Assert.Single((await RunAsync(world, dryRun: true)).Partitions);
        AssertNoWrites(world);
        var sweep = Assert.Single((await RunAsync(world)).Partitions);

        Assert.Equal(mark, dryMark);
        Assert.Equal(sweep, drySweep);
        Assert.True(sweep.Deleted > 0);
    }

    [Fact]
    public async Task A_hold_stops_everything_until_it_is_released()
    {
        var world = await YearAsync(days: 100);
        var holds = new LegalHolds(world.Tables, world.Time);
        await RunAsync(world);
        world.Time.Advance(TimeSpan.FromDays(1));
        await holds.HoldAsync(LegalHolds.Everything, "case 17", ifMatch: null, default);

        var held = await RunAsync(world);

        Assert.Contains("case 17", held.Refusal, StringComparison.Ordinal);
        await world.AssertStoredOnceAsync(0, 99);
        Assert.True(await holds.ReleaseAsync(LegalHolds.Everything, ifMatch: null, default));
        Assert.Equal(9, Assert.Single((await RunAsync(world)).Partitions).Deleted);
    }

    [Theory]
    [InlineData(-2, true)]
    [InlineData(-0.01, true)]
    [InlineData(6, false)]
    public async Task A_clock_that_went_back_is_refused(double days, bool isRefused)
    {
        var world = await YearAsync(days: 100);
        await RunAsync(world);
        world.Time.Advance(TimeSpan.FromDays(days));

        var report = await RunAsync(world);

        Assert.Equal(isRefused, report.Refusal is not null);
    }

    [Fact]
    public async Task A_clock_that_jumped_ahead_deletes_nothing_young_however_often_it_runs_until_it_is_forced()
    {
        var world = await YearAsync(days: 80);
        await RunAsync(world);
        world.Time.Advance(TimeSpan.FromDays(365));

        for (var run = 0; run < 5; run++)
        {
            var report = await RunAsync(world);
            Assert.NotNull(report.Warning);
            Assert.Equal(0, Assert.Single(report.Partitions).Marked);
            world.Time.Advance(TimeSpan.FromDays(2));
        }

        await world.AssertStoredOnceAsync(0, 79);
        var forced = await new RetentionPurge(world.Tables, world.Objects, world.Time, new RetentionOptions(), IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time)).RunAsync(dryRun: false, force: true, default);
        Assert.Equal(80, Assert.Single(forced.Partitions).Marked);
    }

    [Fact]
    public async Task A_store_that_nobody_writes_to_is_purged_as_long_as_the_purge_runs()
    {
        var world = await YearAsync(days: 10);
        for (var day = 0; day < 110; day++)
        {
            Assert.Null((await RunAsync(world)).Warning);
            world.Time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Empty(await world.StoredIdsAsync());
        Assert.Equal(0, await CountObjectsAsync(world));
        await world.NewHubIngest().IngestAsync(world.Batch(world.Message(10, world.EventJson("e10"))), default);
        await world.AssertStoredOnceAsync(10, 10);
    }

    [Fact]
    public async Task Orphans_are_deleted_and_what_a_writer_may_still_commit_is_not()
    {
        var world = await IngestWorld.CreateAsync();
        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(0, 9)), default);
        var (orphan, ahead, strange) = (Name(2, 7), Name(8, 12), Keys.FreshPrefix(StoreName.History, world.Partition) + "readme");
        foreach (var name in new[] { orphan, ahead, strange })
            await world.Objects.CreateAsync(Containers.Events, name, "x"u8.ToArray(), ObjectLabel.Binary, default);
        await world.Objects.CreateAsync(Containers.Quarantine, Keys.QuarantineObject(StoreName.History, world.Partition, 0, 9, new byte[32]), "xy"u8.ToArray(), ObjectLabel.Binary, default);
        Assert.Equal(0, Assert.Single((await RunAsync(world)).Partitions).Orphans);
        world.Time.Advance(TimeSpan.FromDays(1.5));

        var report = await RunAsync(world);

        Assert.Equal((2L, 3L), (Assert.Single(report.Partitions).Orphans, report.Partitions[0].OrphanBytes));
        Assert.Equal([Containers.Events + "/" + strange], report.Undatable);
        Assert.NotNull(await world.Objects.FindAsync(Containers.Events, ahead, default));
        await world.AssertStoredOnceAsync(0, 9);

        // The log goes past the range that was ahead: now it is an orphan too.
        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(10, 19)), default);
        await RunAsync(world);
        Assert.Null(await world.Objects.FindAsync(Containers.Events, ahead, default));
        await world.AssertStoredOnceAsync(0, 19);

        string Name(long first, long last) => Keys.FreshSegment(StoreName.History, world.Partition, first, last, new byte[32]);
    }

    [Fact]
    public async Task Every_fault_at_every_request_is_made_good_by_the_next_run()
    {
        var requests = await SweepRequestsAsync();
        var injected = 0;
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var world = await DueAsync();
                world.Faults.FailAt(request, mode);
                try
                {
                    await Faulty(world).RunAsync(dryRun: false, default);
                }
                catch (Exception error) when (error is StoreException or SimulatedCrashException)
                {
                    Assert.True(world.Faults.Fired);
                }

                injected++;
                world.Faults.Reset();
                await RunAsync(world);
                await world.AssertStoredOnceAsync(2, 11);
                Assert.Equal(10, await CountObjectsAsync(world));
            }
        }

        output.WriteLine($"{injected} faults at {requests} requests of the purge survived");
        Assert.True(injected >= 100);
    }

    [Fact]
    public async Task A_second_run_before_any_request_of_the_first_does_no_harm()
    {
        var requests = await SweepRequestsAsync();
        for (var request = 0; request < requests; request++)
        {
            var world = await DueAsync();
            world.Faults.RunAt(request, () => new RetentionPurge(world.Tables, world.Objects, world.Time, new RetentionOptions(), IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time)).RunAsync(dryRun: false, default));
            await Faulty(world).RunAsync(dryRun: false, default);
            await world.AssertStoredOnceAsync(2, 11);
            Assert.Equal(10, await CountObjectsAsync(world));
        }
    }

    [Fact]
    public async Task A_purge_before_any_request_of_the_verifier_is_no_damage()
    {
        var probe = await DueAsync();
        probe.Faults.Reset();
        await Verifier(probe).VerifyAsync(StoreName.History, new VerifyOptions(), default);
        for (var request = 0; request < probe.Faults.Requests; request++)
        {
            var world = await DueAsync();
            world.Faults.RunAt(request, () => new RetentionPurge(world.Tables, world.Objects, world.Time, new RetentionOptions(), IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time)).RunAsync(dryRun: false, default));
            var report = await Verifier(world).VerifyAsync(StoreName.History, new VerifyOptions(), default);
            Assert.True(report.IsSound, string.Join('\n', report.Problems));
            Assert.True(world.Faults.Fired);
        }

        static StoreVerifier Verifier(IngestWorld world) => new(world.FaultyTables, world.FaultyObjects, world.Time);
    }

    private static async Task<int> SweepRequestsAsync()
    {
        var probe = await DueAsync();
        probe.Faults.Reset();
        await Faulty(probe).RunAsync(dryRun: false, default);
        return probe.Faults.Requests;
    }

    /// <summary>Twelve days of events, two of which are marked and due, one orphan.</summary>
    private static async Task<IngestWorld> DueAsync()
    {
        var world = await YearAsync(days: 2);
        await MoveAsync(world, TimeSpan.FromDays(82.5));
        var ingest = world.NewHubIngest();
        for (var n = 2; n < 12; n++)
        {
            await ingest.IngestAsync(world.Batch(world.Message(n, world.EventJson($"e{n}"))), default);
            world.Time.Advance(TimeSpan.FromDays(0.8));
        }

        await world.Objects.CreateAsync(Containers.Events, Keys.FreshSegment(StoreName.History, world.Partition, 3, 4, new byte[32]), "x"u8.ToArray(), ObjectLabel.Binary, default);
        await RunAsync(world);
        world.Time.Advance(TimeSpan.FromDays(1.1));
        return world;
    }

    /// <summary>A store with one event a day, up to now; the purge ran on the last day.</summary>
    private static async Task<IngestWorld> YearAsync(int days)
    {
        var world = await IngestWorld.CreateAsync();
        world.Time.Set(Start);
        var ingest = world.NewHubIngest();
        for (var day = 0; day < days; day++)
        {
            if (day > 0)
                world.Time.Advance(TimeSpan.FromDays(1));
            await ingest.IngestAsync(world.Batch(world.Message(day, world.EventJson($"e{day}"))), default);
        }

        return world;
    }

    /// <summary>Lets time pass with the purge running, as it does in life.</summary>
    private static async Task MoveAsync(IngestWorld world, TimeSpan by)
    {
        for (var end = world.Time.GetUtcNow() + by; world.Time.GetUtcNow() < end;)
        {
            var left = end - world.Time.GetUtcNow();
            world.Time.Advance(left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1));
            if (world.Time.GetUtcNow() < end)
                await RunAsync(world);
        }
    }

    private static RetentionPurge Faulty(IngestWorld world) => new(world.FaultyTables, world.FaultyObjects, world.Time, new RetentionOptions(), IngestWorld.NewCompactor(world.FaultyTables, world.FaultyObjects, world.Time));

    private static Task<PurgeReport> RunAsync(IngestWorld world, bool dryRun = false)
    {
        world.Faults.Reset();
        return Faulty(world).RunAsync(dryRun, default);
    }

    private static void AssertNoWrites(IngestWorld world) =>
        Assert.All(world.Faults.Journal, request => Assert.Matches("^(find|find-row|query|list|read|open-read) ", request));

    private static async Task<int> CountObjectsAsync(IngestWorld world)
    {
        var count = 0;
        foreach (var container in Containers.All)
        {
            await foreach (var _ in world.Objects.ListAsync(container, "", default))
                count++;
        }

        return count;
    }
}
