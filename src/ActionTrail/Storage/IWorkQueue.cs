namespace ActionTrail.Storage;

/// <summary>A message taken from a queue. <paramref name="DequeueCount"/> counts from 1.</summary>
public sealed record QueueMessage(string Id, string PopReceipt, string Text, int DequeueCount, DateTimeOffset InsertedOn, DateTimeOffset ExpiresOn, DateTimeOffset NextVisibleOn);

/// <summary>
/// At-least-once queues shaped like Azure Queues. Messages are text of at most 48 KiB (Base64 on the wire, as the Functions
/// host expects) and never expire. All methods throw <see cref="StoreException"/>. A send that fails with Unavailable may have
/// happened, and the SDK's own retries may double a message: receivers must be idempotent.
/// </summary>
public interface IWorkQueue
{
    /// <summary>Makes the queue; does nothing when it exists.</summary>
    Task CreateQueueAsync(string queue, CancellationToken cancellationToken);

    /// <param name="queue">The queue's name.</param>
    /// <param name="text">The message.</param>
    /// <param name="visibleAfter">How long the message stays hidden: 0 to 7 days.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    Task SendAsync(string queue, string text, TimeSpan visibleAfter, CancellationToken cancellationToken);

    /// <summary>Takes up to <paramref name="count"/> (1-32) messages and hides them for <paramref name="visibility"/>.</summary>
    Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibility, CancellationToken cancellationToken);

    /// <summary>Changes how long a received message stays hidden. Conflict when somebody else holds it by now. Returns the new pop receipt.</summary>
    Task<string> UpdateVisibilityAsync(string queue, QueueMessage message, TimeSpan visibility, CancellationToken cancellationToken);

    /// <summary>Deletes a received message. Conflict when somebody else holds it by now; NotFound when it is gone.</summary>
    Task DeleteAsync(string queue, QueueMessage message, CancellationToken cancellationToken);

    /// <summary>Roughly how many messages the queue holds, hidden ones included.</summary>
    Task<int> CountAsync(string queue, CancellationToken cancellationToken);
}
