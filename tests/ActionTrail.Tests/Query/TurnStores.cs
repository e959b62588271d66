using System.Runtime.CompilerServices;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Query;

/// <summary>Rows whose every request waits for a turn before it takes effect and for another before its answer comes. Queries come in pages of random length.</summary>
internal sealed class TurnTables(ITableStore inner, Interleaving turns) : ITableStore
{
    public Task CreateTableAsync(string table, CancellationToken cancellationToken) => inner.CreateTableAsync(table, cancellationToken);

    public Task<TableRow?> FindAsync(string table, string partitionKey, string rowKey, CancellationToken cancellationToken) =>
        turns.AroundAsync($"find {table} {rowKey}", () => inner.FindAsync(table, partitionKey, rowKey, cancellationToken), cancellationToken);

    public async IAsyncEnumerable<TableRow> QueryAsync(
        string table, string partitionKey, string? fromRowKey, string? toRowKey, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        while (true)
        {
            var most = turns.Next(2) == 0 ? int.MaxValue : turns.Next(4) + 1;
            var page = await turns.AroundAsync($"query {table} {after ?? fromRowKey}", () => PageAsync(table, partitionKey, fromRowKey, after, toRowKey, most, cancellationToken), cancellationToken);
            foreach (var row in page)
                yield return row;
            if (page.Count < most)
                yield break;
            after = page[^1].RowKey;
        }
    }

    public IAsyncEnumerable<TableRow> ScanAsync(string table, CancellationToken cancellationToken) => inner.ScanAsync(table, cancellationToken);

    public Task<string> InsertAsync(string table, TableRow row, CancellationToken cancellationToken) =>
        turns.AroundAsync($"insert {table} {row.RowKey}", () => inner.InsertAsync(table, row, cancellationToken), cancellationToken);

    public Task<string> ReplaceAsync(string table, TableRow row, string etag, CancellationToken cancellationToken) =>
        turns.AroundAsync($"replace {table} {row.RowKey}", () => inner.ReplaceAsync(table, row, etag, cancellationToken), cancellationToken);

    public Task<string> UpsertAsync(string table, TableRow row, CancellationToken cancellationToken) =>
        turns.AroundAsync($"upsert {table} {row.RowKey}", () => inner.UpsertAsync(table, row, cancellationToken), cancellationToken);

    public Task<bool> DeleteAsync(string table, string partitionKey, string rowKey, string? etag, CancellationToken cancellationToken) =>
        turns.AroundAsync($"delete {table} {rowKey}", () => inner.DeleteAsync(table, partitionKey, rowKey, etag, cancellationToken), cancellationToken);

    public Task SubmitAsync(string table, IReadOnlyList<TableAction> actions, CancellationToken cancellationToken) =>
        turns.AroundAsync($"submit {table} {actions[0].Row.RowKey}", () => inner.SubmitAsync(table, actions, cancellationToken), cancellationToken);

    private async Task<List<TableRow>> PageAsync(
        string table, string partitionKey, string? fromRowKey, string? after, string? toRowKey, int most, CancellationToken cancellationToken)
    {
        var page = new List<TableRow>();
        await foreach (var row in inner.QueryAsync(table, partitionKey, after ?? fromRowKey, toRowKey, cancellationToken))
        {
            if (row.RowKey == after)
                continue;
            page.Add(row);
            if (page.Count == most)
                break;
        }

        return page;
    }
}

/// <summary>As <see cref="TurnTables"/>, for objects.</summary>
/// <param name="inner">The store.</param>
/// <param name="turns">Whose turn it is.</param>
/// <param name="onStopped">Called when a ranged read was stopped by its token.</param>
internal sealed class TurnObjects(IObjectStore inner, Interleaving turns, Action? onStopped = null) : IObjectStore
{
    public async Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken)
    {
        try
        {
            return await turns.AroundAsync($"read {name}", () => inner.ReadAsync(container, name, offset, length, cancellationToken), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            onStopped?.Invoke();
            throw;
        }
    }

    public Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken) =>
        turns.AroundAsync($"open {name}", () => inner.OpenReadAsync(container, name, cancellationToken), cancellationToken);

    public Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken) =>
        turns.AroundAsync($"find {name}", () => inner.FindAsync(container, name, cancellationToken), cancellationToken);

    public Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken) => inner.ContainerExistsAsync(container, cancellationToken);

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await turns.TurnAsync($"list {prefix}", cancellationToken);
        var found = new List<ObjectInfo>();
        await foreach (var item in inner.ListAsync(container, prefix, cancellationToken))
            found.Add(item);
        await turns.TurnAsync($"listed {prefix}", cancellationToken);
        foreach (var item in found)
            yield return item;
    }

    public Task CreateContainerAsync(string container, CancellationToken cancellationToken) => inner.CreateContainerAsync(container, cancellationToken);

    public Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken) =>
        turns.AroundAsync($"create {name}", () => inner.CreateAsync(container, name, content, label, cancellationToken), cancellationToken);

    public Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken) =>
        turns.AroundAsync($"create {name}", () => inner.CreateAsync(container, name, content, label, cancellationToken), cancellationToken);

    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken) =>
        turns.AroundAsync($"delete {name}", () => inner.DeleteAsync(container, name, cancellationToken), cancellationToken);
}

internal static class TurnRequests
{
    /// <summary>A turn, the request, and a turn before its answer, a refusal as well, comes back. Cancelled in between, it has happened all the same.</summary>
    public static async Task<T> AroundAsync<T>(this Interleaving turns, string what, Func<Task<T>> request, CancellationToken cancellationToken)
    {
        await turns.TurnAsync(what, cancellationToken);
        var answer = request();
        await turns.TurnAsync($"answer to {what}", cancellationToken);
        return await answer;
    }

    /// <summary>As <see cref="AroundAsync{T}"/>, for a request without an answer.</summary>
    public static async Task AroundAsync(this Interleaving turns, string what, Func<Task> request, CancellationToken cancellationToken)
    {
        await turns.TurnAsync(what, cancellationToken);
        var answer = request();
        await turns.TurnAsync($"answer to {what}", cancellationToken);
        await answer;
    }
}
