using System.Globalization;
using System.Runtime.CompilerServices;

namespace ActionTrail.Storage;

/// <summary>
/// <see cref="ITableStore"/> in memory, for tests and small tools. Rows are copied in and out. Queries read page by page
/// (<paramref name="pageRows"/> rows under one lock) as the service does: what changes between two pages may be seen or not.
/// </summary>
public sealed class MemoryTableStore(int pageRows = 1000) : ITableStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SortedDictionary<string, SortedList<string, TableRow>>> tables = new(StringComparer.OrdinalIgnoreCase);
    private long version;

    public Task CreateTableAsync(string table, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableRules.CheckTable(table);
        lock (gate)
            tables.TryAdd(table, new(StringComparer.Ordinal));
        return Task.CompletedTask;
    }

    public Task<TableRow?> FindAsync(string table, string partitionKey, string rowKey, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableRules.CheckKey(partitionKey);
        TableRules.CheckKey(rowKey);
        lock (gate)
            return Task.FromResult(Find(Open(table), partitionKey, rowKey) is { } row ? Copy(row, row.ETag!) : null);
    }

    public async IAsyncEnumerable<TableRow> QueryAsync(
        string table, string partitionKey, string? fromRowKey, string? toRowKey, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TableRules.CheckKey(partitionKey);
        string? after = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<TableRow> page;
            lock (gate)
                page = Page(Open(table).GetValueOrDefault(partitionKey), fromRowKey, after, toRowKey);
            foreach (var row in page)
                yield return row;
            if (page.Count < pageRows)
                yield break;
            after = page[^1].RowKey;
            await Task.CompletedTask;
        }
    }

    public async IAsyncEnumerable<TableRow> ScanAsync(string table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] partitions;
        lock (gate)
            partitions = [.. Open(table).Keys];
        foreach (var partition in partitions)
        {
            await foreach (var row in QueryAsync(table, partition, fromRowKey: null, toRowKey: null, cancellationToken))
                yield return row;
        }
    }

    public Task<string> InsertAsync(string table, TableRow row, CancellationToken cancellationToken) =>
        OneAsync(table, TableAction.Insert(row), cancellationToken);

    public Task<string> ReplaceAsync(string table, TableRow row, string etag, CancellationToken cancellationToken) =>
        OneAsync(table, TableAction.Replace(row, etag), cancellationToken);

    public Task<string> UpsertAsync(string table, TableRow row, CancellationToken cancellationToken) =>
        OneAsync(table, TableAction.Upsert(row), cancellationToken);

    public Task<bool> DeleteAsync(string table, string partitionKey, string rowKey, string? etag, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableAction[] actions = [TableAction.Delete(partitionKey, rowKey, etag)];
        TableRules.CheckTransaction(actions);
        lock (gate)
        {
            var rows = Open(table);
            if (Find(rows, partitionKey, rowKey) is null)
                return Task.FromResult(false);
            Apply(rows, actions);
            return Task.FromResult(true);
        }
    }

    public Task SubmitAsync(string table, IReadOnlyList<TableAction> actions, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableRules.CheckTransaction(actions);
        lock (gate)
            Apply(Open(table), actions);
        return Task.CompletedTask;
    }

    private Task<string> OneAsync(string table, TableAction action, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableRules.CheckRow(action.Row);
        if (action.Kind == TableActionKind.Replace)
            TableRules.CheckETag(action.ETag);
        lock (gate)
            return Task.FromResult(Apply(Open(table), [action]));
    }

    private string Apply(SortedDictionary<string, SortedList<string, TableRow>> rows, IReadOnlyList<TableAction> actions)
    {
        // The rows are distinct, so that no action can change what another one is checked against.
        foreach (var action in actions)
            Check(action, Find(rows, action.Row.PartitionKey, action.Row.RowKey));
        var etag = "";
        foreach (var action in actions)
        {
            var key = action.Row.PartitionKey;
            if (!rows.TryGetValue(key, out var partition))
                rows[key] = partition = new(StringComparer.Ordinal);
            if (action.Kind == TableActionKind.Delete)
            {
                partition.Remove(action.Row.RowKey);
                continue;
            }

            etag = string.Create(CultureInfo.InvariantCulture, $"W/\"{++version}\"");
            partition[action.Row.RowKey] = Copy(action.Row, etag);
        }

        return etag;
    }

    private static void Check(TableAction action, TableRow? found)
    {
        switch (action.Kind)
        {
            case TableActionKind.Insert when found is not null:
                throw new StoreException(StoreErrorKind.Conflict, "The row exists already.");
            case TableActionKind.Replace or TableActionKind.Delete when found is null:
                throw new StoreException(StoreErrorKind.NotFound, "The row is not there.");
            case TableActionKind.Replace or TableActionKind.Delete when action.ETag is { } etag && etag != "*" && etag != found.ETag:
                throw new StoreException(StoreErrorKind.Conflict, "The row has changed.");
            default:
                return;
        }
    }

    private SortedDictionary<string, SortedList<string, TableRow>> Open(string table) =>
        tables.GetValueOrDefault(table) ?? throw new StoreException(StoreErrorKind.NotFound, $"There is no table {table}.");

    private static TableRow? Find(SortedDictionary<string, SortedList<string, TableRow>> rows, string partitionKey, string rowKey) =>
        rows.GetValueOrDefault(partitionKey)?.GetValueOrDefault(rowKey);

    private List<TableRow> Page(SortedList<string, TableRow>? partition, string? from, string? after, string? to)
    {
        var page = new List<TableRow>();
        if (partition is null)
            return page;
        var index = after is null ? FirstAtLeast(partition, from ?? "") : FirstAtLeast(partition, after);
        for (; index < partition.Count && page.Count < pageRows; index++)
        {
            var row = partition.GetValueAtIndex(index);
            if (to is not null && string.CompareOrdinal(row.RowKey, to) >= 0)
                break;
            if (row.RowKey != after)
                page.Add(Copy(row, row.ETag!));
        }

        return page;
    }

    private static int FirstAtLeast(SortedList<string, TableRow> partition, string key)
    {
        var (low, high) = (0, partition.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(partition.GetKeyAtIndex(middle), key) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static TableRow Copy(TableRow row, string etag)
    {
        var copy = new TableRow(row.PartitionKey, row.RowKey) { ETag = etag };
        foreach (var (name, value) in row.Properties)
        {
            copy[name] = value switch
            {
                byte[] binary => binary.ToArray(),
                DateTimeOffset time => time.ToUniversalTime(),
                _ => value,
            };
        }

        return copy;
    }
}
