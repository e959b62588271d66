using System.Runtime.CompilerServices;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Query;

/// <summary>Rows that are read with something happening before each request, and between the pages of a query. For readers: writing is refused.</summary>
internal sealed class SteppedTables(ITableStore inner, Func<Task> step, int pageRows = int.MaxValue) : ITableStore
{
    public async Task<TableRow?> FindAsync(string table, string partitionKey, string rowKey, CancellationToken cancellationToken)
    {
        await step();
        return await inner.FindAsync(table, partitionKey, rowKey, cancellationToken);
    }

    public async IAsyncEnumerable<TableRow> QueryAsync(
        string table, string partitionKey, string? fromRowKey, string? toRowKey, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await step();
            var rows = 0;
            await foreach (var row in inner.QueryAsync(table, partitionKey, fromRowKey, toRowKey, cancellationToken))
            {
                yield return row;
                fromRowKey = row.RowKey + '\0';
                if (++rows == pageRows)
                    break;
            }

            if (rows < pageRows)
                yield break;
        }
    }

    public IAsyncEnumerable<TableRow> ScanAsync(string table, CancellationToken cancellationToken) => inner.ScanAsync(table, cancellationToken);

    public Task CreateTableAsync(string table, CancellationToken cancellationToken) => throw Refused();

    public Task<string> InsertAsync(string table, TableRow row, CancellationToken cancellationToken) => throw Refused();

    public Task<string> ReplaceAsync(string table, TableRow row, string etag, CancellationToken cancellationToken) => throw Refused();

    public Task<string> UpsertAsync(string table, TableRow row, CancellationToken cancellationToken) => throw Refused();

    public Task<bool> DeleteAsync(string table, string partitionKey, string rowKey, string? etag, CancellationToken cancellationToken) => throw Refused();

    public Task SubmitAsync(string table, IReadOnlyList<TableAction> actions, CancellationToken cancellationToken) => throw Refused();

    private static InvalidOperationException Refused() => new("A reader writes.");
}

/// <summary>As <see cref="SteppedTables"/>, for objects.</summary>
internal sealed class SteppedObjects(IObjectStore inner, Func<Task> step) : IObjectStore
{
    public async Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken)
    {
        await step();
        return await inner.ReadAsync(container, name, offset, length, cancellationToken);
    }

    public async Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken)
    {
        await step();
        return await inner.OpenReadAsync(container, name, cancellationToken);
    }

    public async Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken)
    {
        await step();
        return await inner.FindAsync(container, name, cancellationToken);
    }

    public Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken) => inner.ContainerExistsAsync(container, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, CancellationToken cancellationToken) => inner.ListAsync(container, prefix, cancellationToken);

    public Task CreateContainerAsync(string container, CancellationToken cancellationToken) => throw Refused();

    public Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken) => throw Refused();

    public Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken) => throw Refused();

    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken) => throw Refused();

    private static InvalidOperationException Refused() => new("A reader writes.");
}
