using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Delivery;

public sealed class SchedulerTests
{
    [Fact]
    public async Task A_window_closes_only_after_its_boundary_has_settled()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        bench.Clock.Advance(seconds: 34.999);
        Assert.Equal(new ScheduleReport(0, 0, 0, 0), await bench.Scheduler().RunAsync(default));
        bench.Clock.Advance(seconds: 0.001);
        Assert.Equal(new ScheduleReport(1, 1, 1, 0), await bench.Scheduler().RunAsync(default));
        Assert.Equal(new ScheduleReport(0, 0, 0, 0), await bench.Scheduler().RunAsync(default));
        var window = Assert.Single(await bench.WindowsAsync());
        Assert.Equal(bench.Committed[0].Commit.CommittedAt.AddSeconds(30).ToUnixTimeMilliseconds(), window.Boundary);
        Assert.Equal(1, await bench.Queue.CountAsync(Queues.DeliverBlob, default));
    }

    [Fact]
    public async Task A_commit_on_the_boundary_belongs_to_the_next_window()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.CommitAsync(bench.Event());
        bench.Clock.Advance(seconds: 30);
        await bench.CommitAsync(bench.Event());
        bench.Clock.Advance(seconds: 35);
        Assert.Equal(2, (await bench.Scheduler().RunAsync(default)).WindowsCut);
        Assert.Equal([new WindowRange(PartitionName.Api(0), -1, 0), new WindowRange(PartitionName.Api(0), 0, 1)], (await bench.WindowsAsync()).SelectMany(static w => w.Ranges));
    }

    [Fact]
    public async Task A_day_of_silence_makes_no_windows_and_a_day_of_outage_makes_one_per_slot_with_commits()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.CloseWindowAsync();
        bench.Clock.Advance(seconds: 86_400);
        await bench.CloseWindowAsync();
        Assert.Empty(await bench.WindowsAsync());

        for (var i = 0; i < 5; i++)
        {
            await bench.CommitAsync(bench.Event());
            await bench.CommitAsync(PartitionName.Api(1), (bench.Event(), bench.Event().ToBytes()));
            bench.Clock.Advance(seconds: 20_000);
        }

        Assert.Equal(new ScheduleReport(5, 5, 0, 0), await bench.Scheduler().RunAsync(default));
        Assert.All(await bench.WindowsAsync(), static w => Assert.Equal(2, w.Ranges.Count));
    }

    [Fact]
    public async Task A_commit_that_appears_late_falls_into_the_next_window_and_is_judged_by_its_own_time()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        var committedAt = bench.Clock.Now;
        await bench.CommitAsync(bench.Event());
        bench.Clock.Advance(seconds: 1);
        await bench.Trails.StopAsync("acme", "trail-one", default);
        await bench.CloseWindowAsync();
        Assert.Single(await bench.WindowsAsync());

        // The clock of the writer stood a minute behind.
        var now = bench.Clock.Now;
        bench.Clock.Now = committedAt;
        await bench.CommitAsync(PartitionName.Api(1), [.. new[] { bench.Event() }.Select(static e => (e, e.ToBytes()))]);
        bench.Clock.Now = now;
        await bench.CloseWindowAsync();

        var late = (await bench.WindowsAsync())[1];
        Assert.True(late.Boundary > committedAt.AddSeconds(30).ToUnixTimeMilliseconds());
        await bench.DrainAsync();
        Assert.Equal(2, (await bench.ReadBackAsync("audit-logs")).Sum(static o => o.Events.Count));
        Assert.Equal(2, await DeliveryOracle.ProveAsync(bench, [(await bench.Trails.FindAsync("acme", trail.Name, default))!]));
    }

    [Fact]
    public async Task Only_trails_that_logged_and_may_have_events_get_a_delivery()
    {
        var bench = await DeliveryBench.StartAsync();
        var due = await bench.StartTrailAsync("acme", "trail-due");
        await bench.StartTrailAsync("quiet", "trail-quiet", "other-logs");
        await bench.Trails.CreateAsync("acme", new TrailDraft { Name = "trail-fresh", Container = "audit-logs" }, default);
        await bench.StartTrailAsync("acme", "trail-stopped");
        await bench.Trails.StopAsync("acme", "trail-stopped", default);
        bench.Clock.Advance(seconds: 1);
        await bench.CommitAsync(bench.Event("acme"), bench.Event("rival"));
        await bench.CloseWindowAsync();
        Assert.Equal(due.TrailId, Assert.Single(await bench.RecordsAsync()).Trail.TrailId);
    }

    [Fact]
    public async Task A_deleted_trail_still_gets_what_was_committed_while_it_logged_and_is_forgotten_later()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        bench.Clock.Advance(seconds: 1);
        await bench.Trails.DeleteAsync("acme", "trail-one", ifMatch: null, default);
        await bench.CommitAsync(bench.Event());
        var anew = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        var objects = await bench.ReadBackAsync("audit-logs");
        Assert.Contains("\"e-1\"", Assert.Single(Assert.Single(objects, o => o.TrailId == trail.TrailId).Events), StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(objects, o => o.TrailId == anew.TrailId).Events.Count);

        bench.Clock.Advance(seconds: 7200);
        await bench.Scheduler().RunAsync(default);
        Assert.Null(await bench.Tables.FindAsync(Tables.Trails, "acme", TrailKeys.Tombstone(trail.TrailId), default));
        Assert.NotNull(await bench.Trails.FindAsync("acme", "trail-one", default));
    }

    [Fact]
    public async Task A_delivery_keeps_the_trail_as_it_was_when_its_window_was_handed_out()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.Trails.UpdateAsync("acme", "trail-one", new TrailChange { Container = "other-logs", EventRW = "Read", Prefix = "later1" }, ifMatch: null, default);
        await bench.DrainAsync();
        Assert.Single((await bench.ReadBackAsync("audit-logs")).SelectMany(static o => o.Events));
        Assert.Empty(await bench.ReadBackAsync("other-logs"));
    }

    [Fact]
    public async Task Two_schedulers_at_once_cut_each_window_once()
    {
        for (var round = 0; round < 20; round++)
        {
            var bench = await DeliveryBench.StartAsync();
            var trail = await bench.StartTrailAsync("acme", "trail-one");
            for (var i = 0; i < 10; i++)
            {
                await bench.CommitAsync(bench.Event());
                bench.Clock.Advance(seconds: 17);
            }

            bench.Clock.Advance(seconds: 35);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => bench.Scheduler().RunAsync(default))));
            await bench.Scheduler().RunAsync(default);
            await bench.DrainAsync();
            Assert.Equal(10, await DeliveryOracle.ProveAsync(bench, [trail]));
        }
    }

    [Fact]
    public async Task A_lost_message_is_sent_again_once_and_only_when_it_is_due()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        var lost = Assert.Single(await bench.Queue.ReceiveAsync(Queues.DeliverBlob, 32, TimeSpan.FromSeconds(1), default));
        await bench.Queue.DeleteAsync(Queues.DeliverBlob, lost, default);

        bench.Clock.Advance(seconds: 119);
        Assert.Equal(0, (await bench.Scheduler().RunAsync(default)).Requeued);
        bench.Clock.Advance(seconds: 1);
        Assert.Equal(1, (await bench.Scheduler().RunAsync(default)).Requeued);
        Assert.Equal(0, (await bench.Scheduler().RunAsync(default)).Requeued);
        await bench.DrainAsync();
        Assert.Equal(1, await DeliveryOracle.ProveAsync(bench, [trail]));
        Assert.Equal(0, await bench.OpenEntriesAsync());
    }

    [Fact]
    public async Task Many_partitions_spread_over_several_properties_of_a_row()
    {
        var ranges = Enumerable.Range(0, 3000).Select(static i => new WindowRange(PartitionName.Parse($"hub-0123abcd-{i:D4}"), i - 1, long.MaxValue - i)).ToList();
        var window = new DeliveryWindow(StoreName.History, 1_700_000_000_000, ranges);
        var tables = new MemoryTableStore();
        await tables.CreateTableAsync(Tables.Windows, default);
        await tables.InsertAsync(Tables.Windows, window.ToRow(WindowLane.Regular), default);
        var row = await tables.FindAsync(Tables.Windows, "history", WindowKeys.Window(window.Boundary), default);
        Assert.True(row!.Properties.Count > 4);
        Assert.Equal(ranges, DeliveryWindow.FromRow(StoreName.History, row).Ranges);
        var damaged = new TableRow("history", "w").With("Boundary", 1L).With("Ranges0", "hub-0123abcd-0000:5:5");
        Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(() => DeliveryWindow.FromRow(StoreName.History, damaged)).Kind);
    }
}
