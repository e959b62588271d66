using System.Text.Json;
using ActionTrail.Delivery;
using ActionTrail.Events;
using ActionTrail.HistoryJobs;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Segments;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Delivery;
using ActionTrail.Tests.Digests;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.HistoryJobs;

/// <summary>A delivery bench with the jobs, their steps and their runs behind the same fault switch.</summary>
internal sealed class HistoryBench
{
    public const string Account = "acme";
    public const string TrailName = "trail-one";
    public const string Container = "audit-logs";

    private HistoryBench(DeliveryBench world, HistoryOptions options)
    {
        (World, Options) = (world, options);
        Digests = world.Options.DigestInterval is null ? null : DigestBench.Over(world);
    }

    public DeliveryBench World { get; }

    /// <summary>Null when none are made.</summary>
    public DigestBench? Digests { get; }

    public HistoryOptions Options { get; }

    public static async Task<HistoryBench> StartAsync(HistoryOptions? options = null, DeliveryOptions? delivery = null) => new(await DeliveryBench.StartAsync(delivery), options ?? new());

    /// <summary>Whose trail delivers to a Logstore beside its container.</summary>
    public static async Task<HistoryBench> StartWithLogstoreAsync(HistoryOptions? options = null, DeliveryOptions? delivery = null)
    {
        DeliveryBench? world = null;
        world = await DeliveryBench.StartAsync(
            delivery, (tables, objects) => [new LogstoreDestination(tables, objects, new CommitLog(tables, world!.Clock), new LogstoreRegistry(tables, new(), world.Clock), world.Options)]);
        return new(world, options ?? new()) { HasLogstore = true };
    }

    private bool HasLogstore { get; init; }

    /// <summary>Over a bench that others use too.</summary>
    public static HistoryBench Over(DeliveryBench world, HistoryOptions options) => new(world, options);

    public HistorySteps Steps()
    {
        var tables = new FaultyTableStore(World.Tables, World.Faults);
        return new(tables, new FaultyWorkQueue(World.Queue, World.Faults), Options, World.Options, World.Clock, NullLogger<HistorySteps>.Instance);
    }

    public HistoryJobStore Jobs()
    {
        var tables = new FaultyTableStore(World.Tables, World.Faults);
        var trails = new TrailStore(tables, World.Objects, new TrailsOptions(), World.Clock, NullLogger<TrailStore>.Instance);
        return new(tables, trails, Steps(), Options, World.Clock, NullLogger<HistoryJobStore>.Instance);
    }

    public HistoryRun Run()
    {
        var tables = new FaultyTableStore(World.Tables, World.Faults);
        var objects = new FaultyObjectStore(World.Outages, World.Faults);
        return new(
            tables, new CommitLog(tables, World.Clock), new SegmentSource(objects, new SegmentCacheOptions()), [new BlobDestination(objects, World.Options, static () => new MemoryStream()), .. World.Others(tables, objects)],
            Steps(), Options, World.Options, () => World.Jitter, World.Clock, NullLogger<HistoryRun>.Instance);
    }

    /// <summary>A worker past the fault switch.</summary>
    public HistoryRun Calm()
    {
        var steps = new HistorySteps(World.Tables, World.Queue, Options, World.Options, World.Clock, NullLogger<HistorySteps>.Instance);
        return new(
            World.Tables, World.Log, new SegmentSource(World.Objects, new SegmentCacheOptions()), [new BlobDestination(World.Objects, World.Options, static () => new MemoryStream()), .. World.Others(World.Tables, World.Objects)],
            steps, Options, World.Options, () => World.Jitter, World.Clock, NullLogger<HistoryRun>.Instance);
    }

    public async Task<Trail> CreateTrailAsync(TrailSelectors? selectors = null, bool? logFileValidation = null)
    {
        var created = await World.Trails.CreateAsync(Account, new TrailDraft { Name = TrailName, Container = Container, LogstoreProject = HasLogstore ? "audit" : null, Selectors = selectors, LogFileValidation = logFileValidation }, default);
        Assert.Equal(TrailOutcomeKind.Created, created.Kind);
        return created.Trail!;
    }

    public async Task StartTrailAsync() => Assert.Equal(TrailOutcomeKind.Ok, (await World.Trails.StartAsync(Account, TrailName, default)).Kind);

    public async Task StopTrailAsync() => Assert.Equal(TrailOutcomeKind.Ok, (await World.Trails.StopAsync(Account, TrailName, default)).Kind);

    public async Task<HistoryJob> CreateJobAsync(string? token = null)
    {
        var outcome = await Jobs().CreateAsync(Account, TrailName, token, default);
        Assert.Equal(HistoryOutcomeKind.Created, outcome.Kind);
        return outcome.Job!;
    }

    /// <summary>Commits one event of the account; its id.</summary>
    public async Task<string> CommitAsync(string eventName = "RunInstances")
    {
        var one = World.Event(Account) with { EventName = eventName };
        await World.CommitAsync(one);
        return one.EventId;
    }

    /// <summary>Takes every visible message and does it, as the host does.</summary>
    public async Task<List<DeliveryOutcome>> DrainAsync(int most = int.MaxValue)
    {
        var outcomes = new List<DeliveryOutcome>();
        while (outcomes.Count < most && await World.Queue.ReceiveAsync(Queues.DeliverHistory, 1, TimeSpan.FromMinutes(1), default) is { Count: > 0 } messages)
        {
            Assert.True(HistoryMessage.TryParse(messages[0].Text, out var message));
            outcomes.Add(await Run().DeliverAsync(message, default));
            await World.Queue.DeleteAsync(Queues.DeliverHistory, messages[0], default);
        }

        return outcomes;
    }

    /// <summary>Lets time pass and everything be done that is due, until nothing of history runs any more.</summary>
    public async Task SettleAsync()
    {
        for (var round = 0; round < 8; round++)
        {
            World.Clock.Advance(seconds: 1800);
            await World.Scheduler().RunAsync(default);
            await World.DrainAsync();
            await World.DrainAsync(Queues.DeliverLogstore);
            await Steps().RunAsync(default);
            await DrainAsync();
        }
    }

    public async Task<HistoryProgress> ProgressAsync(long job = 1)
    {
        var progress = await Jobs().FindAsync(Account, job, default);
        Assert.NotNull(progress);
        return progress;
    }

    /// <summary>Ids of the events in all objects, in ordinal order, each as often as it is there.</summary>
    public async Task<List<string>> DeliveredAsync(string container = Container) =>
        [.. (await World.ReadBackAsync(container)).SelectMany(static one => one.Events).Select(IdOf).Order(StringComparer.Ordinal)];

    /// <summary>The same of the Logstore's own log, copies and all.</summary>
    public async Task<List<string>> AppendedAsync()
    {
        var logstore = await new LogstoreRegistry(World.Tables, new(), World.Clock).FindAsync(Account, new("audit", "actiontrail_" + TrailName), default);
        var (ids, source) = (new List<string>(), new SegmentSource(World.Objects, new SegmentCacheOptions()));
        await foreach (var commit in World.Log.ReadCommitsAsync(logstore!.Store, LogstoreAppender.Partition, -1, default))
        {
            await foreach (var one in source.ReadAllAsync(commit.Segment!, default))
                ids.Add(EventMatcher.EventId(one.Body.Span)!);
        }

        ids.Sort(StringComparer.Ordinal);
        return ids;
    }

    private static string IdOf(string body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("eventId").GetString()!;
    }
}
