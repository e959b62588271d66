using System.Diagnostics.CodeAnalysis;

namespace ActionTrail.Segments;

/// <summary>Values by key within a budget of bytes; the one used longest ago goes first. Safe for many threads.</summary>
internal sealed class ByteLru<TKey, TValue>(long budget)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = new();

    /// <summary>Bytes of what is kept; never over the budget.</summary>
    public long Bytes { get; private set; }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out var node))
            {
                value = default;
                return false;
            }

            byUse.Remove(node);
            byUse.AddFirst(node);
            value = node.Value.Value;
            return true;
        }
    }

    /// <summary>Keeps a value unless it alone is over the budget.</summary>
    public void Add(TKey key, TValue value, long bytes)
    {
        lock (gate)
        {
            if (bytes > budget || entries.ContainsKey(key))
                return;
            entries[key] = byUse.AddFirst(new Entry(key, value, bytes));
            Bytes += bytes;
            while (Bytes > budget && byUse.Last is { } oldest)
            {
                byUse.RemoveLast();
                entries.Remove(oldest.Value.Key);
                Bytes -= oldest.Value.Bytes;
            }
        }
    }

    private sealed record Entry(TKey Key, TValue Value, long Bytes);
}
