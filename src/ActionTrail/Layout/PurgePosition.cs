using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>How far retention has come in a partition: row <c>purge.{partition}</c> of table <c>progress</c>.</summary>
public sealed record PurgePosition
{
    /// <summary>Commits up to this sequence number are past their retention; -1: none. They are deleted a grace period after <see cref="MarkedAt"/>.</summary>
    public long MarkedThrough { get; init; } = -1;

    public DateTimeOffset MarkedAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Commits up to this sequence number are deleted or being deleted; -1: none. Readers start behind it.</summary>
    public long PurgedThrough { get; init; } = -1;

    /// <summary>Chain link of the commit that ends with <see cref="PurgedThrough"/>: what the first remaining commit must follow.</summary>
    public byte[] PurgedHash { get; init; } = new byte[32];

    /// <summary>Objects of commits up to this sequence number were searched for orphans; -1: none.</summary>
    public long OrphansThrough { get; init; } = -1;

    /// <summary>Version of the row that was read; null when there is no row yet.</summary>
    public string? ETag { get; init; }

    public TableRow ToRow(StoreName store, PartitionName partition) => new TableRow(store.ToString(), Keys.Purge(partition))
        .With("MarkedThrough", MarkedThrough).With("MarkedAt", MarkedAt).With("PurgedThrough", PurgedThrough).With("PurgedHash", PurgedHash)
        .With("OrphansThrough", OrphansThrough);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static PurgePosition FromRow(TableRow? row) => row is null ? new PurgePosition() : new PurgePosition
    {
        MarkedThrough = row.Known(1).GetInt64("MarkedThrough"),
        MarkedAt = row.GetTime("MarkedAt"),
        PurgedThrough = row.GetInt64("PurgedThrough"),
        PurgedHash = row.GetBytes("PurgedHash"),
        OrphansThrough = row.GetInt64("OrphansThrough"),
        ETag = row.ETag,
    };
}
