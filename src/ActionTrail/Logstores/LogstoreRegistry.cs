using System.Runtime.CompilerServices;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Logstores;

/// <summary>How a change of a Logstore ended.</summary>
public enum LogstoreOutcome
{
    Changed,
    NotFound,

    /// <summary>It is not in the version that the caller saw, or changes too fast.</summary>
    PreconditionFailed,
}

/// <summary>The Logstores of all accounts: table <c>logstores</c>. They come into being with the trails that deliver to them and stay when those go, until their owner deletes them.</summary>
public sealed class LogstoreRegistry(ITableStore tables, LogstoreOptions options, TimeProvider time)
{
    private const int MaxTries = 20;

    /// <summary>The Logstore, made if it is not there; one that is there stays as it is, whatever trail delivered to it before. Null: the account has the most that it may.</summary>
    /// <exception cref="StoreException">It may or may not have been made.</exception>
    public Task<Logstore?> EnsureAsync(string account, LogstoreName name, LogstoreSchema schema, CancellationToken cancellationToken) => EnsureAsync(account, name, schema, options.PerAccount, cancellationToken);

    /// <summary>As <see cref="EnsureAsync(string, LogstoreName, LogstoreSchema, CancellationToken)"/>, for a trail that is made and had one: beyond the quota, if its place was taken meanwhile. A trail without its Logstore could not deliver.</summary>
    /// <exception cref="StoreException">It may or may not have been made.</exception>
    public Task EnsureOwedAsync(string account, LogstoreName name, LogstoreSchema schema, CancellationToken cancellationToken) => EnsureAsync(account, name, schema, int.MaxValue, cancellationToken);

    private async Task<Logstore?> EnsureAsync(string account, LogstoreName name, LogstoreSchema schema, int most, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await FindAsync(account, name, cancellationToken) is { } known)
                return known;

            // The guard before the count: whoever makes another meanwhile replaces it, and this transaction fails.
            var guard = await tables.FindAsync(Tables.Logstores, account, LogstoreKeys.Guard, cancellationToken);
            if ((await ListAsync(account, cancellationToken)).Count >= most)
                return null;
            var now = time.GetUtcNow();
            var days = options.RetentionDays;
            var made = new Logstore { Account = account, Name = name, RetentionDays = days == 0 ? null : days, Schema = schema, CreateTime = now, UpdateTime = now, Incarnation = now.UtcTicks };
            var next = new TableRow(account, LogstoreKeys.Guard).With("ChangedAt", now).With("Version", 1);
            try
            {
                await tables.SubmitAsync(Tables.Logstores, [TableAction.Insert(made.ToRow()), guard is null ? TableAction.Insert(next) : TableAction.Replace(next, guard.ETag!)], cancellationToken);
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                // This one or another was made by somebody else meanwhile: look again.
            }
        }

        throw new StoreException(StoreErrorKind.Unavailable, $"The Logstores of {account} change too fast.");
    }

    /// <summary>The Logstore of the account, or null.</summary>
    public async Task<Logstore?> FindAsync(string account, LogstoreName name, CancellationToken cancellationToken) =>
        name.IsWellFormed && await tables.FindAsync(Tables.Logstores, account, LogstoreKeys.Logstore(name.Project, name.Name), cancellationToken) is { } row
            ? Logstore.FromRow(row)
            : null;

    /// <summary>Those of the account, by project and name.</summary>
    public async Task<IReadOnlyList<Logstore>> ListAsync(string account, CancellationToken cancellationToken)
    {
        var list = new List<Logstore>();
        await foreach (var row in tables.QueryAsync(Tables.Logstores, account, fromRowKey: null, LogstoreKeys.AfterLogstores, cancellationToken))
            list.Add(Logstore.FromRow(row));
        return list;
    }

    /// <summary>Those of all accounts, for compaction and the purge. Reads the whole table.</summary>
    public async IAsyncEnumerable<Logstore> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.ScanAsync(Tables.Logstores, cancellationToken))
        {
            if (LogstoreKeys.IsLogstore(row.RowKey))
                yield return Logstore.FromRow(row);
        }
    }

    /// <summary>Those of all accounts that were deleted and are not erased. Reads the whole table.</summary>
    public async IAsyncEnumerable<DeletedLogstore> ScanDeletedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.ScanAsync(Tables.Logstores, cancellationToken))
        {
            if (LogstoreKeys.IsDeleted(row.RowKey))
                yield return DeletedLogstore.FromRow(row);
        }
    }

    /// <summary>
    /// Deletes the Logstore: from one moment to the next nobody finds it, and its store waits to be erased. Whether a trail writes to it, or a hold covers it, is the caller's to see.
    /// </summary>
    /// <param name="logstore">As it was read: another version, or one made anew under its name, is not deleted.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<LogstoreOutcome> DeleteAsync(Logstore logstore, CancellationToken cancellationToken)
    {
        var deleted = new DeletedLogstore(logstore.Account, logstore.Name, logstore.Store, time.GetUtcNow());
        try
        {
            var row = LogstoreKeys.Logstore(logstore.Name.Project, logstore.Name.Name);
            await tables.SubmitAsync(Tables.Logstores, [TableAction.Delete(logstore.Account, row, logstore.ETag), TableAction.Insert(deleted.ToRow())], cancellationToken);
            return LogstoreOutcome.Changed;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            // Our own first request may have done it, and its answer got lost.
            return await tables.FindAsync(Tables.Logstores, logstore.Account, LogstoreKeys.Deleted(logstore.Store), cancellationToken) is not null ? LogstoreOutcome.Changed
                : await FindAsync(logstore.Account, logstore.Name, cancellationToken) is null ? LogstoreOutcome.NotFound : LogstoreOutcome.PreconditionFailed;
        }
    }

    /// <summary>Forgets a deleted Logstore whose store is erased.</summary>
    public Task ForgetAsync(DeletedLogstore deleted, CancellationToken cancellationToken) =>
        tables.DeleteAsync(Tables.Logstores, deleted.Account, LogstoreKeys.Deleted(deleted.Store), etag: null, cancellationToken);

    /// <summary>Sets how long events are kept. What a shorter one puts past retention is deleted by the next purges; what they deleted does not come back.</summary>
    /// <param name="account">Owner.</param>
    /// <param name="name">Name.</param>
    /// <param name="days">1 to <see cref="Logstore.MaxRetentionDays"/>; null: for ever.</param>
    /// <param name="ifMatch">The version that the caller saw, or null for any.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<(LogstoreOutcome Outcome, Logstore? Logstore)> SetRetentionAsync(
        string account, LogstoreName name, int? days, string? ifMatch, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await FindAsync(account, name, cancellationToken) is not { } logstore)
                return (LogstoreOutcome.NotFound, null);
            if (ifMatch is not null && ifMatch != logstore.ETag)
                return (LogstoreOutcome.PreconditionFailed, null);
            if (logstore.RetentionDays == days)
                return (LogstoreOutcome.Changed, logstore);
            var changed = logstore with { RetentionDays = days, UpdateTime = time.GetUtcNow() };
            try
            {
                return (LogstoreOutcome.Changed, changed with { ETag = await tables.ReplaceAsync(Tables.Logstores, changed.ToRow(), logstore.ETag, cancellationToken) });
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                // Somebody changed it first: look again.
            }
        }

        return (LogstoreOutcome.PreconditionFailed, null);
    }
}
