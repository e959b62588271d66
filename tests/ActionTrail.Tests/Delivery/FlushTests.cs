using ActionTrail.Layout;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Delivery;

/// <summary>Trails that gather events for five minutes, beside others that do not.</summary>
public sealed class FlushTests
{
    [Fact]
    public async Task A_trail_that_gathers_writes_fewer_objects_and_every_event_once()
    {
        var bench = await DeliveryBench.StartAsync();
        var (slow, prompt) = (await bench.StartTrailAsync("acme", "trail-slow", flushAfter: 300), await bench.StartTrailAsync("acme", "trail-prompt", "other-logs"));
        for (var half = 0; half < 40; half++)
        {
            await bench.CommitAsync(bench.Event());
            bench.Clock.Advance(seconds: 30);
            await bench.Scheduler().RunAsync(default);
            await bench.DrainAsync();
        }

        await SettleAsync(bench);
        var objects = await bench.ReadBackAsync("audit-logs");
        Assert.InRange(objects.Count, 4, 5);
        Assert.All(objects, static o => Assert.Equal(0, o.Window % 300_000));
        Assert.Equal(40, (await bench.ReadBackAsync("other-logs")).Count);
        Assert.Equal(80, await DeliveryOracle.ProveAsync(bench, [slow, prompt]));
    }

    [Fact]
    public async Task What_is_gathered_comes_when_its_time_is_over_though_nothing_follows()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-slow", flushAfter: 300);
        bench.Clock.Advance(seconds: 10);
        await bench.CommitAsync(bench.Event());
        bench.Clock.Advance(seconds: 290);
        await bench.Scheduler().RunAsync(default);
        await bench.DrainAsync();
        Assert.Empty(await bench.ReadBackAsync("audit-logs"));
        bench.Clock.Advance(seconds: 5);
        await bench.Scheduler().RunAsync(default);
        await bench.DrainAsync();
        Assert.Single(Assert.Single(await bench.ReadBackAsync("audit-logs")).Events);
    }

    [Fact]
    public async Task A_stop_or_a_deletion_in_between_leaves_what_came_before_due()
    {
        var bench = await DeliveryBench.StartAsync();
        var (stopped, deleted) = (await bench.StartTrailAsync("acme", "trail-stopped", flushAfter: 300), await bench.StartTrailAsync("acme", "trail-deleted", "other-logs", flushAfter: 300));
        await bench.CommitAsync(bench.Event());
        bench.Clock.Advance(seconds: 60);
        await bench.Scheduler().RunAsync(default);
        await bench.Trails.StopAsync("acme", "trail-stopped", default);
        await bench.Trails.DeleteAsync("acme", "trail-deleted", ifMatch: null, default);
        await bench.CommitAsync(bench.Event());
        await SettleAsync(bench);
        var end = new TimeInterval(stopped.Intervals[0].Start, stopped.Intervals[0].Start.AddSeconds(60));
        Assert.Equal(2, await DeliveryOracle.ProveAsync(bench, [stopped with { Intervals = [end] }, deleted with { Intervals = [end] }]));
    }

    /// <summary>One instance that runs for long looks at the slow lane when it has something to do, and not before.</summary>
    [Fact]
    public async Task One_scheduler_goes_on_from_window_to_window()
    {
        var bench = await DeliveryBench.StartAsync();
        var slow = await bench.StartTrailAsync("acme", "trail-slow", flushAfter: 300);
        var scheduler = bench.Scheduler();
        for (var run = 0; run < 300; run++)
        {
            if (run % 7 == 0)
                await bench.CommitAsync(bench.Event());
            bench.Clock.Advance(seconds: 3);
            await scheduler.RunAsync(default);
            await bench.DrainAsync();
        }

        bench.Clock.Advance(seconds: 600);
        await scheduler.RunAsync(default);
        await bench.DrainAsync();
        Assert.Equal(43, await DeliveryOracle.ProveAsync(bench, [slow]));
        Assert.InRange((await bench.ReadBackAsync("audit-logs")).Count, 3, 5);
    }

    [Fact]
    public async Task A_container_that_is_changed_counts_from_what_the_lane_of_the_trail_has_handed_out()
    {
        var bench = await DeliveryBench.StartAsync();
        var slow = await bench.StartTrailAsync("acme", "trail-slow", flushAfter: 300);
        for (var half = 0; half < 16; half++)
        {
            await bench.CommitAsync(bench.Event());
            await bench.CloseWindowAsync();
            await bench.DrainAsync();
        }

        var handedOut = (await bench.WindowsAsync(WindowLane.Slow))[^1].Boundary;
        var moved = (await bench.Trails.UpdateAsync("acme", "trail-slow", new TrailChange { Container = "other-logs", FlushAfterSeconds = 300 }, ifMatch: null, default)).Trail!;
        Assert.Equal(handedOut, moved.Places[^1].Time.Start.ToUnixTimeMilliseconds());
        await SettleAsync(bench);
        Assert.Equal(16, await DeliveryOracle.ProveAsync(bench, [slow]));
    }

    [Fact]
    public async Task An_installation_without_the_lane_begins_it_where_the_regular_one_stands()
    {
        var bench = await DeliveryBench.StartAsync();
        for (var window = 0; window < 12; window++)
        {
            await bench.CommitAsync(bench.Event());
            await bench.CloseWindowAsync();
        }

        var lane = WindowKeys.Lane(StoreName.History, WindowLane.Slow);
        var before = new List<string>();
        await foreach (var row in bench.Tables.QueryAsync(Tables.Windows, lane, null, null, default))
            before.Add(row.RowKey);
        foreach (var key in before)
            await bench.Tables.DeleteAsync(Tables.Windows, lane, key, etag: null, default);
        await bench.StartTrailAsync("acme", "trail-slow", flushAfter: 300);
        await bench.CommitAsync(bench.Event(), bench.Event());
        await SettleAsync(bench);
        Assert.Equal(12, Assert.Single(Assert.Single(await bench.WindowsAsync(WindowLane.Slow)).Ranges).From + 1);
        Assert.Equal(2, Assert.Single(await bench.ReadBackAsync("audit-logs")).Events.Count);
    }

    [Theory]
    [InlineData(300, true, true)]
    [InlineData(null, true, true)]
    [InlineData(30, true, false)]
    [InlineData(0, true, false)]
    [InlineData(-1, true, false)]
    [InlineData(3600, true, false)]
    [InlineData(300, false, false)]
    public void Five_minutes_go_with_a_container(int? seconds, bool hasContainer, bool isValid)
    {
        var draft = new TrailDraft { Name = "trail-one", Container = hasContainer ? "audit-logs" : null, Stream = "siem", FlushAfterSeconds = seconds };
        Assert.Equal(isValid ? [] : ["/flushAfterSeconds"], TrailRules.Check(draft).Select(static e => e.Pointer));
    }

    [Fact]
    public async Task How_long_is_fixed_when_the_trail_is_made()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-slow", flushAfter: 300);
        await bench.StartTrailAsync("acme", "trail-prompt", "other-logs");
        async Task<string?> ChangeAsync(string name, int seconds) =>
            (await bench.Trails.UpdateAsync("acme", name, new TrailChange { FlushAfterSeconds = seconds }, ifMatch: null, default)).Errors.Select(static e => e.Pointer).SingleOrDefault();
        Assert.Null(await ChangeAsync("trail-slow", 300));
        Assert.Equal("/flushAfterSeconds", await ChangeAsync("trail-slow", 30));
        Assert.Equal("/flushAfterSeconds", await ChangeAsync("trail-prompt", 300));
        Assert.Equal(300, (await bench.Trails.FindAsync("acme", "trail-slow", default))!.FlushAfterSeconds);
    }

    private static async Task SettleAsync(DeliveryBench bench)
    {
        bench.Clock.Advance(seconds: 600);
        await bench.Scheduler().RunAsync(default);
        await bench.DrainAsync();
    }
}
