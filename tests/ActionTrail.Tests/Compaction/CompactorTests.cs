using ActionTrail.Compaction;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Compaction;

public sealed class CompactorTests
{
    [Fact]
    public async Task Commits_become_segments_of_shards_and_days_and_nothing_is_lost_or_shown_twice()
    {
        var world = await CompactionWorld.CreateAsync();
        for (var i = 0; i < 7; i++)
            await world.CommitAsync(20);
        var report = await world.CompactAsync();
        await world.AssertExactAsync();
        await world.AssertChainAsync();
        Assert.Equal(TimeSpan.Zero, report.Backlog.Age);
        var head = await world.Log.ReadHeadAsync(StoreName.History, default);
        Assert.All(await world.Ingest.CommitsAsync(), c => Assert.True(head.Holds(c)));
        Assert.All(await world.InForceAsync(), s => Assert.Equal(TimeSlice.Start(s.Segment.MinEventTimeMs, TimeSlice.DayMs), TimeSlice.Start(s.Segment.MaxEventTimeMs, TimeSlice.DayMs)));
        await world.SettleAsync();
        await world.AssertExactAsync();
        await world.AssertNoOrphansAsync();
        Assert.Equal(2, (await world.InForceAsync()).Select(static s => s.Shard).Distinct().Count());
    }

    [Fact]
    public async Task Commits_wait_until_they_are_settled_and_old_enough_or_enough()
    {
        var world = await CompactionWorld.CreateAsync();
        world.Options.Settle = TimeSpan.FromSeconds(30);
        world.Options.Delay = TimeSpan.FromMinutes(5);
        world.Options.MaxFreshCommits = 100;
        await world.CommitAsync(5);
        world.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(1, (await world.CompactAsync()).Backlog.Commits);
        await world.CommitAsync(5);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, (await world.CompactAsync()).Generation);
        world.Options.EnoughBytes = 1;
        Assert.Equal(1, (await world.CompactAsync()).Generation);
        var head = await world.Log.ReadHeadAsync(StoreName.History, default);
        Assert.Single(await world.Ingest.CommitsAsync(), c => !head.Holds(c));
        await world.AssertExactAsync();
    }

    [Fact]
    public async Task Fresh_segments_stay_for_their_grace_and_merged_ones_for_theirs()
    {
        var world = await CompactionWorld.CreateAsync();
        for (var i = 0; i < 9; i++)
            await world.CommitAsync(5);
        await world.CompactAsync();
        var (names, fresh) = (await world.ObjectNamesAsync(), (await world.Ingest.CommitsAsync()).ConvertAll(static c => c.Segment!.Name));
        Assert.Contains(await world.InForceAsync(), static s => s.Level == 2);
        Assert.Empty(fresh.Except(names));
        var inForce = (await world.InForceAsync()).ConvertAll(static s => s.Segment.Name);
        world.Time.Advance(world.Options.Grace + TimeSpan.FromMinutes(1));
        await world.CompactAsync();
        var after = await world.ObjectNamesAsync();
        Assert.Empty(fresh.Except(after));
        Assert.NotEmpty(names.Except(after));
        Assert.Empty(inForce.Except(after));
        world.Time.Advance(world.Options.FreshGrace);
        await world.CompactAsync();
        Assert.Empty(fresh.Intersect(await world.ObjectNamesAsync()));
        await world.AssertExactAsync();
    }

    [Fact]
    public async Task An_event_sent_twice_is_kept_once_the_copy_that_was_committed_first()
    {
        var world = await CompactionWorld.CreateAsync();
        var at = world.Time.GetUtcNow();
        for (var n = 0; n < 3; n++)
        {
            var json = world.Ingest.EventJson("same", at: at);
            await world.Ingest.NewRival().IngestAsync(world.Ingest.Batch(world.Ingest.Message(n, json)), default);
            world.Time.Advance(TimeSpan.FromSeconds(5));
        }

        var report = await world.CompactAsync();
        Assert.Equal((3, 1, 2), (report.RowsIn, report.RowsOut, report.Copies));
        var segment = Assert.Single(await world.InForceAsync());
        var stored = new List<StoredEvent>();
        await foreach (var one in new SegmentSource(world.Ingest.Objects, new SegmentCacheOptions()).ReadAllAsync(segment.Segment, default))
            stored.Add(one);
        Assert.Equal(0, Assert.Single(stored).At.SequenceNumber);
    }

    [Fact]
    public async Task A_lost_commit_blocks_nothing_and_is_taken_up_when_it_comes_back()
    {
        var world = await CompactionWorld.CreateAsync();
        await world.CommitAsync(5);
        await world.CommitAsync(5);
        await world.CommitAsync(5);
        var lost = (await world.Ingest.CommitsAsync())[1];
        var content = await world.Ingest.Objects.ReadAsync(Containers.Events, lost.Segment!.Name, 0, (int)lost.Segment.Length, default);
        await world.Ingest.Objects.DeleteAsync(Containers.Events, lost.Segment.Name, default);
        var log = new CommitLog(world.Ingest.Tables, world.Time);
        await log.MarkLostAsync(lost, world.Time.GetUtcNow(), default);

        Assert.Equal(1, (await world.CompactAsync()).Passed);
        await world.AssertExactAsync(missing: ["e5", "e6", "e7", "e8", "e9"]);
        Assert.Equal(1, (await world.CompactAsync()).Generation);

        // Its object returns after everything else was freed, first with the mark still on.
        world.Time.Advance(2 * world.Options.FreshGrace);
        await world.CompactAsync();
        await world.Ingest.Objects.CreateAsync(Containers.Events, lost.Segment.Name, content, ObjectLabel.Binary, default);
        Assert.Equal(1, (await world.CompactAsync()).Generation);
        await log.MarkLostAsync(lost, lostAt: null, default);
        await world.AssertExactAsync();
        await world.CompactAsync();
        Assert.Empty((await world.Log.ReadHeadAsync(StoreName.History, default)).Passed);
        await world.AssertExactAsync();
        await world.SettleAsync();
        await world.AssertExactAsync();
        await world.AssertNoOrphansAsync();
        await world.AssertChainAsync();
    }

    [Fact]
    public async Task A_commit_whose_object_is_missing_or_damaged_is_passed_over_until_it_is_sound_or_purged()
    {
        var world = await CompactionWorld.CreateAsync();
        for (var i = 0; i < 3; i++)
            await world.CommitAsync(5);
        var damaged = (await world.Ingest.CommitsAsync())[0].Segment!;
        var content = await DamageAsync(world, damaged);
        Assert.Equal(1, (await world.CompactAsync()).Passed);
        Assert.Equal(0, (await world.CompactAsync()).Plans);
        await world.Ingest.Objects.DeleteAsync(Containers.Events, damaged.Name, default);
        Assert.Equal(0, (await world.CompactAsync()).Plans);
        await world.Ingest.Objects.CreateAsync(Containers.Events, damaged.Name, content, ObjectLabel.Binary, default);
        Assert.Equal(5, (await world.CompactAsync()).RowsIn);
        await world.AssertExactAsync();
    }

    [Fact]
    public async Task A_passed_commit_that_retention_deleted_is_forgotten()
    {
        var world = await CompactionWorld.CreateAsync();
        await world.CommitAsync(5);
        var commit = (await world.Ingest.CommitsAsync())[0];
        await world.Ingest.Objects.DeleteAsync(Containers.Events, commit.Segment!.Name, default);
        await world.CompactAsync();
        await world.Ingest.Tables.DeleteAsync(Tables.Commits, Keys.CommitPartition(StoreName.History, commit.Partition), Keys.Commit(commit.Last), etag: null, default);
        await world.CompactAsync();
        var head = await world.Log.ReadHeadAsync(StoreName.History, default);
        Assert.Equal((2, 0), (head.Generation, head.Passed.Count));
    }

    [Fact]
    public async Task A_damaged_compacted_segment_is_left_alone_and_the_others_are_merged()
    {
        var world = await CompactionWorld.CreateAsync();
        world.Options.Shards = 1;
        world.Options.MaxFreshCommits = 1;
        world.Options.MergeCount = 5;
        for (var i = 0; i < 4; i++)
            await world.CommitAsync(6);
        await world.CompactAsync();
        var damaged = (await world.InForceAsync())[0];
        await DamageAsync(world, damaged.Segment);
        await world.CommitAsync(6);
        await world.CommitAsync(6);
        await world.CompactAsync();
        await world.AssertChainAsync();
        var segments = await world.InForceAsync();
        Assert.NotNull(segments.Single(s => s.Id == damaged.Id).DamagedAt);
        Assert.Contains(segments, static s => s is { Level: 2, Count: 30 });
        Assert.Equal(2, segments.Count);
    }

    [Fact]
    public async Task A_large_account_has_segments_of_its_own()
    {
        var world = await CompactionWorld.CreateAsync();
        world.Options.Shards = 1;
        world.Options.LargeAccountRows = 15;
        await world.CommitAsync(20);
        var large = Enumerable.Range(100, 20).Select(n => world.Ingest.Message(n, world.Ingest.EventJson($"large{n}", account: "1003", at: world.Time.GetUtcNow()))).ToArray();
        await world.Ingest.NewRival().IngestAsync(world.Ingest.Batch(large), default);
        world.Time.Advance(TimeSpan.FromSeconds(5));
        await world.CompactAsync();
        Assert.Equal([(null, 16), ("1003", 24)], (await world.InForceAsync()).Select(static s => (s.Account, s.Count)));

        // A merge keeps them apart, and ends.
        world.Options.MergeCount = 2;
        await world.CommitAsync(20);
        await world.CommitAsync(75);
        await world.CompactAsync();
        var segments = await world.InForceAsync();
        Assert.Equal(135, segments.Sum(static s => s.Count));
        Assert.Equal(segments.Count, segments.Select(static s => s.Account).Distinct().Count());
    }

    [Fact]
    public async Task Late_events_of_one_old_week_make_one_segment()
    {
        var world = await CompactionWorld.CreateAsync();
        world.Options.Shards = 1;
        world.Time.Set(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        var week = DateTimeOffset.FromUnixTimeMilliseconds(TimeSlice.Start(world.Time.GetUtcNow().ToUnixTimeMilliseconds(), TimeSlice.WeekMs)).AddDays(-14);
        foreach (var day in (int[])[0, 2, 4])
            await world.CommitAsync(3, week.AddDays(day));
        await world.CompactAsync();
        var segment = Assert.Single(await world.InForceAsync());
        Assert.Equal((9, 1), (segment.Count, segment.Level));
    }

    [Fact]
    public async Task Two_stores_with_the_same_history_have_the_same_objects()
    {
        var names = new List<List<string>>();
        for (var run = 0; run < 2; run++)
        {
            var world = await CompactionWorld.CreateAsync();
            for (var i = 0; i < 7; i++)
                await world.CommitAsync(11);
            await world.CompactAsync();
            names.Add(await world.ObjectNamesAsync());
        }

        Assert.Equal(names[0].Where(static n => !n.Contains("/fresh/", StringComparison.Ordinal)), names[1].Where(static n => !n.Contains("/fresh/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Retired_segments_are_gone_at_once_deleted_after_the_grace_and_kept_under_a_hold()
    {
        var world = await CompactionWorld.CreateAsync();
        for (var i = 0; i < 3; i++)
            await world.CommitAsync(5);
        await world.CompactAsync();
        var going = (await world.InForceAsync())[0];
        var compactor = world.NewRival();
        Assert.Equal(2, await compactor.RetireAsync(StoreName.History, [new(going.Shard, going.Id)], default));
        Assert.Null(await compactor.RetireAsync(StoreName.History, [new(going.Shard, going.Id)], default));
        Assert.DoesNotContain(await world.InForceAsync(), s => s.Id == going.Id);
        await world.Ingest.Tables.UpsertAsync(Tables.Progress, new TableRow(StoreName.History.ToString(), Keys.Hold).With("Reason", "court"), default);
        world.Time.Advance(2 * world.Options.FreshGrace);
        await world.CompactAsync();
        Assert.Contains(going.Segment.Name, await world.ObjectNamesAsync());
        await world.Ingest.Tables.DeleteAsync(Tables.Progress, StoreName.History.ToString(), Keys.Hold, etag: null, default);
        await world.CompactAsync();
        await world.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task What_retention_retired_goes_after_its_own_grace_and_fresh_segments_stay_for_theirs()
    {
        var world = await CompactionWorld.CreateAsync();
        await world.CommitAsync(5);
        await world.CompactAsync();
        var going = (await world.InForceAsync())[0];
        await world.NewRival().RetireAsync(StoreName.History, [new(going.Shard, going.Id)], default);
        world.Time.Advance(world.Options.PurgeGrace - TimeSpan.FromMinutes(1));
        await world.CompactAsync();
        Assert.Contains(going.Segment.Name, await world.ObjectNamesAsync());
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await world.CompactAsync();
        Assert.DoesNotContain(going.Segment.Name, await world.ObjectNamesAsync());
        Assert.Contains((await world.Ingest.CommitsAsync())[0].Segment!.Name, await world.ObjectNamesAsync());
    }

    [Fact]
    public async Task Old_plans_are_forgotten_and_the_store_is_proved_from_the_checkpoint_on()
    {
        var world = await CompactionWorld.CreateAsync();
        world.Options.ForgottenPlans = 4;
        var firsts = new List<long>();
        for (var day = 0; day < 12; day++)
        {
            await world.CommitAsync(6);
            await world.CompactAsync();
            world.Time.Advance(TimeSpan.FromDays(1));
            await world.AssertExactAsync();
            await world.AssertChainAsync();
            var verified = await world.Ingest.VerifyAsync();
            Assert.True(verified.IsSound, string.Join("; ", verified.Problems));
            firsts.Add((await world.Log.ReadCheckpointAsync(StoreName.History, default)).Through);
        }

        await world.SettleAsync();
        await world.AssertNoOrphansAsync();
        Assert.Equal(0, firsts[0]);
        Assert.True(firsts.Distinct().Count() > 2, string.Join(' ', firsts));
        var (first, head) = ((await world.Log.ReadCheckpointAsync(StoreName.History, default)).Through + 1, await world.Log.ReadHeadAsync(StoreName.History, default));
        await foreach (var plan in world.Log.ReadPlansAsync(StoreName.History, 0, head.Generation, default))
            Assert.Equal(first++, plan.Generation);
    }

    [Fact]
    public async Task A_broken_chain_of_plans_is_kept_as_evidence()
    {
        var world = await CompactionWorld.CreateAsync();
        for (var i = 0; i < 4; i++)
        {
            await world.CommitAsync(6);
            await world.CompactAsync();
        }

        var row = await world.Ingest.Tables.FindAsync(Tables.Progress, StoreName.History.ToString(), CompactionKeys.Plan(2), default);
        await world.Ingest.Tables.UpsertAsync(Tables.Progress, row!.With("RowsOut", 5L), default);
        await world.SettleAsync();
        Assert.Equal(0, (await world.Log.ReadCheckpointAsync(StoreName.History, default)).Through);
        Assert.NotNull(await world.Log.FindPlanAsync(StoreName.History, 1, default));
    }

    [Fact]
    public async Task A_backlog_older_than_its_bound_is_reported_even_when_nothing_can_be_taken_up()
    {
        var world = await CompactionWorld.CreateAsync();
        await world.CommitAsync(5);
        world.Options.RunTime = TimeSpan.Zero;
        world.Time.Advance(TimeSpan.FromHours(1));
        var report = await world.CompactAsync();
        Assert.Equal(0, report.Generation);
        Assert.True(report.Backlog.Age > TimeSpan.FromMinutes(59));
        Assert.Equal(5, report.Backlog.Events);
    }

    /// <summary>Flips a bit in the middle; returns what was there.</summary>
    private static async Task<byte[]> DamageAsync(CompactionWorld world, SegmentReference segment)
    {
        var content = await world.Ingest.Objects.ReadAsync(Containers.Events, segment.Name, 0, (int)segment.Length, default);
        await world.Ingest.Objects.DeleteAsync(Containers.Events, segment.Name, default);
        var broken = content.ToArray();
        broken[broken.Length / 2] ^= 1;
        await world.Ingest.Objects.CreateAsync(Containers.Events, segment.Name, broken, ObjectLabel.Binary, default);
        return content;
    }
}
