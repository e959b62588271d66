using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>
/// One atomic append to a partition of the commit log: the sequence numbers <see cref="First"/>..<see cref="Last"/> (inclusive),
/// the segment with their events (none when every record was quarantined), and the link of the partition's hash chain.
/// </summary>
public sealed record Commit
{
    public required StoreName Store { get; init; }

    public required PartitionName Partition { get; init; }

    public required long First { get; init; }

    public required long Last { get; init; }

    /// <summary>Last sequence number of the commit before this one, -1 for the first. A hub that lost messages leaves a gap: <c>First &gt; Previous + 1</c>.</summary>
    public required long Previous { get; init; }

    /// <summary>When the commit was made: UTC, never before the previous commit of the partition.</summary>
    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>Number of events in the segment.</summary>
    public required int Count { get; init; }

    /// <summary>The segment in container <c>events</c>; null when <see cref="Count"/> is 0.</summary>
    public SegmentReference? Segment { get; init; }

    /// <summary>The quarantined records of this commit in container <c>quarantine</c>; null when there are none.</summary>
    public QuarantineReference? Quarantine { get; init; }

    /// <summary>Chain link of the commit before; 32 zero bytes for the first.</summary>
    public required byte[] PreviousHash { get; init; }

    /// <summary>This commit's chain link, see <see cref="ComputeHash"/>.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>
    /// When <c>StoreRepair</c> found that the segment is gone for good; null for every sound commit. A lost commit keeps its place in
    /// the chain; readers skip its events. Not part of <see cref="Hash"/>: the mark comes, and may go, after the commit.
    /// </summary>
    public DateTimeOffset? LostAt { get; init; }

    /// <summary>Under which key its events were appended, and their hash; null when they were not appended under one. The row of the mark lies beside the commit.</summary>
    public AppendMark? Mark { get; init; }

    /// <summary>
    /// The chain link: SHA-256 of UTF-8 lines, each ended by LF: previous hash (lower hex), store, partition, first, last, previous,
    /// committed time in UTC ticks, count, segment name, segment SHA-256, quarantine name, quarantine SHA-256, quarantine count
    /// (empty lines for what is absent), and when it has a mark whose hash it knows, key and hash of the mark. <see cref="Hash"/> itself is not read.
    /// </summary>
    public static byte[] ComputeHash(Commit commit)
    {
        var text = new StringBuilder(512);
        void Line(string? value) => text.Append(value).Append('\n');
        void Number(long value) => Line(value.ToString(CultureInfo.InvariantCulture));
        Line(Convert.ToHexStringLower(commit.PreviousHash));
        Line(commit.Store.ToString());
        Line(commit.Partition.ToString());
        Number(commit.First);
        Number(commit.Last);
        Number(commit.Previous);
        Number(commit.CommittedAt.UtcTicks);
        Number(commit.Count);
        Line(commit.Segment?.Name);
        Line(commit.Segment is null ? null : Convert.ToHexStringLower(commit.Segment.Sha256));
        Line(commit.Quarantine?.Name);
        Line(commit.Quarantine is null ? null : Convert.ToHexStringLower(commit.Quarantine.Sha256));
        Line(commit.Quarantine?.Count.ToString(CultureInfo.InvariantCulture));
        if (commit.Mark is { Sha256: { } appended } mark)
        {
            Line(mark.Key);
            Line(Convert.ToHexStringLower(appended));
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>True unless the account summary proves that the commit holds no event of the account.</summary>
    /// <param name="accountHash"><see cref="Hash64"/> of the account id.</param>
    public bool MayHold(ulong accountHash) => Segment is not null && Segment.Accounts.MayHold(accountHash);

    public TableRow ToRow()
    {
        var row = new TableRow(Keys.CommitPartition(Store, Partition), Keys.Commit(Last))
            .With("First", First).With("Last", Last).With("Previous", Previous)
            .With("CommittedAt", CommittedAt).With("Count", Count)
            .With("PreviousHash", PreviousHash).With("Hash", Hash).With("Version", Mark?.Sha256 is null ? 1 : 2);
        Segment?.WriteTo(row);
        Quarantine?.WriteTo(row);
        return row.With("LostAt", LostAt).With("Mark", Mark?.Key).With("MarkSha256", Mark?.Sha256);
    }

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToRow"/> makes.</exception>
    public static Commit FromRow(StoreName store, PartitionName partition, TableRow row) => new()
    {
        Store = store,
        Partition = partition,
        First = row.Known(2).GetInt64("First"),
        Last = row.GetInt64("Last"),
        Previous = row.GetInt64("Previous"),
        CommittedAt = row.GetTime("CommittedAt"),
        Count = row.GetInt32("Count"),
        PreviousHash = row.GetBytes("PreviousHash"),
        Hash = row.GetBytes("Hash"),
        Segment = SegmentReference.ReadFrom(row),
        Quarantine = QuarantineReference.ReadFrom(row),
        LostAt = row.FindTime("LostAt"),
        Mark = row.FindString("Mark") is { } key ? new AppendMark(key, row.FindBytes("MarkSha256")) : null,
    };
}
