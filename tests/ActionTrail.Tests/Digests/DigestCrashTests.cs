using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Delivery;
using ActionTrail.Trails;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Digests;

/// <summary>Every request of sealing, and of delivering what is to be sealed, fails in every way; afterwards every object is named by one digest and the validator is content.</summary>
public sealed class DigestCrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_fault_at_any_request_of_sealing_loses_and_doubles_nothing() =>
        Assert.InRange(await SweepAsync(static _ => Task.CompletedTask, static bench => bench.SealAsync()), 150, int.MaxValue);

    [Fact]
    public async Task A_fault_at_any_request_of_a_delivery_loses_and_doubles_nothing_in_the_digests() => Assert.InRange(
        await SweepAsync(
            static async bench =>
            {
                await bench.Delivery.CommitAsync(bench.Delivery.Event());
                await bench.Delivery.CloseWindowAsync();
            },
            static async bench =>
            {
                var deliverer = bench.Delivery.Deliverer();
                foreach (var message in await bench.Delivery.Queue.ReceiveAsync(Layout.Queues.DeliverBlob, 32, TimeSpan.FromMinutes(1), default))
                {
                    Assert.True(ActionTrail.Delivery.DeliveryMessage.TryParse(message.Text, out var parsed));
                    await deliverer.DeliverAsync(parsed, default);
                }
            }),
        100,
        int.MaxValue);

    [Fact]
    public async Task A_rival_before_any_request_makes_no_second_chain()
    {
        for (var request = 0; ; request++)
        {
            var (bench, trails) = await PrepareAsync();
            bench.Delivery.Faults.RunAt(request, () => bench.Rival().RunAsync(default));
            await bench.SealAsync();
            var fired = bench.Delivery.Faults.Fired;
            bench.Delivery.Faults.Reset();
            await SettleAsync(bench, trails);
            if (!fired)
            {
                Assert.InRange(request, 30, int.MaxValue);
                return;
            }
        }
    }

    [Fact]
    public async Task A_delivery_recorded_before_any_request_of_sealing_is_in_one_digest()
    {
        for (var request = 0; ; request++)
        {
            var (bench, trails) = await PrepareAsync();
            await bench.Delivery.CommitAsync(bench.Delivery.Event());
            await bench.Delivery.CloseWindowAsync();

            // Its clock is an hour behind: it means the interval that is being sealed.
            bench.Delivery.Faults.RunAt(request, async () =>
            {
                bench.Delivery.Clock.Advance(-600);
                await new DeliveryDrain(bench.Delivery).RunAsync();
                bench.Delivery.Clock.Advance(600);
            });
            await bench.SealAsync();
            var fired = bench.Delivery.Faults.Fired;
            bench.Delivery.Faults.Reset();
            await SettleAsync(bench, trails);
            if (!fired)
                return;
        }
    }

    private async Task<int> SweepAsync(Func<DigestBench, Task> before, Func<DigestBench, Task> swept)
    {
        var faults = 0;
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var (bench, trails) = await PrepareAsync();
                await before(bench);
                bench.Delivery.Faults.FailAt(request, mode);
                try
                {
                    await swept(bench);
                }
                catch (Exception e) when (e is StoreException or SimulatedCrashException)
                {
                    // The host sees a failed invocation, or nobody sees anything.
                }

                var fired = bench.Delivery.Faults.Fired;
                bench.Delivery.Faults.Reset();
                await SettleAsync(bench, trails);
                if (!fired)
                    break;
                faults++;
            }
        }

        output.WriteLine($"{faults} faults and deaths survived");
        return faults;
    }

    private static async Task<(DigestBench Bench, Trail[] Trails)> PrepareAsync()
    {
        var bench = await DigestBench.StartAsync();
        Trail[] trails = [await bench.Delivery.StartTrailAsync("acme", "trail-one"), await bench.Delivery.StartTrailAsync("acme", "trail-two", "other-logs")];
        await bench.DeliverAsync();
        bench.NextHour();
        await bench.DeliverAsync();
        bench.NextHour();
        return (bench, trails);
    }

    private static async Task SettleAsync(DigestBench bench, Trail[] trails)
    {
        await DeliveryCrashTests.SettleAsync(bench.Delivery, trails);
        bench.NextHour();
        await bench.SealAsync();
        await bench.SealAsync();
        await bench.ProveAsync();
        await bench.ProveAsync("other-logs");
        var ends = (await bench.DigestsAsync()).Select(static d => d.EndTime).ToList();
        Assert.Equal(ends.Distinct(), ends);
    }
}

/// <summary>Delivers everything that waits without meeting the faults.</summary>
internal sealed class DeliveryDrain(DeliveryBench bench)
{
    public async Task RunAsync()
    {
        var deliverer = bench.Deliverer(isCalm: true);
        foreach (var message in await bench.Queue.ReceiveAsync(Layout.Queues.DeliverBlob, 32, TimeSpan.FromMinutes(1), default))
        {
            Assert.True(ActionTrail.Delivery.DeliveryMessage.TryParse(message.Text, out var parsed));
            await deliverer.DeliverAsync(parsed, default);
            await bench.Queue.DeleteAsync(Layout.Queues.DeliverBlob, message, default);
        }
    }
}
