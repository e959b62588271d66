using System.Runtime.CompilerServices;
using ActionTrail.Storage;

namespace ActionTrail.Benchmarks.Store;

/// <summary>
/// Objects as files of a local folder, flushed to the disk before they appear: what the engine does without a network. Only what benchmarks call:
/// labels are not kept. Reads are ranged reads of the file, which is opened for each.
/// </summary>
internal sealed class FileObjectStore(string root) : IObjectStore
{
    private long scratch;

    public Task CreateContainerAsync(string container, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(root, container));
        return Task.CompletedTask;
    }

    public Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken) => Task.FromResult(Directory.Exists(Path.Combine(root, container)));

    public Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken) =>
        WriteAsync(container, name, async file => await file.WriteAsync(content, cancellationToken));

    public Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken)
    {
        content.Position = 0;
        return WriteAsync(container, name, file => content.CopyToAsync(file, cancellationToken));
    }

    public Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(container, name));
        return Task.FromResult(file.Exists ? Describe(name, file) : null);
    }

    public async Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken)
    {
        using var file = Open(container, name);
        var content = new byte[length];
        for (var read = 0; read < length;)
        {
            var more = await RandomAccess.ReadAsync(file, content.AsMemory(read), offset + read, cancellationToken);
            if (more == 0)
                throw new StoreException(StoreErrorKind.Corrupt, $"{container}/{name} ends before {offset + length}.");
            read += more;
        }

        return content;
    }

    public Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken) => Task.FromResult<Stream>(new FileStream(Open(container, name), FileAccess.Read));

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = new DirectoryInfo(Path.Combine(root, container));
        foreach (var (name, file) in folder.EnumerateFiles("*", SearchOption.AllDirectories).Select(file => (Path.GetRelativePath(folder.FullName, file.FullName), file))
                     .Where(one => one.Item1.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(static one => one.Item1, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Describe(name, file);
            await Task.CompletedTask;
        }
    }

    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken)
    {
        var path = PathOf(container, name);
        var isThere = File.Exists(path);
        File.Delete(path);
        return Task.FromResult(isThere);
    }

    private async Task WriteAsync(string container, string name, Func<Stream, Task> write)
    {
        var path = PathOf(container, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = Path.Combine(root, $"unfinished-{Interlocked.Increment(ref scratch)}");
        await using (var file = File.Create(unfinished))
        {
            await write(file);
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(unfinished, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(unfinished);
            throw new StoreException(StoreErrorKind.Conflict, $"{container}/{name} exists already.");
        }
    }

    private Microsoft.Win32.SafeHandles.SafeFileHandle Open(string container, string name)
    {
        try
        {
            return File.OpenHandle(PathOf(container, name));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StoreException(StoreErrorKind.NotFound, $"{container}/{name} is not there.", missing);
        }
    }

    private static ObjectInfo Describe(string name, FileInfo file) => new(name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc), $"\"{file.LastWriteTimeUtc.Ticks:X}\"");

    private string PathOf(string container, string name) => Path.Combine(root, container, name);
}
