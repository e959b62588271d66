using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.SavedQueries;

/// <summary>
/// Table <c>queries</c>: the query templates and the query history of accounts. All methods throw <see cref="StoreException"/> when the store
/// fails. Both lists are bounded and small; of two calls at the same moment both may pass the bound by one.
/// </summary>
public sealed class SavedQueryStore(ITableStore tables, TimeProvider time)
{
    public const int MaxNameLength = 64;

    public const int MaxStatementLength = 8192;

    /// <summary>Most templates of an account.</summary>
    public const int MaxTemplates = 200;

    /// <summary>Records that the history of an account keeps; the oldest leave first.</summary>
    public const int MaxRecords = 100;

    /// <summary>Keeps a new template; null when the account has the most that are allowed.</summary>
    public async Task<QueryTemplate?> AddTemplateAsync(string account, QueryTemplate template, CancellationToken cancellationToken)
    {
        if ((await ListTemplatesAsync(account, cancellationToken)).Count >= MaxTemplates)
            return null;
        var etag = await tables.InsertAsync(Tables.Queries, template.ToRow(account, QueryKeys.Template(template.Id)), cancellationToken);
        return template with { ETag = etag };
    }

    /// <summary>The template, or null.</summary>
    public async Task<QueryTemplate?> FindTemplateAsync(string account, string id, CancellationToken cancellationToken) =>
        QueryKeys.IsId(id) && await tables.FindAsync(Tables.Queries, account, QueryKeys.Template(id), cancellationToken) is { } row ? QueryTemplate.FromRow(row) : null;

    /// <summary>All templates of the account, by name, then id.</summary>
    public async Task<IReadOnlyList<QueryTemplate>> ListTemplatesAsync(string account, CancellationToken cancellationToken)
    {
        var templates = new List<QueryTemplate>();
        await foreach (var row in tables.QueryAsync(Tables.Queries, account, QueryKeys.FirstTemplate, QueryKeys.AfterTemplates, cancellationToken))
            templates.Add(QueryTemplate.FromRow(row));
        return [.. templates.OrderBy(static t => t.Name, StringComparer.Ordinal).ThenBy(static t => t.Id, StringComparer.Ordinal)];
    }

    /// <summary>Changes a template by <paramref name="change"/>, which may decline with null; null when it did or there is no template. Retries lost races.</summary>
    public async Task<QueryTemplate?> UpdateTemplateAsync(string account, string id, Func<QueryTemplate, QueryTemplate?> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!QueryKeys.IsId(id) || await tables.FindAsync(Tables.Queries, account, QueryKeys.Template(id), cancellationToken) is not { } row)
                return null;
            if (change(QueryTemplate.FromRow(row)) is not { } changed)
                return null;
            try
            {
                return changed with { ETag = await tables.ReplaceAsync(Tables.Queries, changed.ToRow(account, row.RowKey), row.ETag!, cancellationToken) };
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                // Somebody changed or deleted it in between: look again.
            }
        }
    }

    /// <summary>True when the template was there.</summary>
    public async Task<bool> DeleteTemplateAsync(string account, string id, CancellationToken cancellationToken) =>
        QueryKeys.IsId(id) && await tables.DeleteAsync(Tables.Queries, account, QueryKeys.Template(id), etag: null, cancellationToken);

    /// <summary>Records a query and forgets the oldest ones beyond <see cref="MaxRecords"/>.</summary>
    public async Task<QueryRecord> AddRecordAsync(string account, string id, string statement, bool isSimple, CancellationToken cancellationToken)
    {
        var record = new QueryRecord(id, statement, isSimple, time.GetUtcNow());
        await tables.InsertAsync(Tables.Queries, record.ToRow(account, QueryKeys.Record(record.At, id)), cancellationToken);
        var seen = 0;
        await foreach (var row in tables.QueryAsync(Tables.Queries, account, QueryKeys.FirstRecord, QueryKeys.AfterRecords, cancellationToken))
        {
            if (++seen > MaxRecords)
                await tables.DeleteAsync(Tables.Queries, account, row.RowKey, etag: null, cancellationToken);
        }

        return record;
    }

    /// <summary>The history of the account, newest first.</summary>
    public async Task<IReadOnlyList<QueryRecord>> ListRecordsAsync(string account, CancellationToken cancellationToken)
    {
        var records = new List<QueryRecord>();
        await foreach (var row in tables.QueryAsync(Tables.Queries, account, QueryKeys.FirstRecord, QueryKeys.AfterRecords, cancellationToken))
            records.Add(QueryRecord.FromRow(row));
        return records;
    }

    /// <summary>True when the record was there.</summary>
    public async Task<bool> DeleteRecordAsync(string account, string id, CancellationToken cancellationToken)
    {
        var records = await ListRecordsAsync(account, cancellationToken);
        return records.FirstOrDefault(record => record.Id == id) is { } found
            && await tables.DeleteAsync(Tables.Queries, account, QueryKeys.Record(found.At, id), etag: null, cancellationToken);
    }
}
