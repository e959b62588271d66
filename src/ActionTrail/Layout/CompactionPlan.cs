using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>What a plan does.</summary>
public enum CompactionKind
{
    /// <summary>Takes commits up: fresh segments become segments of level 1.</summary>
    Fresh,

    /// <summary>Segments become fewer, larger ones of level 2.</summary>
    Merge,

    /// <summary>Segments past their retention go; nothing comes.</summary>
    Purge,

    /// <summary>Segments that are gone for good, as an operator acknowledged, count no more. Their rows stay until retention comes to them.</summary>
    Loss,
}

/// <summary>The commits of a partition with <paramref name="After"/> &lt; last sequence number ≤ <paramref name="Through"/>.</summary>
public readonly record struct CommitRange(PartitionName Partition, long After, long Through);

/// <summary>A segment by its key in the catalog.</summary>
public readonly record struct SegmentKey(int Shard, string Id);

/// <summary>How a plan came out: the part of it that is fixed once, when its segments are written.</summary>
public sealed record BuiltPlan
{
    public required DateTimeOffset At { get; init; }

    /// <summary>The object in container <c>events</c> that lists the segments added; null when there are none.</summary>
    public string? Outputs { get; init; }

    /// <summary>SHA-256 of that object; empty without one.</summary>
    public byte[] OutputsSha256 { get; init; } = [];

    /// <summary>The shards whose segments change.</summary>
    public required IReadOnlyList<int> Touched { get; init; }

    /// <summary>Events of the inputs that were read.</summary>
    public required long RowsIn { get; init; }

    /// <summary>Events of the segments added; what is missing to <see cref="RowsIn"/> were <see cref="Copies"/>.</summary>
    public required long RowsOut { get; init; }

    /// <summary>Copies of events that were left out.</summary>
    public required long Copies { get; init; }

    /// <summary>Commits in the plan's ranges that have events and could not be read: they stay fresh.</summary>
    public IReadOnlyList<(PartitionName Partition, long Last)> Passed { get; init; } = [];

    /// <summary>Inputs that could not be read; then nothing is retired.</summary>
    public IReadOnlyList<SegmentKey> Damaged { get; init; } = [];

    /// <summary>The plan's link in the chain of plans, see <see cref="CompactionPlan.ComputeHash"/>.</summary>
    public byte[] Hash { get; init; } = [];
}

/// <summary>
/// The plan of one generation: row <c>plan-{n:D20}</c> of table <c>progress</c>. Written create-only before any work; whoever finds it
/// unfinished finishes it and makes no other. It gets its <see cref="Built"/> part once, under its ETag, when all its segments are written:
/// of two who work on it, one decides what comes of it, and from then on anyone can bring it about. In effect when the head says its number.
/// </summary>
public sealed record CompactionPlan
{
    public required StoreName Store { get; init; }

    /// <summary>From 1, without gaps.</summary>
    public required long Generation { get; init; }

    public required CompactionKind Kind { get; init; }

    public required DateTimeOffset PlannedAt { get; init; }

    /// <summary>Number of shards, the same in all plans of a store.</summary>
    public required int Shards { get; init; }

    /// <summary>Chain link of the plan before; 32 zero bytes for the first.</summary>
    public required byte[] PreviousHash { get; init; }

    /// <summary>Fresh: the commits taken up.</summary>
    public IReadOnlyList<CommitRange> Commits { get; init; } = [];

    /// <summary>Fresh: commits that were passed over before and are there again; taken up too.</summary>
    public IReadOnlyList<(PartitionName Partition, long Last)> Returned { get; init; } = [];

    /// <summary>Fresh: commits that were passed over before and are past their retention.</summary>
    public IReadOnlyList<(PartitionName Partition, long Last)> Forgotten { get; init; } = [];

    /// <summary>Merge, purge and loss: the segments that go.</summary>
    public IReadOnlyList<SegmentKey> Segments { get; init; } = [];

    /// <summary>Fresh and merge: the accounts whose events go into segments of their own, however few the plan has; ordinal order.</summary>
    public IReadOnlyList<string> LargeAccounts { get; init; } = [];

    public BuiltPlan? Built { get; init; }

    /// <summary>Version of the row that was read; null for one that was not.</summary>
    public string? ETag { get; init; }

    /// <summary>The segments that this plan retires: none when it met a damaged one.</summary>
    public IReadOnlyList<SegmentKey> Retired => Built is { Damaged.Count: > 0 } ? [] : Segments;

    /// <summary>
    /// The chain link: SHA-256 of UTF-8 lines, each ended by LF: previous hash (lower hex), store, generation, kind, planned and built time in UTC
    /// ticks, shards, name and SHA-256 (hex) of the outputs, rows in, rows out, copies; then the texts of Commits, Returned, Forgotten, Segments,
    /// Passed, Damaged as the row holds them, each followed by an empty line; then, when there are any, that of LargeAccounts.
    /// </summary>
    /// <exception cref="InvalidOperationException">The plan is not built.</exception>
    public static byte[] ComputeHash(CompactionPlan plan)
    {
        var built = plan.Built ?? throw new InvalidOperationException("The plan is not built.");
        var text = new StringBuilder(1024);
        foreach (var line in (ReadOnlySpan<string?>)
        [
            Convert.ToHexStringLower(plan.PreviousHash), plan.Store.ToString(), Text(plan.Generation), plan.Kind.ToString(),
            Text(plan.PlannedAt.UtcTicks), Text(built.At.UtcTicks), Text(plan.Shards), built.Outputs, Convert.ToHexStringLower(built.OutputsSha256),
            Text(built.RowsIn), Text(built.RowsOut), Text(built.Copies),
            CommitsText(plan.Commits), CompactionHead.Lines(plan.Returned), CompactionHead.Lines(plan.Forgotten), KeysText(plan.Segments),
            CompactionHead.Lines(built.Passed), KeysText(built.Damaged),
        ])
            text.Append(line).Append('\n');
        if (plan.LargeAccounts.Count > 0)
            text.Append(LinesText(plan.LargeAccounts)).Append('\n');
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    public TableRow ToRow()
    {
        var row = new TableRow(Store.ToString(), CompactionKeys.Plan(Generation))
            .With("Generation", Generation).With("Kind", Kind.ToString()).With("PlannedAt", PlannedAt).With("Shards", Shards).With("PreviousHash", PreviousHash)
            .WithText("Commits", CommitsText(Commits)).WithText("Returned", CompactionHead.Lines(Returned)).WithText("Forgotten", CompactionHead.Lines(Forgotten))
            .WithText("Segments", KeysText(Segments)).With("Version", 1);
        if (LargeAccounts.Count > 0)
            row = row.WithText("LargeAccounts", LinesText(LargeAccounts));
        return Built is not { } built ? row : row
            .With("BuiltAt", built.At).With("Outputs", built.Outputs).With("OutputsSha256", built.OutputsSha256)
            .With("RowsIn", built.RowsIn).With("RowsOut", built.RowsOut).With("Copies", built.Copies).With("Hash", built.Hash)
            .WithText("Touched", string.Concat(built.Touched.Select(static s => Text(s) + "\n")))
            .WithText("Passed", CompactionHead.Lines(built.Passed)).WithText("Damaged", KeysText(built.Damaged));
    }

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static CompactionPlan FromRow(StoreName store, TableRow row) => new()
    {
        Store = store,
        Generation = row.Known(1).GetInt64("Generation"),
        Kind = Enum.TryParse<CompactionKind>(row.GetString("Kind"), out var kind) ? kind : throw new StoreException(StoreErrorKind.Corrupt, $"Row {row.RowKey} has an unknown kind."),
        PlannedAt = row.GetTime("PlannedAt"),
        Shards = row.GetInt32("Shards"),
        PreviousHash = row.GetBytes("PreviousHash"),
        Commits = [.. row.GetLines("Commits", 3).Select(w => new CommitRange(LongText.Partition(row, "Commits", w[0]), LongText.Number(row, "Commits", w[1]), LongText.Number(row, "Commits", w[2])))],
        Returned = [.. CompactionHead.Pairs(row, "Returned")],
        Forgotten = [.. CompactionHead.Pairs(row, "Forgotten")],
        Segments = ReadKeys(row, "Segments"),
        LargeAccounts = row.Properties.ContainsKey("LargeAccounts") ? row.GetText("LargeAccounts").Split('\n', StringSplitOptions.RemoveEmptyEntries) : [],
        Built = row.FindTime("BuiltAt") is { } at ? ReadBuilt(row, at) : null,
        ETag = row.ETag,
    };

    private static BuiltPlan ReadBuilt(TableRow row, DateTimeOffset at) => new()
    {
        At = at,
        Outputs = row.FindString("Outputs"),
        OutputsSha256 = row.FindBytes("OutputsSha256") ?? [],
        Touched = [.. row.GetLines("Touched", 1).Select(w => (int)LongText.Number(row, "Touched", w[0]))],
        RowsIn = row.GetInt64("RowsIn"),
        RowsOut = row.GetInt64("RowsOut"),
        Copies = row.GetInt64("Copies"),
        Passed = [.. CompactionHead.Pairs(row, "Passed")],
        Damaged = ReadKeys(row, "Damaged"),
        Hash = row.GetBytes("Hash"),
    };

    private static List<SegmentKey> ReadKeys(TableRow row, string name) =>
        [.. row.GetLines(name, 2).Select(w => new SegmentKey((int)LongText.Number(row, name, w[0]), w[1]))];

    private static string KeysText(IEnumerable<SegmentKey> keys) =>
        string.Concat(keys.Select(static k => string.Create(CultureInfo.InvariantCulture, $"{k.Shard} {k.Id}\n")));

    private static string LinesText(IEnumerable<string> words) => string.Concat(words.Select(static word => word + "\n"));

    private static string CommitsText(IEnumerable<CommitRange> ranges) =>
        string.Concat(ranges.Select(static r => string.Create(CultureInfo.InvariantCulture, $"{r.Partition} {r.After} {r.Through}\n")));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
