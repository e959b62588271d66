using ActionTrail.Delivery;

namespace ActionTrail.Functions.Triggers;

/// <summary>As <see cref="DeliverToBlob"/>, of the queue of Logstores: one that waits for a container keeps none of these waiting.</summary>
internal sealed class DeliverToLogstore(DeliveryRun delivery) : ITrigger
{
    public string Function => "DeliverToLogstore";

    public Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken) =>
        DeliveryMessage.TryParse(DeliverToBlob.ReadText(invocation), out var message)
            ? delivery.DeliverAsync(message, cancellationToken)
            : throw new InvalidDataException("The queue message is no delivery message.");
}
