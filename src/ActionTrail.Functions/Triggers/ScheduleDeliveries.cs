using ActionTrail.Delivery;

namespace ActionTrail.Functions.Triggers;

/// <summary>The delivery timer: cuts windows, hands them out, and brings due deliveries back. What one run leaves undone the next one does.</summary>
internal sealed class ScheduleDeliveries(DeliveryScheduler scheduler, DeliveryWatch watch) : ITrigger
{
    public string Function => "ScheduleDeliveries";

    public async Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken)
    {
        await scheduler.RunAsync(cancellationToken);
        await watch.RunAsync(cancellationToken);
    }
}
