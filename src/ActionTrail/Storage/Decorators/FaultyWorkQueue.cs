namespace ActionTrail.Storage.Decorators;

/// <summary>A work queue whose requests fail as <paramref name="faults"/> says.</summary>
public sealed class FaultyWorkQueue(IWorkQueue inner, StorageFaults faults) : IWorkQueue
{
    public Task CreateQueueAsync(string queue, CancellationToken cancellationToken) =>
        faults.RunAsync($"create-queue {queue}", () => inner.CreateQueueAsync(queue, cancellationToken));

    public Task SendAsync(string queue, string text, TimeSpan visibleAfter, CancellationToken cancellationToken) =>
        faults.RunAsync($"send {queue}", () => inner.SendAsync(queue, text, visibleAfter, cancellationToken));

    public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibility, CancellationToken cancellationToken) =>
        faults.RunAsync($"receive {queue}", () => inner.ReceiveAsync(queue, count, visibility, cancellationToken));

    public Task<string> UpdateVisibilityAsync(string queue, QueueMessage message, TimeSpan visibility, CancellationToken cancellationToken) =>
        faults.RunAsync($"update-visibility {queue}", () => inner.UpdateVisibilityAsync(queue, message, visibility, cancellationToken));

    public Task DeleteAsync(string queue, QueueMessage message, CancellationToken cancellationToken) =>
        faults.RunAsync($"delete-message {queue}", () => inner.DeleteAsync(queue, message, cancellationToken));

    public Task<int> CountAsync(string queue, CancellationToken cancellationToken) =>
        faults.RunAsync($"count {queue}", () => inner.CountAsync(queue, cancellationToken));
}
