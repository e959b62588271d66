using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Proofs;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Proofs;

/// <summary>Every storage request of a run fails in every way, or a rival comes before it; the verifier and somebody with an old checkpoint judge.</summary>
public sealed class SealCrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_fault_at_every_request_is_survived()
    {
        var (probe, _) = await PreparedAsync();
        await probe.NewSealer().RunAsync(StoreName.History, default);
        var requests = probe.Ingest.Faults.Requests;
        Assert.Contains("submit checkpoints", probe.Ingest.Faults.Journal);
        Assert.Contains("insert checkpoints", probe.Ingest.Faults.Journal);
        Assert.Contains(probe.Ingest.Faults.Journal, static operation => operation.StartsWith("create", StringComparison.Ordinal) && operation.EndsWith(" proofs", StringComparison.Ordinal));
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var (world, kept) = await PreparedAsync();
                world.Ingest.Faults.FailAt(request, mode);
                await RunAsync(world);
                await world.AssertSoundAsync();
                world.Ingest.Faults.Reset();
                await AssertSealedAsync(world, kept);
            }
        }

        output.WriteLine($"{requests * StorageFaults.Modes.Count} faults at {requests} requests survived");
    }

    [Fact]
    public async Task A_rival_before_any_request_makes_one_log_with_it()
    {
        var (probe, _) = await PreparedAsync();
        await probe.NewSealer().RunAsync(StoreName.History, default);
        for (int request = 0, requests = probe.Ingest.Faults.Requests; request < requests; request++)
        {
            var (world, kept) = await PreparedAsync();
            world.Ingest.Faults.RunAt(request, async () =>
            {
                // The rival sees commits that the other one does not.
                await world.Compaction.CommitAsync(1);
                await world.NewRival().RunAsync(StoreName.History, default);
            });
            await world.NewSealer().RunAsync(StoreName.History, default);
            Assert.True(world.Ingest.Faults.Fired);
            await AssertSealedAsync(world, kept, commits: 1);
        }
    }

    [Fact]
    public async Task Sealers_at_the_same_time_beside_writers_make_one_log()
    {
        var world = await ProofWorld.CreateAsync();
        var sealing = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            for (var run = 0; run < 15; run++)
            {
                await world.NewRival().RunAsync(StoreName.History, default);
                await Task.Yield();
            }
        })));
        for (var i = 0; i < 15; i++)
            await world.Compaction.CommitAsync(3);
        await sealing;
        var checkpoint = await world.SealAsync();
        Assert.Equal(15, checkpoint.Size);
        await world.AssertProvedAsync(checkpoint, 45);
        await foreach (var stored in world.Log.ReadCheckpointsAsync(StoreName.History, 15, default))
            Assert.True(await world.ContinuesAsync(world.Open(stored), checkpoint));
    }

    /// <summary>A log near the end of its first tile with a checkpoint that somebody kept, and more than one sealing's worth of new commits in two partitions.</summary>
    private static async Task<(ProofWorld World, Checkpoint Kept)> PreparedAsync()
    {
        var world = await ProofWorld.CreateAsync();
        var log = new CommitLog(world.Ingest.Tables, world.Ingest.Time);
        await AppendAsync(0, 253);
        world.Options.MaxCommits = 300;
        var kept = await world.SealAsync();
        world.Options.MaxCommits = 5;
        await AppendAsync(253, 257);
        for (var i = 0; i < 3; i++)
            await world.Compaction.CommitAsync(2);
        world.Ingest.Faults.Reset();
        return (world, kept);

        async Task AppendAsync(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                var head = await log.ReadHeadAsync(StoreName.History, PartitionName.Api(0), default);
                await log.AppendAsync(StoreName.History, PartitionName.Api(0), head, new CommitDraft { First = i, Last = i, Count = 0 }, default);
            }
        }
    }

    private static async Task RunAsync(ProofWorld world)
    {
        try
        {
            await world.NewSealer().RunAsync(StoreName.History, default);
        }
        catch (Exception error) when (error is StoreException or SimulatedCrashException)
        {
            Assert.True(world.Ingest.Faults.Fired);
        }
    }

    private static async Task AssertSealedAsync(ProofWorld world, Checkpoint kept, int commits = 0)
    {
        var checkpoint = await world.SealAsync();
        Assert.Equal(260 + commits, checkpoint.Size);
        Assert.True(await world.ContinuesAsync(kept, checkpoint));
        await world.AssertProvedAsync(checkpoint, 6 + commits);
        await world.AssertSoundAsync();
    }
}
