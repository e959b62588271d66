using System.Globalization;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>Sequence numbers <paramref name="First"/>..<paramref name="Last"/> (inclusive) of a partition.</summary>
public readonly record struct SequenceRange(PartitionName Partition, long First, long Last)
{
    /// <summary>One line per range: partition, first, last.</summary>
    internal static string ToText(IEnumerable<SequenceRange> ranges) =>
        string.Concat(ranges.Select(static r => string.Create(CultureInfo.InvariantCulture, $"{r.Partition} {r.First} {r.Last}\n")));

    internal static List<SequenceRange> FromText(TableRow row, string name) =>
        [.. row.GetLines(name, 3).Select(w => new SequenceRange(LongText.Partition(row, name, w[0]), LongText.Number(row, name, w[1]), LongText.Number(row, name, w[2])))];
}

/// <summary>
/// A compacted segment in the catalog: row of table <c>segments</c>. It counts for a reader that read the generation g when
/// <see cref="IsInForce"/> says so; rows that a plan under way added or retired change nothing until the head says that the plan is done.
/// </summary>
public sealed record CompactedSegment
{
    public required StoreName Store { get; init; }

    /// <summary>Its events are of accounts of this shard only, see <see cref="CompactionHead.ShardOf(string)"/>.</summary>
    public required int Shard { get; init; }

    /// <summary>Row key: see <see cref="CompactionKeys.SegmentId"/>.</summary>
    public required string Id { get; init; }

    /// <summary>1: from fresh segments; 2: merged.</summary>
    public required int Level { get; init; }

    /// <summary>The generation that added it.</summary>
    public required long Since { get; init; }

    /// <summary>The generation that retired it; null while none has.</summary>
    public long? Until { get; init; }

    public required SegmentReference Segment { get; init; }

    /// <summary>Events in it.</summary>
    public required int Count { get; init; }

    /// <summary>Where its events come from: no event of it lies outside; per partition one range, which may hold events of other segments too.</summary>
    public required IReadOnlyList<SequenceRange> Ranges { get; init; }

    /// <summary>The account whose events alone are in it, when that account is large enough for segments of its own; else null.</summary>
    public string? Account { get; init; }

    /// <summary>Large accounts that have segments of their own beside this one and no event in it; said only when the account summary says "any".</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Whether it ended because no more fitted in: it is not merged further.</summary>
    public bool IsFull { get; init; }

    /// <summary>When compaction found that it cannot be read and left it alone; null for every sound segment.</summary>
    public DateTimeOffset? DamagedAt { get; init; }

    /// <summary>When an operator acknowledged that it is gone for good; null for every other segment. Such a segment has an <see cref="Until"/>, and its row stays.</summary>
    public DateTimeOffset? LostAt { get; init; }

    /// <summary>Version of the row that was read; null for one that was not.</summary>
    public string? ETag { get; init; }

    /// <summary>Whether the segment counts at this generation.</summary>
    public bool IsInForce(long generation) => Since <= generation && !(Until <= generation);

    /// <summary>True unless the row proves that the segment holds no event of the account.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="accountHash"><see cref="Hash64"/> of its id.</param>
    public bool MayHold(string accountId, ulong accountHash) =>
        Account is not null ? Account == accountId : Segment.Accounts.MayHold(accountHash) && !Without.Contains(accountId, StringComparer.Ordinal);

    /// <summary>Whether it may hold events with these sequence numbers (inclusive) of the partition.</summary>
    public bool MayHold(PartitionName partition, long first, long last) => Ranges.Any(r => r.Partition == partition && r.First <= last && first <= r.Last);

    public TableRow ToRow()
    {
        var row = new TableRow(CompactionKeys.Shard(Store, Shard), Id).With("Level", Level).With("Since", Since).With("Count", Count).With("Version", 1);
        Segment.WriteTo(row);
        if (Without.Count > 0)
            row = row.WithText("Without", string.Join('\n', Without));
        return row.WithText("Ranges", SequenceRange.ToText(Ranges)).With("Until", Until).With("DamagedAt", DamagedAt).With("LostAt", LostAt)
            .With("Account", Account).With("IsFull", IsFull);
    }

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static CompactedSegment FromRow(StoreName store, int shard, TableRow row) => new()
    {
        Store = store,
        Shard = shard,
        Id = row.RowKey,
        Level = row.Known(1).GetInt32("Level"),
        Since = row.GetInt64("Since"),
        Until = row.Properties.ContainsKey("Until") ? row.GetInt64("Until") : null,
        Segment = SegmentReference.ReadFrom(row) ?? throw new StoreException(StoreErrorKind.Corrupt, $"Row {row.PartitionKey} / {row.RowKey} names no segment."),
        Count = row.GetInt32("Count"),
        Ranges = SequenceRange.FromText(row, "Ranges"),
        Account = row.FindString("Account"),
        IsFull = row.GetBoolean("IsFull"),
        Without = row.Properties.ContainsKey("Without") ? row.GetText("Without").Split('\n') : [],
        DamagedAt = row.FindTime("DamagedAt"),
        LostAt = row.FindTime("LostAt"),
        ETag = row.ETag,
    };
}
