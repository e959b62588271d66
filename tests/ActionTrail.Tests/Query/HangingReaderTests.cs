using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Query;
using ActionTrail.Segments;
using ActionTrail.Tests.Compaction;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Query;

/// <summary>A reader that stands still between two requests for longer than every grace, while compaction goes on and sweeps.</summary>
public sealed class HangingReaderTests
{
    [Fact]
    public async Task A_list_of_segments_that_was_swept_between_two_of_its_pages_is_read_again()
    {
        // A segment of an old day, which stays, comes first in the list; those of today are merged behind the reader's back.
        var probe = await PreparedAsync();
        var steps = 0;
        await LookUpAsync(probe, () => Task.FromResult(steps++));
        Assert.True(steps > 4);
        for (var hung = 0; hung < steps; hung++)
        {
            var (world, step) = (await PreparedAsync(), 0);
            var page = await LookUpAsync(world, async () =>
            {
                if (step++ != hung)
                    return;
                world.Options.MergeCount = 2;
                await world.CompactAsync();
                world.Time.Advance(world.Options.Grace + TimeSpan.FromMinutes(1));
                await world.CompactAsync();
            });
            Assert.Equal(2, (await world.InForceAsync()).Count);
            Assert.Equal(world.Committed.Keys.Where(static id => int.Parse(id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) % 5 == 0).Order(StringComparer.Ordinal), Ids(page).Order(StringComparer.Ordinal));
        }
    }

    private static async Task<CompactionWorld> PreparedAsync()
    {
        var world = await CompactionWorld.CreateAsync();
        (world.Options.Shards, world.Options.MergeCount, world.Options.MaxFreshCommits) = (1, 100, 1);
        await world.CommitAsync(5, world.Time.GetUtcNow().AddDays(-3));
        for (var i = 0; i < 5; i++)
            await world.CommitAsync(5);
        await world.CompactAsync();
        Assert.Equal(6, (await world.InForceAsync()).Count);
        return world;
    }

    /// <summary>All of account 1001, by a process that has just started; its queries have pages of one row.</summary>
    private static Task<LookupPage> LookUpAsync(CompactionWorld world, Func<Task> step)
    {
        var options = new LookupOptions();
        var lookup = new EventLookup(
            new CommitCatalog(new SteppedTables(world.Ingest.Tables, step, pageRows: 1), world.Time, options),
            new SegmentSource(world.Ingest.Objects, new SegmentCacheOptions()), world.Time, options, NullLogger<EventLookup>.Instance);
        return lookup.LookupAsync(StoreName.History, new LookupQuery { AccountId = "1001", FromMs = 0, ToMs = long.MaxValue }, default);
    }

    private static List<string> Ids(LookupPage page) => [.. page.Events.Select(static one => EventMatcher.EventId(one.Body.Span)!)];
}
