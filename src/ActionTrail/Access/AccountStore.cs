using System.Runtime.CompilerServices;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Access;

/// <summary>Table <c>accounts</c>. All methods throw <see cref="StoreException"/> when the store fails.</summary>
public sealed class AccountStore(ITableStore tables, TimeProvider time)
{
    /// <summary>Makes an account; null when the id is taken or reserved. Of two racing callers one wins.</summary>
    public async Task<Account?> CreateAsync(string accountId, string displayName, AccountSource source, CancellationToken cancellationToken)
    {
        if (Account.IsReserved(accountId))
            return null;
        var account = new Account(accountId, displayName, time.GetUtcNow(), source, AccountState.Active);
        try
        {
            return account with { ETag = await tables.InsertAsync(Tables.Accounts, account.ToRow(), cancellationToken) };
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            return null;
        }
    }

    /// <summary>The account, or null. The reserved account has no row and is not found here.</summary>
    public async Task<Account?> FindAsync(string accountId, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Accounts, Account.Partition, accountId, cancellationToken) is { } row ? Account.FromRow(row) : null;

    /// <summary>Accounts with ids after <paramref name="after"/> (null: from the first) in ordinal order.</summary>
    public async IAsyncEnumerable<Account> ListAsync(string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Ids hold no character below U+002D, so the next possible key after `after` is `after` with the lowest one behind it.
        var from = after is null ? null : after + "-";
        await foreach (var row in tables.QueryAsync(Tables.Accounts, Account.Partition, from, toRowKey: null, cancellationToken))
            yield return Account.FromRow(row);
    }

    /// <summary>Changes name and state (null: as it is); null when there is no such account, or it is not the version <paramref name="ifMatch"/> (null: any). Retries lost races.</summary>
    public async Task<Account?> UpdateAsync(string accountId, string? displayName, AccountState? state, string? ifMatch, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await tables.FindAsync(Tables.Accounts, Account.Partition, accountId, cancellationToken) is not { } row || (ifMatch ?? row.ETag) != row.ETag)
                return null;
            var account = Account.FromRow(row);
            account = account with { DisplayName = displayName ?? account.DisplayName, State = state ?? account.State };
            try
            {
                return account with { ETag = await tables.ReplaceAsync(Tables.Accounts, account.ToRow(), row.ETag!, cancellationToken) };
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
            {
                // Somebody changed it in between: read again and apply our change to theirs.
            }
        }
    }
}
