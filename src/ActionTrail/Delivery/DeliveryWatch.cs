using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>Looks once a minute whether messages lie in a poison queue, which nothing takes out again. Each instance looks for itself.</summary>
public sealed class DeliveryWatch(IWorkQueue queue, TimeProvider time, ILogger<DeliveryWatch> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private long lastLook = long.MinValue;

    /// <exception cref="StoreException">A queue could not be asked.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var last = Volatile.Read(ref lastLook);
        var now = time.GetTimestamp();
        if ((last != long.MinValue && time.GetElapsedTime(last, now) < Pause) || Interlocked.CompareExchange(ref lastLook, now, last) != last)
            return;
        foreach (var poison in Queues.All.Where(static name => name.EndsWith(Queues.PoisonSuffix, StringComparison.Ordinal)))
        {
            var count = await queue.CountAsync(poison, cancellationToken);
            DeliveryMetrics.Poison(poison, count);
            if (count > 0)
                WatchLog.Poison(log, poison, count);
        }
    }
}
