using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using ActionTrail.Compaction;
using ActionTrail.Generator;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Benchmarks.Store;

/// <summary>What a compacted store holds: segments in force, their bytes, and the bytes of all table rows at their largest on the wire.</summary>
internal sealed record StoredSize(int Segments, long SegmentBytes, long RowBytes, long Events)
{
    public double BytesPerEvent => (SegmentBytes + RowBytes) / (double)Events;
}

/// <summary>What reads events of a store.</summary>
internal sealed record BenchReaders(EventLookup Lookup, EventHistogram Histogram, TopValues Top, EventExport Export);

/// <summary>The product's engine in this process over stores of its own: filled by <see cref="HubIngest"/>, compacted by <see cref="Compactor"/>, asked by <see cref="EventLookup"/>.</summary>
internal sealed class BenchStore : IDisposable
{
    public const string Account = "demo";
    private const int Partitions = 4;
    private static readonly TimeSpan MostCompaction = TimeSpan.FromHours(2);

    private readonly IDisposable? owned;
    private readonly ITableStore tables;
    private readonly IObjectStore objects;

    private BenchStore(ITableStore tables, IObjectStore objects, IDisposable? owned)
    {
        this.owned = owned;
        this.tables = new CountingTableStore(tables, TableTally);
        this.objects = new CountingObjectStore(objects, ObjectTally);
    }

    public StorageTally TableTally { get; } = new();

    public StorageTally ObjectTally { get; } = new();

    /// <summary>Objects in files under the folder, tables in memory.</summary>
    public static Task<BenchStore> InFilesAsync(string folder) => MakeAsync(new BenchStore(new MemoryTableStore(), new FileObjectStore(folder), owned: null));

    public static async Task<BenchStore> OnAzuriteAsync()
    {
        var azurite = await LocalAzurite.StartAsync();
        return await MakeAsync(new BenchStore(azurite.Connection.CreateTableStore(), azurite.Connection.CreateObjectStore(), azurite));
    }

    /// <summary>Stores the generator's next events, one batch after another over four partitions; making them is not timed. The seconds it took.</summary>
    public async Task<double> IngestAsync(EventGenerator generator, int count, int batchSize, Action<GeneratedEvent> seen)
    {
        var ingest = new HubIngest(new CommitLog(tables, TimeProvider.System), objects, new EverybodyExists(), new IngestOptions(), NullLogger<HubIngest>.Instance);
        var buffer = new ArrayBufferWriter<byte>(batchSize * 2048);
        var next = new long[Partitions];
        var ingesting = new Stopwatch();
        for (var done = 0; done < count; done += batchSize)
        {
            var partition = done / batchSize % Partitions;
            var messages = new HubMessage[Math.Min(batchSize, count - done)];
            var ends = new int[messages.Length];
            buffer.Clear();
            for (var i = 0; i < messages.Length; i++)
            {
                generator.Next(buffer);
                ends[i] = buffer.WrittenCount;
                seen(generator.Last);
            }

            var enqueued = generator.Last.EventTime.ToUnixTimeMilliseconds();
            for (var i = 0; i < messages.Length; i++)
                messages[i] = new HubMessage(next[partition]++, enqueued, buffer.WrittenMemory[(i == 0 ? 0 : ends[i - 1])..ends[i]], null);
            ingesting.Start();
            await ingest.IngestAsync(new HubBatch { FullyQualifiedNamespace = "bench", EventHubName = "audit-events", PartitionId = partition.ToString(CultureInfo.InvariantCulture), Messages = messages }, default);
            ingesting.Stop();
        }

        return ingesting.Elapsed.TotalSeconds;
    }

    /// <summary>Compacts until nothing is due: what a store that nobody writes to comes to. The seconds it took.</summary>
    /// <exception cref="TimeoutException">It took longer than <see cref="MostCompaction"/>: the store is not what is to be measured.</exception>
    public async Task<double> CompactAsync()
    {
        var options = new CompactionOptions { Settle = TimeSpan.Zero, Delay = TimeSpan.Zero, RunTime = MostCompaction };
        var started = Stopwatch.GetTimestamp();
        await new Compactor(tables, objects, TimeProvider.System, options, NullLogger<Compactor>.Instance).RunAsync(StoreName.History, default);
        var took = Stopwatch.GetElapsedTime(started);
        return took < MostCompaction ? took.TotalSeconds : throw new TimeoutException($"Compaction was not done after {MostCompaction}.");
    }

    /// <summary>Segments in force and all table rows. Fresh segments that compaction has freed and keeps for its grace are not counted.</summary>
    public async Task<StoredSize> MeasureAsync()
    {
        var log = new CompactionLog(tables);
        var head = await log.ReadHeadAsync(StoreName.History, default);
        var (segments, bytes, rows, events) = (0, 0L, 0L, 0L);
        for (var shard = 0; shard < head.Shards; shard++)
        {
            await foreach (var segment in log.ReadSegmentsAsync(StoreName.History, shard, head.Generation, default))
            {
                segments++;
                bytes += segment.Segment.Length + (segment.Segment.Sieve?.Length ?? 0);
                events += segment.Count;
            }
        }

        foreach (var table in Tables.All)
        {
            await foreach (var row in tables.ScanAsync(table, default))
                rows += TableRules.WireBytes(row);
        }

        return new StoredSize(segments, bytes, rows, events);
    }

    /// <summary>Lookups with empty caches of the default sizes.</summary>
    public EventLookup OpenLookup() => OpenReaders().Lookup;

    /// <summary>What reads events, over one catalog and one cache as in the handler; caches of the default sizes, empty.</summary>
    public BenchReaders OpenReaders(bool asksSieves = true)
    {
        var options = new LookupOptions { AsksSieves = asksSieves };
        var (catalog, segments) = (new CommitCatalog(tables, TimeProvider.System, options), new SegmentSource(objects, new SegmentCacheOptions()));
        var lookup = new EventLookup(catalog, segments, TimeProvider.System, options, NullLogger<EventLookup>.Instance);
        return new BenchReaders(
            lookup,
            new EventHistogram(catalog, segments, TimeProvider.System, options, NullLogger<EventHistogram>.Instance),
            new TopValues(catalog, segments, TimeProvider.System, options, NullLogger<TopValues>.Instance),
            new EventExport(lookup, options));
    }

    public void Dispose() => owned?.Dispose();

    private static async Task<BenchStore> MakeAsync(BenchStore store)
    {
        foreach (var table in Tables.All)
            await store.tables.CreateTableAsync(table, default);
        foreach (var container in Containers.All)
            await store.objects.CreateContainerAsync(container, default);
        return store;
    }

    private sealed class EverybodyExists : IAccountAdmission
    {
        public Task<IReadOnlySet<string>> AdmitAsync(IReadOnlyCollection<string> accountIds, bool createOnSight, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<string>>(accountIds.ToHashSet(StringComparer.Ordinal));
    }
}
