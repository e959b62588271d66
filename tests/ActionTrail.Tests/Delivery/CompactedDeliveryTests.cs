using System.Text;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Tests.Query;

namespace ActionTrail.Tests.Delivery;

/// <summary>Windows whose fresh segments are freed: the same objects come out of compacted segments.</summary>
public sealed class CompactedDeliveryTests
{
    [Fact]
    public async Task A_window_is_the_same_bytes_from_compacted_segments_as_from_fresh_ones()
    {
        var events = 0;
        for (var seed = 1; seed <= 15; seed++)
        {
            // Two worlds with one history; in the second everything is compacted and freed before it is delivered.
            var fresh = await CommitAsync(seed);
            await fresh.DrainAsync();
            var freed = await CommitAsync(seed);
            var random = new Random(seed);
            var compaction = new HandCompaction(freed.Tables, freed.Objects, freed.Clock, random.Next(1, 4), random.Next(3, 60));
            await compaction.RunAsync();
            await compaction.RunAsync(CompactionKind.Merge, _ => random.Next(2) == 0);
            await compaction.SweepAsync();
            await freed.DrainAsync();

            var (expected, actual) = (await fresh.ReadBackAsync("audit-logs"), await freed.ReadBackAsync("audit-logs"));
            Assert.Equal(expected.Select(Print), actual.Select(Print));
            events += expected.Sum(static one => one.Events.Count);
        }

        Assert.True(events > 1000, $"{events} events");
    }

    [Fact]
    public async Task A_window_that_is_freed_between_two_reads_is_delivered_once_and_whole()
    {
        var bench = await CommitAsync(seed: 7);
        var compaction = new HandCompaction(bench.Tables, bench.Objects, bench.Clock, shards: 1, rowsPerSegment: 20);
        await compaction.RunAsync();
        var expected = await CommitAsync(seed: 7);
        await expected.DrainAsync();

        // The second commit's segment goes, the others stay.
        var second = bench.Committed.First(one => one.Commit.Segment is not null).Commit;
        await bench.Objects.DeleteAsync(Containers.Events, second.Segment!.Name, default);
        await bench.DrainAsync();

        Assert.Equal((await expected.ReadBackAsync("audit-logs")).Select(Print), (await bench.ReadBackAsync("audit-logs")).Select(Print));
    }

    [Fact]
    public async Task A_copy_of_an_event_of_an_earlier_window_is_left_out_once_it_is_compacted()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        var first = bench.Event();
        await bench.CommitAsync(first);
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        var second = bench.Event();
        await bench.CommitAsync(first, second);
        await bench.CloseWindowAsync();
        var compaction = new HandCompaction(bench.Tables, bench.Objects, bench.Clock, shards: 1, rowsPerSegment: 20);
        await compaction.RunAsync();
        await compaction.SweepAsync();

        Assert.Equal(DeliveryCategory.Done, Assert.Single(await bench.DrainAsync()).Category);

        Assert.Equal([first.EventId, second.EventId], (await bench.ReadBackAsync("audit-logs")).SelectMany(static o => o.Events).Select(Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_window_whose_fresh_segment_is_gone_and_not_compacted_is_expired()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        var commit = await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.Objects.DeleteAsync(Containers.Events, commit.Segment!.Name, default);

        Assert.Equal(DeliveryCategory.Expired, Assert.Single(await bench.DrainAsync()).Category);
    }

    [Fact]
    public async Task A_compacted_segment_that_is_missing_delays_the_delivery_and_nothing_is_delivered_in_part()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync([.. Enumerable.Range(0, 10).Select(_ => bench.Event())]);
        await bench.CloseWindowAsync();
        var compaction = new HandCompaction(bench.Tables, bench.Objects, bench.Clock, shards: 1, rowsPerSegment: 4);
        await compaction.RunAsync();
        await compaction.SweepAsync();
        var lost = (await compaction.InForceAsync(await new CompactionLog(bench.Tables).ReadHeadAsync(StoreName.History, default)))[1];
        await bench.Objects.DeleteAsync(Containers.Events, lost.Segment.Name, default);

        var outcome = Assert.Single(await bench.DrainAsync());

        Assert.Equal(DeliveryOutcome.OfOwnStore(new StoreException(StoreErrorKind.Unavailable, "")).Category, outcome.Category);
        Assert.Empty(await bench.ReadBackAsync("audit-logs"));
    }

    /// <summary>A closed window of random commits over three partitions, with events of one millisecond among them; not delivered yet.</summary>
    private static async Task<DeliveryBench> CommitAsync(int seed)
    {
        var random = new Random(seed);
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        for (var commit = 0; commit < 6; commit++)
        {
            var events = Enumerable.Range(0, random.Next(0, 50))
                .Select(_ => bench.Event(random.Next(4) == 0 ? "rival" : "acme"))
                .Select(one => one with { TimeMs = one.TimeMs / 20 * 20 })
                .Select(static one => (one, one.ToBytes()));
            await bench.CommitAsync(PartitionName.Api(random.Next(3)), [.. events]);
        }

        await bench.CloseWindowAsync();
        return bench;
    }

    private static string Print(ReadBack one) => $"{one.Name} {Encoding.UTF8.GetString(one.Content)}";

    private static string Id(string json) => ActionTrail.Events.EventMatcher.EventId(Encoding.UTF8.GetBytes(json))!;
}
