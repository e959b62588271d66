using System.Text;
using ActionTrail.Storage;
using Azure.Storage.Queues;
using QueueMessage = ActionTrail.Storage.QueueMessage;
using ReceivedMessage = Azure.Storage.Queues.Models.QueueMessage;

namespace ActionTrail.Azure;

/// <summary>
/// <see cref="IWorkQueue"/> on Azure Queues. Text travels as Base64 of its UTF-8, as the Functions host reads and writes it; a
/// message that somebody else put there in the clear is handed out as it is. Messages never expire.
/// </summary>
public sealed class AzureQueueStore(QueueServiceClient service) : IWorkQueue
{
    private static readonly TimeSpan NeverExpires = TimeSpan.FromSeconds(-1);
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public Task CreateQueueAsync(string queue, CancellationToken cancellationToken) => StoreErrors.WriteAsync(
        $"create queue {queue}", async _ => await Queue(queue).CreateIfNotExistsAsync(metadata: null, cancellationToken), cancellationToken);

    public Task SendAsync(string queue, string text, TimeSpan visibleAfter, CancellationToken cancellationToken)
    {
        QueueRules.CheckText(text);
        var hidden = QueueRules.WholeSeconds(visibleAfter, atLeastSeconds: 0);
        return StoreErrors.WriteAsync($"send to {queue}", _ => Queue(queue).SendMessageAsync(Encode(text), hidden, NeverExpires, cancellationToken), cancellationToken);
    }

    public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibility, CancellationToken cancellationToken)
    {
        QueueRules.CheckCount(count);
        var hidden = QueueRules.WholeSeconds(visibility, atLeastSeconds: 1);
        return StoreErrors.WriteAsync<IReadOnlyList<QueueMessage>>(
            $"receive from {queue}",
            async _ => [.. (await Queue(queue).ReceiveMessagesAsync(count, hidden, cancellationToken)).Value.Select(ToMessage)],
            cancellationToken);
    }

    public Task<string> UpdateVisibilityAsync(string queue, QueueMessage message, TimeSpan visibility, CancellationToken cancellationToken)
    {
        var hidden = QueueRules.WholeSeconds(visibility, atLeastSeconds: 0);
        return StoreErrors.WriteAsync(
            $"update a message of {queue}",
            async _ => (await Queue(queue).UpdateMessageAsync(message.Id, message.PopReceipt, Encode(message.Text), hidden, cancellationToken)).Value.PopReceipt,
            cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>A message that is gone after an attempt whose answer was lost counts as deleted by it.</remarks>
    public Task DeleteAsync(string queue, QueueMessage message, CancellationToken cancellationToken) => StoreErrors.WriteAsync(
        $"delete a message of {queue}",
        async attempts =>
        {
            try
            {
                await Queue(queue).DeleteMessageAsync(message.Id, message.PopReceipt, cancellationToken);
                return true;
            }
            catch (global::Azure.RequestFailedException gone) when (gone is { Status: 404, ErrorCode: "MessageNotFound" } && attempts.MayHaveHappened)
            {
                return true;
            }
        },
        cancellationToken);

    public Task<int> CountAsync(string queue, CancellationToken cancellationToken) => StoreErrors.ReadAsync(
        $"count {queue}", async () => (await Queue(queue).GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount, cancellationToken);

    internal static string Encode(string text) => Convert.ToBase64String(StrictUtf8.GetBytes(text));

    internal static string Decode(string body)
    {
        var bytes = new byte[body.Length];
        if (!Convert.TryFromBase64String(body, bytes, out var count))
            return body;
        try
        {
            return StrictUtf8.GetString(bytes, 0, count);
        }
        catch (DecoderFallbackException)
        {
            // Base64 by accident, or of something that is no text: what lies in the queue is what the receiver must judge.
            return body;
        }
    }

    private static QueueMessage ToMessage(ReceivedMessage message) => new(
        message.MessageId,
        message.PopReceipt,
        Decode(message.MessageText),
        (int)message.DequeueCount,
        message.InsertedOn ?? DateTimeOffset.MinValue,
        message.ExpiresOn ?? QueueRules.Never,
        message.NextVisibleOn ?? DateTimeOffset.MinValue);

    private QueueClient Queue(string queue)
    {
        ObjectRules.CheckContainer(queue);
        return service.GetQueueClient(queue);
    }
}
