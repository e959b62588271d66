using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using ActionTrail.Compaction;
using ActionTrail.Events;
using ActionTrail.Generator;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Benchmarks.Store;

/// <summary>
/// Lookups over stored events: ingests the generator's events (one account, 2,000 users, 90 days, in order of time, batches of 500 over four
/// partitions) and times lookups, in process, one after another.
/// </summary>
internal static class LookupLoad
{
    private const string Account = "demo";
    private const int BatchSize = 500;
    private const int Queries = 200;

    public static async Task<int> RunAsync(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
        var (inMemory, isCompacted) = (args.Contains("memory", StringComparer.Ordinal), args.Contains("compacted", StringComparer.Ordinal));
        using var azurite = inMemory ? null : await LocalAzurite.StartAsync();
        ITableStore tables = azurite is null ? new MemoryTableStore() : azurite.Connection.CreateTableStore();
        IObjectStore objects = azurite is null ? new MemoryObjectStore(TimeProvider.System) : azurite.Connection.CreateObjectStore();
        foreach (var table in Tables.All)
        {
            await tables.CreateTableAsync(table, default);
        }

        await objects.CreateContainerAsync(Containers.Events, default);
        await objects.CreateContainerAsync(Containers.Quarantine, default);

        var end = DateTimeOffset.UtcNow;
        var samples = await IngestAsync(tables, objects, count, end.AddDays(-89.9), azurite);

        if (isCompacted)
        {
            await CompactAsync(tables, objects);
        }

        var options = new LookupOptions();
        var warm = new EventLookup(new CommitCatalog(tables, TimeProvider.System, options), new SegmentSource(objects, new SegmentCacheOptions()), TimeProvider.System, options, NullLogger<EventLookup>.Instance);
        await warm.FindAsync(StoreName.History, Account, "warm-up", default);

        var kinds = new (string Name, Func<GeneratedEvent, LookupQuery> Query)[]
        {
            ("id", one => Query(end, (EventAttribute.EventId, one.EventId))),
            ("user, newest 50", one => Query(end, (EventAttribute.User, one.UserName))),
            ("resource, newest 50", one => Query(end, (EventAttribute.ResourceName, one.ResourceName))),
            ("event name and 7 days, newest 50", one => Query(end, (EventAttribute.EventName, one.EventName)) with
            {
                FromMs = one.EventTime.AddDays(-3).ToUnixTimeMilliseconds(),
                ToMs = one.EventTime.AddDays(4).ToUnixTimeMilliseconds(),
            }),
        };
        Console.WriteLine();
        Console.WriteLine("| lookup | heads | p50 ms | p99 ms | events found | heads opened | blocks decoded | GETs | KB read |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (name, query) in kinds)
        {
            await TimeAsync(name, "cached", Queries, samples, query, _ => warm);
        }

        foreach (var (name, query) in kinds)
        {
            await TimeAsync(name, "cold", 10, samples, query, _ => new EventLookup(
                new CommitCatalog(tables, TimeProvider.System, options), new SegmentSource(objects, new SegmentCacheOptions()), TimeProvider.System, options, NullLogger<EventLookup>.Instance));
        }

        return 0;
    }

    private static async Task<List<GeneratedEvent>> IngestAsync(ITableStore tables, IObjectStore objects, int count, DateTimeOffset start, LocalAzurite? azurite)
    {
        using var generator = new EventGenerator(11, GeneratorOptions.Benchmark(start) with { EventsInSpan = count });
        var ingest = new HubIngest(new CommitLog(tables, TimeProvider.System), objects, new EverybodyExists(), new IngestOptions(), NullLogger<HubIngest>.Instance);
        var samples = new List<GeneratedEvent>();
        var buffer = new ArrayBufferWriter<byte>(BatchSize * 2048);
        var next = new long[4];
        var ingesting = new Stopwatch();
        var before = azurite?.CpuSeconds ?? 0;
        for (var done = 0; done < count; done += BatchSize)
        {
            var partition = done / BatchSize % next.Length;
            buffer.Clear();
            var ends = new int[BatchSize];
            for (var i = 0; i < BatchSize; i++)
            {
                generator.Next(buffer);
                ends[i] = buffer.WrittenCount;
                if ((done + i) % (count / Queries) == 0)
                {
                    samples.Add(generator.Last);
                }
            }

            var enqueued = generator.Last.EventTime.ToUnixTimeMilliseconds();
            var messages = new HubMessage[BatchSize];
            for (var i = 0; i < BatchSize; i++)
            {
                messages[i] = new HubMessage(next[partition]++, enqueued, buffer.WrittenMemory[(i == 0 ? 0 : ends[i - 1])..ends[i]], null);
            }

            ingesting.Start();
            await ingest.IngestAsync(new HubBatch { FullyQualifiedNamespace = "bench", EventHubName = "audit-events", PartitionId = partition.ToString(CultureInfo.InvariantCulture), Messages = messages }, default);
            ingesting.Stop();
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0} events in {count / BatchSize} commits, one batch after another: {count / ingesting.Elapsed.TotalSeconds:N0} events/s; of that time Azurite's own CPU {((azurite?.CpuSeconds ?? 0) - before) / ingesting.Elapsed.TotalSeconds:P0}"));
        return samples;
    }

    /// <summary>Until nothing is due: what a store that nobody writes to comes to.</summary>
    private static async Task CompactAsync(ITableStore tables, IObjectStore objects)
    {
        var options = new CompactionOptions { Settle = TimeSpan.Zero, Delay = TimeSpan.Zero, RunTime = TimeSpan.FromHours(2) };
        var started = Stopwatch.GetTimestamp();
        var report = await new Compactor(tables, objects, TimeProvider.System, options, NullLogger<Compactor>.Instance).RunAsync(StoreName.History, default);
        var log = new CompactionLog(tables);
        var segments = new List<CompactedSegment>();
        await foreach (var segment in log.ReadSegmentsAsync(StoreName.History, 0, report.Generation, default))
        {
            segments.Add(segment);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"compacted by {report.Plans} plans in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s: {report.RowsIn:N0} events read, {segments.Count} segments in force, {segments.Sum(static s => s.Segment.Length) / 1024.0 / 1024.0:F1} MiB, {segments.Sum(static s => s.Segment.Length) / (double)segments.Sum(static s => (long)s.Count):F1} bytes per event"));
    }

    private static async Task TimeAsync(string name, string heads, int queries, List<GeneratedEvent> samples, Func<GeneratedEvent, LookupQuery> query, Func<int, EventLookup> lookup)
    {
        var times = new List<double>();
        long found = 0, opened = 0, blocks = 0, reads = 0, bytes = 0;
        for (var i = 0; i < queries; i++)
        {
            var (one, target) = (samples[i * (samples.Count / queries)], lookup(i));
            var started = Stopwatch.GetTimestamp();
            var page = await target.LookupAsync(StoreName.History, query(one), default);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (page.Events.Count == 0)
            {
                throw new InvalidOperationException($"{name}: nothing found for {one.EventId}.");
            }

            found += page.Events.Count;
            opened += page.Statistics.Heads;
            blocks += page.Statistics.Blocks;
            reads += page.Statistics.Reads;
            bytes += page.Statistics.Bytes;
        }

        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {heads} | {times[times.Count / 2]:F1} | {times[Math.Min(times.Count - 1, times.Count * 99 / 100)]:F1} | {found / (double)queries:F1} | {opened / (double)queries:F0} | {blocks / (double)queries:F1} | {reads / (double)queries:F1} | {bytes / 1024.0 / queries:F0} |"));
    }

    private static LookupQuery Query(DateTimeOffset end, (EventAttribute Attribute, string Value) condition) => new()
    {
        AccountId = Account,
        FromMs = end.AddDays(-90).ToUnixTimeMilliseconds(),
        ToMs = end.AddDays(1).ToUnixTimeMilliseconds(),
        Conditions = [new LookupCondition(condition.Attribute, condition.Value)],
    };

    private sealed class EverybodyExists : IAccountAdmission
    {
        public Task<IReadOnlySet<string>> AdmitAsync(IReadOnlyCollection<string> accountIds, bool createOnSight, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<string>>(accountIds.ToHashSet(StringComparer.Ordinal));
    }
}
