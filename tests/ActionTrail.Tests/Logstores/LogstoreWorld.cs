using ActionTrail.Compaction;
using ActionTrail.Delivery;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Query;
using ActionTrail.Retention;
using ActionTrail.Segments;
using ActionTrail.Tests.Delivery;
using ActionTrail.Trails;
using ActionTrail.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Logstores;

/// <summary>A trail of account <c>acme</c> that delivers to its Logstore, over the bench of deliveries; the world itself reads without faults.</summary>
internal sealed class LogstoreWorld
{
    private static readonly CompactionOptions Eager = new() { Settle = TimeSpan.Zero, Delay = TimeSpan.Zero };

    private LogstoreWorld(DeliveryBench bench) => Bench = bench;

    public DeliveryBench Bench { get; }

    public Trail Trail { get; private set; } = null!;

    public static LogstoreName Name { get; } = new("audit", "actiontrail_trail-one");

    public StoreName Store { get; private set; }

    public LogstoreRegistry Registry => new(Bench.Tables, new LogstoreOptions(), Bench.Clock);

    public LegalHolds Holds => new(Bench.Tables, Bench.Clock);

    public static async Task<LogstoreWorld> StartAsync(DeliveryOptions? options = null)
    {
        LogstoreWorld? world = null;
        var bench = await DeliveryBench.StartAsync(options, (tables, objects) =>
        {
            var clock = world!.Bench.Clock;
            return [new LogstoreDestination(tables, objects, new CommitLog(tables, clock), new LogstoreRegistry(tables, new LogstoreOptions(), clock), world.Bench.Options)];
        });
        world = new(bench);
        await bench.Objects.CreateContainerAsync(Containers.Quarantine, default);
        var created = await bench.Trails.CreateAsync("acme", new TrailDraft { Name = "trail-one", LogstoreProject = "audit" }, default);
        Assert.Equal(TrailOutcomeKind.Created, created.Kind);
        world.Store = (await world.Registry.FindAsync("acme", Name, default))!.Store;
        world.Trail = (await bench.Trails.StartAsync("acme", "trail-one", default)).Trail!;
        return world;
    }

    /// <summary>Lets the fast lane cut what was committed, hands it out and delivers it.</summary>
    public async Task DeliverAsync()
    {
        Bench.Clock.Advance(seconds: 3);
        await Bench.Scheduler().RunAsync(default);
        await Bench.DrainAsync(Queues.DeliverLogstore);
    }

    /// <summary>Ids of all events in the Logstore's own log, in its order, copies and all.</summary>
    public async Task<List<string>> AppendedAsync()
    {
        var ids = new List<string>();
        var source = new SegmentSource(Bench.Objects, new SegmentCacheOptions());
        foreach (var commit in await LogAsync())
        {
            await foreach (var one in source.ReadAllAsync(commit.Segment!, default))
            {
                Assert.Equal("acme", one.AccountId);
                ids.Add(EventMatcher.EventId(one.Body.Span)!);
            }
        }

        return ids;
    }

    public async Task<List<Commit>> LogAsync()
    {
        var commits = new List<Commit>();
        await foreach (var commit in new CommitLog(Bench.Tables, Bench.Clock).ReadCommitsAsync(Store, LogstoreAppender.Partition, -1, default))
            commits.Add(commit);
        return commits;
    }

    public Task<LookupPage> LookupAsync(string account = "acme", params LookupCondition[] conditions) => LookupAsync(Store, new LookupReach(null, Store.ToString()), account, conditions);

    public async Task<LookupPage> LookupAsync(StoreName store, LookupReach reach, string account, params LookupCondition[] conditions)
    {
        var query = new LookupQuery { AccountId = account, FromMs = 0, ToMs = long.MaxValue, Reach = reach, Direction = LookupDirection.Forward, PageSize = 1000, Conditions = conditions };
        return await Lookup().LookupAsync(store, query, default);
    }

    public EventLookup Lookup()
    {
        var options = new LookupOptions();
        return new(new CommitCatalog(Bench.Tables, Bench.Clock, options), new SegmentSource(Bench.Objects, new SegmentCacheOptions()), Bench.Clock, options, NullLogger<EventLookup>.Instance);
    }

    public TopValues Top()
    {
        var options = new LookupOptions();
        return new(new CommitCatalog(Bench.Tables, Bench.Clock, options), new SegmentSource(Bench.Objects, new SegmentCacheOptions()), Bench.Clock, options, NullLogger<TopValues>.Instance);
    }

    public static List<string> Ids(LookupPage page) => [.. page.Events.Select(static e => EventMatcher.EventId(e.Body.Span)!)];

    public async Task<VerifyReport> VerifyAsync()
    {
        var report = await new StoreVerifier(Bench.Tables, Bench.Objects, Bench.Clock).VerifyAsync(Store, new VerifyOptions(), default);
        Assert.True(report.IsSound, string.Join("; ", report.Problems));
        return report;
    }

    public Compactor Compactor() => new(Bench.Tables, Bench.Objects, Bench.Clock, Eager, NullLogger<Compactor>.Instance);

    public Task CompactAsync(int largeAccountRows) => new Compactor(
        Bench.Tables, Bench.Objects, Bench.Clock, new() { Settle = TimeSpan.Zero, Delay = TimeSpan.Zero, LargeAccountRows = largeAccountRows }, NullLogger<Compactor>.Instance).RunAsync(Store, default);

    public RetentionPurge Purge() => new(Bench.Tables, Bench.Objects, Bench.Clock, new RetentionOptions(), Compactor());

    /// <summary>Appends events of any accounts, as a delivery does.</summary>
    public async Task AppendAsync(string key, params TestEvent[] events)
    {
        using var part = new AppendedEvents();
        foreach (var one in events)
            part.Add(new StoredEvent(new EventCoordinates(0, 0, one.TimeMs), one.TimeMs, one.Account, one.ToBytes(), null));
        await new LogstoreAppender(Bench.Tables, Bench.Objects, new CommitLog(Bench.Tables, Bench.Clock)).AppendAsync(Store, "acme", key, part, default);
    }
}
