using ActionTrail.Access;
using ActionTrail.Delivery;
using ActionTrail.Directories;
using ActionTrail.Layout;
using ActionTrail.SavedQueries;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Formats;

/// <summary>
/// Every kind of row that is stored: a frozen one of each version is read by today's code and loses nothing on the way back, and one of a version to come is
/// refused, not half understood.
/// </summary>
public class RowFixtureTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 12, 34, 56, 789, TimeSpan.Zero);
    private static readonly PartitionName Hub = PartitionName.Hub("namespace", "audit-events", "7");
    private static readonly byte[] Hash = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
    private static readonly SegmentReference Segment = new("history/fresh/x.aud", 1000, 600, Hash, 1_790_000_000_000, 1_790_000_060_000, AccountSummary.Of(["contoso", "tenant-b"]));

    /// <summary>Kind of row: how it is read and written back, and the property that says its version.</summary>
    private static readonly Dictionary<string, (Func<TableRow, TableRow> There, string Version)> Kinds = new(StringComparer.Ordinal)
    {
        ["commit"] = (static row => Commit.FromRow(StoreName.History, Hub, row).ToRow(), "Version"),
        ["head"] = (static row => PartitionHead.FromRow(row).ToRow(StoreName.History, Hub), "Version"),
        ["partition"] = (static row => PartitionRegistration.FromRow(Hub, row).ToRow(StoreName.History), "Version"),
        ["segment"] = (static row => CompactedSegment.FromRow(StoreName.History, 3, row).ToRow(), "Version"),
        ["compaction"] = (static row => CompactionHead.FromRow(row).ToRow(StoreName.History), "Version"),
        ["plan"] = (static row => CompactionPlan.FromRow(StoreName.History, row).ToRow(), "Version"),
        ["checkpoint"] = (static row => PlanCheckpoint.FromRow(row).ToRow(StoreName.History), "Version"),
        ["purge"] = (static row => PurgePosition.FromRow(row).ToRow(StoreName.History, Hub), "Version"),
        ["sweep"] = (static row => SweepPosition.FromRow(row).ToRow(StoreName.History), "Version"),
        ["window"] = (static row => DeliveryWindow.FromRow(StoreName.History, row).ToRow(WindowLane.Regular), "Version"),
        ["account"] = (static row => Account.FromRow(row).ToRow(), "Version"),
        ["access-key"] = (static row => AccessKey.FromRow(row).ToRow(row.GetBytes("Secret")), "Version"),
        ["directory"] = (static row => ResourceDirectory.FromRow(row).ToRow(), "DirectoryVersion"),
        ["member"] = (static row => DirectoryMember.FromRow(row).ToRow(), "Version"),
        ["query"] = (static row => QueryRecord.FromRow(row).ToRow(row.PartitionKey, row.RowKey), "Version"),
        ["template"] = (static row => QueryTemplate.FromRow(row).ToRow(row.PartitionKey, row.RowKey), "Version"),
        ["trail"] = (static row => TrailRow.Of(TrailRow.Read(row)), "TrailVersion"),
        ["delivery"] = (static row => DeliveryRecord.FromRow(row).ToRow(), "DeliveryVersion"),
    };

    private static readonly IReadOnlyDictionary<string, TableRow> Frozen = FrozenRows.Read("rows.json", Today());

    public static TheoryData<string> Names => new(Frozen.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_frozen_row_is_read_and_loses_nothing(string name)
    {
        var row = Frozen[name];

        Assert.Equal(FrozenRows.Text(row), FrozenRows.Text(Kinds[KindOf(name)].There(row)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_of_a_version_to_come_is_refused(string name)
    {
        var (there, version) = Kinds[KindOf(name)];
        var newer = FrozenRows.With(Frozen[name], version, 99);

        var refusal = Assert.Throws<StoreException>(() => there(newer));
        Assert.Equal(StoreErrorKind.Corrupt, refusal.Kind);
        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_has_a_frozen_row_of_each_version()
    {
        Assert.Equal(Kinds.Keys.Order(StringComparer.Ordinal), Frozen.Keys.Select(KindOf).Distinct().Order(StringComparer.Ordinal));
        Assert.All(Today().Keys, static name => Assert.Contains(name, Frozen.Keys));
    }

    /// <summary><c>kind</c>, or <c>kind/what is special</c>.</summary>
    private static string KindOf(string name) => name.Split('/')[0];

    /// <summary>Rows as today's code writes them; frozen once.</summary>
    private static Dictionary<string, TableRow> Today()
    {
        var commit = new Commit
        {
            Store = StoreName.History,
            Partition = Hub,
            First = 5,
            Last = 12,
            Previous = 4,
            CommittedAt = At,
            Count = 7,
            Segment = Segment,
            Quarantine = new("history/x.jsonl", Hash, 1),
            PreviousHash = Hash,
            Hash = Hash,
            LostAt = At,
        };
        var plan = new CompactionPlan
        {
            Store = StoreName.History,
            Generation = 5,
            Kind = CompactionKind.Fresh,
            PlannedAt = At,
            Shards = 4,
            PreviousHash = Hash,
            Commits = [new(Hub, -1, 12)],
            Returned = [(Hub, 3)],
            Forgotten = [(Hub, 2)],
            Segments = [new(2, CompactionKeys.SegmentId(1, 0))],
            Built = new() { At = At, Outputs = "history/outputs/5", OutputsSha256 = Hash, Touched = [0, 3], RowsIn = 7, RowsOut = 6, Copies = 1, Passed = [(Hub, 6)], Damaged = [new(2, CompactionKeys.SegmentId(1, 0))], Hash = Hash },
        };
        var segment = new CompactedSegment
        {
            Store = StoreName.History,
            Shard = 3,
            Id = CompactionKeys.SegmentId(5, 0),
            Level = 1,
            Since = 5,
            Until = 9,
            Segment = Segment,
            Count = 7,
            Ranges = [new(Hub, 5, 12)],
            Account = "contoso",
            DamagedAt = At,
            LostAt = At,
        };
        var trail = new Trail
        {
            Account = "contoso",
            Name = "trail-one",
            TrailId = TrailKeys.TrailId("trail-one", At),
            Container = "audit-trail",
            Prefix = "prefix",
            EventRW = TrailEventRW.Write,
            HomeRegion = "local",
            CreateTime = At,
            UpdateTime = At,
            StartLoggingTime = At,
            Status = TrailStatus.Enable,
            Intervals = [new(At, null)],
        };
        var several = trail with { DirectoryId = "rd-abc", AdvancedSelectors = null };
        var lines = trail with { Format = ObjectFormat.Ndjson, MaxObjectMegabytes = 8 };
        var delivery = new DeliveryRecord
        {
            Store = StoreName.History,
            Window = 1_790_000_000_000,
            Trail = trail,
            Coverage = Coverage.Own,
            CreatedAt = At,
            OpenKey = DeliveryKeys.OpenRow(At, 1_790_000_000_000, trail.Key),
            State = DeliveryState.Done,
            Attempts = 2,
            LastAttemptAt = At,
            LastCategory = DeliveryCategory.Done,
            DoneAt = At,
            Events = 7,
            Bytes = 700,
            ObjectCount = 1,
            Objects = [new("prefix/object.json.gz", 7, 700, Convert.ToHexStringLower(Hash))],
        };
        return new(StringComparer.Ordinal)
        {
            ["commit"] = commit.ToRow(),
            ["commit/quarantine only"] = (commit with { Count = 0, Segment = null, LostAt = null }).ToRow(),
            ["head"] = new PartitionHead { Last = 12, Hash = Hash, CommittedAt = At, HubBase = 3, LastEnqueuedMs = 1_790_000_060_000 }.ToRow(StoreName.History, Hub),
            ["partition"] = new PartitionRegistration { Partition = Hub, RegisteredAt = At, Announced = 12 }.ToRow(StoreName.History),
            ["segment"] = segment.ToRow(),
            ["compaction"] = new CompactionHead { Generation = 5, Shards = 4, PlanHash = Hash, DoneAt = At, Positions = new Dictionary<PartitionName, long> { [Hub] = 12 }, Passed = new HashSet<(PartitionName, long)> { (Hub, 6) } }.ToRow(StoreName.History),
            ["plan"] = plan.ToRow(),
            ["plan/not built"] = (plan with { Built = null }).ToRow(),
            ["checkpoint"] = new PlanCheckpoint { Through = 4, PlanHash = Hash, Segments = "history/checkpoints/4", SegmentsSha256 = Hash }.ToRow(StoreName.History),
            ["purge"] = new PurgePosition { MarkedThrough = 9, MarkedAt = At, PurgedThrough = 4, PurgedHash = Hash, OrphansThrough = 12 }.ToRow(StoreName.History, Hub),
            ["sweep"] = new SweepPosition(3, 2, 1).ToRow(StoreName.History),
            ["window"] = new DeliveryWindow(StoreName.History, 1_790_000_000_000, [new(Hub, 4, 12)]).ToRow(WindowLane.Regular),
            ["account"] = new Account("contoso", "Contoso", At, AccountSource.OnSight, AccountState.Disabled).ToRow(),
            ["access-key"] = new AccessKey("ATABCDEFGHIJKLMNOPQR", "contoso", Role.Auditor, AccessKeyState.Inactive, At) { Line = "ATZZZZZZZZZZZZZZZZZZ", RotatedFrom = "ATZZZZZZZZZZZZZZZZZZ" }.ToRow(Hash),
            ["directory"] = new ResourceDirectory("rd-abc", "contoso", "Contoso", At, ["tenant-b"], 2, "").ToRow(),
            ["member"] = new DirectoryMember { DirectoryId = "rd-abc", Account = "tenant-b", State = MemberState.Left, Since = At, Intervals = [new(At, At.AddDays(1))] }.ToRow(),
            ["query"] = new QueryRecord("query-1", "SELECT *", IsSimple: true, At).ToRow("contoso", "h.1.query-1"),
            ["template"] = new QueryTemplate("template-1", "Name", "SELECT *", IsSimple: false).ToRow("contoso", "t.template-1"),
            ["trail"] = TrailRow.Of(trail),
            ["trail/several accounts"] = TrailRow.Of(several),
            ["trail/lines"] = TrailRow.Of(lines),
            ["delivery"] = delivery.ToRow(),
            ["delivery/several accounts"] = (delivery with { Trail = several, Coverage = new([new CoveredAccount("contoso", [new(At, null)])]), State = DeliveryState.Pending, LastCategory = null, DoneAt = null, Objects = [], ObjectCount = 0 }).ToRow(),
        };
    }
}
