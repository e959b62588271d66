using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>
/// That a partition of the commit log exists, and how far it may reach: row <c>partition.{partition}</c> of table <c>progress</c>, written before a commit
/// is made. The registrations of a store lie side by side behind the head of compaction, so that one query shows what may have changed.
/// </summary>
public sealed record PartitionRegistration
{
    public required PartitionName Partition { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>
    /// No commit ends beyond this sequence number; the last one may end before it, when a writer failed or is still at work. Null in rows of programs that did
    /// not announce: nothing is known then.
    /// </summary>
    public long? Announced { get; init; }

    /// <summary>Version of the row that was read; null when there is no row yet.</summary>
    public string? ETag { get; init; }

    public TableRow ToRow(StoreName store) => new TableRow(store.ToString(), Keys.Partition(Partition))
        .With("RegisteredAt", RegisteredAt).With("Announced", Announced).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static PartitionRegistration FromRow(PartitionName partition, TableRow row) => new()
    {
        Partition = partition,
        RegisteredAt = row.Known(1).GetTime("RegisteredAt"),
        Announced = row.Properties.ContainsKey("Announced") ? row.GetInt64("Announced") : null,
        ETag = row.ETag,
    };
}
