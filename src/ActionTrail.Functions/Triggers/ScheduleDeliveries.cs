using ActionTrail.Delivery;

namespace ActionTrail.Functions.Triggers;

/// <summary>The delivery timer: cuts windows, hands them out, and brings due deliveries back. What one run leaves undone the next one does.</summary>
internal sealed class ScheduleDeliveries(DeliveryScheduler scheduler) : ITrigger
{
    public string Function => "ScheduleDeliveries";

    public Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken) => scheduler.RunAsync(cancellationToken);
}
