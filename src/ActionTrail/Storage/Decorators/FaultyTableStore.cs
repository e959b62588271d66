namespace ActionTrail.Storage.Decorators;

/// <summary>A table store whose requests fail as <paramref name="faults"/> says.</summary>
public sealed class FaultyTableStore(ITableStore inner, StorageFaults faults) : ITableStore
{
    public Task CreateTableAsync(string table, CancellationToken cancellationToken) =>
        faults.RunAsync($"create-table {table}", () => inner.CreateTableAsync(table, cancellationToken));

    public Task<TableRow?> FindAsync(string table, string partitionKey, string rowKey, CancellationToken cancellationToken) =>
        faults.RunAsync($"find-row {table}", () => inner.FindAsync(table, partitionKey, rowKey, cancellationToken));

    public IAsyncEnumerable<TableRow> QueryAsync(string table, string partitionKey, string? fromRowKey, string? toRowKey, CancellationToken cancellationToken) =>
        faults.ListAsync($"query {table}", inner.QueryAsync(table, partitionKey, fromRowKey, toRowKey, cancellationToken));

    public IAsyncEnumerable<TableRow> ScanAsync(string table, CancellationToken cancellationToken) =>
        faults.ListAsync($"scan {table}", inner.ScanAsync(table, cancellationToken));

    public Task<string> InsertAsync(string table, TableRow row, CancellationToken cancellationToken) =>
        faults.RunAsync($"insert {table}", () => inner.InsertAsync(table, row, cancellationToken));

    public Task<string> ReplaceAsync(string table, TableRow row, string etag, CancellationToken cancellationToken) =>
        faults.RunAsync($"replace {table}", () => inner.ReplaceAsync(table, row, etag, cancellationToken));

    public Task<string> UpsertAsync(string table, TableRow row, CancellationToken cancellationToken) =>
        faults.RunAsync($"upsert {table}", () => inner.UpsertAsync(table, row, cancellationToken));

    public Task<bool> DeleteAsync(string table, string partitionKey, string rowKey, string? etag, CancellationToken cancellationToken) =>
        faults.RunAsync($"delete-row {table}", () => inner.DeleteAsync(table, partitionKey, rowKey, etag, cancellationToken));

    public Task SubmitAsync(string table, IReadOnlyList<TableAction> actions, CancellationToken cancellationToken) =>
        faults.RunAsync($"submit {table}", () => inner.SubmitAsync(table, actions, cancellationToken));
}
