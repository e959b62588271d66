using System.Reflection;
using ActionTrail.Access;
using ActionTrail.Delivery;
using ActionTrail.Digests;
using ActionTrail.Directories;
using ActionTrail.HistoryJobs;
using ActionTrail.Layout;
using ActionTrail.Logstores;
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

    /// <summary>Kind of row: the type it is read to, how it is read and written back, and the property that says its version.</summary>
    private static readonly Dictionary<string, (Type Type, Func<TableRow, TableRow> There, string Version)> Kinds = new(StringComparer.Ordinal)
    {
        ["commit"] = (typeof(Commit), static row => Commit.FromRow(StoreName.History, Hub, row).ToRow(), "Version"),
        ["appended"] = (typeof(Appended), static row => Appended.FromRow(row).ToRow(row.PartitionKey, row.RowKey[Keys.FirstAppended.Length..]), "Version"),
        ["head"] = (typeof(PartitionHead), static row => PartitionHead.FromRow(row).ToRow(StoreName.History, Hub), "Version"),
        ["partition"] = (typeof(PartitionRegistration), static row => PartitionRegistration.FromRow(Hub, row).ToRow(StoreName.History), "Version"),
        ["segment"] = (typeof(CompactedSegment), static row => CompactedSegment.FromRow(StoreName.History, 3, row).ToRow(), "Version"),
        ["compaction"] = (typeof(CompactionHead), static row => CompactionHead.FromRow(row).ToRow(StoreName.History), "Version"),
        ["plan"] = (typeof(CompactionPlan), static row => CompactionPlan.FromRow(StoreName.History, row).ToRow(), "Version"),
        ["checkpoint"] = (typeof(PlanCheckpoint), static row => PlanCheckpoint.FromRow(row).ToRow(StoreName.History), "Version"),
        ["purge"] = (typeof(PurgePosition), static row => PurgePosition.FromRow(row).ToRow(StoreName.History, Hub), "Version"),
        ["sweep"] = (typeof(SweepPosition), static row => SweepPosition.FromRow(row).ToRow(StoreName.History), "Version"),
        ["hold"] = (typeof(LegalHold), static row => LegalHold.FromRow(row).ToRow(StoreName.History), "Version"),
        ["log"] = (typeof(SealHead), static row => SealHead.FromRow(row).ToRow(StoreName.History), "Version"),
        ["sealing"] = (typeof(Sealing), static row => Sealing.FromRow(row).ToRow(StoreName.History), "Version"),
        ["signed"] = (typeof(StoredCheckpoint), static row => StoredCheckpoint.FromRow(row).ToRow(StoreName.History), "Version"),
        ["note-key"] = (typeof(StoredNoteKey), static row => StoredNoteKey.FromRow(row).ToRow(StoreName.History, row.RowKey[SealKeys.FirstKey.Length..]), "Version"),
        ["window"] = (typeof(DeliveryWindow), static row => DeliveryWindow.FromRow(StoreName.History, row).ToRow(WindowLane.Regular), "Version"),
        ["window-head"] = (typeof(WindowHead), static row => WindowHead.FromRow(row) is var head ? head.Next(new(StoreName.History, head.Boundary, []), WindowLane.Regular) : row, "Version"),
        ["account"] = (typeof(Account), static row => Account.FromRow(row).ToRow(), "Version"),
        ["access-key"] = (typeof(AccessKey), static row => AccessKey.FromRow(row).ToRow(row.GetBytes("Secret")), "Version"),
        ["directory"] = (typeof(ResourceDirectory), static row => ResourceDirectory.FromRow(row).ToRow(), "DirectoryVersion"),
        ["member"] = (typeof(DirectoryMember), static row => DirectoryMember.FromRow(row).ToRow(), "Version"),
        ["guard"] = (typeof(Guard), static row => Guard.Of("tenant-b", row).ToAction().Row, "Version"),
        ["query"] = (typeof(QueryRecord), static row => QueryRecord.FromRow(row).ToRow(row.PartitionKey, row.RowKey), "Version"),
        ["template"] = (typeof(QueryTemplate), static row => QueryTemplate.FromRow(row).ToRow(row.PartitionKey, row.RowKey), "Version"),
        ["trail"] = (typeof(TrailRow), static row => TrailRow.Of(TrailRow.Read(row)), "TrailVersion"),
        ["logstore"] = (typeof(Logstore), static row => Logstore.FromRow(row).ToRow(), "Version"),
        ["logstore-deleted"] = (typeof(DeletedLogstore), static row => DeletedLogstore.FromRow(row).ToRow(), "Version"),
        ["delivery"] = (typeof(DeliveryRecord), static row => DeliveryRecord.FromRow(row).ToRow(), "DeliveryVersion"),
        ["deliveries"] = (typeof(TrailDeliveries), static row => TrailDeliveries.FromRow(row.PartitionKey, row).ToAction().Row, "Version"),
        ["job"] = (typeof(HistoryJob), static row => HistoryJob.FromRow(row).ToRow(), "JobVersion"),
        ["job-day"] = (typeof(HistoryItem), static row => HistoryItem.FromRow(row).ToRow(), "ItemVersion"),
        ["jobs"] = (typeof(JobHead), static row => JobHead.FromRow(row).ToAction().Row, "HeadVersion"),
        ["digest"] = (typeof(DigestRow), static row => DigestRow.FromRow(row).ToRow(), "Version"),
        ["digests"] = (typeof(DigestHead), static row => DigestHead.FromRow(row.PartitionKey, row).ToAction().Row, "Version"),
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
        var (_, there, version) = Kinds[KindOf(name)];
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

    [Fact]
    public void Every_type_that_becomes_a_row_or_is_read_from_one_is_a_kind_here()
    {
        string[] verbs = ["ToRow", "ToAction", "FromRow"];
        var types = typeof(Commit).Assembly.GetTypes()
            .Where(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Any(method => verbs.Contains(method.Name)))
            .Append(typeof(TrailRow));

        Assert.Equal(types.Select(static type => type.FullName).Order(StringComparer.Ordinal), Kinds.Values.Select(static kind => kind.Type.FullName).Order(StringComparer.Ordinal));
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
        var gathered = trail with { FlushAfterSeconds = 300 };
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
        var everywhere = trail with
        {
            Stream = "soc",
            LogAnalytics = "audit",
            Logstore = new("audit", "actiontrail_trail-one"),
            FormerIntervals = [new(At.AddDays(-2), At.AddDays(-1))],
            HistoryUntil = At,
        };
        var job = new HistoryJob
        {
            Account = "contoso",
            JobId = 3,
            State = HistoryJobState.Delivering,
            Trail = everywhere,
            Targets = [new(DestinationKind.Blob, [new(At.AddDays(-2), At)]), new(DestinationKind.Logstore, [])],
            From = At.AddDays(-2),
            Until = At,
            CreatedAt = At,
            UpdatedAt = At,
            EndedAt = At,
            TokenKey = "token.abc",
        };
        var day = new HistoryItem
        {
            Account = "contoso",
            JobId = 3,
            Kind = DestinationKind.Blob,
            From = At.AddDays(-1),
            To = At,
            At = At.AddHours(-3),
            PieceTo = At.AddHours(-2),
            State = HistoryItemState.Pending,
            Attempts = 2,
            NotBefore = At,
            SentAt = At,
            ChangedAt = At,
            LastCategory = DeliveryCategory.Unavailable,
            LastDetail = "away",
            Events = 7,
            Bytes = 700,
            Objects = 1,
        };
        var digest = new DigestRow
        {
            TrailKey = trail.Key,
            Plan = new Digest
            {
                AccountId = "contoso",
                TrailName = "trail-one",
                TrailId = trail.TrailId,
                HomeRegion = "local",
                StartTime = At.AddHours(-1),
                EndTime = At,
                Container = "audit-trail",
                Object = "ActionTrail-Digest/x.json.gz",
                KeyFingerprint = Convert.ToHexStringLower(Hash),
                Algorithm = SigningAlgorithm.Ecdsa,
                IsLogging = true,
                Previous = new("audit-trail", "ActionTrail-Digest/w.json.gz", Convert.ToHexStringLower(Hash), "abcd"),
                Files = [],
            },
            PlannedAt = At,
            SealedAt = At,
            Hash = Convert.ToHexStringLower(Hash),
            Signature = "abcd",
            Files = 2,
            Events = 7,
        };
        return new(StringComparer.Ordinal)
        {
            ["commit/appended under a key"] = (commit with { LostAt = null, Quarantine = null, Mark = new(Keys.WindowPart(1_790_000_000_000, trail.TrailId, 0), Sha256: null) }).ToRow(),
            ["commit/appended under a key that its link covers"] = (commit with { LostAt = null, Quarantine = null, Mark = new(Keys.WindowPart(1_790_000_000_000, trail.TrailId, 0), Hash) }).ToRow(),
            ["appended"] = new Appended(12, 7, Hash).ToRow(Keys.CommitPartition(StoreName.Logstore("contoso", "audit", "actiontrail_trail-one"), PartitionName.Api(0)), Keys.WindowPart(1_790_000_000_000, trail.TrailId, 0)),
            ["hold"] = new LegalHold("contoso", "case 7", At).ToRow(StoreName.History),
            ["hold/everything"] = new LegalHold("", "case 7", At).ToRow(StoreName.History),
            ["log"] = new SealHead { Size = 258, SealedAt = At, Positions = new Dictionary<PartitionName, SealedPosition> { [Hub] = new(12, Hash) }, Tiles = [[.. Hash, .. Hash], Hash] }.ToRow(StoreName.History),
            ["sealing"] = new Sealing { From = 256, To = 258, SealedAt = At, Leaves = SealKeys.Leaves(StoreName.History, 256, 258, Hash), Length = 1000, ListLength = 300, Sha256 = Hash, Partitions = [(Hub, 12)] }.ToRow(StoreName.History),
            ["signed"] = new StoredCheckpoint(258, Hash, At, "audit.example/history\n258\n…\n\n— audit.example/history …\n").ToRow(StoreName.History),
            ["note-key"] = new StoredNoteKey("audit.example/history+01234567+Ag==", At).ToRow(StoreName.History, "01234567"),
            ["window-head"] = WindowHead.None.Next(new DeliveryWindow(StoreName.History, 1_790_000_000_000, [new(Hub, 4, 12)]), WindowLane.Regular),
            ["guard"] = new Guard("tenant-b", "rd-abc", IsCreating: true, At, null).ToAction().Row,
            ["logstore"] = new Logstore { Account = "contoso", Name = new("audit", "actiontrail_trail-one"), RetentionDays = 400, Schema = LogstoreSchema.Audit, CreateTime = At, UpdateTime = At }.ToRow(),
            ["logstore/of a time"] = new Logstore { Account = "contoso", Name = new("audit", "actiontrail_trail-one"), RetentionDays = 400, Schema = LogstoreSchema.Audit, CreateTime = At, UpdateTime = At, Incarnation = At.UtcTicks }.ToRow(),
            ["logstore-deleted"] = new DeletedLogstore("contoso", new("audit", "actiontrail_trail-one"), StoreName.Logstore("contoso", "audit", "actiontrail_trail-one", At.UtcTicks), At).ToRow(),
            ["logstore/for ever"] = new Logstore { Account = "contoso", Name = new("audit", "innertrail_trail-one"), RetentionDays = null, Schema = LogstoreSchema.Platform, CreateTime = At, UpdateTime = At }.ToRow(),
            ["trail/all destinations"] = TrailRow.Of(everywhere),
            ["trail/deleted"] = TrailRow.Of(trail with { DeletedAt = At, StopLoggingTime = At, Intervals = [new(At, At)] }),
            ["delivery/logstore"] = (delivery with { Trail = everywhere, Kind = DestinationKind.Logstore, Unsealed = 1, LastDetail = "none" }).ToRow(),
            ["deliveries"] = new TrailDeliveries(trail.Key, null)
            {
                LatestDeliveryTime = At,
                LatestError = "Unavailable: away",
                LatestErrorTime = At,
                LastWindow = 1_790_000_000_000,
                NextAttempt = At,
                Failures = 2,
                HasBacklog = true,
                Counts = new HourCounts(HourCounts.HourOf(At)).With(At, new MinuteCounts(7, 1, 700, 1, 2)),
                ClosedThrough = 1_790_000_000_000,
            }.ToAction().Row,
            ["job"] = job.ToRow(),
            ["job-day"] = day.ToRow(),
            ["jobs"] = new JobHead("contoso", 4, 3, 3, null).ToAction().Row,
            ["digest"] = digest.ToRow(),
            ["digest/planned"] = (digest with { SealedAt = null, Hash = null, Signature = null, Files = 0, Events = 0, Plan = digest.Plan with { Previous = null } }).ToRow(),
            ["digests"] = new DigestHead(trail.Key, null)
            {
                End = At,
                IsLogging = true,
                Last = digest.Plan.Previous,
                SealedAt = At,
                Error = "away",
                ErrorAt = At,
                ErrorSince = At,
            }.ToAction().Row,
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
            ["trail/gathered"] = TrailRow.Of(gathered),
            ["delivery"] = delivery.ToRow(),
            ["delivery/several accounts"] = (delivery with { Trail = several, Coverage = new([new CoveredAccount("contoso", [new(At, null)])]), State = DeliveryState.Pending, LastCategory = null, DoneAt = null, Objects = [], ObjectCount = 0 }).ToRow(),
        };
    }
}
