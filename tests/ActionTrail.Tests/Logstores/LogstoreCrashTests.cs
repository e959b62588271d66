using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Delivery;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Logstores;

/// <summary>Every request of a delivery to a Logstore fails in every way, or a whole rival delivery comes before it; afterwards each event is in the Logstore's log once.</summary>
public sealed class LogstoreCrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_fault_at_any_request_of_a_delivery_appends_once()
    {
        var faults = 0;
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var world = await PrepareAsync();
                world.Bench.Faults.FailAt(request, mode);
                try
                {
                    await DeliverAllAsync(world.Bench);
                }
                catch (Exception e) when (e is StoreException or SimulatedCrashException)
                {
                    // The host sees a failed invocation, or nobody sees anything.
                }

                var fired = world.Bench.Faults.Fired;
                world.Bench.Faults.Reset();
                await DeliveryCrashTests.SettleAsync(world.Bench, [world.Trail]);
                await ProveAsync(world);
                if (!fired)
                    break;
                faults++;
            }
        }

        Assert.InRange(faults, 100, int.MaxValue);
        output.WriteLine($"{faults} faults and deaths survived");
    }

    [Fact]
    public async Task A_rival_delivery_before_any_request_appends_once()
    {
        for (var request = 0; ; request++)
        {
            var world = await PrepareAsync();
            world.Bench.Faults.RunAt(request, async () =>
            {
                foreach (var record in await world.Bench.RecordsAsync())
                    Assert.True((await world.Bench.Deliverer(isCalm: true).DeliverAsync(record.ToMessage(), default)).IsSettled);
            });
            await DeliverAllAsync(world.Bench);
            var fired = world.Bench.Faults.Fired;
            world.Bench.Faults.Reset();
            await DeliveryCrashTests.SettleAsync(world.Bench, [world.Trail]);
            await ProveAsync(world);
            if (!fired)
                break;
        }
    }

    private static async Task<LogstoreWorld> PrepareAsync()
    {
        var world = await LogstoreWorld.StartAsync(new DeliveryOptions { MaxAppendBytes = 300 });
        await world.Bench.CommitAsync([.. Enumerable.Range(0, 4).Select(_ => world.Bench.Event())]);
        world.Bench.Clock.Advance(seconds: 40);
        await world.Bench.CommitAsync(world.Bench.Event());
        world.Bench.Clock.Advance(seconds: 40);
        await world.Bench.Scheduler().RunAsync(default);
        world.Bench.Faults.Reset();
        return world;
    }

    private static async Task ProveAsync(LogstoreWorld world)
    {
        Assert.Equal(["e-1", "e-2", "e-3", "e-4", "e-5"], (await world.AppendedAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(5, (await world.VerifyAsync()).Events);
        Assert.Equal(5, (await world.LookupAsync()).Events.Count);
    }

    private static async Task DeliverAllAsync(DeliveryBench bench)
    {
        var deliverer = bench.Deliverer();
        foreach (var message in await bench.Queue.ReceiveAsync(Queues.DeliverLogstore, 32, TimeSpan.FromMinutes(1), default))
        {
            Assert.True(DeliveryMessage.TryParse(message.Text, out var parsed));
            await deliverer.DeliverAsync(parsed, default);
            await bench.Queue.DeleteAsync(Queues.DeliverLogstore, message, default);
        }
    }
}
