using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Query;
using ActionTrail.Retention;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Logstores;

/// <summary>Logstores are deleted by name when nobody writes to them, and their stores are erased later.</summary>
public sealed class LogstoreRemovalTests
{
    private static readonly TrailDraft Draft = new() { Name = "trail-one", LogstoreProject = "audit" };

    [Fact]
    public async Task A_logstore_goes_when_its_trail_is_gone_and_has_delivered()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();
        Assert.Equal((LogstoreRemovalOutcome.InUse, "Trail trail-one delivers to it."), await RemoveAsync(world));

        // What was committed before the trail's end is still to come.
        await world.Bench.CommitAsync(world.Bench.Event());
        world.Bench.Clock.Advance(seconds: 1);
        await world.Bench.Trails.DeleteAsync("acme", "trail-one", ifMatch: null, default);
        Assert.Equal(LogstoreRemovalOutcome.InUse, (await RemoveAsync(world)).Outcome);
        world.Bench.Clock.Advance(seconds: 600);
        await world.Bench.Scheduler().RunAsync(default);
        Assert.Equal(LogstoreRemovalOutcome.InUse, (await RemoveAsync(world)).Outcome);
        await world.Bench.DrainAsync(Queues.DeliverLogstore);
        Assert.Equal(2, (await world.AppendedAsync()).Count);

        var etag = (await world.Registry.FindAsync("acme", LogstoreWorld.Name, default))!.ETag;
        Assert.Equal(LogstoreRemovalOutcome.PreconditionFailed, (await RemoveAsync(world, ifMatch: "other")).Outcome);
        Assert.Equal(LogstoreRemovalOutcome.NotFound, (await new LogstoreRemoval(world.Bench.Tables, world.Registry).DeleteAsync("other", LogstoreWorld.Name, ifMatch: null, default)).Outcome);
        Assert.Equal(LogstoreRemovalOutcome.Deleted, (await RemoveAsync(world, etag)).Outcome);
        Assert.Equal(LogstoreRemovalOutcome.NotFound, (await RemoveAsync(world)).Outcome);
        Assert.Null(await world.Registry.FindAsync("acme", LogstoreWorld.Name, default));
        Assert.Empty(await world.Registry.ListAsync("acme", default));
        Assert.Equal([world.Store], await DeletedAsync(world));
    }

    [Fact]
    public async Task One_that_its_trail_was_pointed_away_from_goes_when_what_it_is_still_due_is_there()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        world.Bench.Clock.Advance(seconds: 3);
        await world.Bench.Scheduler().RunAsync(default);
        Assert.Equal(TrailOutcomeKind.Ok, (await world.Bench.Trails.UpdateAsync("acme", "trail-one", new TrailChange { LogstoreProject = "other" }, ifMatch: null, default)).Kind);
        Assert.Equal(LogstoreRemovalOutcome.InUse, (await RemoveAsync(world)).Outcome);

        // Handed out before, and not delivered.
        world.Bench.Clock.Advance(seconds: 600);
        await world.Bench.CommitAsync(world.Bench.Event());
        world.Bench.Clock.Advance(seconds: 3);
        await world.Bench.Scheduler().RunAsync(default);
        Assert.Equal(LogstoreRemovalOutcome.InUse, (await RemoveAsync(world)).Outcome);
        await world.Bench.DrainAsync(Queues.DeliverLogstore);
        Assert.Equal(["e-1"], await world.AppendedAsync());

        // What it gets now goes elsewhere, and does not count.
        await world.Bench.CommitAsync(world.Bench.Event());
        world.Bench.Clock.Advance(seconds: 3);
        await world.Bench.Scheduler().RunAsync(default);
        Assert.Equal(LogstoreRemovalOutcome.Deleted, (await RemoveAsync(world)).Outcome);
    }

    [Fact]
    public async Task One_made_anew_is_another_and_gets_nothing_of_the_deleted_one()
    {
        var world = await DeletedWorldAsync();
        await world.Bench.Trails.CreateAsync("acme", Draft, default);
        await world.Bench.Trails.StartAsync("acme", "trail-one", default);
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();
        var made = (await world.Registry.FindAsync("acme", LogstoreWorld.Name, default))!;
        Assert.NotEqual(world.Store, made.Store);

        // Nothing that was delivered to the old one is missed, and so delivered to the new one.
        Assert.Equal(0, (await world.Bench.Ledger().RecheckAsync(default, default)).Reopened);
        Assert.True((await Erasure(world).RunAsync(world.Store, "acme", TimeSpan.FromMinutes(1), default)).IsDone);
        Assert.Equal(0, (await world.Bench.Ledger().RecheckAsync(default, default)).Reopened);
        var page = await world.LookupAsync(made.Store, new(null, made.Store.ToString()), "acme");
        Assert.Equal(["e-4"], LogstoreWorld.Ids(page));
        Assert.Equal(0, await LeftAsync(world));
    }

    [Fact]
    public async Task No_race_makes_more_logstores_than_the_quota_and_a_deleted_one_no_longer_counts()
    {
        var tables = new MemoryTableStore();
        await tables.CreateTableAsync(Tables.Logstores, default);
        var registry = new LogstoreRegistry(tables, new LogstoreOptions { PerAccount = 3 }, TimeProvider.System);
        var made = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => registry.EnsureAsync("acme", new("audit", $"actiontrail_trail-{i}"), LogstoreSchema.Audit, default))));
        Assert.Equal(3, made.Count(static one => one is not null));
        var all = await registry.ListAsync("acme", default);
        Assert.Equal(3, all.Count);
        Assert.Equal(all[0], await registry.EnsureAsync("acme", all[0].Name, LogstoreSchema.Audit, default));
        Assert.NotNull(await registry.EnsureAsync("other", new("audit", "actiontrail_trail-1"), LogstoreSchema.Audit, default));

        Assert.Equal(LogstoreOutcome.Changed, await registry.DeleteAsync(all[0], default));
        Assert.NotNull(await registry.EnsureAsync("acme", new("audit", "actiontrail_trail-x"), LogstoreSchema.Audit, default));
        Assert.Null(await registry.EnsureAsync("acme", all[0].Name, LogstoreSchema.Audit, default));
    }

    [Fact]
    public async Task A_rival_before_any_request_takes_the_last_place_or_leaves_it()
    {
        for (var request = 0; ; request++)
        {
            var (tables, faults) = (new MemoryTableStore(), new StorageFaults());
            await tables.CreateTableAsync(Tables.Logstores, default);
            var options = new LogstoreOptions { PerAccount = 2 };
            await new LogstoreRegistry(tables, options, TimeProvider.System).EnsureAsync("acme", new("audit", "actiontrail_first"), LogstoreSchema.Audit, default);
            faults.RunAt(request, () => new LogstoreRegistry(tables, options, TimeProvider.System).EnsureAsync("acme", new("audit", "actiontrail_rival"), LogstoreSchema.Audit, default));
            await new LogstoreRegistry(new FaultyTableStore(tables, faults), options, TimeProvider.System).EnsureAsync("acme", new("audit", "actiontrail_second"), LogstoreSchema.Audit, default);
            Assert.Equal(2, (await new LogstoreRegistry(tables, options, TimeProvider.System).ListAsync("acme", default)).Count);
            if (!faults.Fired)
                break;
        }
    }

    [Fact]
    public async Task A_trail_that_needs_one_more_than_the_quota_is_refused_and_not_made()
    {
        var world = await LogstoreWorld.StartAsync();
        var trails = new TrailStore(world.Bench.Tables, world.Bench.Objects, new TrailsOptions { Logstores = new() { PerAccount = 1 } }, world.Bench.Clock, NullLogger<TrailStore>.Instance);
        Assert.Equal(TrailOutcomeKind.LogstoreQuotaExceeded, (await trails.CreateAsync("acme", Draft with { Name = "trail-two" }, default)).Kind);
        Assert.Null(await trails.FindAsync("acme", "trail-two", default));
        Assert.Equal(TrailOutcomeKind.Created, (await trails.CreateAsync("acme", new TrailDraft { Name = "trail-two", Container = "audit-logs" }, default)).Kind);
        Assert.Equal(TrailOutcomeKind.LogstoreQuotaExceeded, (await trails.UpdateAsync("acme", "trail-two", new TrailChange { LogstoreProject = "audit" }, ifMatch: null, default)).Kind);
        Assert.Null((await trails.FindAsync("acme", "trail-two", default))!.Logstore);
    }

    [Fact]
    public async Task A_hold_that_comes_before_the_erasure_keeps_the_store()
    {
        var world = await DeletedWorldAsync();
        foreach (var held in new[] { LegalHolds.Everything, "acme", "kid" })
        {
            await world.Holds.HoldAsync(held, "case 7", ifMatch: null, default);
            var kept = await Erasure(world).RunAsync(world.Store, "acme", TimeSpan.FromMinutes(1), default);
            Assert.Equal((false, true, 0), (kept.IsDone, kept.Hold is not null, kept.Objects));
            await world.Holds.ReleaseAsync(held, ifMatch: null, default);
        }

        await world.Holds.HoldAsync("nobody", "case 7", ifMatch: null, default);
        Assert.True((await Erasure(world).RunAsync(world.Store, "acme", TimeSpan.FromMinutes(1), default)).IsDone);
        Assert.Equal(0, await LeftAsync(world));
    }

    [Fact]
    public async Task A_run_that_has_no_time_left_is_continued_by_the_next()
    {
        var world = await DeletedWorldAsync();
        var first = await Erasure(world).RunAsync(world.Store, "acme", TimeSpan.Zero, default);
        Assert.Equal((false, null, 0), (first.IsDone, first.Hold, first.Objects));
        Assert.True((await Erasure(world).RunAsync(world.Store, "acme", TimeSpan.FromMinutes(1), default)).IsDone);
    }

    [Fact]
    public async Task An_erasure_that_dies_at_any_request_is_finished_by_the_next_and_touches_nothing_else()
    {
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var world = await DeletedWorldAsync();
                var (others, otherEvents) = (await CountAsync(world, besides: world.Store), (await world.LookupAsync(StoreName.History, LookupReach.Retention, "acme")).Events.Count);
                world.Bench.Faults.FailAt(request, mode);
                try
                {
                    await Faulty(world).RunAsync(world.Store, "acme", TimeSpan.FromMinutes(1), default);
                }
                catch (Exception e) when (e is StoreException or SimulatedCrashException or AggregateException)
                {
                    // The next run goes on.
                }

                var fired = world.Bench.Faults.Fired;
                world.Bench.Faults.Reset();
                Assert.True((await Erasure(world).RunAsync(world.Store, "acme", TimeSpan.FromMinutes(1), default)).IsDone);
                Assert.Equal(0, await LeftAsync(world));
                Assert.Equal((others, otherEvents), (await CountAsync(world, besides: world.Store), (await world.LookupAsync(StoreName.History, LookupReach.Retention, "acme")).Events.Count));
                if (!fired)
                    break;
            }
        }
    }

    [Fact]
    public async Task A_trail_made_while_its_logstore_is_deleted_has_one()
    {
        var outcomes = new List<LogstoreRemovalOutcome>();
        for (var request = 0; ; request++)
        {
            var world = await IdleWorldAsync();
            var outcome = default(LogstoreRemovalOutcome);
            world.Bench.Faults.RunAt(request, async () => outcome = (await RemoveAsync(world)).Outcome);
            var trails = new TrailStore(new FaultyTableStore(world.Bench.Tables, world.Bench.Faults), world.Bench.Objects, new TrailsOptions(), world.Bench.Clock, NullLogger<TrailStore>.Instance);
            Assert.Equal(TrailOutcomeKind.Created, (await trails.CreateAsync("acme", Draft, default)).Kind);
            var fired = world.Bench.Faults.Fired;
            world.Bench.Faults.Reset();
            Assert.NotNull(await world.Registry.FindAsync("acme", LogstoreWorld.Name, default));
            if (!fired)
                break;
            outcomes.Add(outcome);
        }

        Assert.Equal([LogstoreRemovalOutcome.Deleted, LogstoreRemovalOutcome.InUse], outcomes.Distinct().Order());
    }

    [Fact]
    public async Task A_trail_made_while_its_logstore_is_deleted_and_the_place_taken_is_refused_or_has_one()
    {
        var outcomes = new List<TrailOutcomeKind>();
        for (var request = 0; ; request++)
        {
            var world = await IdleWorldAsync();
            var options = new TrailsOptions { Logstores = new() { PerAccount = 1 } };
            world.Bench.Faults.RunAt(request, async () =>
            {
                await RemoveAsync(world);
                await new LogstoreRegistry(world.Bench.Tables, options.Logstores, world.Bench.Clock).EnsureAsync("acme", new("audit", "actiontrail_other"), LogstoreSchema.Audit, default);
            });
            var trails = new TrailStore(new FaultyTableStore(world.Bench.Tables, world.Bench.Faults), world.Bench.Objects, options, world.Bench.Clock, NullLogger<TrailStore>.Instance);
            var kind = (await trails.CreateAsync("acme", Draft, default)).Kind;
            var fired = world.Bench.Faults.Fired;
            world.Bench.Faults.Reset();
            Assert.Equal(kind == TrailOutcomeKind.Created, await world.Bench.Trails.FindAsync("acme", "trail-one", default) is not null);
            if (kind == TrailOutcomeKind.Created)
                Assert.NotNull(await world.Registry.FindAsync("acme", LogstoreWorld.Name, default));
            if (!fired)
                break;
            outcomes.Add(kind);
        }

        Assert.Equal(new[] { TrailOutcomeKind.Created, TrailOutcomeKind.LogstoreQuotaExceeded }.Order(), outcomes.Distinct().Order());
    }

    [Fact]
    public async Task A_logstore_deleted_while_a_trail_for_it_is_made_is_there_for_the_trail()
    {
        var outcomes = new List<LogstoreRemovalOutcome>();
        for (var request = 0; ; request++)
        {
            var world = await IdleWorldAsync();
            world.Bench.Faults.RunAt(request, async () => Assert.Equal(TrailOutcomeKind.Created, (await world.Bench.Trails.CreateAsync("acme", Draft, default)).Kind));
            var tables = new FaultyTableStore(world.Bench.Tables, world.Bench.Faults);
            var (outcome, _) = await new LogstoreRemoval(tables, new LogstoreRegistry(tables, new(), world.Bench.Clock)).DeleteAsync("acme", LogstoreWorld.Name, ifMatch: null, default);
            var fired = world.Bench.Faults.Fired;
            world.Bench.Faults.Reset();
            if (!fired)
                break;
            outcomes.Add(outcome);
            Assert.NotNull(await world.Registry.FindAsync("acme", LogstoreWorld.Name, default));
        }

        Assert.Contains(LogstoreRemovalOutcome.Deleted, outcomes);
        Assert.Contains(LogstoreRemovalOutcome.InUse, outcomes);
    }

    /// <summary>A Logstore with fresh and compacted events of two accounts, whose trail is gone and delivered all.</summary>
    private static async Task<LogstoreWorld> IdleWorldAsync()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();
        await world.CompactAsync(largeAccountRows: 1_000);
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();
        await world.AppendAsync("other", world.Bench.Event("kid") with { EventId = "k-1" });
        await world.Bench.Objects.CreateAsync(Containers.Proofs, $"{world.Store}/leaves/some", new byte[3], ObjectLabel.Binary, default);
        await world.Bench.Tables.InsertAsync(Tables.Checkpoints, new TableRow(world.Store.ToString(), SealKeys.Head), default);
        world.Bench.Clock.Advance(seconds: 1);
        await world.Bench.Trails.DeleteAsync("acme", "trail-one", ifMatch: null, default);
        world.Bench.Clock.Advance(seconds: 600);
        await world.Bench.Scheduler().RunAsync(default);
        await world.Bench.DrainAsync(Queues.DeliverLogstore);
        world.Bench.Faults.Reset();
        return world;
    }

    private static async Task<LogstoreWorld> DeletedWorldAsync()
    {
        var world = await IdleWorldAsync();
        Assert.Equal(LogstoreRemovalOutcome.Deleted, (await RemoveAsync(world)).Outcome);
        Assert.NotEqual(0, await LeftAsync(world));
        return world;
    }

    private static Task<(LogstoreRemovalOutcome Outcome, string? User)> RemoveAsync(LogstoreWorld world, string? ifMatch = null) =>
        new LogstoreRemoval(world.Bench.Tables, world.Registry).DeleteAsync("acme", LogstoreWorld.Name, ifMatch, default);

    private static StoreErasure Erasure(LogstoreWorld world) => new(world.Bench.Tables, world.Bench.Objects, world.Bench.Clock, new RetentionOptions());

    private static StoreErasure Faulty(LogstoreWorld world) =>
        new(new FaultyTableStore(world.Bench.Tables, world.Bench.Faults), new FaultyObjectStore(world.Bench.Objects, world.Bench.Faults), world.Bench.Clock, new RetentionOptions());

    private static async Task<List<StoreName>> DeletedAsync(LogstoreWorld world)
    {
        var stores = new List<StoreName>();
        await foreach (var one in world.Registry.ScanDeletedAsync(default))
            stores.Add(one.Store);
        return stores;
    }

    /// <summary>Rows and objects of the world's store.</summary>
    private static Task<int> LeftAsync(LogstoreWorld world) => CountAsync(world, besides: null, of: world.Store);

    private static async Task<int> CountAsync(LogstoreWorld world, StoreName? besides, StoreName? of = null)
    {
        var count = 0;
        foreach (var table in (string[])[Tables.Commits, Tables.Segments, Tables.Progress, Tables.Quarantine, Tables.Checkpoints])
        {
            await foreach (var row in world.Bench.Tables.ScanAsync(table, default))
                count += Counts(row.PartitionKey) ? 1 : 0;
        }

        foreach (var container in (string[])[Containers.Events, Containers.Quarantine, Containers.Proofs])
        {
            await foreach (var item in world.Bench.Objects.ListAsync(container, "", default))
                count += Counts(item.Name) ? 1 : 0;
        }

        return count;

        bool Counts(string key) => of is { } one ? key.StartsWith(one.ToString(), StringComparison.Ordinal) : !key.StartsWith(besides.ToString()!, StringComparison.Ordinal);
    }
}
