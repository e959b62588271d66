using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using ActionTrail.Benchmarks.Segments;
using ActionTrail.Delivery;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Benchmarks.Store;

/// <summary>Where the time of a delivery to Blob goes: its steps by themselves, over the same commits. The two last rows contain all the others.</summary>
internal static class DeliverPartsLoad
{
    private const int Segments = 8;
    private const int EventsPerSegment = 2000;
    private const int Count = Segments * EventsPerSegment;

    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10;
        var objects = new MemoryObjectStore(TimeProvider.System);
        await objects.CreateContainerAsync(Containers.Events, default);
        await objects.CreateContainerAsync("audit-logs", default);
        var (commits, bodies) = await FillAsync(objects);
        var trail = new Trail
        {
            Account = bodies.Account,
            Name = "trail-one",
            TrailId = "0000000000000001",
            HomeRegion = "cn-hangzhou",
            Container = "audit-logs",
            CreateTime = HubPayloadMaker.Start,
            UpdateTime = HubPayloadMaker.Start,
        };
        var content = bodies.Events.SelectMany(static b => b).ToArray();

        Console.WriteLine("| step | events/s per core | us/event | allocated B/event | |");
        Console.WriteLine("| --- | ---: | ---: | ---: | --- |");
        Print("read and inflate the segments", rounds, () => ReadSegments(objects, commits, bodies.Account));
        Print("what selectors ask", rounds, () => ReadTraits(bodies.Events, trail));
        Print("the same with a reader of tokens, as before", rounds, () => bodies.Events.ForEach(static b => EventTraits.Read(b, isWide: false)));
        Print("due events: both, selection, copies", rounds, () => ReadDue(objects, commits, trail));
        Print("write as CloudTrail", rounds, () => AsCloudTrail(bodies.Events));
        Print("SHA-256 of the content", rounds, () => SHA256.HashData(content));
        Print("gzip, level 3", rounds, () => Pack(content));
        foreach (var format in (ObjectFormat[])[ObjectFormat.ActionTrail, ObjectFormat.CloudTrail])
            Print($"due events to objects, {format}", rounds, () => Deliver(objects, commits, trail with { Format = format }));
        return 0;
    }

    /// <summary>CPU time of the process, since segments are read by several threads; of the best round.</summary>
    private static void Print(string name, int rounds, Action work)
    {
        var best = new Measure(long.MaxValue, long.MaxValue);
        for (var i = -3; i < rounds; i++)
        {
            var (cpu, bytes) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));
            work();
            var spent = new Measure((Environment.CpuUsage.TotalTime - cpu).Ticks * 100, GC.GetTotalAllocatedBytes(precise: true) - bytes);
            if (i >= 0)
                best = new(Math.Min(best.Nanoseconds, spent.Nanoseconds), Math.Min(best.AllocatedBytes, spent.AllocatedBytes));
        }

        Console.WriteLine(ThreadClock.Row(name, best, Count));
    }

    private static async Task<(List<Commit> Commits, (string Account, List<byte[]> Events) Bodies)> FillAsync(MemoryObjectStore objects)
    {
        var all = HubPayloadMaker.Events(Count, accounts: 1);
        var commits = new List<Commit>();
        var stored = new List<byte[]>();
        var account = "";
        for (var i = 0; i < Segments; i++)
        {
            using var builder = new SegmentBuilder();
            var sink = new Sink(builder, stored);
            var normalizer = new MessageNormalizer(new NormalizerOptions());
            foreach (var body in all.Skip(i * EventsPerSegment).Take(EventsPerSegment))
                normalizer.Normalize(body, new MessageOrigin(PartitionName.Api(0), builder.Count, HubPayloadMaker.Start.AddMinutes(5).ToUnixTimeMilliseconds(), null), sink);
            using var image = builder.Build();
            var name = Keys.FreshSegment(StoreName.History, PartitionName.Api(0), i * EventsPerSegment, (i + 1) * EventsPerSegment, image.Sha256);
            await objects.CreateAsync(Containers.Events, name, image.Content, ObjectLabel.Binary, default);
            account = sink.Account;
            commits.Add(new Commit
            {
                Store = StoreName.History,
                Partition = PartitionName.Api(0),
                First = i * EventsPerSegment,
                Last = ((i + 1) * EventsPerSegment) - 1,
                Previous = (i * EventsPerSegment) - 1,
                Count = EventsPerSegment,
                CommittedAt = HubPayloadMaker.Start.AddMinutes(6),
                Segment = image.ToReference(name),
                PreviousHash = [],
                Hash = [],
            });
        }

        return (commits, (account, stored));
    }

    private static long ReadSegments(MemoryObjectStore objects, List<Commit> commits, string account)
    {
        var source = new SegmentSource(objects, new SegmentCacheOptions());
        return commits.Sum(commit => source.ReadRunsAsync(commit.Segment!, account, default).ToBlockingEnumerable().Sum(static run => (long)run.Count));
    }

    private static void ReadTraits(List<byte[]> events, Trail trail)
    {
        var reader = new TraitReader(new EventSelection(trail));
        foreach (var one in events)
            reader.Read(one, out _);
    }

    private static void AsCloudTrail(List<byte[]> events)
    {
        using var record = new CloudTrailRecord();
        foreach (var one in events)
            record.Of(one);
    }

    private static long ReadDue(MemoryObjectStore objects, List<Commit> commits, Trail trail) => Due(objects, commits, trail).ToBlockingEnumerable().LongCount();

    private static IAsyncEnumerable<DueEvent> Due(MemoryObjectStore objects, List<Commit> commits, Trail trail)
    {
        var tables = new MemoryTableStore();
        return new DueEvents(tables, new CommitLog(tables, TimeProvider.System), new SegmentSource(objects, new SegmentCacheOptions())).ReadAsync(commits, trail, Coverage.Own, default);
    }

    private static void Deliver(MemoryObjectStore objects, List<Commit> commits, Trail trail)
    {
        var nowhere = new MemoryObjectStore(TimeProvider.System);
        nowhere.CreateContainerAsync("audit-logs", default).GetAwaiter().GetResult();
        var destination = new BlobDestination(nowhere, new DeliveryOptions(), static () => new MemoryStream());
        destination.WriteAsync(new DeliveryOrder(DestinationKind.Blob, trail, 0), Due(objects, commits, trail), default).GetAwaiter().GetResult();
    }

    private static void Pack(byte[] content)
    {
        using var gzip = new GZipStream(Stream.Null, new ZLibCompressionOptions { CompressionLevel = 3 });
        for (var at = 0; at < content.Length; at += 64 * 1024)
            gzip.Write(content.AsSpan(at, Math.Min(64 * 1024, content.Length - at)));
    }

    private sealed class Sink(SegmentBuilder builder, List<byte[]> stored) : INormalizedSink
    {
        public string Account { get; private set; } = "";

        public void Accept(ReadOnlySpan<byte> body, EventFacts facts, int index)
        {
            Account = facts.AccountId;
            stored.Add(body.ToArray());
            builder.Add(body, facts, new EventCoordinates(builder.Count, index, facts.EventTimeMs));
        }

        public void Reject(ReadOnlySpan<byte> record, Rejection reason, int index) => throw new InvalidOperationException(reason.Rule);
    }
}
