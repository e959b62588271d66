using System.Runtime.CompilerServices;
using ActionTrail.Azure.Tables;
using ActionTrail.Storage;
using Azure;

namespace ActionTrail.Azure;

/// <summary>
/// <see cref="ITableStore"/> on Azure Tables. A write whose answer was lost is repeated by the pipeline; when the repetition is
/// refused, the outcome is reported as Unavailable, never as Conflict. Rules that Azurite does not hold are checked here.
/// </summary>
public sealed class AzureTableStore(TableServiceClient service) : ITableStore
{
    public Task CreateTableAsync(string table, CancellationToken cancellationToken)
    {
        TableRules.CheckTable(table);
        return StoreErrors.WriteAsync($"create table {table}", _ => Client(table).CreateIfNotExistsAsync(cancellationToken), cancellationToken);
    }

    public async Task<TableRow?> FindAsync(string table, string partitionKey, string rowKey, CancellationToken cancellationToken)
    {
        TableRules.CheckKey(partitionKey);
        TableRules.CheckKey(rowKey);
        var found = await StoreErrors.ReadAsync(
            $"find row in {table}",
            async () =>
            {
                var answer = await Client(table).GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, select: null, cancellationToken);
                RefuseMissingTable(answer.GetRawResponse());
                return answer;
            },
            cancellationToken);
        return found.HasValue ? ToRow(found.Value!) : null;
    }

    public async IAsyncEnumerable<TableRow> QueryAsync(
        string table, string partitionKey, string? fromRowKey, string? toRowKey, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TableRules.CheckKey(partitionKey);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey}");
        if (!string.IsNullOrEmpty(fromRowKey))
            filter += TableClient.CreateQueryFilter($" and RowKey ge {fromRowKey}");
        if (toRowKey is not null)
            filter += TableClient.CreateQueryFilter($" and RowKey lt {toRowKey}");
        await foreach (var row in ListAsync(table, filter, cancellationToken))
            yield return row;
    }

    public IAsyncEnumerable<TableRow> ScanAsync(string table, CancellationToken cancellationToken) => ListAsync(table, filter: null, cancellationToken);

    public Task<string> InsertAsync(string table, TableRow row, CancellationToken cancellationToken)
    {
        TableRules.CheckRow(row);
        return WriteAsync($"insert into {table}", () => Client(table).AddEntityAsync(ToEntity(row), cancellationToken), cancellationToken);
    }

    public Task<string> ReplaceAsync(string table, TableRow row, string etag, CancellationToken cancellationToken)
    {
        TableRules.CheckRow(row);
        TableRules.CheckETag(etag);
        return WriteAsync(
            $"replace in {table}",
            () => Client(table).UpdateEntityAsync(ToEntity(row), new ETag(etag), TableUpdateMode.Replace, cancellationToken),
            cancellationToken);
    }

    public Task<string> UpsertAsync(string table, TableRow row, CancellationToken cancellationToken)
    {
        TableRules.CheckRow(row);
        return WriteAsync($"upsert into {table}", () => Client(table).UpsertEntityAsync(ToEntity(row), TableUpdateMode.Replace, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>True also when the row is gone after an attempt whose answer was lost.</remarks>
    public Task<bool> DeleteAsync(string table, string partitionKey, string rowKey, string? etag, CancellationToken cancellationToken)
    {
        TableRules.CheckKey(partitionKey);
        TableRules.CheckKey(rowKey);
        return StoreErrors.WriteAsync(
            $"delete from {table}",
            async attempts =>
            {
                var response = await Client(table).DeleteEntityAsync(partitionKey, rowKey, etag is null ? ETag.All : new ETag(etag), cancellationToken);
                RefuseMissingTable(response);
                return response.Status != 404 || attempts.MayHaveHappened;
            },
            cancellationToken);
    }

    public Task SubmitAsync(string table, IReadOnlyList<TableAction> actions, CancellationToken cancellationToken)
    {
        TableRules.CheckTransaction(actions);
        return StoreErrors.WriteAsync(
            $"submit {actions.Count} actions to {table}",
            _ => Client(table).SubmitTransactionAsync(actions.Select(ToAction), cancellationToken),
            cancellationToken);
    }

    private TableClient Client(string table) => service.GetTableClient(table);

    private static Task<string> WriteAsync(string what, Func<Task<Response>> request, CancellationToken cancellationToken) =>
        StoreErrors.WriteAsync(
            what,
            async _ => (await request()).Headers.ETag?.ToString("H") ?? throw new InvalidDataException("The service gave no ETag."),
            cancellationToken);

    private async IAsyncEnumerable<TableRow> ListAsync(string table, string? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var entities = Client(table).QueryAsync<TableEntity>(filter, maxPerPage: null, select: null, cancellationToken);
        await foreach (var entity in StoreErrors.ListAsync($"query {table}", entities, cancellationToken))
            yield return ToRow(entity);
    }

    /// <summary>A row that is not there is an answer; a table that is not there is a fault.</summary>
    private static void RefuseMissingTable(Response response)
    {
        if (response.Status == 404 && StoreErrors.CodeOf(response) == TableErrorCode.TableNotFound)
            throw new RequestFailedException(response);
    }

    private static TableTransactionAction ToAction(TableAction action) => action.Kind switch
    {
        TableActionKind.Insert => new(TableTransactionActionType.Add, ToEntity(action.Row)),
        TableActionKind.Replace => new(TableTransactionActionType.UpdateReplace, ToEntity(action.Row), new ETag(action.ETag!)),
        TableActionKind.Upsert => new(TableTransactionActionType.UpsertReplace, ToEntity(action.Row)),
        TableActionKind.Delete => new(TableTransactionActionType.Delete, ToEntity(action.Row), action.ETag is null ? ETag.All : new ETag(action.ETag)),
        _ => throw new ArgumentOutOfRangeException(nameof(action), action.Kind, "Unknown action."),
    };

    private static TableEntity ToEntity(TableRow row)
    {
        var entity = new TableEntity(row.PartitionKey, row.RowKey);
        foreach (var (name, value) in row.Properties)
            entity[name] = value;
        return entity;
    }

    private static TableRow ToRow(TableEntity entity)
    {
        var row = new TableRow(entity.PartitionKey ?? "", entity.RowKey ?? "") { ETag = entity.ETag.ToString("H") };
        foreach (var (name, value) in entity)
        {
            if (name is not (nameof(TableEntity.PartitionKey) or nameof(TableEntity.RowKey) or nameof(TableEntity.Timestamp) or TableEntity.ETagName))
                row.With(name, value);
        }

        return row;
    }
}
