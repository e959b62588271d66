using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Trails;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Delivery;

/// <summary>Every request of the scheduler, the deliverer and of bringing back fails in every way; afterwards every due event lies in one object.</summary>
public sealed class DeliveryCrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_fault_at_any_request_of_the_scheduler_loses_and_doubles_nothing() => Assert.InRange(
        await SweepAsync(static _ => Task.CompletedTask, static bench => bench.Scheduler().RunAsync(default)), 150, int.MaxValue);

    [Fact]
    public async Task A_fault_at_any_request_of_a_delivery_loses_and_doubles_nothing() => Assert.InRange(
        await SweepAsync(static bench => bench.Scheduler().RunAsync(default), DeliverAllAsync), 150, int.MaxValue);

    [Fact]
    public async Task A_fault_at_any_request_of_a_delivery_that_fails_loses_and_doubles_nothing()
    {
        foreach (var kind in (StoreErrorKind[])[StoreErrorKind.Unavailable, StoreErrorKind.Denied])
        {
            var faults = await SweepAsync(
                static bench => bench.Scheduler().RunAsync(default),
                async bench =>
                {
                    bench.Outages.Broken["audit-logs"] = kind;
                    await DeliverAllAsync(bench);
                });
            Assert.InRange(faults, 60, int.MaxValue);
        }
    }

    [Fact]
    public async Task A_fault_at_any_request_of_bringing_back_loses_and_doubles_nothing() => Assert.InRange(
        await SweepAsync(
            static async bench =>
            {
                await bench.Scheduler().RunAsync(default);
                bench.Outages.Broken["audit-logs"] = StoreErrorKind.Unavailable;
                await DeliverAllAsync(bench);
                bench.Outages.Broken.Clear();
                bench.Clock.Advance(seconds: 1800);
            },
            static async bench =>
            {
                await bench.Scheduler().RunAsync(default);
                await DeliverAllAsync(bench);
            }),
        150,
        int.MaxValue);

    private async Task<int> SweepAsync(Func<DeliveryBench, Task> before, Func<DeliveryBench, Task> swept)
    {
        var faults = 0;
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var (bench, trails) = await PrepareAsync();
                await before(bench);
                bench.Faults.FailAt(request, mode);
                try
                {
                    await swept(bench);
                }
                catch (Exception e) when (e is StoreException or SimulatedCrashException)
                {
                    // The host sees a failed invocation, or nobody sees anything.
                }

                var fired = bench.Faults.Fired;
                bench.Faults.Reset();
                await SettleAsync(bench, trails);
                Assert.Equal(10, await DeliveryOracle.ProveAsync(bench, trails));
                if (!fired)
                    break;
                faults++;
            }
        }

        output.WriteLine($"{faults} faults and deaths survived");
        return faults;
    }

    /// <summary>Heals everything and lets time pass until nothing is left to do.</summary>
    internal static async Task SettleAsync(DeliveryBench bench, IReadOnlyCollection<Trail> trails)
    {
        bench.Outages.Broken.Clear();
        for (var round = 0; round < 4; round++)
        {
            bench.Clock.Advance(seconds: 1800);
            await bench.Scheduler().RunAsync(default);
            await DrainAsync(bench);
            foreach (var trail in trails)
                await bench.Ledger().RedeliverAllAsync(trail, kind: null, default);
            await DrainAsync(bench);
        }

        Assert.All(await bench.RecordsAsync(), static r => Assert.Equal(DeliveryState.Done, r.State));
        Assert.Equal(0, await bench.OpenEntriesAsync());
        foreach (var trail in trails)
        {
            var status = await bench.Ledger().ReadStatusAsync(trail, default);
            Assert.Equal((0, 0), (status.Pending, status.Undelivered));
        }
    }

    private static async Task DrainAsync(DeliveryBench bench)
    {
        foreach (var queue in Queues.All)
            await bench.DrainAsync(queue);
    }

    private static async Task<(DeliveryBench Bench, Trail[] Trails)> PrepareAsync()
    {
        var bench = await DeliveryBench.StartAsync();
        Trail[] trails = [await bench.StartTrailAsync("acme", "trail-one"), await bench.StartTrailAsync("acme", "trail-two", "other-logs")];
        await bench.CommitAsync(bench.Event(), bench.Event() with { Region = "cn-beijing" });
        await bench.CommitAsync(PartitionName.Api(1), [.. new[] { bench.Event() }.Select(static e => (e, e.ToBytes()))]);
        bench.Clock.Advance(seconds: 40);
        await bench.CommitAsync(bench.Event(), bench.Event());
        bench.Clock.Advance(seconds: 40);
        return (bench, trails);
    }

    private static async Task DeliverAllAsync(DeliveryBench bench)
    {
        var deliverer = bench.Deliverer();
        foreach (var message in await bench.Queue.ReceiveAsync(Queues.DeliverBlob, 32, TimeSpan.FromMinutes(1), default))
        {
            Assert.True(DeliveryMessage.TryParse(message.Text, out var parsed));
            await deliverer.DeliverAsync(parsed, default);
            await bench.Queue.DeleteAsync(Queues.DeliverBlob, message, default);
        }
    }
}
