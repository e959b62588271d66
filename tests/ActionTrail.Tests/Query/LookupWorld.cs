using System.Globalization;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Query;

/// <summary>An event of the lookup tests: few distinct values, so that random queries match something.</summary>
internal sealed record Sample(string Account, string Id, DateTimeOffset Time, string User, string Name, string[] Resources)
{
    public string ToJson() =>
        $$$"""{"eventId":"{{{Id}}}","eventName":"{{{Name}}}","eventTime":"{{{Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}}}","eventType":"ApiCall","serviceName":"Ecs","eventRW":"Write","acsRegion":"r","sourceIpAddress":"192.0.2.1","recipientAccountId":"{{{Account}}}","resourceName":"{{{string.Join(';', Resources)}}}","userIdentity":{"type":"ram-user","userName":"{{{User}}}"}}""";
}

/// <summary>A store in memory with a fixed clock, its commits made by hand, and a lookup over it.</summary>
internal sealed class LookupWorld : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly MessageNormalizer normalizer = new(new NormalizerOptions());
    private readonly SegmentBuilder builder = new();

    public LookupWorld(LookupOptions? options = null, SegmentCacheOptions? cache = null)
    {
        Clock = new FixedClock(Now);
        Rows = new MemoryTableStore();
        Objects = new MemoryObjectStore(Clock);
        Log = new CommitLog(Rows, Clock);
        foreach (var table in ActionTrail.Layout.Tables.All)
        {
            Rows.CreateTableAsync(table, default).GetAwaiter().GetResult();
        }

        Objects.CreateContainerAsync(Containers.Events, default).GetAwaiter().GetResult();
        Catalog = new CommitCatalog(new SteppedTables(Rows, StepAsync), Clock, options ?? new LookupOptions());
        Lookup = new EventLookup(Catalog, new SegmentSource(new SteppedObjects(Objects, StepAsync), cache ?? new SegmentCacheOptions()), Clock, options ?? new LookupOptions { ParallelHeads = 2 }, NullLogger<EventLookup>.Instance);
    }

    public FixedClock Clock { get; }

    public MemoryTableStore Rows { get; }

    public MemoryObjectStore Objects { get; }

    public CommitLog Log { get; }

    public CommitCatalog Catalog { get; }

    public EventLookup Lookup { get; }

    /// <summary>Done before every request that a lookup makes; null: nothing.</summary>
    public Func<Task>? BeforeRequest { get; set; }

    public HandCompaction Compaction(int shards = 1, int rowsPerSegment = 50) => new(Rows, Objects, Clock, shards, rowsPerSegment);

    /// <summary>Commits one message per event.</summary>
    public async Task<Commit> CommitAsync(PartitionName partition, params Sample[] events)
    {
        var head = await Log.ReadHeadAsync(StoreName.History, partition, default);
        builder.Clear();
        var sequence = head.Last;
        foreach (var one in events)
        {
            sequence++;
            normalizer.Normalize(
                Encoding.UTF8.GetBytes(one.ToJson()),
                new MessageOrigin(partition, sequence, Clock.GetUtcNow().ToUnixTimeMilliseconds(), null),
                new BuilderSink(builder, sequence, Clock.GetUtcNow().ToUnixTimeMilliseconds()));
        }

        using var image = builder.Build();
        var name = Keys.FreshSegment(StoreName.History, partition, head.Last + 1, sequence, image.Sha256);
        await Objects.CreateAsync(Containers.Events, name, image.Content, ObjectLabel.Binary, default);
        var commit = await Log.AppendAsync(StoreName.History, partition, head, new CommitDraft
        {
            First = head.Last + 1,
            Last = sequence,
            Count = image.Count,
            Segment = new SegmentReference(name, image.Content.Length, image.HeadOffset, image.Sha256, image.MinEventTimeMs, image.MaxEventTimeMs, image.Accounts),
        }, default);
        return commit!;
    }

    public async Task<List<string>> ReadAllPagesAsync(LookupQuery query, Func<Task>? betweenPages = null)
    {
        var ids = new List<string>();
        for (var pages = 0; ; pages++)
        {
            Assert.True(pages < 10_000, "The pages never end.");
            var page = await Lookup.LookupAsync(StoreName.History, query, default);
            Assert.True(page.Events.Count <= query.PageSize);
            ids.AddRange(page.Events.Select(found => EventMatcher.EventId(found.Body.Span)!));
            if (page.Next is null)
            {
                return ids;
            }

            query = query with { After = page.Next };
            if (betweenPages is not null)
            {
                await betweenPages();
            }
        }
    }

    public void Dispose() => builder.Dispose();

    public Task StepAsync() => BeforeRequest?.Invoke() ?? Task.CompletedTask;

    private sealed class BuilderSink(SegmentBuilder builder, long sequence, long receiveTimeMs) : INormalizedSink
    {
        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index) => builder.Add(body, facts, new EventCoordinates(sequence, index, receiveTimeMs));

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => Assert.Fail($"{reason}: {Encoding.UTF8.GetString(record)}");
    }
}

internal sealed class FixedClock(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset now = start;

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan step) => now += step;
}
