using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using ActionTrail.Benchmarks.Report;
using ActionTrail.Delivery;
using ActionTrail.Generator;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Benchmarks.Store;

/// <summary>
/// Delivery in this process over memory twins: what it computes, without a network. One large trail in each layout, then 1,000 trails of 1,000
/// accounts in one window.
/// </summary>
internal static class DeliverLoad
{
    private const int Many = 1000;
    private const int BatchSize = 2000;
    private const string Container = "audit-logs";

    public static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
        var table = new MarkdownTable("delivery", "deliveries", "events", "s", "CPU s", "events/s per core", "MB/s per core", "requests per delivery", "ms per delivery");
        foreach (var format in Enum.GetValues<ObjectFormat>())
            table.Add(await MeasureAsync($"one trail, {format}", ["demo"], count, format));
        table.Add(await MeasureAsync("one trail to a stream in memory", ["demo"], count, format: null));
        table.Add(await MeasureAsync(string.Create(CultureInfo.InvariantCulture, $"{Many} trails of {Many} accounts"), GeneratorOptions.ManyAccounts(Many), count, ObjectFormat.ActionTrail));
        Console.WriteLine(table);
        return 0;
    }

    private static async Task<string[]> MeasureAsync(string name, IReadOnlyList<string> accounts, int count, ObjectFormat? format)
    {
        var bench = new Bench();
        await bench.PrepareAsync(accounts, format);
        await bench.IngestAsync(accounts, count);
        bench.Clock.Offset += TimeSpan.FromMinutes(1);
        var began = await bench.Scheduler.RunAsync(default);
        bench.Tally.Reset();
        GC.Collect();
        var (cpu, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var done = 0;
        foreach (var queue in (string[])[Queues.DeliverBlob, Queues.DeliverStream])
        {
            while (await bench.Queue.ReceiveAsync(queue, 32, TimeSpan.FromMinutes(10), default) is { Count: > 0 } messages)
            {
                foreach (var message in messages)
                {
                    if (!DeliveryMessage.TryParse(message.Text, out var parsed) || (await bench.Run.DeliverAsync(parsed, default)).Category is not (DeliveryCategory.Done or DeliveryCategory.NothingToDo))
                        throw new InvalidOperationException("A delivery was not made.");
                    await bench.Queue.DeleteAsync(queue, message, default);
                    done++;
                }
            }
        }

        var (wall, spent) = (Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        var (events, bytes) = await bench.CountAsync();
        if (events != count || done < began.Deliveries)
            throw new InvalidOperationException($"{events} of {count} events were delivered.");
        return
        [
            name, Text(done, "N0"), Text(events, "N0"), Text(wall, "N2"), Text(spent, "N2"), Text(events / spent, "N0"), Text(bytes / 1e6 / spent, "N0"),
            Text(bench.Tally.Requests / (double)done, "N1"), Text(wall * 1000 / done, "N2"),
        ];
    }

    private static string Text(double number, string form) => number.ToString(form, CultureInfo.InvariantCulture);

    private sealed class Bench
    {
        private readonly ITableStore tables;
        private readonly IObjectStore objects;
        private readonly TrailStore trails;
        private readonly NowhereTarget target = new();

        public Bench()
        {
            tables = new CountingTableStore(new MemoryTableStore(), Tally);
            objects = new CountingObjectStore(new MemoryObjectStore(Clock), Tally);
            Queue = new(Clock);
            trails = new(tables, objects, new TrailsOptions(), Clock, NullLogger<TrailStore>.Instance, new Offered());
            var options = new DeliveryOptions { Settle = TimeSpan.Zero };
            var targets = new Dictionary<string, IBatchTarget>(StringComparer.Ordinal) { ["siem"] = target };
            Scheduler = new(tables, Queue, new CommitLog(tables, Clock), trails, options, Clock, NullLoggerFactory.Instance);
            Run = new(
                tables, new CommitLog(tables, Clock), new SegmentSource(objects, new SegmentCacheOptions()),
                [new BlobDestination(objects, options, static () => new MemoryStream()), new BatchDestination(DestinationKind.Stream, targets, tables)],
                Queue, options, static () => 0.5, Clock, NullLoggerFactory.Instance);
        }

        public StorageTally Tally { get; } = new();

        public ShiftedClock Clock { get; } = new();

        public MemoryWorkQueue Queue { get; }

        public DeliveryScheduler Scheduler { get; }

        public DeliveryRun Run { get; }

        /// <param name="accounts">Each gets a trail.</param>
        /// <param name="format">Of the objects; null: to a stream.</param>
        public async Task PrepareAsync(IReadOnlyList<string> accounts, ObjectFormat? format)
        {
            foreach (var table in Tables.All)
                await tables.CreateTableAsync(table, default);
            foreach (var container in Containers.All)
                await objects.CreateContainerAsync(container, default);
            foreach (var queue in Queues.All)
                await Queue.CreateQueueAsync(queue, default);
            foreach (var account in accounts)
            {
                await objects.CreateContainerAsync($"{Container}-{account}", default);
                var draft = format is null ? new TrailDraft { Name = "trail-one", Stream = "siem" } : new TrailDraft { Name = "trail-one", Container = $"{Container}-{account}", Format = format.ToString() };
                if ((await trails.CreateAsync(account, draft, default)).Kind != TrailOutcomeKind.Created)
                    throw new InvalidOperationException("The trail was not made.");
                await trails.StartAsync(account, "trail-one", default);
            }
        }

        public async Task IngestAsync(IReadOnlyList<string> accounts, int count)
        {
            var ingest = new HubIngest(new CommitLog(tables, Clock), objects, new Everybody(), new IngestOptions(), NullLogger<HubIngest>.Instance);
            using var generator = new EventGenerator(5, new GeneratorOptions { Accounts = accounts, Start = Clock.GetUtcNow().AddHours(-1), Span = TimeSpan.FromHours(1), EventsInSpan = count });
            var buffer = new ArrayBufferWriter<byte>(BatchSize * 2048);
            for (var done = 0; done < count; done += BatchSize)
            {
                buffer.Clear();
                var ends = new int[Math.Min(BatchSize, count - done)];
                for (var i = 0; i < ends.Length; i++)
                {
                    generator.Next(buffer);
                    ends[i] = buffer.WrittenCount;
                }

                var now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
                var messages = ends.Select((end, i) => new HubMessage(done + i, now, buffer.WrittenMemory[(i == 0 ? 0 : ends[i - 1])..end], null)).ToArray();
                await ingest.IngestAsync(new HubBatch { FullyQualifiedNamespace = "bench", EventHubName = "audit-events", PartitionId = "0", Messages = messages }, default);
            }
        }

        public async Task<(long Events, long Bytes)> CountAsync()
        {
            var (events, bytes) = (0L, 0L);
            await foreach (var row in tables.ScanAsync(Tables.Deliveries, default))
            {
                if (row.Properties.ContainsKey("DoneAt"))
                    (events, bytes) = (events + row.GetInt64("Events"), bytes + row.GetInt64("Bytes"));
            }

            return (events, bytes);
        }
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }

    private sealed class NowhereTarget : IBatchTarget
    {
        public int MaxBatchBytes => 1_000_000;

        public bool Allows(string account) => true;

        public Task SendAsync(EventBatch batch, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Offered : IConfiguredDestinations
    {
        public bool Offers(DestinationKind kind, string name, string account) => true;
    }

    private sealed class Everybody : IAccountAdmission
    {
        public Task<IReadOnlySet<string>> AdmitAsync(IReadOnlyCollection<string> accountIds, bool createOnSight, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<string>>(accountIds.ToHashSet(StringComparer.Ordinal));
    }
}
