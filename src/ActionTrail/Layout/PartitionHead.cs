using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>
/// Where a partition of the commit log ends: row <c>head</c> of table <c>commits</c>. Every commit replaces it under its ETag, so
/// that of two writers who saw the same head only one can append.
/// </summary>
public sealed record PartitionHead
{
    /// <summary>Last sequence number of the newest commit; -1 while there is none.</summary>
    public long Last { get; init; } = -1;

    /// <summary>Chain link of the newest commit; 32 zero bytes while there is none.</summary>
    public byte[] Hash { get; init; } = new byte[32];

    /// <summary>When the newest commit was made.</summary>
    public DateTimeOffset CommittedAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Log sequence number = sequence number of the event hub + this. 0 until a hub is made anew under its old name.</summary>
    public long HubBase { get; init; }

    /// <summary>Newest time, in Unix milliseconds, at which the hub took a message that the log holds; <see cref="long.MinValue"/> while there is none.</summary>
    public long LastEnqueuedMs { get; init; } = long.MinValue;

    /// <summary>Version of the row that was read; null when there is no row yet.</summary>
    public string? ETag { get; init; }

    public TableRow ToRow(StoreName store, PartitionName partition) => new TableRow(Keys.CommitPartition(store, partition), Keys.Head)
        .With("Last", Last).With("Hash", Hash).With("CommittedAt", CommittedAt)
        .With("HubBase", HubBase).With("LastEnqueuedMs", LastEnqueuedMs).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static PartitionHead FromRow(TableRow row) => new()
    {
        Last = row.Known(1).GetInt64("Last"),
        Hash = row.GetBytes("Hash"),
        CommittedAt = row.GetTime("CommittedAt"),
        HubBase = row.GetInt64("HubBase"),
        LastEnqueuedMs = row.GetInt64("LastEnqueuedMs"),
        ETag = row.ETag,
    };
}
