using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Trails;

public sealed class TrailStoreTests
{
    private const string Account = TrailBench.Account;

    [Fact]
    public async Task A_new_trail_is_Fresh_does_not_log_and_has_defaults()
    {
        var bench = await TrailBench.StartAsync();
        var trail = await bench.CreateAsync();
        Assert.Equal(
            (TrailStatus.Fresh, false, TrailEventRW.All, "All", "local", false),
            (trail.Status, trail.IsLogging, trail.EventRW, trail.TrailRegion, trail.HomeRegion, trail.IsOrganizationTrail));
        Assert.Equal((bench.Clock.Now, bench.Clock.Now), (trail.CreateTime, trail.UpdateTime));
        Assert.Null(trail.StartLoggingTime);
        Assert.NotEmpty(trail.ETag);
        Assert.Equivalent(trail, await bench.Trails.FindAsync(Account, trail.Name, default), strict: true);
    }

    /// <summary>Every state and every action: the state after it, and whether the row was written.</summary>
    [Theory]
    [InlineData("", "start", TrailStatus.Enable, true)]
    [InlineData("", "stop", TrailStatus.Fresh, false)]
    [InlineData("", "update", TrailStatus.Fresh, true)]
    [InlineData("start", "start", TrailStatus.Enable, false)]
    [InlineData("start", "stop", TrailStatus.Disable, true)]
    [InlineData("start", "update", TrailStatus.Enable, true)]
    [InlineData("start stop", "start", TrailStatus.Enable, true)]
    [InlineData("start stop", "stop", TrailStatus.Disable, false)]
    [InlineData("start stop", "update", TrailStatus.Disable, true)]
    public async Task Each_action_leads_from_each_state_to_its_state(string before, string action, TrailStatus after, bool written)
    {
        var bench = await TrailBench.StartAsync();
        await bench.CreateAsync();
        foreach (var step in before.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            await ActAsync(bench, step);
        var was = await bench.Trails.FindAsync(Account, "trail-one", default);
        bench.Clock.Advance(seconds: 1);

        var outcome = await ActAsync(bench, action);

        Assert.Equal((TrailOutcomeKind.Ok, after), (outcome.Kind, outcome.Trail!.Status));
        Assert.Equal(written, was!.ETag != outcome.Trail.ETag);
        Assert.Equivalent(outcome.Trail, await bench.Trails.FindAsync(Account, "trail-one", default), strict: true);
    }

    [Fact]
    public async Task Logging_times_are_half_open_intervals()
    {
        var bench = await TrailBench.StartAsync();
        await bench.CreateAsync();
        var start = bench.Clock.Now;
        await ActAsync(bench, "start");
        bench.Clock.Advance(seconds: 10);
        await ActAsync(bench, "stop");
        bench.Clock.Advance(seconds: 10);
        var trail = (await ActAsync(bench, "start")).Trail!;
        var tick = TimeSpan.FromTicks(1);
        Assert.False(trail.LoggedAt(start - tick));
        Assert.True(trail.LoggedAt(start));
        Assert.True(trail.LoggedAt(start.AddSeconds(10) - tick));
        Assert.False(trail.LoggedAt(start.AddSeconds(10)));
        Assert.False(trail.LoggedAt(start.AddSeconds(20) - tick));
        Assert.True(trail.LoggedAt(start.AddSeconds(20)));
        Assert.Equal((start.AddSeconds(20), start.AddSeconds(10)), (trail.StartLoggingTime, trail.StopLoggingTime));
    }

    [Fact]
    public async Task A_start_drops_intervals_that_ended_an_hour_before_what_windows_cover_and_no_others()
    {
        var bench = await TrailBench.StartAsync();
        await bench.CreateAsync();
        var first = bench.Clock.Now;
        for (var i = 0; i < 3; i++)
        {
            await ActAsync(bench, "start");
            bench.Clock.Advance(seconds: 60);
            await ActAsync(bench, "stop");
            bench.Clock.Advance(seconds: 3540);
        }

        // What one lane has yet to cover is still needed.
        foreach (var (lane, seconds) in new[] { (WindowLane.Fast, 3600 + 61), (WindowLane.Slow, 2 * 3600), (WindowLane.Regular, 2 * 3600) })
            await bench.Tables.UpsertAsync(Tables.Windows, new TableRow(WindowKeys.Lane(StoreName.History, lane), WindowKeys.Covered).With("Until", first.AddSeconds(seconds)), default);
        var trail = (await ActAsync(bench, "start")).Trail!;
        Assert.Equal([first.AddSeconds(3600), first.AddSeconds(7200), first.AddSeconds(10800)], trail.Intervals.Select(static i => i.Start));
    }

    [Fact]
    public async Task Too_many_starts_while_no_window_is_cut_are_refused_and_none_is_forgotten()
    {
        var bench = await TrailBench.StartAsync();
        await bench.CreateAsync();
        for (var i = 0; i < 800; i++)
        {
            await ActAsync(bench, "start");
            bench.Clock.Advance(seconds: 1);
            await ActAsync(bench, "stop");
        }

        Assert.Equal(TrailOutcomeKind.TooManyChanges, (await ActAsync(bench, "start")).Kind);
        Assert.Equal(800, (await bench.Trails.FindAsync(Account, "trail-one", default))!.Intervals.Count);
    }

    [Fact]
    public async Task An_update_changes_only_what_is_given()
    {
        var bench = await TrailBench.StartAsync();
        var selectors = new TrailSelectors { Include = new() { Services = ["Ecs"] }, Exclude = new() { Regions = ["cn-hangzhou"] }, SensitiveOnly = true };
        var was = await bench.CreateAsync(TrailBench.Draft() with { Prefix = "audit/logs", EventRW = "Write", TrailRegion = "cn-beijing", Selectors = selectors });
        bench.Clock.Advance(seconds: 5);

        var same = (await bench.Trails.UpdateAsync(Account, was.Name, new TrailChange(), ifMatch: null, default)).Trail!;
        Assert.Equivalent(was with { UpdateTime = bench.Clock.Now, ETag = same.ETag }, same, strict: true);

        var moved = (await bench.Trails.UpdateAsync(Account, was.Name, new TrailChange { Container = "other-logs", Prefix = "", EventRW = "Read" }, same.ETag, default)).Trail!;
        Assert.Equivalent(same with { Container = "other-logs", Prefix = null, EventRW = TrailEventRW.Read, Places = moved.Places, ETag = moved.ETag }, moved, strict: true);
        Assert.Equivalent(moved, Assert.Single(await bench.Trails.ListAsync(Account, default)), strict: true);
    }

    [Fact]
    public async Task Whether_a_trail_covers_several_accounts_cannot_change()
    {
        var bench = await TrailBench.StartAsync();
        await bench.CreateAsync();
        var refused = await bench.Trails.UpdateAsync(Account, "trail-one", new TrailChange { IsOrganizationTrail = true }, ifMatch: null, default);
        Assert.Equal("/isOrganizationTrail", Assert.Single(refused.Errors).Pointer);
        Assert.Equal(TrailOutcomeKind.Ok, (await bench.Trails.UpdateAsync(Account, "trail-one", new TrailChange { IsOrganizationTrail = false }, ifMatch: null, default)).Kind);
    }

    [Fact]
    public async Task An_old_version_is_refused_and_changes_nothing()
    {
        var bench = await TrailBench.StartAsync();
        var old = await bench.CreateAsync();
        await ActAsync(bench, "start");
        var before = await bench.DumpAsync();
        Assert.Equal(TrailOutcomeKind.PreconditionFailed, (await bench.Trails.UpdateAsync(Account, old.Name, new TrailChange { EventRW = "Read" }, old.ETag, default)).Kind);
        Assert.Equal(TrailOutcomeKind.PreconditionFailed, (await bench.Trails.DeleteAsync(Account, old.Name, old.ETag, default)).Kind);
        Assert.Equal(before, await bench.DumpAsync());
    }

    [Fact]
    public async Task Refused_creations_change_nothing()
    {
        var bench = await TrailBench.StartAsync();
        await bench.CreateAsync();
        var before = await bench.DumpAsync();
        Assert.Equal(TrailOutcomeKind.NameTaken, (await bench.Trails.CreateAsync(Account, TrailBench.Draft(), default)).Kind);
        var missing = await bench.Trails.CreateAsync(Account, TrailBench.Draft("trail-two") with { Container = "no-such-logs" }, default);
        Assert.Equal((TrailOutcomeKind.ContainerMissing, "/container"), (missing.Kind, Assert.Single(missing.Errors).Pointer));
        Assert.Equal(TrailOutcomeKind.Invalid, (await bench.Trails.CreateAsync(Account, TrailBench.Draft("Trail-Two"), default)).Kind);
        Assert.Equal(before, await bench.DumpAsync());
    }

    [Fact]
    public async Task A_container_serves_one_account_and_others_cannot_tell_it_from_a_missing_one()
    {
        var bench = await TrailBench.StartAsync();
        await bench.CreateAsync();
        var taken = await bench.Trails.CreateAsync("rival", TrailBench.Draft(), default);
        var missing = await bench.Trails.CreateAsync("rival", TrailBench.Draft() with { Container = "no-such-logs" }, default);
        Assert.Equal(TrailOutcomeKind.ContainerMissing, taken.Kind);
        Assert.Equivalent(missing, taken, strict: true);

        Assert.Equal(TrailOutcomeKind.Created, (await bench.Trails.CreateAsync("rival", TrailBench.Draft() with { Container = "other-logs" }, default)).Kind);
        Assert.Equal(TrailOutcomeKind.ContainerMissing, (await bench.Trails.UpdateAsync("rival", "trail-one", new TrailChange { Container = "audit-logs" }, ifMatch: null, default)).Kind);

        await bench.Trails.DeleteAsync(Account, "trail-one", ifMatch: null, default);
        Assert.Equal(TrailOutcomeKind.ContainerMissing, (await bench.Trails.CreateAsync("rival", TrailBench.Draft("trail-two"), default)).Kind);
    }

    [Fact]
    public async Task Accounts_never_see_each_others_trails()
    {
        var bench = await TrailBench.StartAsync();
        await bench.CreateAsync();
        Assert.Null(await bench.Trails.FindAsync("rival", "trail-one", default));
        Assert.Empty(await bench.Trails.ListAsync("rival", default));
        Assert.Equal(TrailOutcomeKind.NotFound, (await bench.Trails.StartAsync("rival", "trail-one", default)).Kind);
        Assert.Equal(TrailOutcomeKind.NotFound, (await bench.Trails.DeleteAsync("rival", "trail-one", ifMatch: null, default)).Kind);
    }

    [Fact]
    public async Task The_quota_is_exact_when_many_create_and_delete_at_once()
    {
        var bench = await TrailBench.StartAsync();
        for (var round = 0; round < 20; round++)
        {
            var created = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => bench.Trails.CreateAsync(Account, TrailBench.Draft($"trail-{i}"), default))));
            Assert.Equal(5, created.Count(static o => o.Kind == TrailOutcomeKind.Created));
            Assert.Equal(7, created.Count(static o => o.Kind == TrailOutcomeKind.QuotaExceeded));
            var trails = await bench.Trails.ListAsync(Account, default);
            Assert.Equal(5, trails.Count);

            // The same name deleted by two callers at once gives back one place.
            var doubled = trails.Concat(trails).Select(t => Task.Run(() => bench.Trails.DeleteAsync(Account, t.Name, ifMatch: null, default)));
            var deleted = await Task.WhenAll(doubled);
            Assert.Equal(5, deleted.Count(static o => o.Kind == TrailOutcomeKind.Ok));
            Assert.Empty(await bench.Trails.ListAsync(Account, default));
        }
    }

    [Fact]
    public async Task Trails_of_another_home_region_do_not_count()
    {
        var bench = await TrailBench.StartAsync();
        for (var i = 0; i < 5; i++)
            await bench.CreateAsync(TrailBench.Draft($"trail-{i}"));
        var elsewhere = bench.Open(bench.Tables, new TrailsOptions { Region = "westeurope" });
        Assert.Equal("westeurope", (await elsewhere.CreateAsync(Account, TrailBench.Draft("trail-west"), default)).Trail!.HomeRegion);
        Assert.Equal(TrailOutcomeKind.QuotaExceeded, (await bench.Trails.CreateAsync(Account, TrailBench.Draft("trail-five"), default)).Kind);
    }

    [Fact]
    public async Task A_trail_made_anew_under_its_old_name_in_the_same_tick_has_another_id_and_the_old_one_is_remembered_until_windows_passed_it()
    {
        var bench = await TrailBench.StartAsync();
        var old = await bench.CreateAsync();
        await ActAsync(bench, "start");
        bench.Clock.Advance(seconds: 3);
        await bench.Trails.DeleteAsync(Account, old.Name, ifMatch: null, default);
        bench.Clock.Advance(seconds: -3);
        var anew = await bench.CreateAsync();
        Assert.NotEqual(old.TrailId, anew.TrailId);
        var deletedAt = bench.Clock.Now.AddSeconds(3);

        var all = await ScanAsync(bench);
        var tombstone = Assert.Single(all, static t => t.DeletedAt is not null);
        Assert.Equal((old.TrailId, deletedAt), (tombstone.TrailId, tombstone.DeletedAt));
        Assert.Equal([new(old.CreateTime, deletedAt)], tombstone.Intervals);

        Assert.Equal(0, await bench.Trails.ForgetDeletedAsync(deletedAt.AddHours(1), all, default));
        Assert.Equal(1, await bench.Trails.ForgetDeletedAsync(deletedAt.AddHours(1).AddTicks(1), all, default));
        Assert.Equal(anew.TrailId, Assert.Single(await ScanAsync(bench)).TrailId);
    }

    [Fact]
    public async Task A_fault_at_any_request_leaves_each_call_done_or_undone_and_the_quota_true()
    {
        var faults = 0;
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var bench = await TrailBench.StartAsync();
                var faulty = new StorageFaults();
                var trails = bench.Open(new FaultyTableStore(bench.Tables, faulty));
                faulty.FailAt(request, mode);
                await RunAsync(trails);
                if (!faulty.Fired)
                    break;
                faults++;
                faulty.Reset();
                await ActAsync(bench, "start");
                var left = await bench.Trails.ListAsync(Account, default);
                var quota = await bench.Tables.FindAsync(Tables.Trails, Account, TrailKeys.Quota("local"), default);
                Assert.Equal(left.Count, quota?.GetInt32("Count") ?? 0);
                foreach (var trail in left)
                    await bench.Trails.DeleteAsync(Account, trail.Name, ifMatch: null, default);
                Assert.Empty(await bench.Trails.ListAsync(Account, default));
            }
        }

        Assert.True(faults >= 50, $"{faults} faults");
    }

    private static async Task RunAsync(TrailStore trails)
    {
        try
        {
            await trails.CreateAsync(Account, TrailBench.Draft(), default);
            await trails.StartAsync(Account, "trail-one", default);
            await trails.UpdateAsync(Account, "trail-one", new TrailChange { Container = "other-logs" }, ifMatch: null, default);
            await trails.StopAsync(Account, "trail-one", default);
            await trails.CreateAsync(Account, TrailBench.Draft("trail-two"), default);
            await trails.DeleteAsync(Account, "trail-one", ifMatch: null, default);
        }
        catch (Exception e) when (e is StoreException or SimulatedCrashException)
        {
            // The caller saw an error; what holds regardless is asserted by the test.
        }
    }

    private static async Task<List<Trail>> ScanAsync(TrailBench bench)
    {
        var trails = new List<Trail>();
        await foreach (var trail in bench.Trails.ScanAsync(default))
            trails.Add(trail);
        return trails;
    }

    private static Task<TrailOutcome> ActAsync(TrailBench bench, string action) => action switch
    {
        "start" => bench.Trails.StartAsync(Account, "trail-one", default),
        "stop" => bench.Trails.StopAsync(Account, "trail-one", default),
        "update" => bench.Trails.UpdateAsync(Account, "trail-one", new TrailChange { EventRW = "Write" }, ifMatch: null, default),
        _ => throw new ArgumentException(action, nameof(action)),
    };
}
