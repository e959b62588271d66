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

/// <summary>The Logstores of all accounts: table <c>logstores</c>. They come into being with the trails that deliver to them and stay when those go.</summary>
public sealed class LogstoreRegistry(ITableStore tables, LogstoreOptions options, TimeProvider time)
{
    private const int MaxTries = 20;

    /// <summary>The Logstore, made if it is not there; one that is there stays as it is, whatever trail delivered to it before.</summary>
    /// <exception cref="StoreException">It may or may not have been made.</exception>
    public async Task<Logstore> EnsureAsync(string account, LogstoreName name, LogstoreSchema schema, CancellationToken cancellationToken)
    {
        if (await FindAsync(account, name, cancellationToken) is { } known)
            return known;
        var now = time.GetUtcNow();
        var days = options.RetentionDays;
        var made = new Logstore { Account = account, Name = name, RetentionDays = days == 0 ? null : days, Schema = schema, CreateTime = now, UpdateTime = now };
        try
        {
            return made with { ETag = await tables.InsertAsync(Tables.Logstores, made.ToRow(), cancellationToken) };
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            // Made by somebody else meanwhile. Nothing deletes Logstores.
            return await FindAsync(account, name, cancellationToken) ?? throw new StoreException(StoreErrorKind.Unavailable, $"Logstore {name} is there and is not.", e);
        }
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
        await foreach (var row in tables.QueryAsync(Tables.Logstores, account, fromRowKey: null, toRowKey: null, cancellationToken))
            list.Add(Logstore.FromRow(row));
        return list;
    }

    /// <summary>Those of all accounts, for compaction and the purge. Reads the whole table.</summary>
    public async IAsyncEnumerable<Logstore> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.ScanAsync(Tables.Logstores, cancellationToken))
            yield return Logstore.FromRow(row);
    }

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
