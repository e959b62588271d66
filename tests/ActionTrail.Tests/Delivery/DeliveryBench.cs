using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ActionTrail.Delivery;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Trails;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Delivery;

/// <summary>An event as a test commits it.</summary>
internal sealed record TestEvent(string Account, string EventId, string EventName = "RunInstances", string? Region = "cn-hangzhou", string? EventRW = "Write")
{
    /// <summary>Event time in Unix milliseconds; copies of an event share it.</summary>
    public required long TimeMs { get; init; }

    public byte[] ToBytes()
    {
        var region = Region is null ? "" : $",\"acsRegion\":{JsonEncodedText.Encode(Region).ToString().Insert(0, "\"")}\"";
        var rw = EventRW is null ? "" : $",\"eventRW\":\"{EventRW}\"";
        return Encoding.UTF8.GetBytes($$"""{"eventId":"{{EventId}}","eventName":"{{EventName}}","serviceName":"Ecs"{{region}}{{rw}},"recipientAccountId":"{{Account}}"}""");
    }
}

/// <summary>The log, the scheduler and the deliverer over memory twins behind one fault switch; the bench itself reads and writes without faults.</summary>
internal sealed class DeliveryBench
{
    private readonly Dictionary<PartitionName, int> sequence = [];
    private int eventNumber;

    public TrailClock Clock { get; } = new();

    public StorageFaults Faults { get; } = new();

    public ContainerOutages Outages { get; }

    public MemoryTableStore Tables { get; } = new();

    public MemoryObjectStore Objects { get; }

    public MemoryWorkQueue Queue { get; }

    public CommitLog Log { get; }

    public TrailStore Trails { get; }

    public DeliveryOptions Options { get; init; } = new();

    /// <summary>Everything committed, in the order of the commits.</summary>
    public List<(Commit Commit, TestEvent[] Events)> Committed { get; } = [];

    public int TemporaryStreams { get; private set; }

    public double Jitter { get; set; }

    public DeliveryBench()
    {
        Objects = new(Clock);
        Outages = new(Objects);
        Queue = new(Clock);
        Log = new(Tables, Clock);
        Trails = new(Tables, Objects, new TrailsOptions(), Clock, NullLogger<TrailStore>.Instance);
    }

    public static async Task<DeliveryBench> StartAsync(DeliveryOptions? options = null, Func<ITableStore, IObjectStore, IEnumerable<IDestination>>? others = null)
    {
        var bench = new DeliveryBench { Options = options ?? new(), Others = others ?? (static (_, _) => []) };
        foreach (var table in Layout.Tables.All)
            await bench.Tables.CreateTableAsync(table, default);
        foreach (var container in (string[])["audit-logs", "other-logs", "third-logs", Containers.Events, Containers.Proofs])
            await bench.Objects.CreateContainerAsync(container, default);
        foreach (var queue in Queues.All)
            await bench.Queue.CreateQueueAsync(queue, default);
        return bench;
    }

    public DeliveryScheduler Scheduler()
    {
        var tables = new FaultyTableStore(Tables, Faults);
        var trails = new TrailStore(tables, Objects, new TrailsOptions(), Clock, NullLogger<TrailStore>.Instance);
        return new(tables, new FaultyWorkQueue(Queue, Faults), new CommitLog(tables, Clock), trails, Options, Clock, NullLoggerFactory.Instance);
    }

    /// <param name="isCalm">Does not meet the faults: another instance.</param>
    public DeliveryRun Deliverer(bool isCalm = false)
    {
        ITableStore tables = isCalm ? Tables : new FaultyTableStore(Tables, Faults);
        IObjectStore objects = isCalm ? Objects : new FaultyObjectStore(Outages, Faults);
        return new(
            tables, new CommitLog(tables, Clock), new SegmentSource(objects, new SegmentCacheOptions()), Destinations(tables, objects), new FaultyWorkQueue(Queue, Faults), Options, () => Jitter, Clock, NullLoggerFactory.Instance);
    }

    public DeliveryLedger Ledger() => new(Tables, Queue, Destinations(Tables, Objects), Options, Clock, NullLoggerFactory.Instance);

    /// <summary>Destinations beside the containers, over the stores that they are given.</summary>
    public required Func<ITableStore, IObjectStore, IEnumerable<IDestination>> Others { get; init; }

    /// <summary>Where trails' containers are when they are not among our own objects.</summary>
    public IObjectStore? Elsewhere { get; set; }

    private IEnumerable<IDestination> Destinations(ITableStore tables, IObjectStore objects) => [new BlobDestination(Elsewhere ?? objects, Options, OpenTemporary), .. Others(tables, objects)];

    public async Task<Trail> StartTrailAsync(string account, string name, string container = "audit-logs", TrailSelectors? selectors = null, string? prefix = null, string? format = null, int? flushAfter = null)
    {
        var created = await Trails.CreateAsync(account, new TrailDraft { Name = name, Container = container, Selectors = selectors, Prefix = prefix, Format = format, FlushAfterSeconds = flushAfter }, default);
        Assert.Equal(TrailOutcomeKind.Created, created.Kind);
        return (await Trails.StartAsync(account, name, default)).Trail!;
    }

    public TestEvent Event(string account = "acme") => new(account, $"e-{++eventNumber}") { TimeMs = Clock.Now.ToUnixTimeMilliseconds() + eventNumber };

    public Task<Commit> CommitAsync(params TestEvent[] events) => CommitAsync(PartitionName.Api(0), [.. events.Select(static e => (e, e.ToBytes()))]);

    public async Task<Commit> CommitAsync(PartitionName partition, params (TestEvent Event, byte[] Body)[] events)
    {
        var first = sequence.GetValueOrDefault(partition);
        SegmentReference? segment = null;
        if (events.Length > 0)
        {
            using var builder = new SegmentBuilder();
            var facts = new EventFacts();
            foreach (var (index, (one, body)) in events.Index())
            {
                facts.Clear();
                (facts.AccountId, facts.EventTimeMs) = (one.Account, one.TimeMs);
                facts.Add(EventAttribute.EventId, Encoding.UTF8.GetBytes(one.EventId));
                builder.Add(body, facts, new EventCoordinates(first + index, 0, 0));
            }

            using var image = builder.Build();
            var name = Keys.FreshSegment(StoreName.History, partition, first, first + events.Length, image.Sha256);
            await Objects.CreateAsync(Containers.Events, name, image.Content, ObjectLabel.Binary, default);
            segment = image.ToReference(name);
        }

        var last = first + Math.Max(events.Length - 1, 0);
        var head = await Log.ReadHeadAsync(StoreName.History, partition, default);
        var commit = await Log.AppendAsync(StoreName.History, partition, head, new CommitDraft { First = first, Last = last, Count = events.Length, Segment = segment }, default);
        sequence[partition] = (int)last + 1;
        Committed.Add((commit!, [.. events.Select(static e => e.Event)]));
        return commit!;
    }

    /// <summary>Moves the clock past the next boundary and runs the scheduler.</summary>
    public async Task<ScheduleReport> CloseWindowAsync()
    {
        Clock.Advance((Options.WindowLength + Options.Settle).TotalSeconds);
        return await Scheduler().RunAsync(default);
    }

    /// <summary>Takes every visible message, delivers it and deletes it, as the host does.</summary>
    public async Task<List<DeliveryOutcome>> DrainAsync(string queue = Queues.DeliverBlob)
    {
        var outcomes = new List<DeliveryOutcome>();
        while (await Queue.ReceiveAsync(queue, 32, TimeSpan.FromMinutes(1), default) is { Count: > 0 } messages)
        {
            foreach (var message in messages)
            {
                Assert.True(DeliveryMessage.TryParse(message.Text, out var parsed));
                outcomes.Add(await Deliverer().DeliverAsync(parsed, default));
                await Queue.DeleteAsync(queue, message, default);
            }
        }

        return outcomes;
    }

    public async Task<List<DeliveryRecord>> RecordsAsync()
    {
        var records = new List<DeliveryRecord>();
        await foreach (var row in Tables.ScanAsync(Layout.Tables.Deliveries, default))
        {
            if (DeliveryKeys.IsDelivery(row.PartitionKey, row.RowKey))
                records.Add(DeliveryRecord.FromRow(row));
        }

        return records;
    }

    public async Task<List<DeliveryWindow>> WindowsAsync(WindowLane lane = WindowLane.Regular)
    {
        var windows = new List<DeliveryWindow>();
        await foreach (var row in Tables.QueryAsync(Layout.Tables.Windows, WindowKeys.Lane(StoreName.History, lane), "w", WindowKeys.AfterWindows, default))
            windows.Add(DeliveryWindow.FromRow(StoreName.History, row));
        return windows;
    }

    /// <summary>What deliveries wrote, without digests.</summary>
    public async Task<List<ReadBack>> ReadBackAsync(string container)
    {
        var found = new List<ReadBack>();
        await foreach (var listed in Objects.ListAsync(container, "", default))
        {
            if (DigestObjectName.IsInFolder(listed.Name))
                continue;
            var metadata = (await Objects.FindAsync(container, listed.Name, default))!.Metadata;
            await using var stored = await Objects.OpenReadAsync(container, listed.Name, default);
            await using var content = new GZipStream(stored, CompressionMode.Decompress);
            using var whole = new MemoryStream();
            await content.CopyToAsync(whole);
            found.Add(new(container, listed.Name, metadata["trail"], long.Parse(metadata["window"], CultureInfo.InvariantCulture), whole.ToArray(), Events(listed.Name, whole.ToArray())));
        }

        return found;
    }

    private static IReadOnlyList<string> Events(string name, byte[] content)
    {
        if (name.EndsWith(".ndjson.gz", StringComparison.Ordinal))
            return Encoding.UTF8.GetString(content).TrimEnd('\n').Split('\n');
        using var whole = JsonDocument.Parse(content);
        var array = whole.RootElement.ValueKind == JsonValueKind.Object ? whole.RootElement.GetProperty("Records") : whole.RootElement;
        return [.. array.EnumerateArray().Select(static e => e.GetRawText())];
    }

    public async Task<int> OpenEntriesAsync()
    {
        var count = 0;
        await foreach (var unused in Tables.QueryAsync(Layout.Tables.Deliveries, DeliveryKeys.Open, null, null, default))
            count++;
        return count;
    }

    private MemoryStream OpenTemporary()
    {
        TemporaryStreams++;
        return new MemoryStream();
    }
}

/// <summary>A delivered object as a reader finds it.</summary>
internal sealed record ReadBack(string Container, string Name, string TrailId, long Window, byte[] Content, IReadOnlyList<string> Events);

/// <summary>Containers that answer every request with an error until they are healed.</summary>
internal sealed class ContainerOutages(IObjectStore inner) : IObjectStore
{
    public Dictionary<string, StoreErrorKind> Broken { get; } = new(StringComparer.Ordinal);

    public int Refused { get; private set; }

    /// <summary>Comes before every creation, by container: a place that takes its time.</summary>
    public Func<string, CancellationToken, Task> BeforeCreate { get; set; } = static (_, _) => Task.CompletedTask;

    public Task CreateContainerAsync(string container, CancellationToken cancellationToken) => Through(container).CreateContainerAsync(container, cancellationToken);

    public Task<bool> ContainerExistsAsync(string container, CancellationToken cancellationToken) => Through(container).ContainerExistsAsync(container, cancellationToken);

    public async Task CreateAsync(string container, string name, ReadOnlyMemory<byte> content, ObjectLabel label, CancellationToken cancellationToken)
    {
        await BeforeCreate(container, cancellationToken);
        await Through(container).CreateAsync(container, name, content, label, cancellationToken);
    }

    public async Task CreateAsync(string container, string name, Stream content, ObjectLabel label, CancellationToken cancellationToken)
    {
        await BeforeCreate(container, cancellationToken);
        await Through(container).CreateAsync(container, name, content, label, cancellationToken);
    }

    public Task<ObjectInfo?> FindAsync(string container, string name, CancellationToken cancellationToken) => Through(container).FindAsync(container, name, cancellationToken);

    public Task<byte[]> ReadAsync(string container, string name, long offset, int length, CancellationToken cancellationToken) => Through(container).ReadAsync(container, name, offset, length, cancellationToken);

    public Task<Stream> OpenReadAsync(string container, string name, CancellationToken cancellationToken) => Through(container).OpenReadAsync(container, name, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string container, string prefix, CancellationToken cancellationToken) => Through(container).ListAsync(container, prefix, cancellationToken);

    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancellationToken) => Through(container).DeleteAsync(container, name, cancellationToken);

    private IObjectStore Through(string container)
    {
        if (!Broken.TryGetValue(container, out var kind))
            return inner;
        Refused++;
        throw new StoreException(kind, $"{container} answers {kind}.", inner: null, kind == StoreErrorKind.Throttled ? TimeSpan.FromSeconds(90) : null);
    }
}
