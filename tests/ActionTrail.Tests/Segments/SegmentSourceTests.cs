using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Segments;

public class SegmentSourceTests
{
    private const string Name = "history/fresh/api-00/segment";

    private readonly MemoryObjectStore store = new(TimeProvider.System);
    private readonly StorageTally tally = new();

    [Fact]
    public async Task All_events_of_all_accounts_are_read_back()
    {
        var events = SampleEvents.Make(seed: 21, count: 700, accounts: 9);
        var segment = await StoreAsync(events);
        var source = Source();
        var expected = SampleEvents.Sorted(events);
        var all = await source.ReadAllAsync(segment, CancellationToken.None).ToListAsync();
        Assert.Equal(expected.Select(Describe), all.Select(Describe));
        foreach (var account in expected.Select(e => e.AccountId).Distinct().Append("nobody"))
        {
            var own = await source.ReadAccountAsync(segment, account, CancellationToken.None).ToListAsync();
            Assert.Equal(expected.Where(e => e.AccountId == account).Select(Describe), own.Select(Describe));
        }
    }

    [Fact]
    public async Task An_object_too_large_to_hold_is_read_by_blocks()
    {
        // 20 bodies of nearly 1 MiB that do not compress: more than the 16 MiB that are held at once.
        var random = new Random(5);
        var events = SampleEvents.Make(seed: 22, count: 20, accounts: 2).ConvertAll(e => e with { Body = Noise(random, 1_000_000) });
        var segment = await StoreAsync(events);
        Assert.True(segment.Length > 16 * 1024 * 1024);
        var all = await Source().ReadAllAsync(segment, CancellationToken.None).ToListAsync();
        Assert.Equal(SampleEvents.Sorted(events).Select(Describe), all.Select(Describe));
    }

    [Fact]
    public async Task A_head_is_read_once_by_many_readers_at_the_same_time()
    {
        var segment = await StoreAsync(SampleEvents.Make(seed: 23, count: 50));
        var source = Source();
        var heads = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => source.OpenAsync(segment, CancellationToken.None))));
        Assert.All(heads, head => Assert.Same(heads[0], head));
        Assert.Equal(1, tally["read"].Requests);
    }

    [Fact]
    public async Task A_head_over_the_budget_is_read_again()
    {
        var segment = await StoreAsync(SampleEvents.Make(seed: 24, count: 50));
        var source = Source(headBytes: 10);
        await source.OpenAsync(segment, CancellationToken.None);
        await source.OpenAsync(segment, CancellationToken.None);
        Assert.Equal(2, tally["read"].Requests);
    }

    [Fact]
    public async Task Neighbouring_blocks_come_in_one_read_and_are_kept()
    {
        var segment = await StoreAsync(SampleEvents.Make(seed: 25, count: 300));
        var source = Source();
        var head = await source.OpenAsync(segment, CancellationToken.None);
        Assert.True(head.BlockCount > 5);
        var blocks = await source.ReadBlocksAsync(segment, head, [3, 2, 4, 2], CancellationToken.None);
        Assert.Equal([3, 2, 4, 2], blocks.Select(b => head.BlockOf(b.FirstRow)));
        Assert.Equal(2, tally["read"].Requests);
        await source.ReadBlocksAsync(segment, head, [4, 2], CancellationToken.None);
        Assert.Equal(2, tally["read"].Requests);
        Assert.Empty(await source.ReadBlocksAsync(segment, head, [], CancellationToken.None));
    }

    [Fact]
    public async Task A_missing_object_is_the_stores_own_error_and_is_not_remembered()
    {
        var events = SampleEvents.Make(seed: 26, count: 10);
        using var image = SampleEvents.Build(events);
        await store.CreateContainerAsync(Containers.Events, CancellationToken.None);
        var source = Source();
        var segment = image.ToReference(Name);
        var error = await Assert.ThrowsAsync<StoreException>(() => source.OpenAsync(segment, CancellationToken.None));
        Assert.Equal(StoreErrorKind.NotFound, error.Kind);
        await store.CreateAsync(Containers.Events, Name, image.Content, ObjectLabel.Binary, CancellationToken.None);
        Assert.Equal(10, (await source.OpenAsync(segment, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task One_reader_that_gives_up_does_not_take_the_head_from_the_others()
    {
        var segment = await StoreAsync(SampleEvents.Make(seed: 27, count: 10));
        var gate = new GatedReads(store);
        var source = new SegmentSource(gate.Store, new SegmentCacheOptions());
        using var stop = new CancellationTokenSource();
        var impatient = source.OpenAsync(segment, stop.Token);
        var patient = source.OpenAsync(segment, CancellationToken.None);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.Open();
        Assert.Equal(10, (await patient).Count);
    }

    [Fact]
    public async Task When_the_only_reader_gives_up_the_read_stops_and_the_next_reader_starts_anew()
    {
        var segment = await StoreAsync(SampleEvents.Make(seed: 28, count: 10));
        var gate = new GatedReads(store);
        var source = new SegmentSource(gate.Store, new SegmentCacheOptions());
        using var stop = new CancellationTokenSource();
        var impatient = source.OpenAsync(segment, stop.Token);
        await gate.Asked;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        await gate.Stopped;
        gate.Open();
        Assert.Equal(10, (await source.OpenAsync(segment, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Any_changed_byte_is_noticed_before_the_first_event()
    {
        using var image = SampleEvents.Build(SampleEvents.Make(seed: 29, count: 4, maxBodyBytes: 60));
        await store.CreateContainerAsync(Containers.Events, CancellationToken.None);
        for (var at = 0; at < image.Content.Length; at++)
        {
            var changed = image.Content.ToArray();
            changed[at] ^= 0x10;
            var segment = image.ToReference($"changed/{at}");
            await store.CreateAsync(Containers.Events, segment.Name, changed, ObjectLabel.Binary, CancellationToken.None);
            await AssertDamagedAsync(segment, async () => await Source().ReadAllAsync(segment, CancellationToken.None).FirstAsync());
        }
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(31, 100)]
    [InlineData(90, 100)]
    [InlineData(100, 100)]
    [InlineData(200, 100)]
    [InlineData(32, long.MaxValue)]
    [InlineData(-5, 100)]
    public async Task A_reference_with_impossible_lengths_reads_nothing(long headOffset, long length)
    {
        var segment = new SegmentReference(Name, length, headOffset, new byte[32], 0, 0, AccountSummary.Any);
        await AssertDamagedAsync(segment, () => Source().OpenAsync(segment, CancellationToken.None));
        await AssertDamagedAsync(segment, async () => await Source().ReadAllAsync(segment, CancellationToken.None).FirstAsync());
        Assert.Equal(0, tally["read"].Requests);
    }

    [Fact]
    public async Task A_changed_head_or_block_is_the_stores_error_and_names_the_segment()
    {
        using var image = SampleEvents.Build(SampleEvents.Make(seed: 30, count: 4, maxBodyBytes: 60));
        await store.CreateContainerAsync(Containers.Events, CancellationToken.None);
        for (var at = SegmentFormat.HeaderBytes; at < image.Content.Length; at++)
        {
            var changed = image.Content.ToArray();
            changed[at] ^= 0x04;
            var segment = image.ToReference($"changed/{at}");
            await store.CreateAsync(Containers.Events, segment.Name, changed, ObjectLabel.Binary, CancellationToken.None);
            await AssertDamagedAsync(segment, async () =>
            {
                var source = Source();
                var head = await source.OpenAsync(segment, CancellationToken.None);
                await source.ReadBlocksAsync(segment, head, [.. Enumerable.Range(0, head.BlockCount)], CancellationToken.None);
            });
        }
    }

    [Fact]
    public async Task A_sound_segment_that_its_reference_does_not_describe_is_not_read()
    {
        var segment = await StoreAsync(SampleEvents.Make(seed: 31, count: 20));
        await Source().OpenAsync(segment, CancellationToken.None);
        foreach (var other in new[]
        {
            segment with { MinEventTimeMs = segment.MinEventTimeMs - 1 }, segment with { MaxEventTimeMs = segment.MaxEventTimeMs + 1 },
            segment with { Accounts = AccountSummary.Of(["somebody-else"]) },
        })
        {
            await AssertDamagedAsync(other, () => Source().OpenAsync(other, CancellationToken.None));
            await AssertDamagedAsync(other, async () => await Source().ReadAllAsync(other, CancellationToken.None).FirstAsync());
        }
    }

    private static async Task AssertDamagedAsync(SegmentReference segment, Func<Task> read)
    {
        var error = await Assert.ThrowsAsync<StoreException>(read);
        Assert.Equal(StoreErrorKind.Corrupt, error.Kind);
        Assert.Contains(segment.Name, error.Message, StringComparison.Ordinal);
    }

    private static string Describe(SampleEvent e) => $"{e.At} {e.EventTimeMs} {e.AccountId} {Convert.ToHexString(e.Body)}";

    private static string Describe(StoredEvent e) => $"{e.At} {e.EventTimeMs} {e.AccountId} {Convert.ToHexString(e.Body.Span)}";

    private static byte[] Noise(Random random, int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }

    private SegmentSource Source(long headBytes = 1 << 20) =>
        new(new CountingObjectStore(store, tally), new SegmentCacheOptions { HeadBytes = headBytes });

    private async Task<SegmentReference> StoreAsync(IEnumerable<SampleEvent> events)
    {
        using var image = SampleEvents.Build(events);
        await store.CreateContainerAsync(Containers.Events, CancellationToken.None);
        await store.CreateAsync(Containers.Events, Name, image.Content, ObjectLabel.Binary, CancellationToken.None);
        return image.ToReference(Name);
    }
}
