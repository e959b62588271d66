using System.Globalization;
using System.Text;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Query;

public class EventLookupTests
{
    private static readonly PartitionName Api = PartitionName.Api(0);

    [Fact]
    public async Task Random_queries_agree_with_a_scan_of_all_events()
    {
        var queries = 0;
        for (var seed = 1; seed <= 12; seed++)
        {
            var random = new Random(seed);
            using var world = new LookupWorld();
            var all = new List<Sample>();
            for (var commit = 0; commit < 25; commit++)
            {
                // Some events are sent twice, within a commit and across commits.
                var batch = Enumerable.Range(0, random.Next(1, 40)).Select(i => all.Count > 0 && random.Next(10) == 0 ? all[random.Next(all.Count)] : RandomSample(random)).ToArray();
                await world.CommitAsync(PartitionName.Api(random.Next(3)), batch);
                world.Clock.Advance(TimeSpan.FromSeconds(random.Next(3)));
                all.AddRange(batch);
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
    public async Task Pages_neither_miss_nor_repeat_while_others_commit()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            using var world = new LookupWorld();
            var before = Enumerable.Range(0, 120).Select(_ => RandomSample(random)).ToArray();
            foreach (var batch in before.Chunk(17))
            {
                await world.CommitAsync(PartitionName.Api(random.Next(3)), batch);
            }

            var query = RandomQuery(random) with { Conditions = [], PageSize = random.Next(1, 9) };
            var added = new List<Sample>();
            var seen = await world.ReadAllPagesAsync(query, async () =>
            {
                var batch = Enumerable.Range(0, 3).Select(_ => RandomSample(random)).ToArray();
                added.AddRange(batch);
                await world.CommitAsync(PartitionName.Api(random.Next(4)), batch);
            });

            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Empty(Expected(before, query).Except(seen));
            Assert.Empty(seen.Except(Expected(before.Concat(added), query)));
        }
    }

    [Fact]
    public async Task Of_copies_the_first_committed_is_shown_and_found_by_id()
    {
        using var world = new LookupWorld();
        var sample = new Sample("a", "id-1", LookupWorld.Now.AddHours(-1), "alice", "Stop", ["r-1"]);
        await world.CommitAsync(PartitionName.Api(1), sample);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.CommitAsync(PartitionName.Api(0), sample, sample with { Id = "id-2" });

        var page = await world.Lookup.LookupAsync(StoreName.History, QueryOf("a"), default);
        Assert.Equal(2, page.Events.Count);
        var shown = page.Events.Single(found => EventMatcher.EventId(found.Body.Span) == "id-1");
        Assert.Equal(PartitionName.Api(1), shown.Partition);
        Assert.Equal(PartitionName.Api(1), (await world.Lookup.FindAsync(StoreName.History, "a", "id-1", default))!.Partition);
        Assert.Null(await world.Lookup.FindAsync(StoreName.History, "a", "id-3", default));
        Assert.Null(await world.Lookup.FindAsync(StoreName.History, "b", "id-1", default));
    }

    [Fact]
    public async Task Pages_end_at_their_bytes_and_neither_miss_nor_repeat()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            using var world = new LookupWorld(new LookupOptions { MaxPageBytes = random.Next(1, 3000), MaxPageSize = 7 });
            var samples = Enumerable.Range(0, 80).Select(_ => RandomSample(random)).ToArray();
            foreach (var batch in samples.Concat(samples[..30]).Chunk(13))
            {
                await world.CommitAsync(PartitionName.Api(random.Next(3)), batch);
            }

            var query = RandomQuery(random) with { Conditions = [], PageSize = 1000 };
            Assert.Equal(Expected(samples, query), await world.ReadAllPagesAsync(query));
        }
    }

    [Fact]
    public async Task A_page_of_large_events_ends_with_the_one_that_reaches_its_bytes()
    {
        using var world = new LookupWorld(new LookupOptions { MaxPageBytes = 2500 });
        var samples = Enumerable.Range(0, 9).Select(n => new Sample("a", $"id-{n}", LookupWorld.Now.AddMinutes(-n), "alice", "Stop", [new string('r', 1000)])).ToArray();
        await world.CommitAsync(Api, samples);

        var page = await world.Lookup.LookupAsync(StoreName.History, QueryOf("a"), default);

        Assert.InRange(page.Events.Sum(found => found.Body.Length), 2500, 2500 + samples[0].ToJson().Length);
        Assert.NotNull(page.Next);
        Assert.Equal(samples.Select(one => one.Id), await world.ReadAllPagesAsync(QueryOf("a")));
    }

    [Theory]
    [InlineData(LookupDirection.Backward)]
    [InlineData(LookupDirection.Forward)]
    public async Task Heaps_of_copies_cost_a_lookup_little_and_hide_nothing(LookupDirection direction)
    {
        using var world = new LookupWorld();
        var samples = Enumerable.Range(0, 5).Select(n => new Sample("a", $"id-{n}", LookupWorld.Now.AddMinutes(n - 9), "alice", "Stop", [new string('r', 2000)])).ToArray();
        await world.CommitAsync(PartitionName.Api(3), samples);
        for (var round = 0; round < 3; round++)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            await world.CommitAsync(PartitionName.Api(round), [.. Enumerable.Repeat(samples[2], 2000)]);
        }

        var query = QueryOf("a") with { Direction = direction, PageSize = 2 };
        var page = await world.Lookup.LookupAsync(StoreName.History, query with { PageSize = 5 }, default);

        Assert.All(page.Events, found => Assert.Equal(PartitionName.Api(3), found.Partition));
        Assert.Equal(samples.Select(one => one.Id).Order(), (await world.ReadAllPagesAsync(query)).Order());
        Assert.InRange(page.Statistics.Blocks, 1, 10);
    }

    [Fact]
    public async Task The_first_of_an_id_is_found_however_often_it_was_sent_again_with_other_times()
    {
        using var world = new LookupWorld(new LookupOptions { MaxPageSize = 10, MaxPageBytes = 2000 });
        var sample = new Sample("a", "id-1", LookupWorld.Now.AddHours(-1), "alice", "Stop", []);
        await world.CommitAsync(PartitionName.Api(1), sample);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.CommitAsync(PartitionName.Api(0), [.. Enumerable.Range(1, 40).Select(n => sample with { Time = sample.Time.AddMinutes(n - 20), User = "mallory" })]);

        Assert.Equal(sample.ToJson(), Encoding.UTF8.GetString((await world.Lookup.FindAsync(StoreName.History, "a", "id-1", default))!.Body.Span));
    }

    [Fact]
    public async Task Events_come_back_byte_for_byte_with_their_three_times()
    {
        using var world = new LookupWorld();
        var sample = new Sample("a", "id-1", LookupWorld.Now.AddHours(-1), "alice", "Stop", ["r-1", "r-2"]);
        var commit = await world.CommitAsync(Api, sample);
        var found = Assert.Single((await world.Lookup.LookupAsync(StoreName.History, QueryOf("a"), default)).Events);
        Assert.Equal(sample.ToJson(), Encoding.UTF8.GetString(found.Body.Span));
        Assert.Equal((sample.Time, LookupWorld.Now, commit.CommittedAt), (found.EventTime, found.ReceiveTime, found.CommitTime));
    }

    [Fact]
    public async Task No_account_sees_events_of_another()
    {
        using var world = new LookupWorld();
        await world.CommitAsync(Api, new Sample("a", "id-1", LookupWorld.Now.AddHours(-1), "alice", "Stop", []), new Sample("ab", "id-2", LookupWorld.Now.AddHours(-1), "alice", "Stop", []));
        Assert.Equal(["id-1"], await world.ReadAllPagesAsync(QueryOf("a")));
        Assert.Equal(["id-2"], await world.ReadAllPagesAsync(QueryOf("ab")));
        Assert.Empty(await world.ReadAllPagesAsync(QueryOf("A")));
    }

    [Fact]
    public async Task Events_past_the_retention_are_not_shown_though_not_yet_purged()
    {
        using var world = new LookupWorld();
        await world.CommitAsync(Api, new Sample("a", "old", LookupWorld.Now.AddDays(-89), "alice", "Stop", []), new Sample("a", "new", LookupWorld.Now, "alice", "Stop", []));
        Assert.Equal(["new", "old"], await world.ReadAllPagesAsync(QueryOf("a")));
        world.Clock.Advance(TimeSpan.FromDays(1.5));
        Assert.Equal(["new"], await world.ReadAllPagesAsync(QueryOf("a")));
    }

    [Fact]
    public async Task A_segment_that_was_purged_or_marked_lost_is_skipped_and_a_missing_one_is_an_error()
    {
        using var world = new LookupWorld();
        var gone = await world.CommitAsync(Api, new Sample("a", "id-1", LookupWorld.Now, "alice", "Stop", []));
        var kept = await world.CommitAsync(Api, new Sample("a", "id-2", LookupWorld.Now.AddSeconds(-1), "alice", "Stop", []));
        await world.Catalog.ReadAsync(StoreName.History, "a", 0, long.MaxValue, default);

        await world.Objects.DeleteAsync(Containers.Events, gone.Segment!.Name, default);
        var error = await Assert.ThrowsAsync<StoreException>(() => world.ReadAllPagesAsync(QueryOf("a")));
        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);

        await world.Rows.UpsertAsync(Tables.Commits, (gone with { LostAt = LookupWorld.Now }).ToRow(), default);
        Assert.Equal(["id-2"], await world.ReadAllPagesAsync(QueryOf("a")));

        await world.Objects.DeleteAsync(Containers.Events, kept.Segment!.Name, default);
        await world.Rows.DeleteAsync(Tables.Commits, Keys.CommitPartition(StoreName.History, Api), Keys.Commit(kept.Last), null, default);
        Assert.Empty(await new EventLookup(world.Catalog, new(world.Objects, new()), world.Clock, new LookupOptions(), NullLogger<EventLookup>.Instance).LookupAsync(StoreName.History, QueryOf("a"), default) is var page ? page.Events : []);
    }

    [Fact]
    public async Task A_segment_that_was_lost_and_came_back_is_shown_again()
    {
        using var world = new LookupWorld();
        var commit = await world.CommitAsync(Api, new Sample("a", "id-1", LookupWorld.Now, "alice", "Stop", []));
        var lost = (commit with { LostAt = LookupWorld.Now }).ToRow();
        await world.Rows.UpsertAsync(Tables.Commits, lost, default);
        Assert.Empty(await world.ReadAllPagesAsync(QueryOf("a")));
        Assert.Empty(await world.ReadAllPagesAsync(QueryOf("a")));

        await world.Rows.UpsertAsync(Tables.Commits, commit.ToRow(), default);
        Assert.Equal(["id-1"], await world.ReadAllPagesAsync(QueryOf("a")));
        Assert.Equal(["id-1"], await world.ReadAllPagesAsync(QueryOf("a")));
    }

    [Fact]
    public async Task A_page_of_the_newest_events_opens_only_the_newest_segments()
    {
        using var world = new LookupWorld(new LookupOptions { ParallelHeads = 2 });
        for (var hour = 40; hour > 0; hour--)
        {
            await world.CommitAsync(Api, [.. Enumerable.Range(0, 10).Select(i => new Sample("a", $"id-{hour}-{i}", LookupWorld.Now.AddHours(-hour).AddMinutes(i), "alice", "Stop", []))]);
        }

        var page = await world.Lookup.LookupAsync(StoreName.History, QueryOf("a") with { PageSize = 15 }, default);
        Assert.Equal(15, page.Events.Count);
        Assert.Equal(40, page.Statistics.Segments);
        Assert.InRange(page.Statistics.Heads, 2, 4);
    }

    internal static LookupQuery QueryOf(string account) => new() { AccountId = account, FromMs = 0, ToMs = LookupWorld.Now.AddDays(2).ToUnixTimeMilliseconds() };

    internal static Sample RandomSample(Random random) => new(
        random.Next(4) == 0 ? "b" : "a",
        random.NextInt64().ToString("x16", CultureInfo.InvariantCulture),
        LookupWorld.Now.AddSeconds(-random.Next(60)).AddMilliseconds(random.Next(2) * 500),
        $"user-{random.Next(4)}",
        $"Event{random.Next(3)}",
        [.. Enumerable.Range(0, random.Next(3)).Select(_ => $"r-{random.Next(5)}")]);

    internal static LookupQuery RandomQuery(Random random)
    {
        var from = LookupWorld.Now.AddSeconds(-random.Next(70));
        var conditions = new List<LookupCondition>();
        if (random.Next(2) == 0)
        {
            conditions.Add(new LookupCondition(EventAttribute.User, $"user-{random.Next(5)}"));
        }

        if (random.Next(2) == 0)
        {
            conditions.Add(new LookupCondition(EventAttribute.ResourceName, $"r-{random.Next(5)}"));
        }

        if (random.Next(3) == 0)
        {
            conditions.Add(new LookupCondition(EventAttribute.EventName, $"Event{random.Next(3)}"));
        }

        return new LookupQuery
        {
            AccountId = random.Next(3) == 0 ? "b" : "a",
            FromMs = from.ToUnixTimeMilliseconds(),
            ToMs = from.AddSeconds(random.Next(70)).ToUnixTimeMilliseconds(),
            Direction = random.Next(2) == 0 ? LookupDirection.Forward : LookupDirection.Backward,
            PageSize = random.Next(1, 30),
            Conditions = conditions,
        };
    }

    internal static List<string> Expected(IEnumerable<Sample> events, LookupQuery query)
    {
        var matching = events.Where(one => one.Account == query.AccountId
            && one.Time.ToUnixTimeMilliseconds() >= query.FromMs && one.Time.ToUnixTimeMilliseconds() < query.ToMs
            && query.Conditions.All(condition => condition.Attribute switch
            {
                EventAttribute.User => one.User == condition.Value,
                EventAttribute.EventName => one.Name == condition.Value,
                _ => one.Resources.Contains(condition.Value),
            })).DistinctBy(one => one.Id);
        var ordered = matching.OrderBy(one => one.Time).ThenBy(one => Hash64.Of(one.Id)).Select(one => one.Id);
        return [.. query.Direction == LookupDirection.Forward ? ordered : ordered.Reverse()];
    }
}
