using System.Buffers;
using System.Globalization;
using ActionTrail.Compaction;
using ActionTrail.Generator;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>
/// The way of an event without host and without a network: payload to commit, commits to segments of level 1, those to level 2, over stores in memory. CPU time of
/// the whole process, garbage collection included. Peak: the most that a collection of all generations left over, above the step's beginning and without what the step stored.
/// Targets: compaction 45,000 events/s per core, all together 15,000.
/// </summary>
internal static class CompactionLoad
{
    private const int BatchEvents = 500;

    public static async Task<int> RunAsync(string[] args)
    {
        var batches = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) / BatchEvents : 200;
        Console.WriteLine("| corpus | step | events/s per core | us/event | stored B/event | peak MB | |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | --- |");
        await MeasureAsync("warm-up", 20, 1);
        await MeasureAsync("one account", batches, 1);
        await MeasureAsync("50 accounts", batches, 50);
        return 0;
    }

    private static async Task MeasureAsync(string name, int batches, int accounts)
    {
        var (clock, events) = (new Clock(), batches * BatchEvents);
        var (tables, objects) = (new MemoryTableStore(), new MemoryObjectStore(clock));
        foreach (var table in Tables.All)
            await tables.CreateTableAsync(table, default);
        foreach (var container in Containers.All)
            await objects.CreateContainerAsync(container, default);

        // 1. Host's payload to commit.
        var ingest = new HubIngest(new CommitLog(tables, clock), objects, new AnyAccount(), new IngestOptions(), NullLogger<HubIngest>.Instance);
        var ingested = TimeSpan.Zero;
        for (var (batch, payloads) = (0, Payloads(batches, accounts, events).GetEnumerator()); payloads.MoveNext(); batch++)
        {
            // Made one after another and outside the clock: the corpus is not what is measured.
            var (body, offset) = (payloads.Current, (long)batch * BatchEvents);
            ingested += await CpuAsync(async () =>
            {
                using var payload = HubPayload.Decode(body);
                await ingest.IngestAsync(new HubBatch
                {
                    FullyQualifiedNamespace = "bench.servicebus.windows.net",
                    EventHubName = "activity",
                    PartitionId = "1",
                    Messages = payload.Messages.ToArray().Select(m => m with { SequenceNumber = offset + m.SequenceNumber }).ToArray(),
                }, default);
            });
        }

        var fresh = await BytesAsync(objects, "/fresh/");
        Print(name, "ingest (payload to commit)", new(ingested, 0), events, fresh, "");

        // 2. Level 1, reading level 0 included; the day is open and nothing is merged yet.
        var options = new CompactionOptions { MergeCount = int.MaxValue, Settle = TimeSpan.Zero, Delay = TimeSpan.Zero, MaxFreshCommits = batches / 4 };
        clock.Now += TimeSpan.FromMinutes(5);
        var compactor = new Compactor(tables, objects, clock, options, NullLogger<Compactor>.Instance);
        var report = new CompactionReport();
        var first = await ClockAsync(objects, async () => report = await compactor.RunAsync(StoreName.History, default));
        await CheckAsync(tables, events);
        Print(name, "**level 1**", first, events, await BytesAsync(objects, "/segments/"), string.Create(CultureInfo.InvariantCulture, $"{report.Plans} plans"));

        // 3. Level 2: the day is over, before any grace is.
        options.Grace = TimeSpan.FromDays(2);
        clock.Now = HubPayloadMaker.Start.AddDays(1).AddHours(3);
        var before = await BytesAsync(objects, "/segments/");
        var second = await ClockAsync(objects, async () => report = await compactor.RunAsync(StoreName.History, default));
        var unmerged = await CheckAsync(tables, events);
        Print(name, "**level 2**", second, (int)report.RowsOut, await BytesAsync(objects, "/segments/") - before, string.Create(CultureInfo.InvariantCulture, $"{report.Plans} plans, {unmerged:N0} events stay at level 1"));
        Print(name, "**all together**", new(ingested + first.Took + second.Took, Math.Max(first.PeakBytes, second.PeakBytes)), events, 0, "");
    }

    /// <summary>Every event is in a segment in force; how many of them in those of level 1: what is not worth a merge waits for more.</summary>
    private static async Task<long> CheckAsync(MemoryTableStore tables, int events)
    {
        var log = new CompactionLog(tables);
        var head = await log.ReadHeadAsync(StoreName.History, default);
        var (all, first) = (0L, 0L);
        for (var shard = 0; shard < head.Shards; shard++)
        {
            await foreach (var segment in log.ReadSegmentsAsync(StoreName.History, shard, head.Generation, default))
            {
                all += segment.Count;
                first += segment.Level == 1 ? segment.Count : 0;
            }
        }

        return all == events ? first : throw new InvalidOperationException($"{all} of {events} events are in force.");
    }

    private static IEnumerable<byte[]> Payloads(int batches, int accounts, int events)
    {
        using var generator = new EventGenerator(7, new GeneratorOptions
        {
            Start = HubPayloadMaker.Start,
            Span = TimeSpan.FromHours(2),
            EventsInSpan = events,
            Users = 2_000,
            Accounts = accounts == 1 ? ["demo"] : GeneratorOptions.ManyAccounts(accounts),
        });
        var buffer = new ArrayBufferWriter<byte>();
        for (var batch = 0; batch < batches; batch++)
        {
            var messages = new List<byte[]>(BatchEvents);
            for (var i = 0; i < BatchEvents; i++)
            {
                generator.Next(buffer);
                messages.Add(buffer.WrittenSpan.ToArray());
                buffer.Clear();
            }

            yield return HubPayloadMaker.Body(messages);
        }
    }

    private static async Task<Step> ClockAsync(MemoryObjectStore objects, Func<Task> work)
    {
        var (before, stored) = (GC.GetTotalMemory(forceFullCollection: true), await BytesAsync(objects, ""));
        var peak = before;
        TimeSpan took;
        await using (new Timer(_ => peak = Math.Max(peak, LeftOver()), null, 0, 10))
            took = await CpuAsync(work);

        return new(took, peak - before - (await BytesAsync(objects, "") - stored));
    }

    /// <summary>What the last collection of all generations left: others leave garbage of the old generation and of large arrays.</summary>
    private static long LeftOver()
    {
        var (blocking, background) = (GC.GetGCMemoryInfo(GCKind.FullBlocking), GC.GetGCMemoryInfo(GCKind.Background));
        var last = blocking.Index > background.Index ? blocking : background;
        return last.HeapSizeBytes - last.FragmentedBytes;
    }

    private static async Task<TimeSpan> CpuAsync(Func<Task> work)
    {
        var start = Environment.CpuUsage.TotalTime;
        await work();
        return Environment.CpuUsage.TotalTime - start;
    }

    private static async Task<long> BytesAsync(MemoryObjectStore objects, string part)
    {
        long bytes = 0;
        await foreach (var item in objects.ListAsync(Containers.Events, "", default))
            bytes += item.Name.Contains(part, StringComparison.Ordinal) ? item.Length : 0;
        return bytes;
    }

    private static void Print(string corpus, string step, Step measured, int events, long bytes, string more)
    {
        if (corpus != "warm-up")
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {corpus} | {step} | {events / measured.Took.TotalSeconds:N0} | {measured.Took.TotalMicroseconds / events:F1} | {(bytes == 0 ? "" : ((double)bytes / events).ToString("F1", CultureInfo.InvariantCulture))} | {(measured.PeakBytes > 0 ? (measured.PeakBytes / 1e6).ToString("F0", CultureInfo.InvariantCulture) : "")} | {more} |"));
    }

    private readonly record struct Step(TimeSpan Took, long PeakBytes);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = HubPayloadMaker.Start.AddHours(3);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class AnyAccount : IAccountAdmission
    {
        public Task<IReadOnlySet<string>> AdmitAsync(IReadOnlyCollection<string> accountIds, bool createOnSight, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<string>>(accountIds.ToHashSet(StringComparer.Ordinal));
    }
}
