namespace ActionTrail.Storage;

/// <summary>What one action of an entity-group transaction does to its row.</summary>
public enum TableActionKind
{
    /// <summary>Fails with Conflict when the row exists.</summary>
    Insert,

    /// <summary>Replaces the row if its ETag is still the one given; fails with Conflict otherwise, NotFound when absent.</summary>
    Replace,

    /// <summary>Inserts or replaces, whatever is there.</summary>
    Upsert,

    /// <summary>Deletes the row if its ETag is still the one given (null: any); NotFound when absent.</summary>
    Delete,
}

/// <summary>One action of an entity-group transaction. <paramref name="ETag"/> guards Replace (required) and Delete (null: any).</summary>
public sealed record TableAction(TableActionKind Kind, TableRow Row, string? ETag = null)
{
    public static TableAction Insert(TableRow row) => new(TableActionKind.Insert, row);

    public static TableAction Replace(TableRow row, string etag) => new(TableActionKind.Replace, row, etag);

    public static TableAction Upsert(TableRow row) => new(TableActionKind.Upsert, row);

    public static TableAction Delete(string partitionKey, string rowKey, string? etag = null) =>
        new(TableActionKind.Delete, new TableRow(partitionKey, rowKey), etag);
}

/// <summary>
/// A store of rows shaped like Azure Tables: (table, PartitionKey, RowKey) → properties, ordered ordinally by RowKey within
/// a partition, with an ETag per row and atomic transactions within one partition.
/// All methods throw <see cref="StoreException"/>. A write that fails with Unavailable may or may not have happened.
/// </summary>
public interface ITableStore
{
    /// <summary>Makes the table; does nothing when it exists.</summary>
    Task CreateTableAsync(string table, CancellationToken cancellationToken);

    /// <summary>The row, or null when there is none.</summary>
    Task<TableRow?> FindAsync(string table, string partitionKey, string rowKey, CancellationToken cancellationToken);

    /// <summary>Rows of one partition with <paramref name="fromRowKey"/> ≤ RowKey &lt; <paramref name="toRowKey"/> (null: no bound), in ordinal order. Pages by itself.</summary>
    IAsyncEnumerable<TableRow> QueryAsync(string table, string partitionKey, string? fromRowKey, string? toRowKey, CancellationToken cancellationToken);

    /// <summary>All rows of a table in (PartitionKey, RowKey) order. Only for small tables and tools.</summary>
    IAsyncEnumerable<TableRow> ScanAsync(string table, CancellationToken cancellationToken);

    /// <summary>Inserts one row; Conflict when it exists. Returns the new ETag.</summary>
    Task<string> InsertAsync(string table, TableRow row, CancellationToken cancellationToken);

    /// <summary>Replaces one row whose ETag must still be <paramref name="etag"/>; Conflict when it moved, NotFound when gone. Returns the new ETag.</summary>
    Task<string> ReplaceAsync(string table, TableRow row, string etag, CancellationToken cancellationToken);

    /// <summary>Inserts or replaces one row. Returns the new ETag.</summary>
    Task<string> UpsertAsync(string table, TableRow row, CancellationToken cancellationToken);

    /// <summary>Deletes one row; true when it was there. Conflict when <paramref name="etag"/> is given and moved.</summary>
    Task<bool> DeleteAsync(string table, string partitionKey, string rowKey, string? etag, CancellationToken cancellationToken);

    /// <summary>1 to 100 actions on distinct rows of one partition, at most 4 MiB together: all happen or none. Conflict or NotFound names no row.</summary>
    Task SubmitAsync(string table, IReadOnlyList<TableAction> actions, CancellationToken cancellationToken);
}
