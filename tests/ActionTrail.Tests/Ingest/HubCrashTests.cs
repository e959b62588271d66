using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Ingest;

/// <summary>Every storage request of hub ingest fails in every way; the host then delivers again, and the verifier judges.</summary>
public sealed class HubCrashTests(ITestOutputHelper output)
{
    public static TheoryData<string> Redeliveries { get; } = ["same", "shorter then rest", "from before", "one by one"];

    [Theory]
    [MemberData(nameof(Redeliveries))]
    public async Task Every_fault_at_every_request_is_survived_however_the_batch_comes_again(string redelivery)
    {
        var probe = await PreparedAsync();
        probe.Faults.Reset();
        await probe.NewHubIngest().IngestAsync(Batch(probe, 5, 14), default);
        var (requests, injected, orphans) = (probe.Faults.Requests, 0, 0);
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var world = await PreparedAsync();
                world.Faults.FailAt(request, mode);
                var ingest = world.NewHubIngest();
                await DeliverAsync(world, ingest, Batch(world, 5, 14));
                injected++;
                foreach (var batch in Again(world, redelivery))
                    await DeliverAsync(world, world.NewHubIngest(), batch);

                // Record 9 of the batch is bad: it is in quarantine once, all others are stored once.
                var ids = await world.StoredIdsAsync();
                Assert.Equal(Enumerable.Range(0, 20).Where(n => n != 9).Select(n => $"e{n}").Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
                Assert.Equal(1, (await world.VerifyAsync()).Quarantined);
                orphans += await OrphansAsync(world);
            }
        }

        output.WriteLine($"{injected} faults at {requests} requests survived, {orphans} orphan objects left for the purge");
        Assert.Equal(requests * StorageFaults.Modes.Count, injected);
        Assert.Equal(["find-row commits", "create quarantine", "create events", "find-row progress", "replace progress", "submit commits"], probe.Faults.Journal);
    }

    [Fact]
    public async Task Every_fault_at_every_request_of_the_first_batch_ever_is_survived()
    {
        var probe = await IngestWorld.CreateAsync();
        await probe.NewHubIngest().IngestAsync(Batch(probe, 0, 9), default);
        var requests = probe.Faults.Requests;
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var world = await IngestWorld.CreateAsync();
                world.Faults.FailAt(request, mode);
                await DeliverAsync(world, world.NewHubIngest(), Batch(world, 0, 9));
                await DeliverAsync(world, world.NewHubIngest(), Batch(world, 0, 14));
                Assert.Equal(14, (await world.StoredIdsAsync()).Distinct(StringComparer.Ordinal).Count());
                Assert.Equal(14, (await world.VerifyAsync()).Events);
            }
        }

        output.WriteLine($"{requests * StorageFaults.Modes.Count} faults at {requests} requests survived");
        Assert.Contains("insert progress", probe.Faults.Journal);
    }

    [Fact]
    public async Task Every_fault_while_lost_objects_are_written_again_is_survived()
    {
        var probe = await ForgetfulAsync();
        await probe.NewHubIngest().IngestAsync(Batch(probe, 0, 9), default);
        var requests = probe.Faults.Requests;
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var world = await ForgetfulAsync();
                world.Faults.FailAt(request, mode);
                var ingest = world.NewHubIngest();
                await DeliverAsync(world, ingest, Batch(world, 0, 9));
                await DeliverAsync(world, ingest, Batch(world, 0, 9));
                Assert.Equal(9, (await world.StoredIdsAsync()).Count);
            }
        }

        output.WriteLine($"{requests * StorageFaults.Modes.Count} faults at {requests} requests survived");
        Assert.Contains("create events", probe.Faults.Journal);
    }

    [Fact]
    public async Task A_rival_before_any_request_costs_a_race_and_no_event()
    {
        var probe = await PreparedAsync();
        probe.Faults.Reset();
        await probe.NewHubIngest().IngestAsync(Batch(probe, 5, 14), default);
        foreach (var (from, to) in new (long, long)[] { (5, 14), (5, 9), (5, 19), (0, 7) })
        {
            for (var request = 0; request < probe.Faults.Requests; request++)
            {
                var world = await PreparedAsync();
                world.Faults.RunAt(request, () => world.NewRival().IngestAsync(Batch(world, from, to), default));
                await world.NewHubIngest().IngestAsync(Batch(world, 5, 14), default);
                Assert.True(world.Faults.Fired);
                await world.NewHubIngest().IngestAsync(Batch(world, 10, 19), default);
                Assert.Equal(19, (await world.StoredIdsAsync()).Distinct(StringComparer.Ordinal).Count());
                Assert.Equal(19, (await world.VerifyAsync()).Events);
            }
        }
    }

    [Fact]
    public async Task Two_instances_racing_over_the_same_stream_store_it_once()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var world = await IngestWorld.CreateAsync();
            var messages = world.Messages(0, 199);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(n => Task.Run(() => StreamAsync(world, messages, new Random((seed * 10) + n)))));
            await world.AssertStoredOnceAsync(0, 199);
        }
    }

    [Fact]
    public async Task Random_deliveries_with_faults_and_crashes_store_every_event_once()
    {
        var injected = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var world = await IngestWorld.CreateAsync();
            world.Options.MaxCommitBytes = random.Next(500, 20_000);
            var messages = world.Messages(0, 149);
            var (checkpoint, ingest) = (0, world.NewHubIngest());
            while (checkpoint < messages.Length)
            {
                // The host repeats a batch until it succeeds, except that after a crash the boundaries are new and may lie further back.
                var start = Math.Max(0, checkpoint - random.Next(0, 30));
                var batch = messages[start..Math.Min(messages.Length, checkpoint + random.Next(1, 40))];
                if (random.Next(2) == 0)
                    world.Faults.FailAt(random.Next(0, 8), StorageFaults.Modes[random.Next(StorageFaults.Modes.Count)]);
                else
                    world.Faults.Reset();
                try
                {
                    await ingest.IngestAsync(world.Batch(batch), default);
                    checkpoint = start + batch.Length;
                }
                catch (StoreException)
                {
                    injected++;
                }
                catch (SimulatedCrashException)
                {
                    injected++;
                    ingest = world.NewHubIngest();
                }
            }

            world.Faults.Reset();
            await world.AssertStoredOnceAsync(0, 149);
        }

        output.WriteLine($"{injected} deliveries failed and were repeated");
        Assert.True(injected > 100);
    }

    private static async Task StreamAsync(IngestWorld world, HubMessage[] messages, Random random)
    {
        var (ingest, position) = (world.NewRival(), 0);
        while (position < messages.Length)
        {
            var end = Math.Min(messages.Length, position + random.Next(1, 30));
            await ingest.IngestAsync(world.Batch(messages[position..end]), default);
            position = end;
        }
    }

    private static async Task<IngestWorld> PreparedAsync()
    {
        var world = await IngestWorld.CreateAsync();
        await world.NewRival().IngestAsync(Batch(world, 0, 4), default);
        return world;
    }

    /// <summary>Two commits whose objects the store forgot.</summary>
    private static async Task<IngestWorld> ForgetfulAsync()
    {
        var world = await IngestWorld.CreateAsync();
        await world.NewRival().IngestAsync(Batch(world, 0, 4), default);
        await world.NewRival().IngestAsync(Batch(world, 5, 9), default);
        foreach (var container in Containers.All)
        {
            await foreach (var item in world.Objects.ListAsync(container, "", default))
                await world.Objects.DeleteAsync(container, item.Name, default);
        }

        world.Faults.Reset();
        return world;
    }

    private static HubBatch Batch(IngestWorld world, long first, long last) =>
        world.Batch([.. world.Messages(first, last).Select(m => m.SequenceNumber == 9 ? world.Message(9, "{\"eventId\":\"e9\"}") : m)]);

    private static IEnumerable<HubBatch> Again(IngestWorld world, string redelivery) => redelivery switch
    {
        "same" => [Batch(world, 5, 14), Batch(world, 15, 19)],
        "shorter then rest" => [Batch(world, 5, 8), Batch(world, 9, 19)],
        "from before" => [Batch(world, 0, 19)],
        _ => IngestWorld.Sequence(5, 19).Select(n => Batch(world, n, n)),
    };

    /// <summary>As the host does: once more while the store is away; a process that died is replaced by the next delivery.</summary>
    private static async Task DeliverAsync(IngestWorld world, HubIngest ingest, HubBatch batch)
    {
        try
        {
            await ingest.IngestAsync(batch, default);
        }
        catch (Exception error) when (error is StoreException or SimulatedCrashException)
        {
            Assert.True(world.Faults.Fired);
            world.Faults.Reset();
        }
    }

    private static async Task<int> OrphansAsync(IngestWorld world)
    {
        var named = (await world.CommitsAsync()).SelectMany(c => new[] { c.Segment?.Name, c.Quarantine?.Name }).ToHashSet();
        var orphans = 0;
        foreach (var container in Containers.All)
        {
            await foreach (var item in world.Objects.ListAsync(container, "", default))
                orphans += named.Contains(item.Name) ? 0 : 1;
        }

        return orphans;
    }
}
