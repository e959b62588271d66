using System.Text;

namespace ActionTrail.Storage.Decorators;

/// <summary>A work queue whose requests are counted in <paramref name="tally"/>.</summary>
public sealed class CountingWorkQueue(IWorkQueue inner, StorageTally tally) : IWorkQueue
{
    public Task CreateQueueAsync(string queue, CancellationToken cancellationToken)
    {
        tally.Add("create-queue", requests: 1, bytes: 0);
        return inner.CreateQueueAsync(queue, cancellationToken);
    }

    public Task SendAsync(string queue, string text, TimeSpan visibleAfter, CancellationToken cancellationToken)
    {
        tally.Add("send", requests: 1, Encoding.UTF8.GetByteCount(text));
        return inner.SendAsync(queue, text, visibleAfter, cancellationToken);
    }

    public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibility, CancellationToken cancellationToken)
    {
        tally.Add("receive", requests: 1, bytes: 0);
        var messages = await inner.ReceiveAsync(queue, count, visibility, cancellationToken);
        tally.Add("receive", requests: 0, messages.Sum(static message => (long)Encoding.UTF8.GetByteCount(message.Text)));
        return messages;
    }

    public Task<string> UpdateVisibilityAsync(string queue, QueueMessage message, TimeSpan visibility, CancellationToken cancellationToken)
    {
        tally.Add("update-visibility", requests: 1, bytes: 0);
        return inner.UpdateVisibilityAsync(queue, message, visibility, cancellationToken);
    }

    public Task DeleteAsync(string queue, QueueMessage message, CancellationToken cancellationToken)
    {
        tally.Add("delete-message", requests: 1, bytes: 0);
        return inner.DeleteAsync(queue, message, cancellationToken);
    }

    public Task<int> CountAsync(string queue, CancellationToken cancellationToken)
    {
        tally.Add("count", requests: 1, bytes: 0);
        return inner.CountAsync(queue, cancellationToken);
    }
}
