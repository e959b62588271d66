using ActionTrail.Delivery;
using ActionTrail.HistoryJobs;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Tests.HistoryJobs;

/// <summary>Digests name what history jobs write.</summary>
public sealed class HistoryDigestTests
{
    [Fact]
    public async Task A_trail_with_a_history_job_validates_clean_and_the_job_s_files_are_in_the_digest_of_the_hour_they_were_written_in()
    {
        var bench = await StartAsync();
        var first = await bench.CommitAsync();
        bench.World.Clock.Advance(TimeSpan.FromDays(2).TotalSeconds);
        await bench.CreateTrailAsync();
        await bench.StartTrailAsync();
        var second = await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        await bench.World.CloseWindowAsync();
        await bench.World.DrainAsync();
        bench.Digests!.NextHour();
        await bench.Digests.SealAsync();
        var created = bench.World.Clock.Now;
        await bench.CreateJobAsync();
        await bench.DrainAsync();
        await bench.SettleAsync();
        bench.Digests.NextHour();
        await bench.Digests.SealAsync();

        Assert.Equal([first, second], await bench.DeliveredAsync());
        var report = await bench.Digests.ProveAsync();
        Assert.Equal((2L, 2L), (report.Files, report.Events));
        var digest = Assert.Single(await bench.Digests.DigestsAsync(), static d => d.Files.Any(static f => f.Object.Contains("-1_0000_", StringComparison.Ordinal)));
        Assert.True(digest.StartTime <= created && created < digest.EndTime.AddHours(1));

        // Its marks go when they are as old as events get, not when what it delivered is.
        Assert.Equal(1, await CountAsync(bench, DeliveryKeys.FirstNotedPiece, DeliveryKeys.AfterNotedPieces));
        Assert.Equal(0, await CountAsync(bench, DeliveryKeys.FirstUnsealed, DeliveryKeys.AfterUnsealed));
        bench.World.Clock.Advance((bench.World.Options.Kept - TimeSpan.FromDays(1)).TotalSeconds);
        await bench.World.Scheduler().RunAsync(default);
        Assert.Equal(1, await CountAsync(bench, DeliveryKeys.FirstNotedPiece, DeliveryKeys.AfterNotedPieces));
        bench.World.Clock.Advance(TimeSpan.FromDays(2).TotalSeconds);
        await bench.World.Scheduler().RunAsync(default);
        Assert.Equal(0, await CountAsync(bench, DeliveryKeys.FirstNotedPiece, DeliveryKeys.AfterNotedPieces));
    }

    [Fact]
    public async Task A_trail_that_never_logged_has_a_digest_of_what_its_job_wrote()
    {
        var bench = await StartAsync();
        await bench.CommitAsync();
        await bench.CreateTrailAsync();
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        bench.Digests!.NextHour();
        await bench.Digests.SealAsync();

        Assert.False(Assert.Single(await bench.Digests.DigestsAsync()).IsLogging);
        await bench.Digests.ProveAsync();
    }

    [Fact]
    public async Task A_piece_of_more_objects_than_a_row_lists_is_noted_whole()
    {
        var bench = await HistoryBench.StartAsync(delivery: new DeliveryOptions { DigestInterval = TimeSpan.FromHours(1), MaxObjectBytes = 1 });
        await bench.World.CommitAsync([.. Enumerable.Range(0, 301).Select(_ => bench.World.Event(HistoryBench.Account))]);
        await bench.CreateTrailAsync();
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal(2, await CountAsync(bench, DeliveryKeys.FirstUnsealed, DeliveryKeys.AfterUnsealed));
        bench.Digests!.NextHour();
        await bench.Digests.SealAsync();

        Assert.Equal(301L, (await bench.Digests.ProveAsync()).Files);
    }

    [Theory]
    [InlineData(StoreErrorKind.Unavailable)]
    [InlineData(StoreErrorKind.Denied)]
    public async Task A_trail_deleted_and_forgotten_before_its_job_is_over_has_all_sealed_and_is_then_forgotten(StoreErrorKind outage)
    {
        var bench = await StartAsync();
        await bench.CommitAsync();
        await bench.CreateTrailAsync();
        bench.World.Clock.Advance(60);
        await bench.StartTrailAsync();
        await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        await bench.World.CloseWindowAsync();
        await bench.World.DrainAsync();
        await bench.CreateJobAsync();
        bench.World.Clock.Advance(600);
        bench.World.Outages.Broken[HistoryBench.Container] = outage;
        await bench.Steps().RunAsync(default);
        await bench.DrainAsync();
        Assert.Equal(TrailOutcomeKind.Ok, (await bench.World.Trails.DeleteAsync(HistoryBench.Account, HistoryBench.TrailName, ifMatch: null, default)).Kind);
        bench.World.Outages.Broken.Clear();
        bench.Digests!.NextHour();
        await bench.Digests.SealAsync();
        bench.World.Outages.Broken[HistoryBench.Container] = outage;
        for (var round = 0; round < 6; round++)
        {
            await bench.SettleAsync();
            await bench.Digests.SealAsync();
        }

        await foreach (var row in bench.World.Tables.ScanAsync(Tables.Trails, default))
            Assert.False(TrailKeys.IsTombstone(row.RowKey));
        bench.World.Outages.Broken.Clear();
        if (outage == StoreErrorKind.Denied)
            Assert.Equal(HistoryOutcomeKind.Ok, (await bench.Jobs().RetryAsync(HistoryBench.Account, 1, ifMatch: null, default)).Kind);
        await bench.SettleAsync();
        Assert.Equal(HistoryJobState.Complete, (await bench.ProgressAsync()).Job.State);
        bench.Digests.NextHour();
        await bench.Digests.SealAsync();

        Assert.Equal(2L, (await bench.Digests.ProveAsync()).Files);
        Assert.Equal(0, (await bench.Digests.SealAsync()).Trails);
    }

    [Fact]
    public async Task A_trail_without_digests_has_none_of_its_job_s_files_noted()
    {
        var bench = await StartAsync();
        await bench.CommitAsync();
        await bench.CreateTrailAsync(logFileValidation: false);
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        bench.Digests!.NextHour();
        await bench.Digests.SealAsync();

        Assert.Single(await bench.DeliveredAsync());
        Assert.Empty(await bench.Digests.DigestsAsync());
        Assert.Equal(0, await CountAsync(bench, "", "~"));
    }

    [Fact]
    public async Task What_a_job_writes_after_digests_were_switched_off_is_named_as_its_trail_was_when_it_was_made()
    {
        var bench = await StartAsync();
        await bench.CommitAsync();
        await bench.CreateTrailAsync();
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        await bench.World.Trails.UpdateAsync(HistoryBench.Account, HistoryBench.TrailName, new TrailChange { LogFileValidation = false }, ifMatch: null, default);
        await bench.SettleAsync();
        bench.Digests!.NextHour();
        await bench.Digests.SealAsync();

        Assert.Equal(1L, (await bench.Digests.ProveAsync()).Files);
    }

    private static Task<HistoryBench> StartAsync() => HistoryBench.StartAsync(delivery: new DeliveryOptions { DigestInterval = TimeSpan.FromHours(1) });

    /// <summary>Rows of deliveries between two keys.</summary>
    private static async Task<int> CountAsync(HistoryBench bench, string from, string to)
    {
        var count = 0;
        await foreach (var row in bench.World.Tables.ScanAsync(Tables.Deliveries, default))
            count += string.CompareOrdinal(row.RowKey, from) >= 0 && string.CompareOrdinal(row.RowKey, to) < 0 ? 1 : 0;
        return count;
    }
}
