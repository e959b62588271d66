using ActionTrail.Compaction;
using ActionTrail.Layout;
using ActionTrail.Storage.Decorators;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Compaction;

public sealed class BackPressureTests
{
    [Fact]
    public async Task Answers_are_kept_back_longer_the_older_the_backlog_is_and_no_more_once_it_is_gone()
    {
        var world = await CompactionWorld.CreateAsync();
        var pressure = New(world);
        await world.CommitAsync(5);
        Assert.Equal(TimeSpan.Zero, await DelayAsync(world, pressure));

        // Runs that have no time: only the backlog is looked at.
        world.Options.RunTime = TimeSpan.Zero;
        var delays = new List<TimeSpan>();
        for (var step = 0; step < 7; step++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(20));
            await world.CompactAsync();
            delays.Add(await DelayAsync(world, pressure));
        }

        Assert.Equal(TimeSpan.Zero, delays[0]);
        Assert.InRange(delays[1], TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300));
        Assert.Equal(delays.Order(), delays);
        Assert.Equal(BackPressure.LongestDelay, delays[^1]);

        world.Options.RunTime = TimeSpan.FromMinutes(4);
        await world.CompactAsync();
        Assert.Equal(TimeSpan.Zero, await DelayAsync(world, pressure));
    }

    [Fact]
    public async Task A_notice_that_nobody_renews_holds_nothing_back()
    {
        var world = await CompactionWorld.CreateAsync();
        var pressure = New(world);
        await GiveNoticeAsync(world);
        Assert.True(await DelayAsync(world, pressure) > TimeSpan.Zero);
        world.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(TimeSpan.Zero, await DelayAsync(world, pressure));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_holds_nothing_back_and_fails_nothing()
    {
        var world = await CompactionWorld.CreateAsync();
        await GiveNoticeAsync(world);
        world.Faults.FailAt(0, FaultMode.BeforeRequest);
        Assert.Equal(TimeSpan.Zero, await New(world).DelayAsync(StoreName.History, default));
        Assert.True(world.Faults.Fired);
    }

    [Fact]
    public async Task A_store_that_keeps_up_costs_a_read_each_quarter_of_a_minute_and_no_write()
    {
        var world = await CompactionWorld.CreateAsync();
        await world.CommitAsync(5);
        await world.NewCompactor().RunAsync(StoreName.History, default);
        Assert.Null(await world.Ingest.Tables.FindAsync(Tables.Progress, StoreName.History.ToString(), CompactionKeys.Backlog, default));
        world.Faults.Reset();
        var pressure = New(world);
        for (var batch = 0; batch < 30; batch++)
        {
            await pressure.HoldAsync(StoreName.History, default);
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["find-row progress", "find-row progress"], world.Faults.Journal);
    }

    private static BackPressure New(CompactionWorld world) => new(world.Ingest.FaultyTables, world.Time, world.Options, NullLogger<BackPressure>.Instance);

    private static Task<TimeSpan> DelayAsync(CompactionWorld world, BackPressure pressure)
    {
        world.Time.Advance(TimeSpan.FromSeconds(16));
        return pressure.DelayAsync(StoreName.History, default);
    }

    private static async Task GiveNoticeAsync(CompactionWorld world)
    {
        await world.CommitAsync(5);
        world.Options.RunTime = TimeSpan.Zero;
        world.Time.Advance(TimeSpan.FromHours(1));
        await world.CompactAsync();
    }
}
