using ActionTrail.Delivery;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Query;
using ActionTrail.Retention;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Logstores;

public sealed class LogstoreDeliveryTests
{
    [Fact]
    public async Task What_was_committed_is_in_the_logstore_within_seconds_and_found_when_the_history_is_over()
    {
        var world = await LogstoreWorld.StartAsync();
        var one = world.Bench.Event();
        await world.Bench.CommitAsync(one, world.Bench.Event() with { EventName = "DeleteDisk" }, world.Bench.Event("other"));
        await world.DeliverAsync();

        var page = await world.LookupAsync();
        Assert.Equal(["e-1", "e-2"], LogstoreWorld.Ids(page));
        Assert.Equal(one.ToBytes(), page.Events[0].Body.ToArray());
        Assert.Equal(["e-2"], LogstoreWorld.Ids(await world.LookupAsync("acme", new LookupCondition(EventAttribute.EventName, "DeleteDisk"))));
        Assert.Empty((await world.LookupAsync("other")).Events);
        await world.VerifyAsync();

        world.Bench.Clock.Advance(seconds: 200 * 86_400);
        Assert.Equal(["e-1", "e-2"], LogstoreWorld.Ids(await world.LookupAsync()));
        Assert.Empty((await world.LookupAsync(StoreName.History, LookupReach.Retention, "acme")).Events);
        Assert.Empty((await world.LookupAsync(world.Store, new LookupReach(199, "x"), "acme")).Events);
        Assert.NotNull(await world.Lookup().FindAsync(world.Store, new LookupReach(null, "x"), "acme", "e-1", default));
    }

    [Fact]
    public async Task Every_run_of_the_scheduler_cuts_what_has_settled_and_no_container_gets_more_windows_for_it()
    {
        var world = await LogstoreWorld.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await world.Bench.CommitAsync(world.Bench.Event());
            await world.DeliverAsync();
            Assert.Equal(i + 1, (await world.AppendedAsync()).Count);
        }

        Assert.Empty(await world.Bench.WindowsAsync());
        Assert.Equal(5, (await world.Bench.RecordsAsync()).Count(static r => r.State == DeliveryState.Done));
        Assert.Equal((true, 0, 0), (await world.Bench.Ledger().ReadStatusAsync(world.Trail, default)).Find(DestinationKind.Logstore) is { } s ? (s.IsUsable, s.Pending, s.Undelivered) : default);
    }

    [Fact]
    public async Task An_upgraded_deployment_begins_the_fast_lane_where_the_regular_one_stands()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.Bench.CloseWindowAsync();

        // As a deployment before Logstores left it: no row of the fast lane.
        foreach (var key in (string[])[WindowKeys.Head, WindowKeys.Position, WindowKeys.Covered])
            await world.Bench.Tables.DeleteAsync(Tables.Windows, WindowKeys.Lane(StoreName.History, WindowLane.Fast), key, etag: null, default);
        await foreach (var row in world.Bench.Tables.QueryAsync(Tables.Windows, WindowKeys.Lane(StoreName.History, WindowLane.Fast), null, null, default))
            await world.Bench.Tables.DeleteAsync(Tables.Windows, row.PartitionKey, row.RowKey, etag: null, default);
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();

        var windows = new List<DeliveryWindow>();
        await foreach (var row in world.Bench.Tables.QueryAsync(Tables.Windows, WindowKeys.Lane(StoreName.History, WindowLane.Fast), "w", WindowKeys.AfterWindows, default))
            windows.Add(DeliveryWindow.FromRow(StoreName.History, row));
        Assert.Equal([new WindowRange(PartitionName.Api(0), 0, 1)], windows.SelectMany(static w => w.Ranges));
    }

    [Fact]
    public async Task A_window_too_large_for_one_commit_is_appended_in_parts_and_each_part_once()
    {
        var world = await LogstoreWorld.StartAsync(new DeliveryOptions { MaxAppendBytes = 300 });
        await world.Bench.CommitAsync([.. Enumerable.Range(0, 7).Select(_ => world.Bench.Event())]);
        await world.DeliverAsync();
        Assert.Equal(Enumerable.Range(1, 7).Select(static i => $"e-{i}"), await world.AppendedAsync());
        var record = Assert.Single(await world.Bench.RecordsAsync());
        Assert.InRange(record.ObjectCount, 2, 7);
        Assert.Equal(7, record.Events);

        // Made again, it finds every part.
        await ReopenAsync(world, record);
        Assert.Equal([DeliveryCategory.Done], (await world.Bench.DrainAsync(Queues.DeliverLogstore)).Select(static o => o.Category));
        Assert.Equal(7, (await world.AppendedAsync()).Count);
        Assert.Equal(new RecheckReport(1, 0), await world.Bench.Ledger().RecheckAsync(default, default));
        await world.VerifyAsync();
    }

    [Fact]
    public async Task A_segment_that_the_store_forgot_is_written_again()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event(), world.Bench.Event());
        await world.DeliverAsync();
        var name = (await world.LogAsync())[0].Segment!.Name;
        await world.Bench.Objects.DeleteAsync(Containers.Events, name, default);

        Assert.Equal(new RecheckReport(1, 1), await world.Bench.Ledger().RecheckAsync(default, default));
        await world.Bench.DrainAsync(Queues.DeliverLogstore);
        Assert.Equal(["e-1", "e-2"], await world.AppendedAsync());
        await world.VerifyAsync();

        // Compacted, its own segment may go.
        world.Bench.Clock.Advance(seconds: 3600);
        await world.Compactor().RunAsync(world.Store, default);
        await world.Bench.Objects.DeleteAsync(Containers.Events, name, default);
        Assert.Equal(new RecheckReport(1, 0), await world.Bench.Ledger().RecheckAsync(default, default));
    }

    [Fact]
    public async Task Something_else_under_the_key_of_a_part_is_a_conflict_and_changes_nothing()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        world.Bench.Clock.Advance(seconds: 3);
        await world.Bench.Scheduler().RunAsync(default);
        var record = Assert.Single(await world.Bench.RecordsAsync());
        await world.AppendAsync(Keys.WindowPart(record.Window, world.Trail.TrailId, 0), world.Bench.Event() with { EventId = "foreign" });

        Assert.Equal([DeliveryCategory.Conflict], (await world.Bench.DrainAsync(Queues.DeliverLogstore)).Select(static o => o.Category));
        Assert.Equal(["foreign"], await world.AppendedAsync());
        Assert.Equal(1, (await world.Bench.Ledger().ReadStatusAsync(world.Trail, default)).Find(DestinationKind.Logstore)!.Undelivered);
    }

    [Fact]
    public async Task A_logstore_that_is_gone_parks_its_deliveries()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.Bench.Tables.DeleteAsync(Tables.Logstores, "acme", "audit.actiontrail_trail-one", etag: null, default);
        world.Bench.Clock.Advance(seconds: 3);
        await world.Bench.Scheduler().RunAsync(default);
        Assert.Equal([DeliveryCategory.Misconfigured], (await world.Bench.DrainAsync(Queues.DeliverLogstore)).Select(static o => o.Category));
    }

    [Fact]
    public async Task A_trail_made_anew_goes_on_with_the_logstore_of_its_name_which_no_deletion_touches()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        world.Bench.Clock.Advance(seconds: 1);
        await world.Bench.Trails.DeleteAsync("acme", "trail-one", ifMatch: null, default);
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();
        await world.Registry.SetRetentionAsync("acme", new("audit", "actiontrail_trail-one"), 400, ifMatch: null, default);

        await world.Bench.Trails.CreateAsync("acme", new TrailDraft { Name = "trail-one", LogstoreProject = "audit" }, default);
        await world.Bench.Trails.StartAsync("acme", "trail-one", default);
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();

        Assert.Equal(["e-1", "e-2", "e-4"], await world.AppendedAsync());
        Assert.Equal(400, (await world.Registry.FindAsync("acme", new("audit", "actiontrail_trail-one"), default))!.RetentionDays);
    }

    [Fact]
    public async Task Events_of_one_id_and_time_of_two_accounts_both_stay_and_copies_of_one_do_not()
    {
        var world = await LogstoreWorld.StartAsync();
        var mine = world.Bench.Event("acme") with { EventId = "same" };
        var theirs = mine with { Account = "kid" };
        await world.AppendAsync("one", mine, theirs, mine with { EventId = "mine" });
        await world.AppendAsync("two", mine, theirs with { EventId = "theirs" });

        await ProveAsync();
        world.Bench.Clock.Advance(seconds: 3600);
        await world.Compactor().RunAsync(world.Store, default);
        Assert.Equal(4, (await world.VerifyAsync()).CompactedEvents);
        await ProveAsync();

        async Task ProveAsync()
        {
            Assert.Equal(["mine", "same", "same", "theirs"], LogstoreWorld.Ids(await world.LookupAsync()).Order(StringComparer.Ordinal));
            foreach (var (account, ids) in new (string, string[])[] { ("acme", ["mine", "same"]), ("kid", ["same", "theirs"]), ("nobody", []) })
                Assert.Equal(ids, LogstoreWorld.Ids(await world.LookupAsync("acme", new LookupCondition(EventAttribute.RecipientAccount, account))).Order(StringComparer.Ordinal));
            var query = new LookupQuery { AccountId = "acme", FromMs = 0, ToMs = long.MaxValue, Reach = new(null, "x") };
            var top = await world.Top().ReadAsync(world.Store, query, EventAttribute.RecipientAccount, 10, default);
            Assert.Equal([("acme", 2L), ("kid", 2L)], top.Values.Select(static v => (v.Value, v.Count)).Order());
        }
    }

    [Fact]
    public async Task Retention_of_a_logstore_is_its_own_and_takes_the_marks_with_the_commits()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();
        var clock = world.Bench.Clock;
        for (var day = 0; day < 40; day++)
        {
            clock.Advance(seconds: 86_400);
            await world.Purge().RunAsync(world.Store, days: null, dryRun: false, force: true, default);
        }

        Assert.Equal(["e-1"], await world.AppendedAsync());
        for (var day = 0; day < 3; day++)
        {
            clock.Advance(seconds: 86_400);
            await world.Purge().RunAsync(world.Store, days: 30, dryRun: false, force: true, default);
        }

        Assert.Empty(await world.AppendedAsync());
        var rows = new List<string>();
        await foreach (var row in world.Bench.Tables.QueryAsync(Tables.Commits, Keys.CommitPartition(world.Store, LogstoreAppender.Partition), null, null, default))
            rows.Add(row.RowKey);
        Assert.Equal([Keys.Head], rows);
        await world.VerifyAsync();

        // What retention took is not missed.
        Assert.Equal(new RecheckReport(1, 0), await world.Bench.Ledger().RecheckAsync(default, default));
    }

    [Fact]
    public async Task A_hold_stops_the_purge_of_logstores_too()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Holds.HoldAsync(LegalHolds.Everything, "case 7", ifMatch: null, default);
        Assert.Contains("case 7", (await world.Purge().RunAsync(world.Store, days: 1, dryRun: true, force: false, default)).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Stores_of_logstores_are_named_apart()
    {
        var names = new[] { ("acme", "audit", "actiontrail_x-trail"), ("acme", "audit2", "actiontrail_x-trail"), ("other", "audit", "actiontrail_x-trail"), ("acme", "audit", "innertrail_x-trail") }
            .Select(static n => StoreName.Logstore(n.Item1, n.Item2, n.Item3).ToString()).ToList();
        Assert.Equal(4, names.Distinct().Count());
        Assert.All(names, static name => Assert.True(StoreName.TryParse(name, out _)));
        Assert.Equal("ls-5a5ff3b3a4b1ad2d3ff0cc3fb5d2e0aa".Length, names[0].Length);
    }

    private static async Task ReopenAsync(LogstoreWorld world, DeliveryRecord record)
    {
        var row = await world.Bench.Tables.FindAsync(Tables.Deliveries, record.Key, DeliveryKeys.Delivery(record.Window), default);
        var pending = DeliveryRecord.FromRow(row!) with { State = DeliveryState.Pending };
        await world.Bench.Tables.ReplaceAsync(Tables.Deliveries, pending.ToRow(), row!.ETag!, default);
        await world.Bench.Tables.UpsertAsync(Tables.Deliveries, new TableRow(record.Key, DeliveryKeys.Pending(record.Window)), default);
        await world.Bench.Queue.SendAsync(Queues.DeliverLogstore, record.ToMessage().ToJson(), TimeSpan.Zero, default);
    }
}
