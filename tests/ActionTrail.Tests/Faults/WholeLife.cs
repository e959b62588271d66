using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Compaction;
using ActionTrail.Delivery;
using ActionTrail.Digests;
using ActionTrail.Events;
using ActionTrail.HistoryJobs;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Proofs;
using ActionTrail.Query;
using ActionTrail.Retention;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Delivery;
using ActionTrail.Tests.Digests;
using ActionTrail.Tests.HistoryJobs;
using ActionTrail.Tests.Ingest;
using ActionTrail.Trails;
using ActionTrail.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Faults;

/// <summary>
/// Eight days of one account in a store in memory, every request of which goes through one fault switch: events come from a hub and are delivered to two containers, a stream and a Logstore; a
/// history job fills a third container; digests and checkpoints are sealed, the history and the Logstore compacted, what is past retention purged. What throws is done again a little later by a
/// new process, as the host does. What must hold in the end follows from the events alone.
/// </summary>
internal sealed class WholeLife
{
    public const int UnlessHopeless = 6;

    private const string Account = "acme";
    private const int RetentionDays = 5;
    private const int BadRecord = 12;

    private readonly KnownAccounts accounts = new();
    private readonly SealOptions sealing = new() { Settle = TimeSpan.Zero };
    private readonly LocalCheckpointKey checkpointKey;
    private readonly CompactionOptions compaction = new() { Shards = 2, Settle = TimeSpan.FromSeconds(1), Delay = TimeSpan.Zero, MaxFreshCommits = 3, MergeCount = 3, KeptPlans = 1, ForgottenPlans = 2, SieveRows = 3 };
    private readonly MemoryTarget stream = new() { MaxBatchBytes = 1500 };
    private readonly Dictionary<int, byte[]> sent = [];
    private readonly List<string> strikes = [];
    private readonly List<string> doings = [];
    private readonly List<Trail> trails = [];
    private StoreName logstore;
    private DeliveryBench bench = null!;
    private DigestBench digests = null!;
    private HistoryBench history = null!;

    private WholeLife(LocalCheckpointKey checkpointKey) => this.checkpointKey = checkpointKey;

    public StorageFaults Faults => bench.Faults;

    /// <summary>The faults that struck, each with what was being done.</summary>
    public IReadOnlyList<string> Strikes => strikes;

    /// <summary>A fault for the next run of the operation that the first one strikes, after so many requests of it: it meets what the operation makes good.</summary>
    public (int Later, FaultMode Fault)? InRecovery { get; set; }

    /// <summary>What was done at each request, in order.</summary>
    public IReadOnlyList<string> Doings => doings;

    public static async Task<WholeLife> BeginAsync(LocalCheckpointKey checkpointKey)
    {
        var life = new WholeLife(checkpointKey);
        var options = new DeliveryOptions { DigestInterval = TimeSpan.FromHours(12), FanOutParallelism = 1, MaxAppendBytes = 1000 };
        life.bench = await DeliveryBench.StartAsync(options, (tables, objects) =>
        [
            new LogstoreDestination(tables, objects, new CommitLog(tables, life.bench.Clock), new LogstoreRegistry(tables, new LogstoreOptions(), life.bench.Clock), options),
            new BatchDestination(DestinationKind.Stream, new Dictionary<string, IBatchTarget>(StringComparer.Ordinal) { ["siem"] = new FaultyTarget(life.stream, life.Faults) }, tables),
        ]);
        foreach (var container in Containers.All.Where(static name => name != Containers.Events))
            await life.bench.Objects.CreateContainerAsync(container, default);
        life.digests = DigestBench.Over(life.bench);
        life.history = HistoryBench.Over(life.bench, new HistoryOptions { Retention = TimeSpan.FromDays(RetentionDays), EventsPerPiece = 12, Parallelism = 1 });
        var store = new TrailStore(life.bench.Tables, life.bench.Objects, new TrailsOptions(), life.bench.Clock, NullLogger<TrailStore>.Instance, new OneOfEach(life.stream));
        foreach (var draft in (TrailDraft[])
        [
            new() { Name = "trail-blob", Container = "audit-logs" }, new() { Name = "trail-cloud", Container = "other-logs", Format = "CloudTrail" },
            new() { Name = "trail-stream", Stream = "siem" }, new() { Name = "trail-logstore", LogstoreProject = "audit" }, new() { Name = "trail-late", Container = "third-logs" },
        ])
        {
            var created = await store.CreateAsync(Account, draft, default);
            Assert.True(created.Kind == TrailOutcomeKind.Created, $"{draft.Name}: {created.Kind}");
            life.trails.Add(draft.Name == "trail-late" ? created.Trail! : (await store.StartAsync(Account, draft.Name!, default)).Trail!);
        }

        life.logstore = Assert.Single(await new LogstoreRegistry(life.bench.Tables, new LogstoreOptions(), life.bench.Clock).ListAsync(Account, default)).Store;
        return life;
    }

    /// <summary>Everything up to the last day. The faults are armed before.</summary>
    public async Task LiveAsync()
    {
        await IngestAsync(0, 4);
        await IngestAsync(5, 9);
        await DeliverAsync();
        await KeepHouseAsync();
        bench.Clock.Advance(seconds: 4 * 86_400);
        await IngestAsync(10, 14);
        await IngestAsync(15, 19);
        await DeliverAsync();
        await DoAsync("history job", async () =>
        {
            var made = await history.Jobs().CreateAsync(Account, "trail-late", "token", default);
            Assert.True(made.Kind is HistoryOutcomeKind.Created or HistoryOutcomeKind.Ok, $"{made.Kind}");
        });
        await DeliverAsync();
        await KeepHouseAsync();
        bench.Clock.Advance(seconds: 2 * 86_400);
        await IngestAsync(20, 24);
        await DeliverAsync();
        await KeepHouseAsync();
        await PurgeAsync();
        bench.Clock.Advance(seconds: 1.2 * 86_400);
        await IngestAsync(25, 29);
        await DeliverAsync();
        await PurgeAsync();
        await KeepHouseAsync();
    }

    /// <summary>Without faults, until nothing is left to do.</summary>
    public async Task SettleAsync()
    {
        Faults.Reset();
        doings.Clear();
        for (var round = 0; round < UnlessHopeless; round++)
        {
            await DeliverAsync();
            foreach (var trail in trails)
                await bench.Ledger().RedeliverAllAsync(trail, kind: null, default);
            foreach (var job in await history.Jobs().ListAsync(Account, default))
            {
                if (job.State == HistoryJobState.Failed)
                    await history.Jobs().RetryAsync(Account, job.JobId, ifMatch: null, default);
            }

            bench.Clock.Advance(seconds: 1800);
        }

        await PurgeAsync();
        bench.Clock.Advance(seconds: 1.1 * 86_400);
        await PurgeAsync();
        await KeepHouseAsync();
    }

    /// <summary>Every event is where it belongs, once; nothing is pending; every proof holds.</summary>
    public async Task ProveAsync()
    {
        Assert.All(await bench.RecordsAsync(), static record => Assert.Equal(DeliveryState.Done, record.State));
        Assert.Equal(0, await bench.OpenEntriesAsync());
        Assert.All(await history.Jobs().ListAsync(Account, default), static job => Assert.Equal(HistoryJobState.Complete, job.State));

        var (all, early, kept) = (Ids(0, 29), Ids(0, 19), Ids(10, 29));
        Assert.Equal(kept, await VerifiedAsync(StoreName.History, quarantined: 1));
        Assert.Equal(kept, await LookupAsync(StoreName.History));
        Assert.Equal(all, await VerifiedAsync(logstore, quarantined: 0));
        Assert.Equal(all, await LookupAsync(logstore));
        Assert.Equal(all, await DeliveredAsync("audit-logs"));
        Assert.Equal(all, await DeliveredAsync("other-logs"));
        Assert.Equal(early, await DeliveredAsync("third-logs"));

        // A batch whose answer was lost comes twice, under the same ids; the order of the first time is that of the log.
        Assert.Equal(all, stream.Events().Select(IdOf));

        foreach (var container in (string[])["audit-logs", "other-logs", "third-logs"])
            await digests.ProveAsync(container);
    }

    private async Task IngestAsync(int first, int last)
    {
        var messages = Enumerable.Range(first, last - first + 1).Select(n => new HubMessage(n, bench.Clock.Now.ToUnixTimeMilliseconds(), Body(n), ContentType: null)).ToArray();
        await DoAsync("ingest", () => new HubIngest(new CommitLog(Tables, bench.Clock), Objects, accounts, new IngestOptions(), NullLogger<HubIngest>.Instance).IngestAsync(
            new HubBatch { FullyQualifiedNamespace = IngestWorld.Namespace, EventHubName = "audit", PartitionId = "0", Messages = messages }, default));
        bench.Clock.Advance(seconds: 45);
    }

    /// <summary>The timer and the queues, long enough for every repeated attempt that two faults make.</summary>
    private async Task DeliverAsync()
    {
        for (var round = 0; round < 4; round++)
        {
            await DoAsync("schedule", () => bench.Scheduler().RunAsync(default));
            await DoAsync("blob", () => bench.DrainAsync(Queues.DeliverBlob));
            await DoAsync("stream", () => bench.DrainAsync(Queues.DeliverStream));
            await DoAsync("logstore", () => bench.DrainAsync(Queues.DeliverLogstore));
            await DoAsync("history", async () =>
            {
                await history.Steps().RunAsync(default);
                await history.DrainAsync();
            });
            bench.Clock.Advance(seconds: 90);
        }
    }

    private async Task KeepHouseAsync()
    {
        await DoAsync("checkpoint", async () =>
        {
            var report = await new CommitSealer(Tables, Objects, bench.Clock, sealing, checkpointKey, NullLogger<CommitSealer>.Instance).RunAsync(StoreName.History, default);
            Assert.Empty(report.Blocked);
        });
        await DoAsync("compaction", () => Compactor().RunAsync(StoreName.History, default));
        await DoAsync("logstore compaction", () => Compactor().RunAsync(logstore, default));
        bench.Clock.Advance(seconds: 12 * 3600);
        await DoAsync("digest", digests.SealAsync);
    }

    private async Task PurgeAsync()
    {
        var purge = new RetentionPurge(Tables, Objects, bench.Clock, new RetentionOptions { Days = RetentionDays }, Compactor(), new DigestFloor(Tables, digests.Options, bench.Clock));
        await DoAsync("purge", async () =>
        {
            Assert.Null((await purge.RunAsync(dryRun: false, default)).Refusal);
            await new SealPruner(Tables, Objects, bench.Clock).RunAsync(StoreName.History, default);
        });
        await DoAsync("logstore purge", () => purge.RunAsync(logstore, days: null, dryRun: false, force: false, default));
    }

    /// <summary>As the host: what throws is done again a little later, by a new process when the old one died. Nothing throws but for a fault.</summary>
    private async Task DoAsync(string doing, Func<Task> action)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (InRecovery is { } second && strikes.Count == 1 && strikes[0].StartsWith(doing + ":", StringComparison.Ordinal))
            {
                Faults.FailLater(second.Later, second.Fault);
                InRecovery = null;
            }

            var before = Faults.Struck.Count;
            try
            {
                await action();
                Note(doing, before);
                return;
            }
            catch (Exception e) when (e is StoreException or SimulatedCrashException)
            {
                Note(doing, before);
                Assert.True(Faults.Struck.Count > before, $"{doing} failed without a fault: {e}");
                Assert.True(attempt <= UnlessHopeless, $"{doing} fails again and again: {e}");
                Faults.Revive();
                bench.Clock.Advance(seconds: 90);
            }
        }
    }

    private void Note(string doing, int before)
    {
        strikes.AddRange(Faults.Struck.Skip(before).Select(fault => $"{doing}: {fault}"));
        doings.AddRange(Enumerable.Repeat(doing, Faults.Requests - doings.Count));
    }

    private FaultyTableStore Tables => new(bench.Tables, Faults);

    private FaultyObjectStore Objects => new(bench.Objects, Faults);

    /// <summary>Over the stores of the caller, so that a purge and its compactor die together.</summary>
    private Compactor Compactor() => new(Tables, Objects, bench.Clock, compaction, NullLogger<Compactor>.Instance);

    private async Task<List<string>> VerifiedAsync(StoreName store, long quarantined)
    {
        var ids = new List<string>();
        var report = await new StoreVerifier(bench.Tables, bench.Objects, bench.Clock).VerifyAsync(store, new VerifyOptions { Visit = one => ids.Add(EventMatcher.EventId(one.Body.Span)!) }, default);
        Assert.True(report.IsSound, $"{store}: {string.Join("; ", report.Problems)}");
        Assert.Equal(quarantined, report.Quarantined);
        Assert.Empty(report.Gaps);
        return [.. ids.Order(StringComparer.Ordinal)];
    }

    private async Task<List<string>> LookupAsync(StoreName store)
    {
        var options = new LookupOptions();
        var lookup = new EventLookup(new CommitCatalog(bench.Tables, bench.Clock, options), new SegmentSource(bench.Objects, new SegmentCacheOptions()), bench.Clock, options, NullLogger<EventLookup>.Instance);
        var query = new LookupQuery { AccountId = Account, FromMs = 0, ToMs = long.MaxValue, Reach = new LookupReach(null, store.ToString()), Direction = LookupDirection.Forward, PageSize = 1000, Conditions = [] };
        return [.. (await lookup.LookupAsync(store, query, default)).Events.Select(static one => EventMatcher.EventId(one.Body.Span)!).Order(StringComparer.Ordinal)];
    }

    private async Task<List<string>> DeliveredAsync(string container) =>
        [.. (await bench.ReadBackAsync(container)).SelectMany(static one => one.Events).Select(IdOf).Order(StringComparer.Ordinal)];

    private static string IdOf(string body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.TryGetProperty("eventId", out var id) ? id.GetString()! : document.RootElement.GetProperty("eventID").GetString()!;
    }

    /// <summary>The same bytes however often a batch comes. Times a second apart: segments sort by them.</summary>
    private byte[] Body(int n) => sent.TryGetValue(n, out var body) ? body : sent[n] = Encoding.UTF8.GetBytes(n == BadRecord ? $$"""{"eventId":"{{Id(n)}}"}""" : string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"eventId":"{{Id(n)}}","eventTime":"{{bench.Clock.Now.AddSeconds(n % 5):yyyy-MM-dd'T'HH:mm:ss'Z'}}","eventName":"CreateThing","serviceName":"Things","eventVersion":"1","eventSource":"things.example","eventType":"ApiCall","eventRW":"Write","acsRegion":"cn-{{n % 2}}","requestId":"r-{{n}}","userIdentity":{"type":"root-account","accountId":"{{Account}}","principalId":"{{Account}}","userName":"u"},"recipientAccountId":"{{Account}}"}"""));

    private static string Id(int n) => string.Create(CultureInfo.InvariantCulture, $"e{n:D2}");

    private static List<string> Ids(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Where(static n => n != BadRecord).Select(Id)];
}
