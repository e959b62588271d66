using System.Globalization;
using System.Runtime.CompilerServices;

namespace ActionTrail.Storage;

/// <summary><see cref="IObjectStore"/> in memory, for tests and small tools. Content is copied in and out; times come from <paramref name="time"/>.</summary>
public sealed class MemoryObjectStore(TimeProvider time) : IObjectStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SortedDictionary<string, StoredObject>> containers = new(StringComparer.Ordinal);
    private long version;

    public Task CreateContainerAsync(string container, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectRules.CheckContainer(container);
        lock (gate)
            containers.TryAdd(container, new(StringComparer.Ordinal));
        return Task.CompletedTask;
    }

    public Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectRules.CheckContainer(container);
        lock (gate)
            return Task.FromResult(containers.ContainsKey(container));
    }

    public Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectRules.CheckName(name);
        ObjectRules.CheckLabel(label);
        lock (gate)
        {
            var objects = Open(container);
            if (objects.ContainsKey(name))
                throw new StoreException(StoreErrorKind.Conflict, $"{container}/{name} exists already.");
            var etag = string.Create(CultureInfo.InvariantCulture, $"\"0x{++version:X}\"");
            var info = new ObjectInfo(name, content.Length, time.GetUtcNow(), etag)
            {
                Metadata = new Dictionary<string, string>(label.Metadata ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.OrdinalIgnoreCase),
            };
            objects[name] = new(info, content.ToArray());
        }

        return Task.CompletedTask;
    }

    public async Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        content.Position = 0;
        await content.CopyToAsync(whole, cancellationToken);
        await CreateAsync(container, name, whole.ToArray(), label, cancellationToken);
    }

    public Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectRules.CheckName(name);
        lock (gate)
            return Task.FromResult(containers.GetValueOrDefault(container)?.GetValueOrDefault(name)?.Facts);
    }

    public Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var content = Content(container, name, cancellationToken);
        if (offset + length > content.Length)
            throw new StoreException(StoreErrorKind.Corrupt, $"{container}/{name} has {content.Length} bytes; {length} at {offset} were asked for.");
        return Task.FromResult(content.AsSpan((int)offset, length).ToArray());
    }

    public Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new MemoryStream(Content(container, name, cancellationToken), writable: false));

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        List<ObjectInfo> found;
        lock (gate)
            found = [.. Open(container).Values.Select(static o => o.Facts).Where(o => o.Name.StartsWith(prefix, StringComparison.Ordinal))];
        foreach (var info in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ObjectInfo(info.Name, info.Length, info.LastModified, info.ETag);
            await Task.CompletedTask;
        }
    }

    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectRules.CheckName(name);
        lock (gate)
            return Task.FromResult(containers.GetValueOrDefault(container)?.Remove(name) ?? false);
    }

    private byte[] Content(string container, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectRules.CheckName(name);
        lock (gate)
        {
            return containers.GetValueOrDefault(container)?.GetValueOrDefault(name)?.Content
                ?? throw new StoreException(StoreErrorKind.NotFound, $"{container}/{name} is not there.");
        }
    }

    private SortedDictionary<string, StoredObject> Open(string container)
    {
        ObjectRules.CheckContainer(container);
        return containers.GetValueOrDefault(container) ?? throw new StoreException(StoreErrorKind.NotFound, $"There is no container {container}.");
    }

    private sealed record StoredObject(ObjectInfo Facts, byte[] Content);
}
