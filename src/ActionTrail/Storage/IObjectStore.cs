namespace ActionTrail.Storage;

/// <summary>Facts about a stored object. <paramref name="Length"/> in bytes; <paramref name="LastModified"/> is the store's clock, UTC.</summary>
public sealed record ObjectInfo(string Name, long Length, DateTimeOffset LastModified, string ETag)
{
    /// <summary>Filled by <see cref="IObjectStore.FindAsync"/>; empty from listings.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>How an object is labelled when it is created. Metadata names are C# identifiers, values ASCII.</summary>
public sealed record ObjectLabel(string ContentType, string? ContentEncoding = null)
{
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public static ObjectLabel Binary { get; } = new("application/octet-stream");
}

/// <summary>
/// A store of immutable objects shaped like Blob containers. Names use <c>/</c> as separator and are listed in ordinal order.
/// All methods throw <see cref="StoreException"/>. A write that fails with Unavailable may or may not have happened.
/// </summary>
public interface IObjectStore
{
    /// <summary>Makes the container; does nothing when it exists.</summary>
    Task CreateContainerAsync(string container, CancellationToken cancellationToken);

    Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken);

    /// <summary>Writes a whole object that must not exist yet; Conflict when it does, NotFound when the container is missing. Atomic: never seen in part.</summary>
    Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken);

    /// <summary>As <see cref="CreateAsync(string, string, ReadOnlyMemory{byte}, ObjectLabel, CancellationToken)"/>, read from a seekable stream from its beginning; for large objects.</summary>
    Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken);

    /// <summary>Facts and metadata, or null when the object (or its container) is not there.</summary>
    Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken);

    /// <summary>Exactly <paramref name="length"/> bytes from <paramref name="offset"/>; NotFound when the object is not there, Corrupt when it is shorter.</summary>
    Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken);

    /// <summary>The whole object as a stream that the caller disposes; NotFound when it is not there.</summary>
    Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken);

    /// <summary>Objects whose name starts with <paramref name="prefix"/>, in ordinal order. Pages by itself.</summary>
    IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes the object; true when it was there.</summary>
    Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken);
}
