using ActionTrail.Delivery;
using ActionTrail.HistoryJobs;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Tests.HistoryJobs;

/// <summary>The life of a job from its making to its end.</summary>
public sealed class HistoryJobTests
{
    private const double Day = 86_400;

    [Fact]
    public async Task A_job_delivers_what_was_committed_before_the_trail_logged_and_the_trail_the_rest()
    {
        var bench = await HistoryBench.StartAsync();
        var before = new List<string> { await bench.CommitAsync() };
        bench.World.Clock.Advance(Day);
        before.Add(await bench.CommitAsync());
        bench.World.Clock.Advance(Day);
        await bench.CreateTrailAsync();
        await bench.StartTrailAsync();
        var after = await bench.CommitAsync();
        bench.World.Clock.Advance(60);

        var job = await bench.CreateJobAsync();
        Assert.Equal((1L, HistoryJobState.Delivering), (job.JobId, job.State));
        await bench.SettleAsync();

        var progress = await bench.ProgressAsync();
        Assert.Equal((HistoryJobState.Complete, 100, 2L), (progress.Job.State, progress.Percent, progress.Events));
        Assert.Equal([.. before, after], await bench.DeliveredAsync());
        Assert.All(progress.Items, static item => Assert.Equal(HistoryItemState.Done, item.State));
        Assert.Equal(91, progress.Items.Count);
        Assert.Equal(2, (await bench.World.ReadBackAsync(HistoryBench.Container)).Count(static one => one.Name.Contains("-1_0000_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_job_then_a_start_leave_no_moment_between_them()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync();
        var first = await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        var job = await bench.CreateJobAsync();

        // The clock of whoever starts it runs behind.
        bench.World.Clock.Advance(-30);
        await bench.StartTrailAsync();
        Assert.Equal(job.Until, (await bench.World.Trails.FindAsync(HistoryBench.Account, HistoryBench.TrailName, default))!.StartLoggingTime);
        bench.World.Clock.Advance(31);
        var second = await bench.CommitAsync();
        await bench.SettleAsync();

        Assert.Equal([first, second], await bench.DeliveredAsync());
    }

    [Fact]
    public async Task What_the_trail_passed_over_while_it_logged_and_what_its_selectors_do_not_take_is_not_delivered()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync(new TrailSelectors { Include = new() { EventNames = ["DeleteDisk"] } });
        await bench.CommitAsync("RunInstances");
        var old = await bench.CommitAsync("DeleteDisk");
        bench.World.Clock.Advance(60);
        await bench.StartTrailAsync();
        await bench.CommitAsync("RunInstances");
        bench.World.Clock.Advance(60);
        await bench.World.CloseWindowAsync();
        await bench.World.DrainAsync();
        await bench.World.Trails.UpdateAsync(HistoryBench.Account, HistoryBench.TrailName, new TrailChange { Selectors = TrailSelectors.Everything }, ifMatch: null, default);
        await bench.StopTrailAsync();
        bench.World.Clock.Advance(60);
        var late = await bench.CommitAsync("RunInstances");
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        await bench.World.Trails.UpdateAsync(HistoryBench.Account, HistoryBench.TrailName, new TrailChange { EventRW = "Read" }, ifMatch: null, default);
        await bench.SettleAsync();

        // The selectors are those at the job's creation, for all of the time that nobody logged.
        Assert.Contains(old, await bench.DeliveredAsync());
        Assert.Contains(late, await bench.DeliveredAsync());
        Assert.Equal(3, (await bench.DeliveredAsync()).Count);
    }

    [Fact]
    public async Task One_job_of_an_account_runs_at_a_time_however_many_race()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, clientToken: null, default))));

        Assert.Equal(1, outcomes.Count(static o => o.Kind == HistoryOutcomeKind.Created));
        Assert.All(outcomes.Where(static o => o.Kind != HistoryOutcomeKind.Created), static o => Assert.Equal((HistoryOutcomeKind.AlreadyRunning, 1L), (o.Kind, o.Job!.JobId)));
        await bench.SettleAsync();
        Assert.Equal(2, (await bench.CreateJobAsync()).JobId);
        Assert.Equal([2L, 1L], (await bench.Jobs().ListAsync(HistoryBench.Account, default)).Select(static job => job.JobId));
    }

    [Fact]
    public async Task A_client_token_makes_one_job_and_belongs_to_its_trail()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync();
        await bench.World.Trails.CreateAsync(HistoryBench.Account, new TrailDraft { Name = "trail-two", Container = "other-logs" }, default);
        await bench.CreateJobAsync("t/1#");
        var again = await bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, "t/1#", default);
        var other = await bench.Jobs().CreateAsync(HistoryBench.Account, "trail-two", "t/1#", default);
        await bench.SettleAsync();
        var later = await bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, "t/1#", default);

        Assert.Equal((HistoryOutcomeKind.Ok, 1L), (again.Kind, again.Job!.JobId));
        Assert.Equal(HistoryOutcomeKind.TokenReused, other.Kind);
        Assert.Equal((HistoryOutcomeKind.Ok, 1L, HistoryJobState.Complete), (later.Kind, later.Job!.JobId, later.Job.State));
        await bench.Jobs().DeleteAsync(HistoryBench.Account, 1, ifMatch: null, default);
        Assert.Equal((HistoryOutcomeKind.Created, 2L), ((await bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, "t/1#", default)) is var made ? made.Kind : default, made.Job!.JobId));
    }

    [Fact]
    public async Task A_later_job_takes_only_what_no_earlier_one_has_and_all_again_when_that_is_deleted()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync();
        var first = await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        var second = await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal([first, second], await bench.DeliveredAsync());
        Assert.Single((await bench.ProgressAsync(2)).Items);

        foreach (var job in (long[])[1, 2])
            Assert.Equal(HistoryOutcomeKind.Ok, (await bench.Jobs().DeleteAsync(HistoryBench.Account, job, ifMatch: null, default)).Kind);
        Assert.Empty(await bench.Jobs().ListAsync(HistoryBench.Account, default));
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal([first, first, second, second], await bench.DeliveredAsync());
    }

    [Fact]
    public async Task A_cancelled_job_finishes_what_it_began_and_leaves_the_rest_to_the_next()
    {
        var bench = await HistoryBench.StartAsync(new HistoryOptions { Parallelism = 1, Retention = TimeSpan.FromDays(5) });
        var events = new List<string>();
        for (var day = 0; day < 4; day++)
        {
            events.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(Day);
        }

        await bench.CreateTrailAsync();
        var job = await bench.CreateJobAsync();
        await bench.DrainAsync(most: 2);

        // Two more days are begun, and their container does not answer.
        bench.World.Outages.Broken[HistoryBench.Container] = StoreErrorKind.Unavailable;
        await bench.DrainAsync(most: 2);
        var begun = (await bench.ProgressAsync()).Items.Where(static item => item.PieceTo is not null).Select(static item => item.Day).ToList();
        Assert.Equal(2, begun.Count);
        var cancelled = await bench.Jobs().CancelAsync(HistoryBench.Account, job.JobId, ifMatch: null, default);
        Assert.Equal((HistoryOutcomeKind.Ok, HistoryJobState.Cancelling), (cancelled.Kind, cancelled.Job!.State));
        Assert.Equal(HistoryOutcomeKind.AlreadyRunning, (await bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, clientToken: null, default)).Kind);
        bench.World.Outages.Broken.Clear();
        await bench.SettleAsync();

        var progress = await bench.ProgressAsync();
        Assert.Equal(HistoryJobState.Cancelled, progress.Job.State);
        Assert.All(progress.Items.Where(item => begun.Contains(item.Day)), static item => Assert.Equal(HistoryItemState.Done, item.State));
        Assert.Contains(progress.Items, static item => item.State == HistoryItemState.Cancelled);
        Assert.Equal(events[..3], await bench.DeliveredAsync());
        Assert.Equal(HistoryOutcomeKind.WrongState, (await bench.Jobs().RetryAsync(HistoryBench.Account, 1, ifMatch: null, default)).Kind);

        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal(events, await bench.DeliveredAsync());
    }

    [Fact]
    public async Task A_container_that_is_gone_fails_the_job_and_the_next_one_delivers_all()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync();
        var id = await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        bench.World.Outages.Broken[HistoryBench.Container] = StoreErrorKind.NotFound;
        await bench.CreateJobAsync();
        await bench.SettleAsync();

        var failed = await bench.ProgressAsync();
        Assert.Equal(HistoryJobState.Failed, failed.Job.State);
        Assert.Equal(DeliveryCategory.Misconfigured, Assert.Single(failed.Undelivered).LastCategory);
        Assert.InRange(failed.Percent, 1, 99);
        bench.World.Outages.Broken.Clear();
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal([id], await bench.DeliveredAsync());
        Assert.Equal(HistoryOutcomeKind.Superseded, (await bench.Jobs().RetryAsync(HistoryBench.Account, 1, ifMatch: null, default)).Kind);
    }

    [Fact]
    public async Task A_container_that_is_closed_parks_the_day_until_the_job_is_tried_again()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync();
        var id = await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        bench.World.Outages.Broken[HistoryBench.Container] = StoreErrorKind.Denied;
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal(DeliveryCategory.Denied, Assert.Single((await bench.ProgressAsync()).Undelivered).LastCategory);

        bench.World.Outages.Broken.Clear();
        Assert.Equal(HistoryJobState.Delivering, (await bench.Jobs().RetryAsync(HistoryBench.Account, 1, ifMatch: null, default)).Job!.State);
        await bench.SettleAsync();
        Assert.Equal((HistoryJobState.Complete, 100), ((await bench.ProgressAsync()).Job.State, (await bench.ProgressAsync()).Percent));
        Assert.Equal([id], await bench.DeliveredAsync());
    }

    [Fact]
    public async Task A_container_that_does_not_answer_is_tried_again_with_longer_and_longer_pauses()
    {
        var bench = await HistoryBench.StartAsync(new HistoryOptions { Retention = TimeSpan.FromHours(1) });
        await bench.CreateTrailAsync();
        var id = await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        bench.World.Outages.Broken[HistoryBench.Container] = StoreErrorKind.Throttled;
        await bench.CreateJobAsync();
        bench.World.Clock.Advance(60);
        await bench.Steps().RunAsync(default);
        await bench.DrainAsync();
        var item = Assert.Single((await bench.ProgressAsync()).Items);
        Assert.Equal((1, DeliveryCategory.Throttled), (item.Attempts, item.LastCategory!.Value));
        Assert.Equal(bench.World.Clock.Now.AddSeconds(90), item.NotBefore);

        bench.World.Outages.Broken[HistoryBench.Container] = StoreErrorKind.Unavailable;
        for (var attempt = 0; attempt < 20; attempt++)
        {
            bench.World.Clock.Now = (await bench.ProgressAsync()).Items[0].NotBefore!.Value;
            await bench.Steps().RunAsync(default);
            Assert.Single(await bench.DrainAsync());
        }

        Assert.InRange((await bench.ProgressAsync()).Items[0].NotBefore!.Value - bench.World.Clock.Now, TimeSpan.FromMinutes(30), TimeSpan.FromHours(1));
        bench.World.Outages.Broken.Clear();
        await bench.SettleAsync();
        Assert.Equal([id], await bench.DeliveredAsync());
    }

    [Fact]
    public async Task A_container_that_does_not_answer_in_time_is_told_and_tried_again()
    {
        var bench = await HistoryBench.StartAsync(new HistoryOptions { Retention = TimeSpan.FromHours(1) }, new DeliveryOptions { AttemptDeadline = TimeSpan.FromMilliseconds(100) });
        await bench.CreateTrailAsync();
        var id = await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        bench.World.Clock.Advance(60);
        await bench.Steps().RunAsync(default);
        bench.World.Outages.BeforeCreate = static (_, token) => Task.Delay(Timeout.Infinite, token);
        Assert.Equal(DeliveryCategory.Unavailable, Assert.Single(await bench.DrainAsync()).Category);
        var item = Assert.Single((await bench.ProgressAsync()).Items);
        Assert.Equal((HistoryItemState.Pending, 1, "The attempt took longer than 00:00:00.1000000."), (item.State, item.Attempts, item.LastDetail));
        Assert.True(item.NotBefore > bench.World.Clock.Now);
        bench.World.Outages.BeforeCreate = static (_, _) => Task.CompletedTask;
        bench.World.Options.AttemptDeadline = TimeSpan.FromMinutes(8);
        await bench.SettleAsync();
        Assert.Equal([id], await bench.DeliveredAsync());
    }

    [Fact]
    public async Task A_day_that_is_too_large_for_one_piece_is_delivered_in_several_and_each_event_once()
    {
        var bench = await HistoryBench.StartAsync(new HistoryOptions { EventsPerPiece = 100 });
        var ids = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            ids.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(i % 3 == 0 ? 0.3 : 100);
        }

        await bench.CreateTrailAsync();
        await bench.CreateJobAsync();
        await bench.SettleAsync();

        Assert.Equal(ids.Order(StringComparer.Ordinal), await bench.DeliveredAsync());
        Assert.InRange((await bench.World.ReadBackAsync(HistoryBench.Container)).Count, 4, 20);
    }

    [Fact]
    public async Task A_deleted_job_stops_and_its_rows_go()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync();
        await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        var job = await bench.CreateJobAsync("token");
        Assert.Equal(HistoryOutcomeKind.PreconditionFailed, (await bench.Jobs().DeleteAsync(HistoryBench.Account, job.JobId, "W/\"x\"", default)).Kind);
        Assert.Equal(HistoryOutcomeKind.Ok, (await bench.Jobs().DeleteAsync(HistoryBench.Account, job.JobId, job.ETag, default)).Kind);
        await bench.SettleAsync();

        Assert.Empty(await bench.DeliveredAsync());
        var rows = new List<string>();
        await foreach (var row in bench.World.Tables.ScanAsync(Tables.Jobs, default))
            rows.Add(row.RowKey);
        Assert.Equal([JobKeys.Head], rows);
        Assert.Null(await bench.Jobs().FindAsync(HistoryBench.Account, job.JobId, default));
        Assert.Equal(HistoryOutcomeKind.NotFound, (await bench.Jobs().CancelAsync(HistoryBench.Account, job.JobId, ifMatch: null, default)).Kind);
    }

    [Fact]
    public async Task Jobs_beyond_the_quota_and_of_trails_that_cannot_have_them_are_refused()
    {
        var bench = await HistoryBench.StartAsync(new HistoryOptions { JobsPerAccount = 1 });
        Assert.Equal(HistoryOutcomeKind.TrailNotFound, (await bench.Jobs().CreateAsync(HistoryBench.Account, "no-such-trail", clientToken: null, default)).Kind);
        await bench.CreateTrailAsync();
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal(HistoryOutcomeKind.QuotaExceeded, (await bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, clientToken: null, default)).Kind);
        Assert.Null(await bench.Jobs().FindAsync("rival", 1, default));
        Assert.Empty(await bench.Jobs().ListAsync("rival", default));
    }

    [Fact]
    public async Task A_trail_that_forgot_when_it_logged_still_tells_a_job()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync();
        var expected = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            await bench.StartTrailAsync();
            expected.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(60);
            await bench.StopTrailAsync();
            expected.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(7200);
            await bench.World.Scheduler().RunAsync(default);
            await bench.World.DrainAsync();
        }

        await bench.StartTrailAsync();
        var trail = await bench.World.Trails.FindAsync(HistoryBench.Account, HistoryBench.TrailName, default);
        Assert.True(trail!.FormerIntervals.Count > 0, "nothing was forgotten");
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal(expected.Order(StringComparer.Ordinal), await bench.DeliveredAsync());
    }

    [Fact]
    public async Task What_a_trail_delivered_elsewhere_is_delivered_to_where_it_delivers_now()
    {
        var bench = await HistoryBench.StartAsync();
        await bench.CreateTrailAsync();
        await bench.StartTrailAsync();
        var first = await bench.CommitAsync();
        await MoveAsync(bench, "other-logs");
        var second = await bench.CommitAsync();
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal([first], await bench.DeliveredAsync());
        Assert.Equal([first, second], await bench.DeliveredAsync("other-logs"));

        // And back: what lies there already does not come again.
        await MoveAsync(bench, HistoryBench.Container);
        bench.World.Clock.Advance(60);
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal([first, second], await bench.DeliveredAsync());
        Assert.Equal([first, second], await bench.DeliveredAsync("other-logs"));
    }

    [Fact]
    public async Task What_went_with_a_logstore_that_was_deleted_is_taken_again_for_the_one_made_anew()
    {
        var bench = await HistoryBench.StartWithLogstoreAsync();
        var (trails, clock) = (bench.World.Trails, bench.World.Clock);
        await trails.CreateAsync(HistoryBench.Account, new TrailDraft { Name = HistoryBench.TrailName, LogstoreProject = "audit" }, default);
        await bench.StartTrailAsync();
        var first = await PointAsync("other");

        // Back to the same one: what it has does not come again.
        var second = await PointAsync("audit");
        Assert.Equal([first, second], await JobAsync());

        // Back to one made anew: it has nothing, of the trail or of the job before.
        var third = await PointAsync("other");
        var registry = new LogstoreRegistry(bench.World.Tables, new LogstoreOptions(), clock);
        var old = await registry.FindAsync(HistoryBench.Account, LogstoreName.OfTrail("audit", HistoryBench.TrailName, isInner: false), default);
        Assert.Equal(LogstoreOutcome.Changed, await registry.DeleteAsync(old!, default));
        var fourth = await PointAsync("audit");
        Assert.Equal([first, second, third, fourth], await JobAsync());

        // An event that is delivered to where the trail was pointed before.
        async Task<string> PointAsync(string project)
        {
            var id = await bench.CommitAsync();
            clock.Advance(seconds: 3600);
            await bench.World.Scheduler().RunAsync(default);
            await bench.World.DrainAsync(Queues.DeliverLogstore);
            Assert.Equal(TrailOutcomeKind.Ok, (await trails.UpdateAsync(HistoryBench.Account, HistoryBench.TrailName, new TrailChange { LogstoreProject = project }, ifMatch: null, default)).Kind);
            clock.Advance(seconds: 3600);
            return id;
        }

        async Task<List<string>> JobAsync()
        {
            await bench.CreateJobAsync();
            await bench.SettleAsync();
            return await bench.AppendedAsync();
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(300)]
    public async Task What_the_former_logstore_got_a_moment_before_a_trail_was_pointed_elsewhere_is_taken(int? flushAfterSeconds)
    {
        var bench = await HistoryBench.StartAsync();
        var (trails, clock) = (bench.World.Trails, bench.World.Clock);
        var draft = new TrailDraft { Name = HistoryBench.TrailName, Container = HistoryBench.Container, LogstoreProject = "audit", FlushAfterSeconds = flushAfterSeconds };
        Assert.Equal(TrailOutcomeKind.Created, (await trails.CreateAsync(HistoryBench.Account, draft, default)).Kind);
        await bench.StartTrailAsync();
        await bench.CommitAsync();
        clock.Advance(seconds: 3600);
        await bench.World.Scheduler().RunAsync(default);

        // Handed out to the Logstore, and not yet to the container.
        await bench.CommitAsync();
        var committed = clock.Now;
        clock.Advance(seconds: 3);
        Assert.Equal((0, 1), await HandedOutAsync());
        Assert.Equal(TrailOutcomeKind.Ok, (await trails.UpdateAsync(HistoryBench.Account, HistoryBench.TrailName, new TrailChange { LogstoreProject = "other", Container = "other-logs" }, ifMatch: null, default)).Kind);
        clock.Advance(seconds: 60);
        var job = await bench.CreateJobAsync();

        Assert.Contains(job.TakesFor(DestinationKind.Logstore), time => time.Start <= committed && time.Stop > committed);
        Assert.DoesNotContain(job.TakesFor(DestinationKind.Blob), time => time.Start <= committed && time.Stop > committed);

        async Task<(int Windows, int Deliveries)> HandedOutAsync()
        {
            var report = await bench.World.Scheduler().RunAsync(default);
            return (report.WindowsHandedOut, report.Deliveries);
        }
    }

    [Fact]
    public void Places_of_a_trail_read_back_as_they_were()
    {
        TrailPlace[] places = [new(DestinationKind.Blob, "audit-logs", new(DateTimeOffset.MinValue, DateTimeOffset.UnixEpoch)), new(DestinationKind.Logstore, "", new(DateTimeOffset.UnixEpoch, null))];
        Assert.Equal(places, TrailPlaces.Parse(TrailPlaces.Format(places)));
        Assert.Equal("blob 0:621355968000000000 audit-logs\nlogstore 621355968000000000: ", TrailPlaces.Format(places));
        Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(static () => TrailPlaces.Parse("tape 0:1 x")).Kind);
    }

    /// <summary>Lets everything be handed out, then changes the container.</summary>
    private static async Task MoveAsync(HistoryBench bench, string container)
    {
        bench.World.Clock.Advance(60);
        await bench.World.Scheduler().RunAsync(default);
        await bench.World.DrainAsync();
        bench.World.Clock.Advance(60);
        Assert.Equal(TrailOutcomeKind.Ok, (await bench.World.Trails.UpdateAsync(HistoryBench.Account, HistoryBench.TrailName, new TrailChange { Container = container }, ifMatch: null, default)).Kind);
        bench.World.Clock.Advance(60);
    }
}
