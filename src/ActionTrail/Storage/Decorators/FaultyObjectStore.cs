namespace ActionTrail.Storage.Decorators;

/// <summary>An object store whose requests fail as <paramref name="faults"/> says.</summary>
public sealed class FaultyObjectStore(IObjectStore inner, StorageFaults faults) : IObjectStore
{
    public Task CreateContainerAsync(string container, CancellationToken cancellationToken) =>
        faults.RunAsync($"create-container {container}", () => inner.CreateContainerAsync(container, cancellationToken));

    public Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken) =>
        faults.RunAsync($"container-exists {container}", () => inner.ContainerExistsAsync(container, cancellationToken));

    public Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken) =>
        faults.RunAsync($"create {container}", () => inner.CreateAsync(container, name, content, label, cancellationToken));

    public Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken) =>
        faults.RunAsync($"create {container}", () => inner.CreateAsync(container, name, content, label, cancellationToken));

    public Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken) =>
        faults.RunAsync($"find {container}", () => inner.FindAsync(container, name, cancellationToken));

    public Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken) =>
        faults.RunAsync($"read {container}", () => inner.ReadAsync(container, name, offset, length, cancellationToken));

    public Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken) =>
        faults.RunAsync($"open-read {container}", () => inner.OpenReadAsync(container, name, cancellationToken));

    public IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, CancellationToken cancellationToken) =>
        faults.ListAsync($"list {container}", inner.ListAsync(container, prefix, cancellationToken));

    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken) =>
        faults.RunAsync($"delete {container}", () => inner.DeleteAsync(container, name, cancellationToken));
}
