using System.Text.Json;
using ActionTrail.Delivery;

namespace ActionTrail.Functions.Triggers;

/// <summary>
/// One delivery message of the queue. The outcome is recorded with the delivery, so that the message has done its work whatever
/// the outcome; what is no message of ours fails, and after <c>maxDequeueCount</c> the host parks it in the poison queue.
/// </summary>
internal sealed class DeliverToBlob(DeliveryRun delivery) : ITrigger
{
    public string Function => "DeliverToBlob";

    public Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken) => delivery.DeliverAsync(ReadMessage(invocation), cancellationToken);

    internal static DeliveryMessage ReadMessage(ReadOnlyMemory<byte> invocation) =>
        DeliveryMessage.TryParse(ReadText(invocation), out var message) ? message : throw new InvalidDataException("The queue message is no delivery message.");

    /// <summary>The text of the message: the host puts it as a JSON string into a JSON string. Metadata is not read: a message can shadow it.</summary>
    internal static string ReadText(ReadOnlyMemory<byte> invocation)
    {
        try
        {
            using var body = JsonDocument.Parse(invocation);
            var message = body.RootElement.GetProperty("Data"u8).GetProperty("message"u8);
            if (message.ValueKind != JsonValueKind.String)
                return message.GetRawText();
            var text = message.GetString()!;
            if (!text.StartsWith('"'))
                return text;
            using var inner = JsonDocument.Parse(text);
            return inner.RootElement.GetString()!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException("The invocation of a queue message cannot be read.", e);
        }
    }
}
