using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Segments.Compact;

public class CompactSourceTests
{
    [Fact]
    public async Task A_compacted_segment_is_read_through_the_same_source_as_a_fresh_one()
    {
        var events = CompactSamples.Realistic(51, 800);
        var sorted = CompactSamples.Sorted(events);
        var store = new MemoryObjectStore(TimeProvider.System);
        await store.CreateContainerAsync(Containers.Events, default);
        using var image = CompactSamples.Build(events, level: 2, groupRows: 150);
        await store.CreateAsync(Containers.Events, "history/segments/x", image.Content, ObjectLabel.Binary, default);
        var reference = image.ToReference("history/segments/x");
        foreach (var headBytes in (long[])[0, 10_000_000])
        {
            var source = new SegmentSource(store, new SegmentCacheOptions { HeadBytes = headBytes });
            var read = new List<StoredEvent>();
            await foreach (var one in source.ReadAllAsync(reference, default))
                read.Add(one);
            Assert.Equal(sorted.Select(e => (e.At, e.EventTimeMs, e.AccountId, (CommitOrigin?)CompactSamples.OriginOf(e))), read.Select(e => (e.At, e.EventTimeMs, e.AccountId, e.Origin)));
            Assert.All(sorted.Zip(read), pair => Assert.True(pair.First.Body.AsSpan().SequenceEqual(pair.Second.Body.Span)));
            read.Clear();
            await foreach (var one in source.ReadAccountAsync(reference, "acct-1", default))
                read.Add(one);
            Assert.Equal(sorted.Where(e => e.AccountId == "acct-1").Select(e => e.At), read.Select(e => e.At));
        }
    }
}
