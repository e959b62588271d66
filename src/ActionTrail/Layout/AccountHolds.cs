using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>A legal hold, on what the events of one account lie in or on everything. Row <c>hold.{account}</c> or <c>hold</c> of table <c>progress</c>, partition <c>history</c>.</summary>
/// <param name="AccountId">The account, which may be the operator's own; empty: everything is held.</param>
/// <param name="Reason">For people.</param>
/// <param name="Since">When it was placed first.</param>
public sealed record LegalHold(string AccountId, string Reason, DateTimeOffset Since)
{
    /// <summary>Version of the stored row, for If-Match.</summary>
    public string ETag { get; init; } = "";

    public static string KeyOf(string accountId) => accountId.Length == 0 ? Keys.Hold : Keys.AccountHold(accountId);

    public TableRow ToRow(StoreName store) => new TableRow(store.ToString(), KeyOf(AccountId))
        .With("AccountId", AccountId.Length == 0 ? null : AccountId).With("Reason", Reason).With("Since", Since).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static LegalHold FromRow(TableRow row) => new(row.Known(1).FindString("AccountId") ?? "", row.GetString("Reason"), row.GetTime("Since")) { ETag = row.ETag ?? "" };
}

/// <summary>
/// The legal holds as they were read; they are for every store. Only whole commits and segments are ever deleted: one that may hold an event of a held account
/// stays, and with a commit all that follow it in its partition.
/// </summary>
public sealed class AccountHolds
{
    private readonly List<ulong> hashes;

    private AccountHolds(IReadOnlyList<LegalHold> all)
    {
        All = all;
        hashes = [.. all.Select(static hold => Hash64.Of(hold.AccountId))];
    }

    /// <summary>By account.</summary>
    public IReadOnlyList<LegalHold> All { get; }

    public bool Keep(Commit commit) => hashes.Exists(commit.MayHold);

    /// <summary>By the summary alone: a segment of one large account may be a Logstore's, with events of others under it.</summary>
    public bool Keep(CompactedSegment segment) => All.Any(hold => segment.Segment.Accounts.MayHold(Hash64.Of(hold.AccountId)) && !segment.Without.Contains(hold.AccountId, StringComparer.Ordinal));

    public static async Task<AccountHolds> ReadAsync(ITableStore tables, CancellationToken cancellationToken)
    {
        var all = new List<LegalHold>();
        await foreach (var row in tables.QueryAsync(Tables.Progress, StoreName.History.ToString(), Keys.FirstAccountHold, Keys.AfterAccountHolds, cancellationToken))
            all.Add(LegalHold.FromRow(row));
        return new(all);
    }
}
