using ActionTrail.Delivery;

namespace ActionTrail.Functions.Triggers;

/// <summary>As <see cref="DeliverToBlob"/>, of the queue of streams and Log Analytics tables, so that a place that is slow over its wire holds up no container.</summary>
internal sealed class DeliverToStream(DeliveryRun delivery) : ITrigger
{
    public string Function => "DeliverToStream";

    public Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken) => delivery.DeliverAsync(DeliverToBlob.ReadMessage(invocation), cancellationToken);
}
