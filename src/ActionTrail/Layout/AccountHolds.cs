using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>A legal hold on what one account's events lie in. Row <c>hold.{account}</c> of table <c>progress</c>.</summary>
public sealed record AccountHold(string AccountId, string Reason, DateTimeOffset Since)
{
    public TableRow ToRow(StoreName store) =>
        new TableRow(store.ToString(), Keys.AccountHold(AccountId)).With("AccountId", AccountId).With("Reason", Reason).With("Since", Since).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static AccountHold FromRow(TableRow row) => new(row.Known(1).GetString("AccountId"), row.GetString("Reason"), row.GetTime("Since"));
}

/// <summary>
/// The legal holds of a store as they were read. Only whole commits and segments are ever deleted: one that may hold an event of a held account stays, and
/// with a commit all that follow it in its partition.
/// </summary>
public sealed class AccountHolds
{
    private readonly List<ulong> hashes;

    private AccountHolds(IReadOnlyList<AccountHold> all)
    {
        All = all;
        hashes = [.. all.Select(static hold => Hash64.Of(hold.AccountId))];
    }

    /// <summary>By account.</summary>
    public IReadOnlyList<AccountHold> All { get; }

    public bool Keep(Commit commit) => hashes.Exists(commit.MayHold);

    public bool Keep(CompactedSegment segment) => All.Any(hold => segment.MayHold(hold.AccountId, Hash64.Of(hold.AccountId)));

    public static async Task<AccountHolds> ReadAsync(ITableStore tables, StoreName store, CancellationToken cancellationToken)
    {
        var all = new List<AccountHold>();
        await foreach (var row in tables.QueryAsync(Tables.Progress, store.ToString(), Keys.FirstAccountHold, Keys.AfterAccountHolds, cancellationToken))
            all.Add(AccountHold.FromRow(row));
        return new(all);
    }
}
