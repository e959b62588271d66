using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>How far the plans of a store are swept: row <c>sweep</c> of table <c>progress</c>.</summary>
/// <param name="Swept">Generation through which orphans and merged segments are deleted.</param>
/// <param name="Freed">Generation through which the fresh segments of the commits taken up are.</param>
/// <param name="Purged">Generation through which the segments that retention retired are.</param>
public sealed record SweepPosition(long Swept, long Freed, long Purged)
{
    /// <summary>The generation through which nothing is left to delete.</summary>
    public long Through => Math.Min(Swept, Math.Min(Freed, Purged));

    /// <summary>How far what plans of this kind freed is deleted.</summary>
    public long Of(CompactionKind kind) => kind switch
    {
        CompactionKind.Fresh => Freed,
        CompactionKind.Merge => Swept,
        _ => Purged,
    };

    public SweepPosition With(CompactionKind kind, long through) => kind switch
    {
        CompactionKind.Fresh => this with { Freed = through },
        CompactionKind.Merge => this with { Swept = through },
        _ => this with { Purged = through },
    };

    public TableRow ToRow(StoreName store) =>
        new TableRow(store.ToString(), CompactionKeys.Sweep).With("SweptThrough", Swept).With("FreedThrough", Freed).With("PurgedThrough", Purged);

    /// <summary>All 0 without a row. Rows of before have no <c>PurgedThrough</c>: what is deleted already is looked for once more.</summary>
    public static SweepPosition FromRow(TableRow? row) => row is null
        ? new(0, 0, 0)
        : new(row.Known(1).GetInt64("SweptThrough"), row.GetInt64("FreedThrough"), row.Properties.ContainsKey("PurgedThrough") ? row.GetInt64("PurgedThrough") : 0);
}
