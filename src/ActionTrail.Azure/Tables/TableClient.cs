using Azure;
using Azure.Core;

namespace ActionTrail.Azure.Tables;

/// <summary>
/// One table. Names, parameters and behaviour follow Azure.Data.Tables, whose defaults for cancellation and update mode it therefore
/// keeps. All methods throw <see cref="RequestFailedException"/> with the service's error code (<see cref="TableErrorCode"/>).
/// </summary>
public sealed class TableClient
{
    private const int Created = 201;
    private const int NoContent = 204;
    private const int NotFound = 404;
    private const int Conflict = 409;

    private readonly TableRequests requests;

    internal TableClient(string name, TableRequests requests)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        this.requests = requests;
    }

    public string Name { get; }

    /// <summary>A filter from an interpolated string: text stays, values become OData literals with their quotes doubled.</summary>
    public static string CreateQueryFilter(FormattableString filter) => TableFilter.Format(filter);

    /// <summary>Makes the table; the raw response has status 409 when it existed.</summary>
    public async Task<Response<TableItem>> CreateIfNotExistsAsync(CancellationToken cancellationToken = default)
    {
        using var message = requests.CreateTable(Name);
        var response = await SendAsync(message, cancellationToken);
        if (response.Status is Created or NoContent || (response.Status == Conflict && TableErrorParser.Find(response)?.Code == TableErrorCode.TableAlreadyExists))
            return Response.FromValue(new TableItem(Name), response);
        throw new RequestFailedException(response);
    }

    /// <summary>Deletes the table; the response has status 404 when there was none.</summary>
    public async Task<Response> DeleteAsync(CancellationToken cancellationToken = default)
    {
        using var message = requests.DeleteTable(Name);
        var response = await SendAsync(message, cancellationToken);
        return response.Status is NoContent or NotFound ? response : throw new RequestFailedException(response);
    }

    public async Task<Response<T>> GetEntityAsync<T>(string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : TableEntity, new()
    {
        var found = await GetAsync<T>(partitionKey, rowKey, select, cancellationToken);
        return found.Entity is not null ? Response.FromValue(found.Entity, found.Response) : throw new RequestFailedException(found.Response);
    }

    /// <summary>As <see cref="GetEntityAsync{T}"/>, without a value when there is no such entity (or table).</summary>
    public async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : TableEntity, new()
    {
        var found = await GetAsync<T>(partitionKey, rowKey, select, cancellationToken);
        return found.Entity is not null ? Response.FromValue(found.Entity, found.Response) : new TableNoEntity<T>(found.Response);
    }

    /// <summary>Entities that match an OData filter, in (PartitionKey, RowKey) order, in pages of at most <paramref name="maxPerPage"/> (1,000).</summary>
    public AsyncPageable<T> QueryAsync<T>(string? filter = null, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : TableEntity, new() => new TableQuery<T>(requests, Name, filter, maxPerPage, select, cancellationToken);

    /// <summary>Adds an entity that must not exist; the response carries the new ETag.</summary>
    public Task<Response> AddEntityAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : TableEntity => WriteAsync(TableTransactionActionType.Add, entity, default, cancellationToken);

    /// <summary>Changes an entity whose ETag is still <paramref name="ifMatch"/> (<see cref="ETag.All"/>: any); the response carries the new ETag.</summary>
    public Task<Response> UpdateEntityAsync<T>(T entity, ETag ifMatch, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default)
        where T : TableEntity
    {
        if (ifMatch == default)
            throw new ArgumentException("An update names the ETag that it expects, or ETag.All.", nameof(ifMatch));
        return WriteAsync(mode == TableUpdateMode.Merge ? TableTransactionActionType.UpdateMerge : TableTransactionActionType.UpdateReplace, entity, ifMatch, cancellationToken);
    }

    /// <summary>Adds or changes an entity, whatever is there; the response carries the new ETag.</summary>
    public Task<Response> UpsertEntityAsync<T>(T entity, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default)
        where T : TableEntity =>
        WriteAsync(mode == TableUpdateMode.Merge ? TableTransactionActionType.UpsertMerge : TableTransactionActionType.UpsertReplace, entity, default, cancellationToken);

    /// <summary>Deletes an entity; the response has status 404 when it (or the table) was not there.</summary>
    public async Task<Response> DeleteEntityAsync(string partitionKey, string rowKey, ETag ifMatch = default, CancellationToken cancellationToken = default)
    {
        using var message = requests.Write(Name, new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(partitionKey, rowKey), ifMatch));
        var response = await SendAsync(message, cancellationToken);
        return response.Status is NoContent or NotFound ? response : throw new RequestFailedException(response);
    }

    /// <summary>1 to 100 actions on distinct entities of one partition, at most 4 MiB: all happen or none.</summary>
    /// <exception cref="TableTransactionFailedException">An action was refused; nothing happened.</exception>
    public async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
        IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default)
    {
        var actions = transactionActions.ToList();
        if (actions.Count == 0)
            throw new ArgumentException("A transaction has actions.", nameof(transactionActions));
        using var message = requests.Batch(Name, actions);
        var answer = await SendAsync(message, cancellationToken);
        if (answer.Status != 202)
            throw new RequestFailedException(answer);

        var responses = TableBatch.Read(answer);
        if (responses.Find(static response => response.Status >= 400) is { } refused)
        {
            var error = TableErrorParser.Find(refused);
            var failure = new RequestFailedException(refused, innerException: null, new TableErrorParser());
            throw new TableTransactionFailedException(failure, TableBatch.FailedIndex(error?.Message));
        }

        return responses.Count == actions.Count
            ? Response.FromValue<IReadOnlyList<Response>>(responses, answer)
            : throw new InvalidDataException($"A transaction of {actions.Count} actions was answered by {responses.Count} responses.");
    }

    private async Task<(T? Entity, Response Response)> GetAsync<T>(string partitionKey, string rowKey, IEnumerable<string>? select, CancellationToken cancellationToken)
        where T : TableEntity, new()
    {
        using var message = requests.Get(Name, partitionKey, rowKey, select);
        var response = await SendAsync(message, cancellationToken);
        if (response.Status == NotFound)
            return (null, response);
        if (response.Status != 200)
            throw new RequestFailedException(response);
        var entity = new T();
        TableEntityJson.ReadOne(response.Content.ToMemory().Span, entity);
        return (entity, response);
    }

    private async Task<Response> WriteAsync(TableTransactionActionType type, TableEntity entity, ETag etag, CancellationToken cancellationToken)
    {
        using var message = requests.Write(Name, new TableTransactionAction(type, entity, etag));
        var response = await SendAsync(message, cancellationToken);
        return response.Status is Created or NoContent ? response : throw new RequestFailedException(response);
    }

    private async Task<Response> SendAsync(HttpMessage message, CancellationToken cancellationToken)
    {
        await requests.Pipeline.SendAsync(message, cancellationToken);
        return message.Response;
    }
}
