using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Segments;
using ActionTrail.Storage;
using static ActionTrail.Tests.Query.EventLookupTests;

namespace ActionTrail.Tests.Query;

/// <summary>Lookups over compacted segments and commits behind them, whatever compaction does meanwhile.</summary>
public class CompactedLookupTests
{
    [Fact]
    public async Task Random_queries_agree_with_a_scan_however_much_is_compacted()
    {
        var queries = 0;
        for (var seed = 1; seed <= 12; seed++)
        {
            var random = new Random(seed);
            using var world = new LookupWorld();
            var compaction = world.Compaction(random.Next(1, 4), random.Next(10, 200));
            var all = new List<Sample>();
            for (var commit = 0; commit < 25; commit++)
            {
                var batch = RandomBatch(random, all);
                await world.CommitAsync(PartitionName.Api(random.Next(3)), batch);
                world.Clock.Advance(TimeSpan.FromSeconds(random.Next(3)));
                all.AddRange(batch);
                if (random.Next(4) == 0)
                    await compaction.RunAsync();
                if (random.Next(8) == 0)
                    await compaction.RunAsync(CompactionKind.Merge, _ => random.Next(2) == 0);
                if (random.Next(8) == 0)
                    await compaction.SweepAsync();
            }

            for (var i = 0; i < 60; i++)
            {
                var query = RandomQuery(random);
                Assert.Equal(Expected(all, query), await world.ReadAllPagesAsync(query));
                queries++;
            }
        }

        Assert.Equal(720, queries);
    }

    [Fact]
    public async Task Pages_neither_miss_nor_repeat_whatever_happens_between_any_two_requests()
    {
        var (steps, restarts) = (0, 0);
        for (var seed = 1; seed <= 80; seed++)
        {
            var random = new Random(seed);
            using var world = new LookupWorld(cache: random.Next(2) == 0 ? new SegmentCacheOptions { HeadBytes = 0, BlockBytes = 0 } : null);
            var compaction = world.Compaction(random.Next(1, 3), random.Next(5, 60));
            var before = new List<Sample>();
            for (var commit = 0; commit < 8; commit++)
            {
                var batch = RandomBatch(random, before);
                before.AddRange(batch);
                await world.CommitAsync(PartitionName.Api(random.Next(3)), batch);
                if (random.Next(3) == 0)
                    await compaction.RunAsync();
            }

            var added = new List<Sample>();
            var query = RandomQuery(random) with { PageSize = random.Next(1, 12) };
            if (random.Next(2) == 0)
                query = query with { Conditions = [] };
            var (sweeps, busy) = (0, false);
            world.BeforeRequest = async () =>
            {
                // Requests run side by side; steps do not.
                if (busy || random.Next(3) != 0)
                    return;
                busy = true;
                steps++;
                switch (random.Next(6))
                {
                    case 0:
                        var batch = RandomBatch(random, before)[..1];
                        added.AddRange(batch);
                        await world.CommitAsync(PartitionName.Api(random.Next(4)), batch);
                        break;
                    case 1 when !compaction.IsPlanned:
                        await compaction.PlanAsync();
                        break;
                    case 2 when !compaction.IsPlanned:
                        await compaction.PlanAsync(CompactionKind.Merge, _ => random.Next(2) == 0);
                        break;
                    case 3 when compaction is { IsPlanned: true, IsBuilt: false }:
                        await compaction.BuildAsync();
                        break;
                    case 4 when compaction.IsBuilt:
                        await compaction.TakeEffectAsync();
                        break;
                    case 5 when sweeps++ < 2:
                        restarts++;
                        await compaction.SweepAsync();
                        break;
                }

                busy = false;
            };
            var seen = await world.ReadAllPagesAsync(query, () =>
            {
                sweeps = 0;
                return Task.CompletedTask;
            });
            world.BeforeRequest = null;

            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Empty(Expected(before, query).Except(seen));
            Assert.Empty(seen.Except(Expected(before.Concat(added), query)));
            Assert.Equal(Expected(before.Concat(added), query), await world.ReadAllPagesAsync(query));
        }

        Assert.True(steps > 1000, $"{steps} steps");
        Assert.True(restarts > 50, $"{restarts} sweeps");
    }

    [Theory]
    [InlineData(LookupDirection.Backward)]
    [InlineData(LookupDirection.Forward)]
    public async Task Tokens_from_before_a_compaction_go_on_behind_it(LookupDirection direction)
    {
        using var world = new LookupWorld();
        var samples = Enumerable.Range(0, 40).Select(n => new Sample("a", $"id-{n}", LookupWorld.Now.AddMinutes(-(n / 8)), "alice", "Stop", [])).ToArray();
        await world.CommitAsync(PartitionName.Api(0), samples);
        var compaction = world.Compaction(rowsPerSegment: 7);
        var query = QueryOf("a") with { Direction = direction, PageSize = 3 };

        var seen = await world.ReadAllPagesAsync(query, async () =>
        {
            await compaction.RunAsync();
            await compaction.RunAsync(CompactionKind.Merge);
            await compaction.SweepAsync();
        });

        Assert.Equal(Expected(samples, query), seen);
    }

    [Fact]
    public async Task Events_of_compacted_segments_have_their_bytes_times_and_places()
    {
        using var world = new LookupWorld();
        var sample = new Sample("a", "id-1", LookupWorld.Now.AddHours(-1), "alice", "Stop", ["r-1", "r-2"]);
        var partition = PartitionName.Api(2);
        await world.CommitAsync(partition, sample with { Id = "id-0", Account = "b" }, sample);
        var fresh = await world.Lookup.FindAsync(StoreName.History, "a", "id-1", default);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var compaction = world.Compaction();
        await compaction.RunAsync();
        await compaction.RunAsync(CompactionKind.Merge);
        await compaction.SweepAsync();

        var found = await world.Lookup.FindAsync(StoreName.History, "a", "id-1", default);

        Assert.Equal(sample.ToJson(), Encoding.UTF8.GetString(found!.Body.Span));
        Assert.Equal((fresh! with { Body = default }, 1L), (found with { Body = default }, found.SequenceNumber));
    }

    [Fact]
    public async Task Of_copies_the_first_committed_is_shown_whichever_is_compacted()
    {
        using var world = new LookupWorld();
        var sample = new Sample("a", "id-1", LookupWorld.Now.AddHours(-1), "alice", "Stop", []);
        await world.CommitAsync(PartitionName.Api(1), sample);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        var compaction = world.Compaction();
        await compaction.RunAsync();
        await world.CommitAsync(PartitionName.Api(0), sample);

        Assert.Equal(PartitionName.Api(1), Assert.Single((await world.Lookup.LookupAsync(StoreName.History, QueryOf("a"), default)).Events).Partition);
        await compaction.RunAsync();
        Assert.Equal(PartitionName.Api(1), Assert.Single((await world.Lookup.LookupAsync(StoreName.History, QueryOf("a"), default)).Events).Partition);
        await compaction.RunAsync(CompactionKind.Merge);
        await compaction.SweepAsync();
        Assert.Equal(PartitionName.Api(1), Assert.Single((await world.Lookup.LookupAsync(StoreName.History, QueryOf("a"), default)).Events).Partition);
    }

    [Fact]
    public async Task A_commit_that_compaction_passed_over_is_read_fresh_also_by_a_process_that_starts_later()
    {
        using var world = new LookupWorld();
        var passed = await world.CommitAsync(PartitionName.Api(0), new Sample("a", "id-1", LookupWorld.Now, "alice", "Stop", []));
        await world.CommitAsync(PartitionName.Api(0), new Sample("a", "id-2", LookupWorld.Now.AddSeconds(-1), "alice", "Stop", []));
        await PassAsync(world, passed);

        Assert.Equal(["id-1"], await world.ReadAllPagesAsync(QueryOf("a")));
    }

    [Fact]
    public async Task A_compacted_segment_that_is_missing_is_an_error()
    {
        using var world = new LookupWorld();
        await world.CommitAsync(PartitionName.Api(0), new Sample("a", "id-1", LookupWorld.Now, "alice", "Stop", []));
        var compaction = world.Compaction();
        await compaction.RunAsync();
        var segment = Assert.Single(await compaction.InForceAsync(await new CompactionLog(world.Rows).ReadHeadAsync(StoreName.History, default)));
        await world.Objects.DeleteAsync(Containers.Events, segment.Segment.Name, default);

        var error = await Assert.ThrowsAsync<StoreException>(() => world.ReadAllPagesAsync(QueryOf("a")));

        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);
    }

    [Fact]
    public async Task A_lookup_of_a_quiet_store_asks_the_catalog_once_and_nothing_else()
    {
        using var world = new LookupWorld();
        for (var n = 0; n < 3; n++)
            await world.CommitAsync(PartitionName.Api(n), [.. Enumerable.Range(0, 30).Select(i => new Sample("a", $"id-{n}-{i}", LookupWorld.Now.AddMinutes(-i), "alice", "Stop", []))]);
        await world.Compaction().RunAsync();
        var first = await world.Lookup.LookupAsync(StoreName.History, QueryOf("a"), default);
        var requests = 0;
        world.BeforeRequest = () =>
        {
            requests++;
            return Task.CompletedTask;
        };

        var second = await world.Lookup.LookupAsync(StoreName.History, QueryOf("a"), default);

        // The head of compaction and the registrations of the partitions, in one query.
        Assert.Equal(1, requests);
        Assert.Equal(0, second.Statistics.Reads);
        Assert.True(first.Statistics is { Reads: > 1, Bytes: > 100, Segments: 2 }, first.Statistics.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_is_seen_whatever_its_partition_announced(bool isUnknown)
    {
        using var world = new LookupWorld();
        await world.CommitAsync(PartitionName.Api(0), new Sample("a", "id-1", LookupWorld.Now, "alice", "Stop", []));
        Assert.Equal(["id-1"], await world.ReadAllPagesAsync(QueryOf("a")));

        // A writer announced and died; or a program wrote the row that does not announce.
        if (isUnknown)
            await world.Rows.UpsertAsync(Tables.Progress, new TableRow("history", Keys.Partition(PartitionName.Api(0))).With("RegisteredAt", LookupWorld.Now), default);
        else
            await world.Log.AnnounceAsync(StoreName.History, PartitionName.Api(0), 100, default);
        Assert.Equal(["id-1"], await world.ReadAllPagesAsync(QueryOf("a")));
        await world.CommitAsync(PartitionName.Api(0), new Sample("a", "id-2", LookupWorld.Now.AddSeconds(-1), "alice", "Stop", []));

        Assert.Equal(["id-1", "id-2"], await world.ReadAllPagesAsync(QueryOf("a")));
    }

    [Fact]
    public async Task A_compaction_of_another_shard_leaves_the_list_of_segments_as_it_is()
    {
        using var world = new LookupWorld();
        var names = Enumerable.Range(0, 50).Select(n => $"account-{n}").ToLookup(name => CompactionHead.ShardOf(name, 2));
        var (mine, other) = (names[0].First(), names[1].First());
        var compaction = world.Compaction(shards: 2);
        await world.CommitAsync(PartitionName.Api(0), new Sample(mine, "id-1", LookupWorld.Now, "alice", "Stop", []), new Sample(other, "id-2", LookupWorld.Now, "alice", "Stop", []));
        await compaction.RunAsync();
        Assert.Equal(["id-1"], await world.ReadAllPagesAsync(QueryOf(mine)));
        await world.CommitAsync(PartitionName.Api(0), new Sample(other, "id-3", LookupWorld.Now, "alice", "Stop", []));
        await compaction.RunAsync();
        var requests = 0;
        world.BeforeRequest = () =>
        {
            requests++;
            return Task.CompletedTask;
        };

        Assert.Equal(["id-1"], await world.ReadAllPagesAsync(QueryOf(mine)));

        // Head and registrations, the one tail that was promised more, the plan in between.
        Assert.Equal(3, requests);
    }

    [Theory]
    [InlineData(LookupDirection.Backward)]
    [InlineData(LookupDirection.Forward)]
    public async Task A_page_of_a_common_value_looks_through_a_part_of_a_large_segment(LookupDirection direction)
    {
        using var world = new LookupWorld();
        var samples = Enumerable.Range(0, 30_000).Select(n => new Sample("a", $"id-{n}", LookupWorld.Now.AddSeconds(-(n / 7)), "alice", n % 3 == 0 ? "Stop" : "Start", [])).ToArray();
        foreach (var batch in samples.Chunk(10_000))
            await world.CommitAsync(PartitionName.Api(0), batch);
        var compaction = world.Compaction(rowsPerSegment: 40_000);
        await compaction.RunAsync();
        var query = QueryOf("a") with { Direction = direction, PageSize = 50, Conditions = [new LookupCondition(EventAttribute.EventName, "Stop")] };

        var page = await world.Lookup.LookupAsync(StoreName.History, query, default);

        Assert.Equal(Expected(samples, query).Take(50), page.Events.Select(found => EventMatcher.EventId(found.Body.Span)!));
        Assert.InRange(page.Statistics.Matches, 50, 4000);
        Assert.Equal(Expected(samples, query), await world.ReadAllPagesAsync(query with { PageSize = 1000 }));
    }

    internal static Sample[] RandomBatch(Random random, List<Sample> known) =>
        [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => known.Count > 0 && random.Next(10) == 0 ? known[random.Next(known.Count)] : RandomSample(random))];

    /// <summary>Puts a head in place that holds everything but one commit, as a compaction that met a lost segment does.</summary>
    private static Task PassAsync(LookupWorld world, Commit commit) => world.Rows.UpsertAsync(
        Tables.Progress,
        new CompactionHead
        {
            Generation = 1,
            Positions = new Dictionary<PartitionName, long> { [commit.Partition] = commit.Last + 1 },
            Passed = new HashSet<(PartitionName, long)> { (commit.Partition, commit.Last) },
        }.ToRow(StoreName.History),
        default);
}
