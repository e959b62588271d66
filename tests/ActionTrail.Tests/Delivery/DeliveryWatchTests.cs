using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Delivery;

public sealed class DeliveryWatchTests
{
    [Fact]
    public async Task Poison_is_looked_for_once_a_minute()
    {
        var bench = await DeliveryBench.StartAsync();
        for (var i = 0; i < 7; i++)
            await bench.Queue.SendAsync(Queues.DeliverBlob + Queues.PoisonSuffix, "no message of ours", TimeSpan.Zero, default);

        var seen = new ConcurrentBag<(string Name, double Value)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, l) =>
        {
            if (instrument.Name.StartsWith("actiontrail.delivery.", StringComparison.Ordinal))
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen.Add((instrument.Name, value)));
        listener.Start();
        var watch = new DeliveryWatch(bench.Queue, bench.Clock, NullLogger<DeliveryWatch>.Instance);
        await watch.RunAsync(default);

        Assert.Contains(("actiontrail.delivery.poison", 7), seen);

        // Within the same minute nothing is asked again.
        seen.Clear();
        await bench.Queue.SendAsync(Queues.DeliverBlob + Queues.PoisonSuffix, "one more", TimeSpan.Zero, default);
        await watch.RunAsync(default);
        Assert.DoesNotContain(("actiontrail.delivery.poison", 8), seen);
    }
}
