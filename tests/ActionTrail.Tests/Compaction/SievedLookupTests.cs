using System.Globalization;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Compaction;

/// <summary>Lookups over compacted segments with sieves, whole, lost and damaged.</summary>
public sealed class SievedLookupTests
{
    private const int Segments = 12;

    [Fact]
    public async Task A_rare_value_opens_the_heads_that_can_hold_it_and_no_other()
    {
        var world = await WithSievesAsync();
        foreach (var id in world.Committed.Keys.Where((_, i) => i % 17 == 0))
        {
            var page = await LookUpAsync(world, id);
            Assert.Equal([id], Ids(page));
            Assert.InRange(page.Statistics.Heads, 1, 2);
        }

        var (with, without) = (await LookUpAsync(world, "e7"), await LookUpAsync(world, "e7", asksSieves: false));
        Assert.Equal((Segments, Segments), (with.Statistics.Segments, without.Statistics.Heads));
        Assert.Equal(0, (await LookUpAsync(world, "nowhere")).Statistics.Heads);
    }

    /// <summary>Half of the heads fit into the cache. It fills once; then an absent value costs pages, and one that is there the head that has it.</summary>
    [Fact]
    public async Task Heads_that_do_not_all_fit_are_not_read_in_turns_for_rare_values()
    {
        var world = await WithSievesAsync();
        var segments = await world.InForceAsync();
        var heads = segments.ConvertAll(static s => s.Segment.Length - s.Segment.HeadOffset);
        var options = new LookupOptions();
        var source = new SegmentSource(world.Ingest.Objects, new SegmentCacheOptions { HeadBytes = heads.Sum() * 5 / 8 });
        var lookup = new EventLookup(new CommitCatalog(world.Ingest.Tables, world.Time, options), source, world.Time, options, NullLogger<EventLookup>.Instance);

        for (var i = 0; i < 20; i++)
            await lookup.LookupAsync(StoreName.History, Query($"absent{i}"), default);
        var kept = source.Held.Heads;
        Assert.InRange(kept, heads.Sum() / 4, long.MaxValue);
        for (var i = 20; i < 60; i++)
        {
            var statistics = (await lookup.LookupAsync(StoreName.History, Query($"absent{i}"), default)).Statistics;
            Assert.InRange(statistics.Bytes, 0, Segments * SieveReference.PageBytes);
        }

        Assert.Equal(kept, source.Held.Heads);
        long bytes = 0;
        var ids = world.Committed.Keys.Where(static (_, i) => i % 3 == 0).OrderBy(static id => id[^1]).ThenBy(static id => id, StringComparer.Ordinal).ToList();
        foreach (var id in ids)
            bytes += (await lookup.LookupAsync(StoreName.History, Query(id), default)).Statistics.Bytes;
        Assert.InRange(bytes / ids.Count, 1, heads.Max());
    }

    [Fact]
    public async Task Sieves_that_are_lost_or_damaged_hide_nothing_are_named_by_a_verification_and_made_again()
    {
        var world = await WithSievesAsync();
        var sieves = (await world.InForceAsync()).ConvertAll(static s => s.Segment.Sieve!);
        for (var i = 0; i < sieves.Count; i++)
        {
            var content = await world.Ingest.Objects.ReadAsync(Containers.Events, sieves[i].Name, 0, (int)sieves[i].Length, default);
            await world.Ingest.Objects.DeleteAsync(Containers.Events, sieves[i].Name, default);
            if (i % 2 == 0)
                continue;
            // A page of zeros, as if it had never held anything.
            await world.Ingest.Objects.CreateAsync(Containers.Events, sieves[i].Name, new byte[content.Length], ObjectLabel.Binary, default);
        }

        await world.AssertExactAsync();
        foreach (var id in world.Committed.Keys.Where((_, i) => i % 17 == 0))
            Assert.Equal([id], Ids(await LookUpAsync(world, id)));
        var problems = (await world.Ingest.VerifyAsync()).Problems.Select(static problem => problem.ToString()).ToList();
        Assert.All(sieves, sieve => Assert.Contains(problems, problem => problem.Contains(sieve.Name, StringComparison.Ordinal)));

        for (var i = 1; i < sieves.Count; i += 2)
            await world.Ingest.Objects.DeleteAsync(Containers.Events, sieves[i].Name, default);
        Assert.Equal(sieves.Select(static sieve => sieve.Name).Order(StringComparer.Ordinal), (await world.NewRival().RestoreAsync(StoreName.History, default)).Order(StringComparer.Ordinal));
        Assert.True((await world.Ingest.VerifyAsync()).IsSound);
        Assert.Empty(await world.NewRival().RestoreAsync(StoreName.History, default));
    }

    [Fact]
    public async Task Counts_ask_sieves_too_and_come_to_the_same_without_them()
    {
        var world = await WithSievesAsync();
        Assert.Equal((1, 1), await CountAsync(world, "e7", asksSieves: true));
        Assert.Equal((1, Segments), await CountAsync(world, "e7", asksSieves: false));
        Assert.Equal((0, 0), await CountAsync(world, "nowhere", asksSieves: true));
        foreach (var segment in await world.InForceAsync())
            await world.Ingest.Objects.DeleteAsync(Containers.Events, segment.Segment.Sieve!.Name, default);
        Assert.Equal((1, Segments), await CountAsync(world, "e7", asksSieves: true));
    }

    [Fact]
    public async Task A_row_that_names_another_segments_sieve_hides_nothing_and_is_found()
    {
        var world = await WithSievesAsync();
        var segments = await world.InForceAsync();
        for (var i = 0; i < segments.Count; i++)
        {
            var other = segments[(i + 1) % segments.Count].Segment.Sieve!;
            var row = (await world.Ingest.Tables.FindAsync(Tables.Segments, CompactionKeys.Shard(StoreName.History, segments[i].Shard), segments[i].Id, default))!;
            await world.Ingest.Tables.ReplaceAsync(Tables.Segments, row.With("Sieve", other.Name).With("SievePages", other.Pages), row.ETag!, default);
        }

        foreach (var id in world.Committed.Keys.Where((_, i) => i % 17 == 0))
            Assert.Equal([id], Ids(await LookUpAsync(world, id)));
        Assert.False((await world.Ingest.VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task Small_segments_have_no_sieve_and_sieves_go_with_their_segments()
    {
        var world = await WithSievesAsync();
        Assert.Contains(await world.ObjectNamesAsync(), static name => name.Contains("/sieve-", StringComparison.Ordinal));
        var keys = (await world.InForceAsync()).ConvertAll(static s => new SegmentKey(s.Shard, s.Id));
        await world.NewRival().RetireAsync(StoreName.History, keys, default);
        world.Time.Advance(world.Options.PurgeGrace + TimeSpan.FromHours(1));
        await world.CompactAsync();
        Assert.DoesNotContain(await world.ObjectNamesAsync(), static name => name.Contains("/sieve-", StringComparison.Ordinal));
        world.Options.SieveRows = 1_000;
        await world.CommitAsync(20);
        await world.CompactAsync();
        Assert.All(await world.InForceAsync(), static s => Assert.Null(s.Segment.Sieve));
    }

    private static async Task<CompactionWorld> WithSievesAsync()
    {
        var world = await CompactionWorld.CreateAsync();
        (world.Options.Shards, world.Options.MergeCount, world.Options.MaxFreshCommits, world.Options.SieveRows) = (1, 100, 1, 20);
        for (var i = 0; i < Segments; i++)
            await world.CommitAsync(40);
        await world.CompactAsync();
        Assert.Equal(Segments, (await world.InForceAsync()).Count(static s => s.Segment.Sieve is not null));
        return world;
    }

    private static async Task<(long Total, int Heads)> CountAsync(CompactionWorld world, string id, bool asksSieves)
    {
        var options = new LookupOptions { AsksSieves = asksSieves };
        var top = new TopValues(
            new CommitCatalog(world.Ingest.Tables, world.Time, options), new SegmentSource(world.Ingest.Objects, new SegmentCacheOptions()), world.Time, options, NullLogger<TopValues>.Instance);
        var answer = await top.ReadAsync(StoreName.History, Query(id), EventAttribute.EventName, 10, default);
        return (answer.Total, answer.Statistics.Heads);
    }

    private static List<string> Ids(LookupPage page) => [.. page.Events.Select(static one => EventMatcher.EventId(one.Body.Span)!)];

    private static async Task<LookupPage> LookUpAsync(CompactionWorld world, string id, bool asksSieves = true)
    {
        var options = new LookupOptions { AsksSieves = asksSieves };
        var lookup = new EventLookup(
            new CommitCatalog(world.Ingest.Tables, world.Time, options), new SegmentSource(world.Ingest.Objects, new SegmentCacheOptions()), world.Time, options, NullLogger<EventLookup>.Instance);
        return await lookup.LookupAsync(StoreName.History, Query(id), default);
    }

    private static LookupQuery Query(string id) => new()
    {
        AccountId = $"{1001 + (int.TryParse(id.AsSpan(1), CultureInfo.InvariantCulture, out var number) ? number % 5 : 0)}",
        FromMs = 0,
        ToMs = long.MaxValue,
        Conditions = [new LookupCondition(EventAttribute.EventId, id)],
    };
}
