using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Ingest;

public sealed class CommitLogTests : IAsyncLifetime
{
    private static readonly PartitionName Partition = PartitionName.Api(0);
    private readonly MemoryTableStore tables = new();
    private readonly SettableTime time = new();
    private readonly StorageFaults faults = new();

    public async Task InitializeAsync()
    {
        await tables.CreateTableAsync(Tables.Commits, default);
        await tables.CreateTableAsync(Tables.Progress, default);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_new_partition_ends_before_sequence_number_zero()
    {
        var head = await Log().ReadHeadAsync(StoreName.History, Partition, default);

        Assert.Equal(-1, head.Last);
        Assert.Null(head.ETag);
        Assert.Equal(new byte[32], head.Hash);
    }

    [Fact]
    public async Task Commits_are_chained_and_read_back_in_order()
    {
        await AppendAsync(0, 9);
        await AppendAsync(10, 19);
        await AppendAsync(25, 25);

        var commits = await CommitsAsync(afterLast: -1);
        var previous = new byte[32];
        foreach (var commit in commits)
        {
            Assert.Equal(previous, commit.PreviousHash);
            Assert.Equal(Commit.ComputeHash(commit), commit.Hash);
            previous = commit.Hash;
        }

        Assert.Equal([(0, 9, -1), (10, 19, 9), (25, 25, 19)], commits.Select(c => (c.First, c.Last, c.Previous)));
        Assert.Equal([19L, 25L], (await CommitsAsync(afterLast: 9)).Select(c => c.Last));
        Assert.Equal([Partition], await PartitionsAsync());
    }

    [Fact]
    public async Task Of_two_writers_with_the_same_head_one_appends_and_the_other_changes_nothing()
    {
        var log = Log();
        var head = await log.ReadHeadAsync(StoreName.History, Partition, default);
        Assert.NotNull(await log.AppendAsync(StoreName.History, Partition, head, Draft(0, 4), default));

        Assert.Null(await log.AppendAsync(StoreName.History, Partition, head, Draft(0, 7), default));

        Assert.Equal([4L], (await CommitsAsync(-1)).Select(c => c.Last));
        Assert.Equal(4, (await log.ReadHeadAsync(StoreName.History, Partition, default)).Last);
    }

    [Fact]
    public async Task Commit_time_never_goes_back_when_the_clock_does()
    {
        await AppendAsync(0, 0);
        var first = time.GetUtcNow();
        time.Advance(TimeSpan.FromMinutes(-5));

        await AppendAsync(1, 1);

        Assert.All(await CommitsAsync(-1), commit => Assert.Equal(first, commit.CommittedAt));
    }

    [Fact]
    public async Task A_commit_that_quarantined_has_an_index_row()
    {
        var log = Log();
        var draft = Draft(0, 3) with { Quarantine = new QuarantineReference("history/api-00/x", new byte[32], 2) };

        await log.AppendAsync(StoreName.History, Partition, new PartitionHead(), draft, default);

        var row = await tables.FindAsync(Tables.Commits, Keys.CommitPartition(StoreName.History, Partition), Keys.Quarantine(3), default);
        Assert.Equal("history/api-00/x", row!.GetString("Name"));
    }

    [Fact]
    public async Task A_range_that_does_not_follow_the_head_is_a_bug_of_the_caller()
    {
        var log = Log();
        await Assert.ThrowsAsync<ArgumentException>(() => log.AppendAsync(StoreName.History, Partition, new PartitionHead { Last = 5 }, Draft(5, 6), default));
        Assert.Empty(await CommitsAsync(-1));
    }

    [Fact]
    public async Task Every_fault_at_every_request_leaves_one_commit_after_the_append_is_repeated()
    {
        faults.Reset();
        await AppendAsync(new CommitLog(new FaultyTableStore(tables, faults), time), 0, 0);
        var requests = faults.Requests;
        Assert.True(requests >= 3);
        var injected = 0;
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var fresh = new CommitLogTests();
                await fresh.InitializeAsync();
                await fresh.SurviveAsync(request, mode);
                injected++;
            }
        }

        Assert.Equal(requests * StorageFaults.Modes.Count, injected);
    }

    [Fact]
    public async Task A_lost_answer_is_settled_without_a_second_append()
    {
        var log = new CommitLog(new FaultyTableStore(tables, faults), time);
        var head = await log.ReadHeadAsync(StoreName.History, Partition, default);
        faults.FailAt(1, FaultMode.AfterCommit);

        var commit = await log.AppendAsync(StoreName.History, Partition, head, Draft(0, 2), default);

        Assert.True(faults.Fired);
        Assert.NotNull(commit);
        Assert.Single(await CommitsAsync(-1));
    }

    [Fact]
    public async Task A_store_that_stays_away_is_reported_as_unavailable()
    {
        var log = new CommitLog(new FaultyTableStore(tables, faults), time);
        faults.FailAlways(FaultMode.BeforeRequest);

        var error = await Assert.ThrowsAsync<StoreException>(() => log.AppendAsync(StoreName.History, Partition, new PartitionHead(), Draft(0, 2), default));

        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);
    }

    private async Task SurviveAsync(int request, FaultMode mode)
    {
        var log = new CommitLog(new FaultyTableStore(tables, faults), time);
        faults.FailAt(request, mode);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            try
            {
                var head = await log.ReadHeadAsync(StoreName.History, Partition, default);
                if (head.Last < 0)
                    await log.AppendAsync(StoreName.History, Partition, head, Draft(0, 0), default);
            }
            catch (Exception error) when (error is StoreException or SimulatedCrashException)
            {
                faults.Reset();
            }
        }

        Assert.Single(await CommitsAsync(-1));
        Assert.Equal([Partition], await PartitionsAsync());
        Assert.True(await AnnouncedAsync() >= 0);
    }

    [Fact]
    public async Task No_commit_is_made_that_was_not_announced_and_no_announcement_goes_back()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var world = new CommitLogTests();
            await world.InitializeAsync();
            CommitLog[] logs = [world.Log(), world.Log(), world.Log()];
            var announced = -1L;
            for (var round = 0; round < 30; round++)
            {
                var log = logs[random.Next(logs.Length)];
                var head = await log.ReadHeadAsync(StoreName.History, Partition, default);
                var last = head.Last + random.Next(1, 9);
                if (random.Next(2) == 0)
                    await log.AnnounceAsync(StoreName.History, Partition, random.Next((int)last + 1), default);
                if (random.Next(3) > 0)
                    await log.AppendAsync(StoreName.History, Partition, head, Draft(head.Last + 1, last), default);

                var now = await world.AnnouncedAsync() ?? -1;
                Assert.True(now >= announced && now >= (await world.CommitsAsync(-1)).Select(static c => c.Last).DefaultIfEmpty(-1).Last());
                announced = now;
            }
        }
    }

    [Fact]
    public async Task A_store_that_went_back_behind_a_writer_is_told_again()
    {
        var log = Log();
        await log.AnnounceAsync(StoreName.History, Partition, 100, default);
        await tables.UpsertAsync(Tables.Progress, new PartitionRegistration { Partition = Partition, RegisteredAt = time.GetUtcNow(), Announced = 10 }.ToRow(StoreName.History), default);

        await log.AnnounceAsync(StoreName.History, Partition, 50, default);

        Assert.Equal(50, await AnnouncedAsync());
    }

    private async Task<long?> AnnouncedAsync() =>
        await tables.FindAsync(Tables.Progress, StoreName.History.ToString(), Keys.Partition(Partition), default) is { } row ? PartitionRegistration.FromRow(Partition, row).Announced : null;

    private CommitLog Log() => new(tables, time);

    private static CommitDraft Draft(long first, long last) => new() { First = first, Last = last, Count = 0 };

    private Task AppendAsync(long first, long last) => AppendAsync(Log(), first, last);

    private static async Task AppendAsync(CommitLog log, long first, long last)
    {
        var head = await log.ReadHeadAsync(StoreName.History, Partition, default);
        Assert.NotNull(await log.AppendAsync(StoreName.History, Partition, head, Draft(first, last), default));
    }

    private async Task<List<Commit>> CommitsAsync(long afterLast)
    {
        var commits = new List<Commit>();
        await foreach (var commit in Log().ReadCommitsAsync(StoreName.History, Partition, afterLast, default))
            commits.Add(commit);
        return commits;
    }

    private async Task<List<PartitionName>> PartitionsAsync()
    {
        var partitions = new List<PartitionName>();
        await foreach (var partition in Log().ReadPartitionsAsync(StoreName.History, default))
            partitions.Add(partition);
        return partitions;
    }
}
