namespace ActionTrail.Storage.Decorators;

/// <summary>A table store whose requests are counted in <paramref name="tally"/>.</summary>
public sealed class CountingTableStore(ITableStore inner, StorageTally tally) : ITableStore
{
    private const int PageRows = 1000;

    public Task CreateTableAsync(string table, CancellationToken cancellationToken)
    {
        tally.Add("create-table", requests: 1, bytes: 0);
        return inner.CreateTableAsync(table, cancellationToken);
    }

    public async Task<TableRow?> FindAsync(string table, string partitionKey, string rowKey, CancellationToken cancellationToken)
    {
        tally.Add("find-row", requests: 1, bytes: 0);
        var row = await inner.FindAsync(table, partitionKey, rowKey, cancellationToken);
        tally.Add("find-row", requests: 0, row is null ? 0 : TableRules.WireBytes(row));
        return row;
    }

    public IAsyncEnumerable<TableRow> QueryAsync(string table, string partitionKey, string? fromRowKey, string? toRowKey, CancellationToken cancellationToken) =>
        tally.ListAsync("query", PageRows, inner.QueryAsync(table, partitionKey, fromRowKey, toRowKey, cancellationToken), static row => TableRules.WireBytes(row));

    public IAsyncEnumerable<TableRow> ScanAsync(string table, CancellationToken cancellationToken) =>
        tally.ListAsync("scan", PageRows, inner.ScanAsync(table, cancellationToken), static row => TableRules.WireBytes(row));

    public Task<string> InsertAsync(string table, TableRow row, CancellationToken cancellationToken)
    {
        tally.Add("insert", requests: 1, TableRules.WireBytes(row));
        return inner.InsertAsync(table, row, cancellationToken);
    }

    public Task<string> ReplaceAsync(string table, TableRow row, string etag, CancellationToken cancellationToken)
    {
        tally.Add("replace", requests: 1, TableRules.WireBytes(row));
        return inner.ReplaceAsync(table, row, etag, cancellationToken);
    }

    public Task<string> UpsertAsync(string table, TableRow row, CancellationToken cancellationToken)
    {
        tally.Add("upsert", requests: 1, TableRules.WireBytes(row));
        return inner.UpsertAsync(table, row, cancellationToken);
    }

    public Task<bool> DeleteAsync(string table, string partitionKey, string rowKey, string? etag, CancellationToken cancellationToken)
    {
        tally.Add("delete-row", requests: 1, bytes: 0);
        return inner.DeleteAsync(table, partitionKey, rowKey, etag, cancellationToken);
    }

    public Task SubmitAsync(string table, IReadOnlyList<TableAction> actions, CancellationToken cancellationToken)
    {
        tally.Add("submit", requests: 1, actions.Sum(static action => (long)TableRules.WireBytes(action.Row)));
        return inner.SubmitAsync(table, actions, cancellationToken);
    }
}
