using ActionTrail.Compaction;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Segments;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Compaction;

/// <summary>An account that is large has segments of its own from then on, and nobody opens another's.</summary>
public sealed class LargeAccountTests
{
    private const string Large = "1003";
    private const int LargeRows = 15;

    [Fact]
    public async Task An_account_that_became_large_keeps_to_its_own_segments_however_little_it_has_later()
    {
        var world = await WithLargeAccountAsync();
        await world.CommitAsync(20);
        await world.CompactAsync();
        Assert.Equal([(null, 16), (Large, 24), (null, 16), (Large, 4)], (await world.InForceAsync()).Select(static s => (s.Account, s.Count)));
        Assert.Equal([Large], (await world.Log.FindPlanAsync(StoreName.History, 2, default))!.LargeAccounts);

        // A merge keeps them apart, though the own ones have fewer events than make an account large.
        (world.Options.MergeCount, world.Options.LargeAccountRows) = (2, 25);
        for (var i = 0; i < 3; i++)
            await world.CommitAsync(20);
        await world.CompactAsync();
        Assert.All(await world.InForceAsync(), static s => Assert.True(s.Account is null or Large));
        Assert.Equal(40, (await world.InForceAsync()).Where(static s => s.Account == Large).Sum(static s => s.Count));
        await world.AssertExactAsync();
        await world.AssertChainAsync();
        Assert.True((await world.Ingest.VerifyAsync()).IsSound);
        await world.SettleAsync();
        await world.AssertExactAsync();
        await world.AssertNoOrphansAsync();
    }

    [Fact]
    public async Task Its_lookups_open_only_its_segments_and_those_of_others_open_none_of_them()
    {
        var world = await WithLargeAccountAsync();
        for (var i = 0; i < 3; i++)
            await world.CommitAsync(20);
        await world.CompactAsync();
        var segments = await world.InForceAsync();
        foreach (var (account, events) in new[] { (Large, 36), ("1001", 16), ("1005", 16) })
        {
            var page = await LookUpAsync(world, account);
            Assert.Equal(events, page.Events.Count);
            Assert.Equal(segments.Count(s => s.Account == (account == Large ? Large : null)), page.Statistics.Segments);
        }
    }

    [Fact]
    public async Task A_segment_of_more_accounts_than_its_row_can_name_says_that_the_large_one_is_not_in_it()
    {
        var world = await WithLargeAccountAsync();
        var messages = Enumerable.Range(0, AccountSummary.MaxListed + 1).Select(n => world.Ingest.Message(1_000 + n, world.Ingest.EventJson($"many{n}", account: $"many{n}")))
            .Append(world.Ingest.Message(100_000, world.Ingest.EventJson("more", account: Large))).ToArray();
        await world.Ingest.NewRival().IngestAsync(world.Ingest.Batch(messages), default);
        world.Time.Advance(TimeSpan.FromSeconds(5));
        await world.CompactAsync();
        var crowd = Assert.Single(await world.InForceAsync(), static s => s.Count > AccountSummary.MaxListed);
        Assert.Equal([Large], crowd.Without);
        Assert.Null(crowd.Segment.Accounts.ToBytes());
        Assert.Equal((25, 2), await CostAsync(world, Large));
        Assert.Equal((1, 1), await CostAsync(world, "many7"));
        Assert.True((await world.Ingest.VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task An_account_whose_own_segments_retention_took_is_one_of_many_again()
    {
        var world = await WithLargeAccountAsync();
        var own = (await world.InForceAsync()).Where(static s => s.Account == Large).Select(static s => new SegmentKey(s.Shard, s.Id)).ToList();
        Assert.NotNull(await world.NewRival().RetireAsync(StoreName.History, own, default));
        await world.CommitAsync(20);
        await world.CompactAsync();
        Assert.All(await world.InForceAsync(), static s => Assert.Null(s.Account));
        Assert.Contains(await world.InForceAsync(), static s => s.Count == 20);
    }

    [Fact]
    public void No_more_accounts_than_a_plan_bears_keep_to_segments_of_their_own_and_these_are_the_largest()
    {
        var options = new CompactionOptions { MaxLargeAccounts = 2, LargeAccountRows = 10 };
        CompactedSegment Own(string? account, int count) => new()
        {
            Store = StoreName.History,
            Shard = 0,
            Id = "",
            Level = 1,
            Since = 1,
            Count = count,
            Account = account,
            Ranges = [],
            Segment = new("", 1, 0, [], 0, 0, AccountSummary.Any),
        };
        var catalog = new ShardCatalog(new MemoryTableStore(), options);
        CompactedSegment[] segments = [Own("d", 12), Own("b", 11), Own("a", 9), Own("c", 6), Own("c", 7), Own(null, 90)];
        Assert.Equal(["c", "d"], catalog.LargeAccounts(segments, merged: null));
        Assert.Equal(["a", "c", "d"], catalog.LargeAccounts(segments, merged: "a"));
    }

    [Theory]
    [InlineData("Account", "1001")]
    [InlineData("Account", null)]
    [InlineData("IsFull", true)]
    public async Task A_row_that_says_another_account_than_its_plan_wrote_is_found_by_a_verification(string property, object? value)
    {
        var world = await WithLargeAccountAsync();
        var own = Assert.Single(await world.InForceAsync(), static s => s.Account == Large);
        var row = (await world.Ingest.Tables.FindAsync(Tables.Segments, CompactionKeys.Shard(StoreName.History, 0), own.Id, default))!;
        if (value is null)
            row = row.With(property, null);
        else
            row[property] = value;
        await world.Ingest.Tables.ReplaceAsync(Tables.Segments, row, row.ETag!, default);
        Assert.Contains((await world.Ingest.VerifyAsync()).Problems, problem => problem.ToString().Contains(own.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_fault_at_every_request_of_a_run_with_a_large_account_is_survived()
    {
        async Task<CompactionWorld> PreparedAsync()
        {
            var world = await WithLargeAccountAsync();
            world.Options.MergeCount = 2;
            await world.CommitAsync(10);
            return world;
        }

        var probe = await PreparedAsync();
        probe.Faults.Reset();
        await probe.NewCompactor().RunAsync(StoreName.History, default);
        for (int request = 0, requests = probe.Faults.Requests; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var world = await PreparedAsync();
                world.Faults.FailAt(request, mode);
                try
                {
                    await world.NewCompactor().RunAsync(StoreName.History, default);
                }
                catch (Exception error) when (error is StoreException or SimulatedCrashException)
                {
                    Assert.True(world.Faults.Fired);
                }

                await world.AssertExactAsync();
                world.Faults.Reset();
                await world.NewCompactor().RunAsync(StoreName.History, default);
                await world.AssertExactAsync();
                await world.AssertChainAsync();
                Assert.Equal(26, (await world.InForceAsync()).Where(static s => s.Account == Large).Sum(static s => s.Count));
                Assert.Equal(26, (await CostAsync(world, Large)).Events);
            }
        }
    }

    /// <summary>One shard, five accounts of which one has just become large, with 24 of 40 events.</summary>
    private static async Task<CompactionWorld> WithLargeAccountAsync()
    {
        var world = await CompactionWorld.CreateAsync();
        (world.Options.Shards, world.Options.LargeAccountRows, world.Options.MergeCount) = (1, LargeRows, 100);
        await world.CommitAsync(20);
        var messages = new List<HubMessage>();
        for (var n = 100; n < 120; n++)
        {
            var at = world.Time.GetUtcNow();
            messages.Add(world.Ingest.Message(n, world.Ingest.EventJson($"large{n}", account: Large, at: at)));
            world.Committed[$"large{n}"] = at;
        }

        await world.Ingest.NewRival().IngestAsync(world.Ingest.Batch([.. messages]), default);
        world.Time.Advance(TimeSpan.FromSeconds(5));
        world.Skip(200);
        await world.CompactAsync();
        return world;
    }

    private static async Task<(int Events, int Segments)> CostAsync(CompactionWorld world, string account)
    {
        var page = await LookUpAsync(world, account);
        return (page.Events.Count, page.Statistics.Segments);
    }

    private static Task<LookupPage> LookUpAsync(CompactionWorld world, string account)
    {
        var options = new LookupOptions();
        var lookup = new EventLookup(
            new CommitCatalog(world.Ingest.Tables, world.Time, options), new SegmentSource(world.Ingest.Objects, new SegmentCacheOptions()), world.Time, options, NullLogger<EventLookup>.Instance);
        return lookup.LookupAsync(StoreName.History, new LookupQuery { AccountId = account, FromMs = 0, ToMs = long.MaxValue, PageSize = 1000 }, default);
    }
}
