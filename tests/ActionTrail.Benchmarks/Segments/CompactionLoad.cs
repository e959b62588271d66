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
/// the whole process, garbage collection included; peak of the managed heap above the step's beginning, with its garbage and what it stores. Targets: compaction 45,000 events/s per core, all together 15,000.
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
        var payloads = Payloads(batches, accounts, events);
        var (tables, objects) = (new MemoryTableStore(), new MemoryObjectStore(clock));
        foreach (var table in Tables.All)
            await tables.CreateTableAsync(table, default);
        foreach (var container in Containers.All)
            await objects.CreateContainerAsync(container, default);

        // 1. Host's payload to commit.
        var ingest = new HubIngest(new CommitLog(tables, clock), objects, new AnyAccount(), new IngestOptions(), NullLogger<HubIngest>.Instance);
        var ingested = await ClockAsync(async () =>
        {
            for (var batch = 0; batch < batches; batch++)
            {
                using var payload = HubPayload.Decode(payloads[batch]);
                var first = (long)batch * BatchEvents;
                await ingest.IngestAsync(new HubBatch
                {
                    FullyQualifiedNamespace = "bench.servicebus.windows.net",
                    EventHubName = "activity",
                    PartitionId = "1",
                    Messages = payload.Messages.ToArray().Select(m => m with { SequenceNumber = first + m.SequenceNumber }).ToArray(),
                }, default);
            }
        });
        var fresh = await BytesAsync(objects, "/fresh/");
        Print(name, "ingest (payload to commit)", ingested, events, fresh, "");

        // 2. Level 1, reading level 0 included; the day is open and nothing is merged yet.
        var options = new CompactionOptions { MergeCount = int.MaxValue, Settle = TimeSpan.Zero, Delay = TimeSpan.Zero, MaxFreshCommits = batches / 4 };
        clock.Now += TimeSpan.FromMinutes(5);
        var compactor = new Compactor(tables, objects, clock, options, NullLogger<Compactor>.Instance);
        var report = new CompactionReport();
        var first = await ClockAsync(async () => report = await compactor.RunAsync(StoreName.History, default));
        Check(report, events);
        Print(name, "**level 1**", first, events, await BytesAsync(objects, "/segments/"), string.Create(CultureInfo.InvariantCulture, $"{report.Plans} plans"));

        // 3. Level 2: the day is over, before any grace is.
        options.Grace = TimeSpan.FromDays(2);
        clock.Now = HubPayloadMaker.Start.AddDays(1).AddHours(3);
        var before = await BytesAsync(objects, "/segments/");
        var second = await ClockAsync(async () => report = await compactor.RunAsync(StoreName.History, default));
        Check(report, events);
        Print(name, "**level 2**", second, events, await BytesAsync(objects, "/segments/") - before, string.Create(CultureInfo.InvariantCulture, $"{report.Plans} plans"));
        Print(name, "**all together**", new(ingested.Took + first.Took + second.Took, Math.Max(first.PeakBytes, second.PeakBytes)), events, 0, "");
    }

    private static void Check(CompactionReport report, int events)
    {
        if (report.RowsOut != events)
            throw new InvalidOperationException($"{report.RowsOut} of {events} events were compacted.");
    }

    private static List<byte[]> Payloads(int batches, int accounts, int events)
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
        var payloads = new List<byte[]>(batches);
        for (var batch = 0; batch < batches; batch++)
        {
            var messages = new List<byte[]>(BatchEvents);
            for (var i = 0; i < BatchEvents; i++)
            {
                generator.Next(buffer);
                messages.Add(buffer.WrittenSpan.ToArray());
                buffer.Clear();
            }

            payloads.Add(HubPayloadMaker.Body(messages));
        }

        return payloads;
    }

    private static async Task<Step> ClockAsync(Func<Task> work)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var peak = before;
        TimeSpan took;
        await using (new Timer(_ => peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false)), null, 0, 10))
        {
            var start = Environment.CpuUsage.TotalTime;
            await work();
            took = Environment.CpuUsage.TotalTime - start;
        }

        return new(took, peak - before);
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
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {corpus} | {step} | {events / measured.Took.TotalSeconds:N0} | {measured.Took.TotalMicroseconds / events:F1} | {(bytes == 0 ? "" : ((double)bytes / events).ToString("F1", CultureInfo.InvariantCulture))} | {measured.PeakBytes / 1e6:F0} | {more} |"));
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
