using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Ingest;

/// <summary>An emulator that is killed forgets blobs or rows of its last seconds, apart from each other.</summary>
public sealed class HubRestoreTests
{
    [Fact]
    public async Task A_segment_and_a_quarantine_object_that_got_lost_are_written_again_from_a_redelivery()
    {
        var world = await IngestWorld.CreateAsync();
        HubMessage[] messages = [.. world.Messages(0, 8), world.Message(9, "bad")];
        await world.NewHubIngest().IngestAsync(world.Batch(messages), default);
        await ForgetObjectsAsync(world);

        var result = await world.NewHubIngest().IngestAsync(world.Batch(messages), default);

        Assert.Equal((0, 10, 1), (result.Messages, result.Duplicates, result.Restored));
        await world.AssertStoredOnceAsync(0, 8);
    }

    [Fact]
    public async Task The_segment_of_a_compacted_commit_is_not_written_again_and_its_quarantine_is()
    {
        var world = await IngestWorld.CreateAsync();
        HubMessage[] messages = [.. world.Messages(0, 8), world.Message(9, "bad")];
        await world.NewHubIngest().IngestAsync(world.Batch(messages), default);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await IngestWorld.NewCompactor(world.Tables, world.Objects, world.Time).RunAsync(StoreName.History, default);
        var commit = Assert.Single(await world.CommitsAsync());
        await world.Objects.DeleteAsync(Containers.Events, commit.Segment!.Name, default);

        Assert.Equal(0, (await world.NewHubIngest().IngestAsync(world.Batch(messages), default)).Restored);
        await world.Objects.DeleteAsync(Containers.Quarantine, commit.Quarantine!.Name, default);
        Assert.Equal(1, (await world.NewHubIngest().IngestAsync(world.Batch(messages), default)).Restored);

        Assert.Null(await world.Objects.FindAsync(Containers.Events, commit.Segment.Name, default));
        await world.AssertStoredOnceAsync(0, 8);
    }

    [Fact]
    public async Task A_redelivery_of_what_is_there_writes_nothing()
    {
        var world = await IngestWorld.CreateAsync();
        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(0, 9)), default);
        world.Faults.Reset();

        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(0, 9)), default);

        Assert.DoesNotContain(world.Faults.Journal, request => request.StartsWith("create", StringComparison.Ordinal) || request.StartsWith("submit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ordinary_ingest_looks_for_no_objects()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Messages(0, 9)), default);
        world.Faults.Reset();

        await ingest.IngestAsync(world.Batch(world.Messages(10, 19)), default);

        Assert.Equal(["find-row commits", "create events", "replace progress", "submit commits"], world.Faults.Journal);
    }

    [Fact]
    public async Task Commits_are_restored_whatever_the_new_batch_boundaries_are()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var world = await IngestWorld.CreateAsync();
            var messages = world.Messages(0, 99);
            foreach (var (start, end) in Boundaries(random, messages.Length))
                await world.NewHubIngest().IngestAsync(world.Batch(messages[start..end]), default);
            await ForgetObjectsAsync(world);

            var ingest = world.NewHubIngest();
            foreach (var (start, end) in Boundaries(random, messages.Length))
                await ingest.IngestAsync(world.Batch(messages[start..end]), default);

            await world.AssertStoredOnceAsync(0, 99);
        }
    }

    [Fact]
    public async Task Messages_that_make_other_objects_are_refused()
    {
        var world = await IngestWorld.CreateAsync();
        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(0, 9)), default);
        await ForgetObjectsAsync(world);
        var forged = world.Messages(0, 9);
        forged[3] = world.Message(3, world.EventJson("other"));

        var result = await world.NewHubIngest().IngestAsync(world.Batch(forged), default);

        Assert.Equal(0, result.Restored);
        Assert.Contains(Containers.Events, Assert.Single((await world.VerifyAsync()).Problems).Object, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_got_lost_while_the_objects_survived_are_committed_again()
    {
        var world = await IngestWorld.CreateAsync();
        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(0, 9)), default);
        var head = await HeadAsync(world);
        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(10, 19)), default);
        await ForgetRowsAsync(world, head);

        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(5, 14)), default);
        await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(15, 24)), default);

        await world.AssertStoredOnceAsync(0, 24);
    }

    [Fact]
    public async Task A_process_that_saw_commits_which_are_gone_takes_nothing_later_until_they_are_delivered_again()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Messages(0, 9)), default);
        var head = await HeadAsync(world);
        await ingest.IngestAsync(world.Batch(world.Messages(10, 19)), default);
        await ForgetRowsAsync(world, head);

        var error = await Assert.ThrowsAsync<StoreException>(() => ingest.IngestAsync(world.Batch(world.Messages(20, 29)), default));
        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);
        await ingest.IngestAsync(world.Batch(world.Messages(10, 19)), default);
        await ingest.IngestAsync(world.Batch(world.Messages(20, 29)), default);

        await world.AssertStoredOnceAsync(0, 29);
    }

    private static List<(int Start, int End)> Boundaries(Random random, int length)
    {
        var boundaries = new List<(int, int)>();
        for (var start = 0; start < length;)
        {
            var end = Math.Min(length, start + random.Next(1, 25));
            boundaries.Add((start, end));
            start = end;
        }

        return boundaries;
    }

    private static async Task ForgetObjectsAsync(IngestWorld world)
    {
        foreach (var container in Containers.All)
        {
            await foreach (var item in world.Objects.ListAsync(container, "", default))
                await world.Objects.DeleteAsync(container, item.Name, default);
        }
    }

    private static Task<PartitionHead> HeadAsync(IngestWorld world) =>
        new CommitLog(world.Tables, world.Time).ReadHeadAsync(StoreName.History, world.Partition, default);

    private static async Task ForgetRowsAsync(IngestWorld world, PartitionHead head)
    {
        var key = Keys.CommitPartition(StoreName.History, world.Partition);
        await foreach (var row in world.Tables.QueryAsync(Tables.Commits, key, Keys.Commit(head.Last + 1), Keys.AfterCommits, default))
            await world.Tables.DeleteAsync(Tables.Commits, key, row.RowKey, etag: null, default);
        await world.Tables.UpsertAsync(Tables.Commits, head.ToRow(StoreName.History, world.Partition), default);
    }
}
