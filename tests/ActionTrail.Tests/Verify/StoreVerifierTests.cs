using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Ingest;
using ActionTrail.Verify;

namespace ActionTrail.Tests.Verify;

/// <summary>The oracle is tested by damaging a sound store in one place each.</summary>
public sealed class StoreVerifierTests
{
    private static readonly string Key = Keys.CommitPartition(StoreName.History, PartitionName.Hub(IngestWorld.Namespace, "audit", "0"));

    [Fact]
    public async Task A_sound_store_is_counted_and_visited()
    {
        var world = await SoundAsync();
        var visited = 0;

        var report = await world.VerifyAsync(_ => visited++);

        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        Assert.Equal((1, 4L, 29L, 1L), (report.Partitions, report.Commits, report.Events, report.Quarantined));
        Assert.Equal(29, visited);
        Assert.Empty(report.Gaps);
    }

    [Fact]
    public async Task An_empty_store_is_sound() => Assert.True((await (await IngestWorld.CreateAsync()).VerifyAsync()).IsSound);

    public static TheoryData<string> Damages { get; } =
    [
        "commit row deleted", "first commit row deleted", "last commit row deleted", "count changed", "hash changed", "previous changed", "segment name changed", "row without hash",
        "head deleted", "head behind", "head ahead", "head hash changed", "index row deleted",
        "segment deleted", "segment byte changed", "segment cut", "segment swapped", "quarantine deleted", "quarantine changed",
    ];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damage_in_one_place_is_found_and_named(string damage)
    {
        var world = await SoundAsync();
        var expected = await DamageAsync(world, damage);

        var report = await world.VerifyAsync();

        Assert.False(report.IsSound);
        Assert.Contains(report.Problems, problem => problem.Object.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_alone_can_be_verified_without_reading_objects()
    {
        var world = await SoundAsync();
        await DamageAsync(world, "segment deleted");

        var report = await new StoreVerifier(world.Tables, world.Objects, world.Time).VerifyAsync(StoreName.History, new VerifyOptions { ReadObjects = false }, default);

        Assert.True(report.IsSound);
        Assert.Equal(0, report.Bytes);
    }

    [Fact]
    public async Task A_lost_segment_is_acknowledged_by_repair_and_forgiven_when_it_comes_back()
    {
        var world = await SoundAsync();
        var commit = (await world.CommitsAsync())[1];
        var content = await HubIngestTests.ReadAsync(world, Containers.Events, commit.Segment!.Name);
        await world.Objects.DeleteAsync(Containers.Events, commit.Segment.Name, default);
        var repair = new StoreRepair(world.Tables, world.Objects, world.Time, IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time));

        var repaired = await repair.RepairAsync(StoreName.History, window: null, default);
        var again = await repair.RepairAsync(StoreName.History, window: null, default);

        Assert.Equal([commit.Last], repaired.Lost.Select(c => c.Last));
        Assert.Equal(10, repaired.LostEvents);
        Assert.Empty(again.Lost);
        var report = await world.VerifyAsync();
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        Assert.Equal((commit.First, commit.Last, 10), (Assert.Single(report.Losses).First, report.Losses[0].Last, report.Losses[0].Events));
        Assert.Equal(19, report.Events);

        await world.Objects.CreateAsync(Containers.Events, commit.Segment.Name, content, ObjectLabel.Binary, default);
        Assert.False((await world.VerifyAsync()).IsSound);
        Assert.Equal([commit.Last], (await repair.RepairAsync(StoreName.History, window: null, default)).Returned.Select(c => c.Last));
        Assert.True((await world.VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task Every_fault_at_every_request_of_a_repair_is_made_good_by_the_next_one()
    {
        var probe = await SoundAsync();
        await DamageAsync(probe, "segment deleted");
        probe.Faults.Reset();
        await RepairAsync(probe);
        var requests = probe.Faults.Requests;
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var world = await SoundAsync();
                await DamageAsync(world, "segment deleted");
                world.Faults.FailAt(request, mode);
                try
                {
                    await RepairAsync(world);
                }
                catch (Exception error) when (error is StoreException or SimulatedCrashException)
                {
                    Assert.True(world.Faults.Fired);
                }

                world.Faults.Reset();
                await RepairAsync(world);
                var report = await world.VerifyAsync();
                Assert.True(report.IsSound, string.Join('\n', report.Problems));
                Assert.Equal(10, Assert.Single(report.Losses).Events);
            }
        }

        static Task<RepairReport> RepairAsync(IngestWorld world) =>
            new StoreRepair(world.FaultyTables, world.FaultyObjects, world.Time, IngestWorld.NewCompactor(world.FaultyTables, world.FaultyObjects, world.Time)).RepairAsync(StoreName.History, window: null, default);
    }

    [Fact]
    public async Task Repair_touches_no_sound_commit_and_none_before_its_window()
    {
        var world = await SoundAsync();
        world.Faults.Reset();
        await new StoreRepair(world.FaultyTables, world.FaultyObjects, world.Time, IngestWorld.NewCompactor(world.FaultyTables, world.FaultyObjects, world.Time)).RepairAsync(StoreName.History, window: null, default);
        Assert.DoesNotContain(world.Faults.Journal, request => request.StartsWith("replace", StringComparison.Ordinal));

        await DamageAsync(world, "segment deleted");
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty((await new StoreRepair(world.Tables, world.Objects, world.Time, IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time)).RepairAsync(StoreName.History, TimeSpan.FromMinutes(10), default)).Lost);
    }

    [Fact]
    public async Task A_commit_given_up_too_early_is_forgiven_when_the_hub_delivers_again()
    {
        var world = await SoundAsync();
        await DamageAsync(world, "segment deleted");
        Assert.Single((await new StoreRepair(world.Tables, world.Objects, world.Time, IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time)).RepairAsync(StoreName.History, window: null, default)).Lost);

        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(0, 29)), default);

        var report = await world.VerifyAsync();
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        Assert.Empty(report.Losses);
        Assert.Equal(29, report.Events);
    }

    private static async Task<IngestWorld> SoundAsync()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        foreach (var first in new[] { 0L, 10L, 20L })
            await ingest.IngestAsync(world.Batch(world.Messages(first, first + 9).Where(m => m.SequenceNumber != 29).ToArray()), default);
        await ingest.IngestAsync(world.Batch(world.Message(29, "bad")), default);
        return world;
    }

    /// <summary>Does the damage; returns a part of the name that the report must give.</summary>
    private static async Task<string> DamageAsync(IngestWorld world, string damage)
    {
        var commits = await world.CommitsAsync();
        var (second, last) = (commits[1], commits[3]);
        switch (damage)
        {
            case "commit row deleted":
                return await DeleteRowAsync(world, Keys.Commit(second.Last), Keys.Commit(commits[2].Last));
            case "first commit row deleted":
                return await DeleteRowAsync(world, Keys.Commit(commits[0].Last), Keys.Commit(second.Last));
            case "last commit row deleted":
                return await DeleteRowAsync(world, Keys.Commit(last.Last), Keys.Head);
            case "count changed":
                return await ChangeRowAsync(world, Keys.Commit(second.Last), row => row.With("Count", 9));
            case "hash changed":
                return await ChangeRowAsync(world, Keys.Commit(second.Last), row => row.With("Hash", new byte[32]));
            case "previous changed":
                return await ChangeRowAsync(world, Keys.Commit(second.Last), row => row.With("Previous", 8L));
            case "segment name changed":
                return await ChangeRowAsync(world, Keys.Commit(second.Last), row => row.With("Segment", commits[0].Segment!.Name));
            case "row without hash":
                return await ChangeRowAsync(world, Keys.Commit(second.Last), row => row.With("Hash", null));
            case "head deleted":
                return await DeleteRowAsync(world, Keys.Head, Keys.Head);
            case "head behind":
                return await ChangeRowAsync(world, Keys.Head, row => row.With("Last", 19L));
            case "head ahead":
                return await ChangeRowAsync(world, Keys.Head, row => row.With("Last", 99L));
            case "head hash changed":
                return await ChangeRowAsync(world, Keys.Head, row => row.With("Hash", new byte[32]));
            case "index row deleted":
                return await DeleteRowAsync(world, Keys.Quarantine(last.Last), Keys.Commit(last.Last));
            case "segment deleted":
                return await ChangeObjectAsync(world, Containers.Events, second.Segment!.Name, _ => null);
            case "segment byte changed":
                return await ChangeObjectAsync(world, Containers.Events, second.Segment!.Name, bytes => [.. bytes[..40], (byte)(bytes[40] ^ 1), .. bytes[41..]]);
            case "segment cut":
                return await ChangeObjectAsync(world, Containers.Events, second.Segment!.Name, bytes => bytes[..^1]);
            case "segment swapped":
                var other = await HubIngestTests.ReadAsync(world, Containers.Events, commits[0].Segment!.Name);
                return await ChangeObjectAsync(world, Containers.Events, second.Segment!.Name, _ => other);
            case "quarantine deleted":
                return await ChangeObjectAsync(world, Containers.Quarantine, last.Quarantine!.Name, _ => null);
            default:
                return await ChangeObjectAsync(world, Containers.Quarantine, last.Quarantine!.Name, bytes => [.. bytes, .. bytes]);
        }
    }

    private static async Task<string> DeleteRowAsync(IngestWorld world, string rowKey, string named)
    {
        Assert.True(await world.Tables.DeleteAsync(Tables.Commits, Key, rowKey, etag: null, default));
        return named;
    }

    private static async Task<string> ChangeRowAsync(IngestWorld world, string rowKey, Func<TableRow, TableRow> change)
    {
        var row = await world.Tables.FindAsync(Tables.Commits, Key, rowKey, default);
        await world.Tables.UpsertAsync(Tables.Commits, change(row!), default);
        return rowKey;
    }

    private static async Task<string> ChangeObjectAsync(IngestWorld world, string container, string name, Func<byte[], byte[]?> change)
    {
        var changed = change(await HubIngestTests.ReadAsync(world, container, name));
        await world.Objects.DeleteAsync(container, name, default);
        if (changed is not null)
            await world.Objects.CreateAsync(container, name, changed, ObjectLabel.Binary, default);
        return name;
    }
}
