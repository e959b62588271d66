using System.Globalization;

namespace ActionTrail.Storage;

/// <summary><see cref="IWorkQueue"/> in memory, for tests and small tools. Visibility runs on <paramref name="time"/>; messages come in the order in which they became visible.</summary>
public sealed class MemoryWorkQueue(TimeProvider time) : IWorkQueue
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<Entry>> queues = new(StringComparer.Ordinal);
    private long serial;

    public Task CreateQueueAsync(string queue, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectRules.CheckContainer(queue);
        lock (gate)
            queues.TryAdd(queue, []);
        return Task.CompletedTask;
    }

    public Task SendAsync(string queue, string text, TimeSpan visibleAfter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        QueueRules.CheckText(text);
        var hidden = QueueRules.WholeSeconds(visibleAfter, atLeastSeconds: 0);
        lock (gate)
        {
            var now = time.GetUtcNow();
            Open(queue).Add(new Entry(++serial, text, now, now + hidden));
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibility, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        QueueRules.CheckCount(count);
        var hidden = QueueRules.WholeSeconds(visibility, atLeastSeconds: 1);
        lock (gate)
        {
            var now = time.GetUtcNow();
            var taken = Open(queue).Where(e => e.VisibleOn <= now).OrderBy(static e => e.VisibleOn).ThenBy(static e => e.Serial).Take(count).ToList();
            foreach (var entry in taken)
            {
                entry.Dequeues++;
                Hide(entry, now + hidden);
            }

            return Task.FromResult<IReadOnlyList<QueueMessage>>([.. taken.Select(static e => e.ToMessage())]);
        }
    }

    public Task<string> UpdateVisibilityAsync(string queue, QueueMessage message, TimeSpan visibility, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var hidden = QueueRules.WholeSeconds(visibility, atLeastSeconds: 0);
        lock (gate)
        {
            var entry = Held(Open(queue), message);
            Hide(entry, time.GetUtcNow() + hidden);
            return Task.FromResult(entry.PopReceipt);
        }
    }

    public Task DeleteAsync(string queue, QueueMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var entries = Open(queue);
            entries.Remove(Held(entries, message));
        }

        return Task.CompletedTask;
    }

    public Task<int> CountAsync(string queue, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return Task.FromResult(Open(queue).Count);
    }

    private void Hide(Entry entry, DateTimeOffset until)
    {
        entry.VisibleOn = until;
        entry.PopReceipt = string.Create(CultureInfo.InvariantCulture, $"pop-{++serial}");
    }

    private static Entry Held(List<Entry> entries, QueueMessage message)
    {
        var entry = entries.Find(e => e.Id == message.Id) ?? throw new StoreException(StoreErrorKind.NotFound, $"Message {message.Id} is gone.");
        return entry.PopReceipt == message.PopReceipt
            ? entry
            : throw new StoreException(StoreErrorKind.Conflict, $"Message {message.Id} is held by somebody else.");
    }

    private List<Entry> Open(string queue) =>
        queues.GetValueOrDefault(queue) ?? throw new StoreException(StoreErrorKind.NotFound, $"There is no queue {queue}.");

    private sealed class Entry(long serial, string text, DateTimeOffset insertedOn, DateTimeOffset visibleOn)
    {
        public long Serial => serial;

        public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"message-{serial}");

        public string PopReceipt { get; set; } = "";

        public DateTimeOffset VisibleOn { get; set; } = visibleOn;

        public int Dequeues { get; set; }

        public QueueMessage ToMessage() => new(Id, PopReceipt, text, Dequeues, insertedOn, QueueRules.Never, VisibleOn);
    }
}
