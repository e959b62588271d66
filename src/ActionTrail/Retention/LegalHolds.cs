using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Retention;

/// <summary>Places and ends legal holds: one on everything (its account id is empty), and one per account. They are for all stores, and count for every run of the purge that begins after them.</summary>
public sealed class LegalHolds(ITableStore tables, TimeProvider time)
{
    /// <summary>In place of an account: the hold on everything.</summary>
    public const string Everything = "";

    private static readonly string Partition = StoreName.History.ToString();

    /// <summary>The hold on the account, or on <see cref="Everything"/>; null when there is none.</summary>
    public async Task<LegalHold?> FindAsync(string accountId, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Progress, Partition, LegalHold.KeyOf(accountId), cancellationToken) is { } row ? LegalHold.FromRow(row) : null;

    /// <summary>The holds on accounts, by account.</summary>
    public async Task<IReadOnlyList<LegalHold>> ListAsync(CancellationToken cancellationToken) => (await AccountHolds.ReadAsync(tables, cancellationToken)).All;

    /// <summary>Keeps what may hold an event of the account, or <see cref="Everything"/>; a later reason replaces an earlier one, the time stays.</summary>
    /// <returns>Null: it is not in the version <paramref name="ifMatch"/> (null: any, or none).</returns>
    public async Task<LegalHold?> HoldAsync(string accountId, string reason, string? ifMatch, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await FindAsync(accountId, cancellationToken);
            if (ifMatch is not null && found?.ETag != ifMatch)
                return null;
            var hold = new LegalHold(accountId, reason, found?.Since ?? time.GetUtcNow());
            try
            {
                return hold with
                {
                    ETag = found is null
                        ? await tables.InsertAsync(Tables.Progress, hold.ToRow(StoreName.History), cancellationToken)
                        : await tables.ReplaceAsync(Tables.Progress, hold.ToRow(StoreName.History), found.ETag, cancellationToken),
                };
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                // Placed, changed or ended in between: look again.
            }
        }
    }

    /// <summary>Ends the hold; false: there is none, or it is not in the version <paramref name="ifMatch"/> (null: any).</summary>
    public async Task<bool> ReleaseAsync(string accountId, string? ifMatch, CancellationToken cancellationToken)
    {
        try
        {
            return await tables.DeleteAsync(Tables.Progress, Partition, LegalHold.KeyOf(accountId), ifMatch, cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            return false;
        }
    }
}
