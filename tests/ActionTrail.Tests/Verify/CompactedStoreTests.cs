using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Tests.Ingest;
using ActionTrail.Tests.Query;
using ActionTrail.Verify;

namespace ActionTrail.Tests.Verify;

/// <summary>The oracle over compacted stores, tested by damaging a sound one in one place each.</summary>
public sealed class CompactedStoreTests
{
    [Fact]
    public async Task A_compacted_store_is_sound_with_and_without_its_fresh_segments_and_every_event_is_visited_once()
    {
        var (world, compaction) = await CompactedAsync();
        await world.AssertStoredOnceAsync(0, 39);
        await compaction.SweepAsync();
        await world.AssertStoredOnceAsync(0, 39);

        var report = await world.VerifyAsync();

        Assert.Equal((3L, 30L, 40L), (report.Plans, report.CompactedEvents, report.Events));
        Assert.True(report.Segments > 1);
    }

    public static TheoryData<string, bool> Damages { get; } = new()
    {
        { "segment deleted", true }, { "segment byte changed", true }, { "segment cut", true }, { "segment swapped", true },
        { "row deleted", true }, { "row count changed", true }, { "row hash changed", true }, { "row retired", true }, { "row invented", true }, { "row ranges changed", true },
        { "plan deleted", false }, { "last plan deleted", false }, { "plan counts changed", false }, { "plan hash changed", false }, { "plan unbuilt", false },
        { "outputs deleted", true }, { "outputs changed", true },
        { "head hash changed", false }, { "head ahead", false }, { "commit count changed", false }, { "fresh segment deleted", true },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damage_in_one_place_is_found_and_named(string damage, bool needsObjects)
    {
        var (world, compaction) = await CompactedAsync();
        await compaction.SweepAsync();
        var expected = await DamageAsync(world, compaction, damage);

        var report = await world.VerifyAsync();
        var rows = await new StoreVerifier(world.Tables, world.Objects, world.Time).VerifyAsync(StoreName.History, new VerifyOptions { ReadObjects = false }, default);

        Assert.False(report.IsSound);
        Assert.Contains(report.Problems, problem => problem.Object.Contains(expected, StringComparison.Ordinal));
        Assert.True(needsObjects || !rows.IsSound, "Found by reading rows alone.");
    }

    [Fact]
    public async Task A_segment_that_is_merged_and_freed_while_it_is_verified_is_no_damage()
    {
        var (world, compaction) = await CompactedAsync();
        await compaction.SweepAsync();
        var (merges, busy) = (0, false);
        var objects = new SteppedObjects(world.Objects, async () =>
        {
            if (busy || merges >= 3)
                return;
            busy = true;
            merges++;
            await compaction.RunAsync();
            await compaction.RunAsync(CompactionKind.Merge);
            await compaction.SweepAsync();
            busy = false;
        });

        var report = await new StoreVerifier(world.Tables, objects, world.Time).VerifyAsync(StoreName.History, new VerifyOptions(), default);

        Assert.Equal(3, merges);
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        await world.AssertStoredOnceAsync(0, 39);
    }

    [Fact]
    public async Task A_repair_gives_up_no_commit_that_is_compacted_and_names_a_compacted_segment_that_is_missing()
    {
        var (world, compaction) = await CompactedAsync();
        await compaction.SweepAsync();
        var repair = Repair(world);
        var sound = await repair.RepairAsync(StoreName.History, window: null, default);
        Assert.Empty(sound.Lost);
        Assert.Empty(sound.Missing);
        Assert.Equal(1, sound.Checked);

        var name = await DamageAsync(world, compaction, "segment deleted");
        var repaired = await repair.RepairAsync(StoreName.History, window: null, default);

        Assert.Empty(repaired.Lost);
        Assert.Equal(name, Assert.Single(repaired.Missing).Segment.Name);
        Assert.False((await world.VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task A_repair_writes_again_what_a_killed_storage_lost_while_its_inputs_are_there()
    {
        // Plans of the product: only these can be worked off again.
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        var compactor = IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time);
        for (var batch = 0; batch < 9; batch++)
        {
            await ingest.IngestAsync(world.Batch(world.Messages(10 * batch, (10 * batch) + 9)), default);
            world.Time.Advance(TimeSpan.FromSeconds(10));
            await compactor.RunAsync(StoreName.History, default);
        }

        var log = new CompactionLog(world.Tables);
        var head = await log.ReadHeadAsync(StoreName.History, default);
        Assert.True(head.Generation > 9, $"Generation {head.Generation}: something was merged.");
        var all = new List<string>();
        await foreach (var item in world.Objects.ListAsync(Containers.Events, $"{StoreName.History}/segments/", default))
            all.Add(item.Name);
        var before = await HashesAsync(world, all);
        foreach (var name in all)
            await world.Objects.DeleteAsync(Containers.Events, name, default);
        Assert.False((await world.VerifyAsync()).IsSound);

        var repaired = await Repair(world).RepairAsync(StoreName.History, window: null, default);

        Assert.Empty(repaired.Missing);
        Assert.NotEmpty(repaired.Restored);
        Assert.Equal(before, await HashesAsync(world, all));
        await world.AssertStoredOnceAsync(0, 89);
        Assert.Empty((await Repair(world).RepairAsync(StoreName.History, window: null, default)).Restored);
    }

    [Fact]
    public async Task A_repair_leaves_nothing_behind_of_a_plan_whose_inputs_are_gone_in_part()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Messages(0, 9)), default);
        await ingest.IngestAsync(world.Batch(world.Messages(10, 19)), default);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time).RunAsync(StoreName.History, default);
        var segment = Assert.Single(await new HandCompaction(world.Tables, world.Objects, world.Time, 1, 1).InForceAsync(await new CompactionLog(world.Tables).ReadHeadAsync(StoreName.History, default)));
        await world.Objects.DeleteAsync(Containers.Events, segment.Segment.Name, default);
        await world.Objects.DeleteAsync(Containers.Events, (await world.CommitsAsync())[0].Segment!.Name, default);
        var before = await CountAsync(world);

        var repaired = await Repair(world).RepairAsync(StoreName.History, window: null, default);

        Assert.Empty(repaired.Restored);
        Assert.Equal(segment.Segment.Name, Assert.Single(repaired.Missing).Segment.Name);
        Assert.Equal(before, await CountAsync(world));
    }

    [Fact]
    public async Task A_segment_that_an_operator_gives_up_counts_no_more_and_is_named_until_retention_comes_to_it()
    {
        var world = await IngestWorld.CreateAsync();
        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(0, 9)), default);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        var compactor = IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time);
        await compactor.RunAsync(StoreName.History, default);
        var log = new CompactionLog(world.Tables);
        var segment = Assert.Single(await new HandCompaction(world.Tables, world.Objects, world.Time, 1, 1).InForceAsync(await log.ReadHeadAsync(StoreName.History, default)));
        var sound = await Repair(world).RepairAsync(StoreName.History, window: null, segment.Segment.Name, default);
        Assert.Empty(sound.Accepted);
        Assert.Empty((await world.VerifyAsync()).LostSegments);
        await world.Objects.DeleteAsync(Containers.Events, segment.Segment.Name, default);
        await world.Objects.DeleteAsync(Containers.Events, (await world.CommitsAsync())[0].Segment!.Name, default);

        var repaired = await Repair(world).RepairAsync(StoreName.History, window: null, segment.Segment.Name, default);

        Assert.Equal(segment.Segment.Name, Assert.Single(repaired.Accepted).Segment.Name);
        Assert.Empty(repaired.Missing);
        var verified = await world.VerifyAsync();
        Assert.True(verified.IsSound, string.Join("; ", verified.Problems));
        var named = Assert.Single(verified.LostSegments);
        Assert.Equal((segment.Segment.Name, 10), (named.Name, named.Events));
        Assert.Empty((await Repair(world).RepairAsync(StoreName.History, window: null, segment.Segment.Name, default)).Accepted);

        world.Time.Advance(TimeSpan.FromDays(40));
        await new ActionTrail.Retention.RetentionPurge(world.Tables, world.Objects, world.Time, new ActionTrail.Retention.RetentionOptions { Days = 30 }, compactor).RunAsync(dryRun: false, force: true, default);
        Assert.Empty((await world.VerifyAsync()).LostSegments);
    }

    private static StoreRepair Repair(IngestWorld world) =>
        new(world.Tables, world.Objects, world.Time, IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time));

    private static async Task<int> CountAsync(IngestWorld world)
    {
        var count = 0;
        await foreach (var item in world.Objects.ListAsync(Containers.Events, "", default))
            count++;
        return count;
    }

    private static async Task<List<string>> HashesAsync(IngestWorld world, List<string> names)
    {
        var hashes = new List<string>();
        foreach (var name in names)
            hashes.Add(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await HubIngestTests.ReadAsync(world, Containers.Events, name))));
        return hashes;
    }

    /// <summary>Commits of 0-9, 10-19, 20-29 compacted by three plans (fresh, fresh, merge of the first), then 30-39 fresh.</summary>
    private static async Task<(IngestWorld World, HandCompaction Compaction)> CompactedAsync()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        var compaction = new HandCompaction(world.Tables, world.Objects, world.Time, shards: 2, rowsPerSegment: 4);
        await ingest.IngestAsync(world.Batch(world.Messages(0, 9)), default);
        await compaction.RunAsync();
        await ingest.IngestAsync(world.Batch(world.Messages(10, 19)), default);
        await ingest.IngestAsync(world.Batch(world.Messages(20, 29)), default);
        await compaction.RunAsync();
        await compaction.RunAsync(CompactionKind.Merge, static segment => segment.Since == 1);
        await ingest.IngestAsync(world.Batch(world.Messages(30, 39)), default);
        return (world, compaction);
    }

    /// <summary>Does the damage; returns a part of the name that the report must give.</summary>
    private static async Task<string> DamageAsync(IngestWorld world, HandCompaction compaction, string damage)
    {
        var log = new CompactionLog(world.Tables);
        var head = await log.ReadHeadAsync(StoreName.History, default);
        var segments = await compaction.InForceAsync(head);
        var (one, other) = (segments[1], segments[0]);
        var plan = await log.FindPlanAsync(StoreName.History, 2, default);
        switch (damage)
        {
            case "segment deleted":
                return await ChangeObjectAsync(world, one.Segment.Name, static _ => null);
            case "segment byte changed":
                return await ChangeObjectAsync(world, one.Segment.Name, static bytes => [.. bytes[..60], (byte)(bytes[60] ^ 1), .. bytes[61..]]);
            case "segment cut":
                return await ChangeObjectAsync(world, one.Segment.Name, static bytes => bytes[..^1]);
            case "segment swapped":
                var content = await HubIngestTests.ReadAsync(world, Containers.Events, other.Segment.Name);
                return await ChangeObjectAsync(world, one.Segment.Name, _ => content);
            case "row deleted":
                await world.Tables.DeleteAsync(Tables.Segments, CompactionKeys.Shard(StoreName.History, one.Shard), one.Id, etag: null, default);
                return one.Id;
            case "row count changed":
                return await WriteAsync(world, one with { Count = one.Count + 1 });
            case "row hash changed":
                return await WriteAsync(world, one with { Segment = one.Segment with { Sha256 = new byte[32] } });
            case "row retired":
                return await WriteAsync(world, one with { Until = 3 });
            case "row invented":
                return await WriteAsync(world, one with { Id = CompactionKeys.SegmentId(3, 77) });
            case "row ranges changed":
                return await WriteAsync(world, one with { Ranges = [.. one.Ranges.Select(static r => r with { First = r.Last })] });
            case "plan deleted":
                await world.Tables.DeleteAsync(Tables.Progress, StoreName.History.ToString(), CompactionKeys.Plan(2), etag: null, default);
                return CompactionKeys.Plan(3);
            case "last plan deleted":
                await world.Tables.DeleteAsync(Tables.Progress, StoreName.History.ToString(), CompactionKeys.Plan(3), etag: null, default);
                return CompactionKeys.Plan(3);
            case "plan counts changed":
                return await WriteAsync(world, plan! with { Built = plan.Built! with { RowsIn = 19, RowsOut = 19 } });
            case "plan hash changed":
                return await WriteAsync(world, plan! with { Built = plan.Built! with { Hash = new byte[32] } });
            case "plan unbuilt":
                return await WriteAsync(world, plan! with { Built = null });
            case "outputs deleted":
                return await ChangeObjectAsync(world, plan!.Built!.Outputs!, static _ => null);
            case "outputs changed":
                return await ChangeObjectAsync(world, plan!.Built!.Outputs!, static bytes => bytes[..^1]);
            case "head hash changed":
                await world.Tables.UpsertAsync(Tables.Progress, (head with { PlanHash = new byte[32] }).ToRow(StoreName.History), default);
                return CompactionKeys.Plan(3);
            case "head ahead":
                await world.Tables.UpsertAsync(Tables.Progress, (head with { Generation = 4 }).ToRow(StoreName.History), default);
                return CompactionKeys.Plan(4);
            case "commit count changed":
                var commit = (await world.CommitsAsync())[1];
                await world.Tables.UpsertAsync(Tables.Commits, (commit with { Count = 9 }).ToRow(), default);
                return CompactionKeys.Plan(2);
            default:
                return await ChangeObjectAsync(world, (await world.CommitsAsync())[3].Segment!.Name, static _ => null);
        }
    }

    private static async Task<string> WriteAsync(IngestWorld world, CompactedSegment segment)
    {
        await world.Tables.UpsertAsync(Tables.Segments, segment.ToRow(), default);
        return segment.Id;
    }

    private static async Task<string> WriteAsync(IngestWorld world, CompactionPlan plan)
    {
        await world.Tables.UpsertAsync(Tables.Progress, plan.ToRow(), default);
        return CompactionKeys.Plan(plan.Generation);
    }

    private static async Task<string> ChangeObjectAsync(IngestWorld world, string name, Func<byte[], byte[]?> change)
    {
        var changed = change(await HubIngestTests.ReadAsync(world, Containers.Events, name));
        await world.Objects.DeleteAsync(Containers.Events, name, default);
        if (changed is not null)
            await world.Objects.CreateAsync(Containers.Events, name, changed, ObjectLabel.Binary, default);
        return name;
    }
}
