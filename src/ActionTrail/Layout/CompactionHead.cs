using System.Globalization;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>
/// Which generation of compacted segments is in force: row <c>compaction</c> of table <c>progress</c>. Replacing it under its ETag is the
/// moment in which a plan takes effect, for all shards at once. Readers read it first, then the segments, then the commits.
/// </summary>
public sealed record CompactionHead
{
    /// <summary>Number of the plan that took effect last; 0 while there is none.</summary>
    public long Generation { get; init; }

    /// <summary>Number of shards of the store, fixed by its first plan.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Per partition the last sequence number whose commits are compacted.</summary>
    public IReadOnlyDictionary<PartitionName, long> Positions { get; init; } = new Dictionary<PartitionName, long>();

    /// <summary>Last sequence numbers of commits at or below their position that are not compacted: their segments could not be read. Taken up when they come back.</summary>
    public IReadOnlySet<(PartitionName Partition, long Last)> Passed { get; init; } = new HashSet<(PartitionName, long)>();

    /// <summary>Chain link of the plan that took effect last, see <see cref="CompactionPlan.ComputeHash"/>; 32 zero bytes while there is none.</summary>
    public byte[] PlanHash { get; init; } = new byte[32];

    /// <summary>When it took effect.</summary>
    public DateTimeOffset DoneAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Version of the row that was read; null when there is no row yet.</summary>
    public string? ETag { get; init; }

    /// <summary>The shard of an account: its <see cref="Hash64"/> modulo the number of shards.</summary>
    public int ShardOf(string accountId) => ShardOf(accountId, Shards);

    internal static int ShardOf(string accountId, int shards) => (int)(Hash64.Of(accountId) % (ulong)shards);

    /// <summary>Whether the events of this commit are in the compacted segments of this generation; else they are in its fresh segment only.</summary>
    public bool Holds(Commit commit) => Holds(commit.Partition, commit.Last);

    /// <param name="partition">Partition of the commit.</param>
    /// <param name="last">Last sequence number of the commit.</param>
    public bool Holds(PartitionName partition, long last) => last <= Position(partition) && !Passed.Contains((partition, last));

    /// <summary>Last sequence number that is compacted, -1 when none is.</summary>
    public long Position(PartitionName partition) => Positions.GetValueOrDefault(partition, -1);

    public TableRow ToRow(StoreName store) => new TableRow(store.ToString(), CompactionKeys.Head)
        .With("Generation", Generation).With("Shards", Shards).With("PlanHash", PlanHash).With("DoneAt", DoneAt).With("Version", 1)
        .WithText("Positions", Lines(Positions.Select(static p => (p.Key, p.Value))))
        .WithText("Passed", Lines(Passed));

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static CompactionHead FromRow(TableRow? row) => row is null ? new CompactionHead() : new CompactionHead
    {
        Generation = row.Known(1).GetInt64("Generation"),
        Shards = row.GetInt32("Shards"),
        PlanHash = row.GetBytes("PlanHash"),
        DoneAt = row.GetTime("DoneAt"),
        Positions = Pairs(row, "Positions").ToDictionary(static p => p.Partition, static p => p.Last),
        Passed = Pairs(row, "Passed").ToHashSet(),
        ETag = row.ETag,
    };

    /// <summary>The head that this plan brings about once it is built and its rows are written.</summary>
    /// <exception cref="ArgumentException">The plan does not follow this head, or is not built.</exception>
    public CompactionHead After(CompactionPlan plan, DateTimeOffset now)
    {
        if (plan.Generation != Generation + 1 || plan.Built is not { } built)
            throw new ArgumentException($"Plan {plan.Generation} is no built plan that follows generation {Generation}.", nameof(plan));
        var positions = new Dictionary<PartitionName, long>(Positions);
        foreach (var range in plan.Commits)
            positions[range.Partition] = range.Through;
        var passed = Passed.Except(plan.Returned).Except(plan.Forgotten).Union(built.Passed).ToHashSet();
        return this with { Generation = plan.Generation, Shards = plan.Shards, Positions = positions, Passed = passed, PlanHash = built.Hash, DoneAt = now };
    }

    internal static string Lines(IEnumerable<(PartitionName Partition, long Last)> pairs) => string.Concat(pairs
        .OrderBy(static p => p.Partition.ToString(), StringComparer.Ordinal).ThenBy(static p => p.Last)
        .Select(static p => string.Create(CultureInfo.InvariantCulture, $"{p.Partition} {p.Last}\n")));

    internal static IEnumerable<(PartitionName Partition, long Last)> Pairs(TableRow row, string name) =>
        row.GetLines(name, 2).Select(w => (LongText.Partition(row, name, w[0]), LongText.Number(row, name, w[1])));
}
