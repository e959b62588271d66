using ActionTrail.Storage;

namespace ActionTrail.SavedQueries;

/// <summary>A query that an account keeps under a name, to be used again. Nothing reads the statement: it is text.</summary>
/// <param name="Id">Unique in the account, 1 to 64 letters, digits, <c>_</c> and <c>-</c>.</param>
/// <param name="Name">At most <see cref="SavedQueryStore.MaxNameLength"/> characters, not unique, may be empty.</param>
/// <param name="Statement">1 to <see cref="SavedQueryStore.MaxStatementLength"/> characters.</param>
/// <param name="IsSimple">Whether the statement is conditions only, as its author says.</param>
public sealed record QueryTemplate(string Id, string Name, string Statement, bool IsSimple)
{
    /// <summary>Version of the stored row; empty before it is stored.</summary>
    public string ETag { get; init; } = "";

    internal static QueryTemplate FromRow(TableRow row) =>
        new(row.Known(1).GetString("Id"), row.GetString("Name"), row.GetString("Statement"), row.GetBoolean("IsSimple")) { ETag = row.ETag ?? "" };

    internal TableRow ToRow(string account, string rowKey) =>
        new TableRow(account, rowKey).With("Id", Id).With("Name", Name).With("Statement", Statement).With("IsSimple", IsSimple);
}

/// <summary>A query that was made once.</summary>
/// <param name="Id">Unique in the account; grammar as of <see cref="QueryTemplate"/>.</param>
/// <param name="Statement">At most <see cref="SavedQueryStore.MaxStatementLength"/> characters, may be empty.</param>
/// <param name="IsSimple">Whether the statement is conditions only, as its author says.</param>
/// <param name="At">When it was recorded, UTC.</param>
public sealed record QueryRecord(string Id, string Statement, bool IsSimple, DateTimeOffset At)
{
    internal static QueryRecord FromRow(TableRow row) =>
        new(row.Known(1).GetString("Id"), row.GetString("Statement"), row.GetBoolean("IsSimple"), row.GetTime("At"));

    internal TableRow ToRow(string account, string rowKey) =>
        new TableRow(account, rowKey).With("Id", Id).With("Statement", Statement).With("IsSimple", IsSimple).With("At", At);
}
