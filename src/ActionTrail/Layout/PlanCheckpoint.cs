using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>
/// Where the chain of plans begins that is kept: row <c>checkpoint</c> of table <c>progress</c>. Earlier plans are forgotten; what they came to together is a
/// list of segments. Written before the first of them is deleted.
/// </summary>
public sealed record PlanCheckpoint
{
    /// <summary>The last generation that is forgotten; 0 while there is none.</summary>
    public long Through { get; init; }

    /// <summary>Chain link of its plan; 32 zero bytes while there is none.</summary>
    public byte[] PlanHash { get; init; } = new byte[32];

    /// <summary>The object in container <c>events</c> that lists the segments in force at that generation; null when there were none.</summary>
    public string? Segments { get; init; }

    /// <summary>SHA-256 of that object; empty without one.</summary>
    public byte[] SegmentsSha256 { get; init; } = [];

    /// <summary>Version of the row that was read; null when there is no row yet.</summary>
    public string? ETag { get; init; }

    public TableRow ToRow(StoreName store) => new TableRow(store.ToString(), CompactionKeys.Checkpoint)
        .With("Through", Through).With("PlanHash", PlanHash).With("Segments", Segments).With("SegmentsSha256", SegmentsSha256).With("Version", 1);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static PlanCheckpoint FromRow(TableRow? row) => row is null ? new PlanCheckpoint() : new PlanCheckpoint
    {
        Through = row.Known(1).GetInt64("Through"),
        PlanHash = row.GetBytes("PlanHash"),
        Segments = row.FindString("Segments"),
        SegmentsSha256 = row.FindBytes("SegmentsSha256") ?? [],
        ETag = row.ETag,
    };
}
