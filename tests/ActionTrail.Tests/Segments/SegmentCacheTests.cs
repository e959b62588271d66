using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Tests.Segments.Compact;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Segments;

/// <summary>The cache of segments holds no more than it may, and what it counts is what is really there.</summary>
public sealed class SegmentCacheTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(40_000, 20_000)]
    [InlineData(400_000, 5_000)]
    [InlineData(10_000_000, 10_000_000)]
    public async Task The_cache_never_holds_more_than_its_budget_whatever_is_asked(long headBytes, long blockBytes)
    {
        var store = new MemoryObjectStore(TimeProvider.System);
        await store.CreateContainerAsync(Containers.Events, default);
        var segments = new List<SegmentReference>();
        for (var n = 0; n < 12; n++)
        {
            using var image = n % 2 == 0 ? CompactSamples.Build(CompactSamples.Realistic(n, 100 * (n + 1)), level: 2, groupRows: 150) : SampleEvents.Build(SampleEvents.Make(n, 30 * (n + 1)));
            segments.Add(image.ToReference($"history/segments/{n}"));
            await store.CreateAsync(Containers.Events, segments[n].Name, image.Content, ObjectLabel.Binary, default);
        }

        var source = new SegmentSource(store, new SegmentCacheOptions { HeadBytes = headBytes, BlockBytes = blockBytes });
        var random = new Random(1);
        long mostHeads = 0, mostBlocks = 0;
        for (var round = 0; round < 120; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => AskAsync(source, segments[random.Next(segments.Count)], random.Next())));
            var held = source.Held;
            Assert.InRange(held.Heads, 0, headBytes);
            Assert.InRange(held.Blocks, 0, blockBytes);
            (mostHeads, mostBlocks) = (Math.Max(mostHeads, held.Heads), Math.Max(mostBlocks, held.Blocks));
        }

        Assert.Equal(headBytes > 0, mostHeads > 0);
        Assert.Equal(blockBytes > 0, mostBlocks > 0);
    }

    /// <summary>What a head with all its tables inflated allocates is within a factor of two of what it counts; seen are 0.75 to 0.99.</summary>
    [Theory]
    [InlineData(300, 100_000)]
    [InlineData(6_000, 100_000)]
    [InlineData(6_000, 1_000)]
    [InlineData(30_000, 65_536)]
    public void A_compacted_head_costs_about_what_it_counts(int events, int groupRows)
    {
        using var image = CompactSamples.Build(CompactSamples.Realistic(7, events), level: 2, groupRows: Math.Min(groupRows, ActionTrail.Segments.Compact.CompactFormat.MaxGroupRows));
        AssertCost(image);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(3_000)]
    public void A_fresh_head_costs_about_what_it_counts(int events)
    {
        using var image = SampleEvents.Build(SampleEvents.Make(8, events, accounts: 50, maxBodyBytes: 300));
        AssertCost(image);
    }

    private void AssertCost(SegmentImage image)
    {
        var content = image.Content.ToArray();
        Use(SampleEvents.Parse(content, image.HeadOffset), content);
        var (head, parsed) = Allocated(() => SampleEvents.Parse(content, image.HeadOffset));

        // The first use inflates what the second finds.
        var (_, first) = Allocated(() => Use(head, content));
        var (_, second) = Allocated(() => Use(head, content));
        var cost = content.Length - image.HeadOffset + parsed + first - second;
        output.WriteLine($"{head.Count} events: head {content.Length - image.HeadOffset}, parsing {parsed}, tables {first - second}: {cost} allocated, {head.MemoryBytes} counted");
        Assert.InRange(head.MemoryBytes, cost / 2, cost * 2);
    }

    /// <summary>Decodes a block of every row group and every eighth besides.</summary>
    private static int Use(SegmentHead head, byte[] content)
    {
        var rows = 0;
        for (var block = 0; block < head.BlockCount; block += 8)
        {
            var range = head.Block(block);
            rows += head.Decode(block, content.AsMemory((int)range.Offset, range.Length)).EndRow;
        }

        return rows;
    }

    private static (T Made, long Bytes) Allocated<T>(Func<T> make)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var made = make();
        return (made, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static async Task AskAsync(SegmentSource source, SegmentReference segment, int seed)
    {
        var random = new Random(seed);
        var head = await source.OpenAsync(segment, default);
        var blocks = Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(head.BlockCount)).ToArray();
        Assert.Equal(blocks.Length, (await source.ReadBlocksAsync(segment, head, blocks, default)).Length);
    }
}
