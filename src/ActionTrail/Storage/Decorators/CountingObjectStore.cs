namespace ActionTrail.Storage.Decorators;

/// <summary>An object store whose requests are counted in <paramref name="tally"/>.</summary>
public sealed class CountingObjectStore(IObjectStore inner, StorageTally tally) : IObjectStore
{
    private const int PageObjects = 5000;

    public Task CreateContainerAsync(string container, CancellationToken cancellationToken)
    {
        tally.Add("create-container", requests: 1, bytes: 0);
        return inner.CreateContainerAsync(container, cancellationToken);
    }

    public Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken)
    {
        tally.Add("container-exists", requests: 1, bytes: 0);
        return inner.ContainerExistsAsync(container, cancellationToken);
    }

    public Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken)
    {
        tally.Add("create", requests: 1, content.Length);
        return inner.CreateAsync(container, name, content, label, cancellationToken);
    }

    public Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken)
    {
        tally.Add("create", requests: 1, content.Length);
        return inner.CreateAsync(container, name, content, label, cancellationToken);
    }

    public Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken)
    {
        tally.Add("find", requests: 1, bytes: 0);
        return inner.FindAsync(container, name, cancellationToken);
    }

    public Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken)
    {
        tally.Add("read", requests: 1, length);
        return inner.ReadAsync(container, name, offset, length, cancellationToken);
    }

    public async Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken)
    {
        tally.Add("open-read", requests: 1, bytes: 0);
        var content = await inner.OpenReadAsync(container, name, cancellationToken);
        tally.Add("open-read", requests: 0, content.CanSeek ? content.Length : 0);
        return content;
    }

    public IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, CancellationToken cancellationToken) =>
        tally.ListAsync("list", PageObjects, inner.ListAsync(container, prefix, cancellationToken), static _ => 0);

    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken)
    {
        tally.Add("delete", requests: 1, bytes: 0);
        return inner.DeleteAsync(container, name, cancellationToken);
    }
}
