using ActionTrail.Delivery;
using ActionTrail.HistoryJobs;

namespace ActionTrail.Functions.Triggers;

/// <summary>
/// The delivery timer: cuts windows, hands them out, brings due deliveries back, and takes history jobs on; neither of the two waits for the other. What one run leaves undone the next one does.
/// </summary>
internal sealed class ScheduleDeliveries(DeliveryScheduler scheduler, HistorySteps history, DeliveryWatch watch) : ITrigger
{
    public string Function => "ScheduleDeliveries";

    public async Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken)
    {
        await Task.WhenAll(scheduler.RunAsync(cancellationToken), history.RunAsync(cancellationToken));
        await watch.RunAsync(cancellationToken);
    }
}
