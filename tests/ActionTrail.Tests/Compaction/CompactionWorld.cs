using ActionTrail.Compaction;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Ingest;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Compaction;

/// <summary>A store in memory behind a fault switch, with commits made by ingest, compactors, and a reader that shares no code with the product's.</summary>
internal sealed class CompactionWorld(IngestWorld ingest)
{
    private long next;

    public IngestWorld Ingest => ingest;

    public StorageFaults Faults => ingest.Faults;

    public SettableTime Time => ingest.Time;

    public CompactionLog Log { get; } = new(ingest.Tables);

    /// <summary>All bounds small, so that few events make many plans.</summary>
    public CompactionOptions Options { get; } = new() { Shards = 2, Settle = TimeSpan.FromSeconds(1), Delay = TimeSpan.Zero, MaxFreshCommits = 3, MergeCount = 3, KeptPlans = 1, ForgottenPlans = 2, SieveRows = 3 };

    /// <summary>Ids that were committed, with their event times.</summary>
    public Dictionary<string, DateTimeOffset> Committed { get; } = new(StringComparer.Ordinal);

    public static async Task<CompactionWorld> CreateAsync() => new(await IngestWorld.CreateAsync());

    /// <summary>A new process.</summary>
    public Compactor NewCompactor() => new(ingest.FaultyTables, ingest.FaultyObjects, Time, Options, NullLogger<Compactor>.Instance);

    /// <summary>As <see cref="NewCompactor"/>, past the fault switch.</summary>
    public Compactor NewRival() => new(ingest.Tables, ingest.Objects, Time, Options, NullLogger<Compactor>.Instance);

    public Task<CompactionReport> CompactAsync() => NewRival().RunAsync(StoreName.History, default);

    /// <summary>One commit of <paramref name="count"/> events of accounts 1001 to 1005, their times a minute apart from <paramref name="from"/> on.</summary>
    public async Task CommitAsync(int count, DateTimeOffset? from = null)
    {
        var messages = new List<HubMessage>();
        for (var i = 0; i < count; i++, next++)
        {
            var (id, at) = ($"e{next}", (from ?? Time.GetUtcNow().AddMinutes(-count)).AddMinutes(i));
            messages.Add(ingest.Message(next, ingest.EventJson(id, account: $"{1001 + (next % 5)}", at: at)));
            Committed[id] = at;
        }

        await ingest.NewRival().IngestAsync(ingest.Batch([.. messages]), default);
        Time.Advance(TimeSpan.FromSeconds(2));
    }

    /// <summary>The next commit begins with this sequence number, a multiple of five.</summary>
    public void Skip(long to) => next = to;

    /// <summary>The ids that a reader sees, in the order of the contract: head, segments, commits. Everything read is proved by its SHA-256 and its shard.</summary>
    public async Task<List<string>> ReadIdsAsync()
    {
        var (ids, source) = (new List<string>(), new SegmentSource(ingest.Objects, new SegmentCacheOptions()));
        var head = await Log.ReadHeadAsync(StoreName.History, default);
        foreach (var segment in await InForceAsync(head))
        {
            var count = 0;
            await foreach (var one in source.ReadAllAsync(segment.Segment, default))
            {
                Assert.Equal(segment.Shard, head.ShardOf(one.AccountId));
                Assert.True(segment.MayHold(one.AccountId, Hash64.Of(one.AccountId)));
                Assert.True(segment.MayHold(one.Origin!.Value.Partition, one.At.SequenceNumber, one.At.SequenceNumber));
                Assert.InRange(one.EventTimeMs, segment.Segment.MinEventTimeMs, segment.Segment.MaxEventTimeMs);
                ids.Add(EventMatcher.EventId(one.Body.Span)!);
                count++;
            }

            Assert.Equal(segment.Count, count);
            Assert.Equal(TimeSlice.Start(segment.Segment.MinEventTimeMs, TimeSlice.WeekMs), TimeSlice.Start(segment.Segment.MaxEventTimeMs, TimeSlice.WeekMs));
        }

        foreach (var commit in (await ingest.CommitsAsync()).Where(c => c is { LostAt: null, Segment: not null } && !head.Holds(c)))
        {
            await foreach (var one in source.ReadAllAsync(commit.Segment!, default))
                ids.Add(EventMatcher.EventId(one.Body.Span)!);
        }

        return ids;
    }

    public async Task AssertExactAsync(IEnumerable<string>? missing = null) =>
        Assert.Equal(Committed.Keys.Except(missing ?? []).Order(StringComparer.Ordinal), (await ReadIdsAsync()).Order(StringComparer.Ordinal));

    public async Task<List<CompactedSegment>> InForceAsync(CompactionHead? at = null)
    {
        var head = at ?? await Log.ReadHeadAsync(StoreName.History, default);
        var segments = new List<CompactedSegment>();
        for (var shard = 0; shard < head.Shards; shard++)
        {
            await foreach (var segment in Log.ReadSegmentsAsync(StoreName.History, shard, head.Generation, default))
                segments.Add(segment);
        }

        return segments;
    }

    /// <summary>Every object in container <c>events</c> is named once by what is there after all graces: segments in force, lists of plans, commits not taken up.</summary>
    public async Task AssertNoOrphansAsync()
    {
        var head = await Log.ReadHeadAsync(StoreName.History, default);
        var named = (await InForceAsync(head)).SelectMany(static s => s.Segment.Sieve is { } sieve ? [s.Segment.Name, sieve.Name] : (IEnumerable<string>)[s.Segment.Name]).ToList();
        if ((await Log.ReadCheckpointAsync(StoreName.History, default)).Segments is { } list)
            named.Add(list);
        await foreach (var plan in Log.ReadPlansAsync(StoreName.History, 0, head.Generation, default))
            named.AddRange(plan.Built!.Outputs is { } outputs ? [outputs] : []);
        named.AddRange((await ingest.CommitsAsync()).Where(c => c.Segment is not null && !head.Holds(c)).Select(static c => c.Segment!.Name));
        Assert.Equal(named.Order(StringComparer.Ordinal), await ObjectNamesAsync());
        Assert.Equal(named.Count, named.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal((await InForceAsync(head)).Count, (await RowsAsync(head)).Count);
    }

    /// <summary>The plans form a chain, their counts add up, and every link is right.</summary>
    public async Task AssertChainAsync()
    {
        var head = await Log.ReadHeadAsync(StoreName.History, default);
        var checkpoint = await Log.ReadCheckpointAsync(StoreName.History, default);
        var (link, generation) = (checkpoint.PlanHash, checkpoint.Through);
        await foreach (var plan in Log.ReadPlansAsync(StoreName.History, checkpoint.Through, head.Generation, default))
        {
            Assert.Equal(++generation, plan.Generation);
            Assert.Equal(link, plan.PreviousHash);
            Assert.Equal(CompactionPlan.ComputeHash(plan), plan.Built!.Hash);
            Assert.Equal(plan.Built.RowsIn, plan.Built.RowsOut + plan.Built.Copies);
            link = plan.Built.Hash;
        }

        Assert.Equal(head.Generation, generation);
        Assert.Equal(head.PlanHash, link);
    }

    public async Task<List<string>> ObjectNamesAsync()
    {
        var names = new List<string>();
        await foreach (var item in ingest.Objects.ListAsync(Containers.Events, "", default))
            names.Add(item.Name);
        return names;
    }

    /// <summary>Runs past every grace until nothing is left to do.</summary>
    public async Task SettleAsync()
    {
        foreach (var pause in (ReadOnlySpan<TimeSpan>)[TimeSpan.FromMinutes(1), Options.FreshGrace, Options.FreshGrace])
            Time.Advance(pause);
        await CompactAsync();
        Time.Advance(Options.FreshGrace);
        await CompactAsync();
        Time.Advance(Options.FreshGrace);
        await CompactAsync();
    }

    private async Task<List<CompactedSegment>> RowsAsync(CompactionHead head)
    {
        var rows = new List<CompactedSegment>();
        for (var shard = 0; shard < head.Shards; shard++)
        {
            await foreach (var segment in Log.ReadAllSegmentsAsync(StoreName.History, shard, default))
                rows.Add(segment);
        }

        return rows;
    }
}
