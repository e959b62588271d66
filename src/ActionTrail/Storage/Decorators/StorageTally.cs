using System.Collections.Concurrent;

namespace ActionTrail.Storage.Decorators;

/// <summary>How often one kind of request was made, and the bytes (of content, or the upper bound of a row on the wire) that it moved.</summary>
public readonly record struct StorageCount(long Requests, long Bytes);

/// <summary>
/// Counts requests and bytes per kind of operation (<c>create</c>, <c>submit</c>, <c>read</c> …) for the counting decorators
/// that share it. A listing counts once per 1,000 rows for tables and 5,000 objects for containers, as the service pages.
/// </summary>
public sealed class StorageTally
{
    private readonly ConcurrentDictionary<string, StorageCount> counts = new(StringComparer.Ordinal);

    /// <summary>The counts so far, by operation.</summary>
    public IReadOnlyDictionary<string, StorageCount> Counts => counts;

    /// <summary>All requests so far.</summary>
    public long Requests => counts.Values.Sum(static c => c.Requests);

    /// <summary>All bytes so far.</summary>
    public long Bytes => counts.Values.Sum(static c => c.Bytes);

    /// <summary>The count of one operation; zeros when there was none.</summary>
    public StorageCount this[string operation] => counts.GetValueOrDefault(operation);

    public void Reset() => counts.Clear();

    internal void Add(string operation, int requests, long bytes) => counts.AddOrUpdate(
        operation,
        static (_, added) => added,
        static (_, count, added) => new(count.Requests + added.Requests, count.Bytes + added.Bytes),
        new StorageCount(requests, bytes));

    internal async IAsyncEnumerable<T> ListAsync<T>(string operation, int pageSize, IAsyncEnumerable<T> items, Func<T, long> size)
    {
        Add(operation, requests: 1, bytes: 0);
        var seen = 0;
        await foreach (var item in items)
        {
            Add(operation, requests: seen > 0 && seen % pageSize == 0 ? 1 : 0, size(item));
            seen++;
            yield return item;
        }
    }
}
