using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Tests.Ingest;
using ActionTrail.Tests.Query;
using ActionTrail.Verify;

namespace ActionTrail.Tests.Verify;

/// <summary>A verification in parts finds what one in one run finds.</summary>
public sealed class VerifyPartsTests
{
    [Fact]
    public async Task Parts_of_one_object_each_add_up_to_the_whole()
    {
        var world = await StoredAsync();
        var whole = await world.VerifyAsync();

        var parts = await PartsAsync(world);

        Assert.All(parts, static part => Assert.True(part.IsSound, string.Join('\n', part.Problems)));
        Assert.True(whole.Commits > 0 && whole.Segments > 0);
        Assert.Equal(whole.Commits + whole.Segments, parts.Count - (parts[^1].Bytes == 0 ? 1 : 0));
        Assert.Equal(
            (whole.Commits, whole.Events, whole.Plans, whole.Segments, whole.CompactedEvents, whole.Bytes),
            (parts.Sum(static p => p.Commits), parts.Sum(static p => p.Events), parts.Sum(static p => p.Plans), parts.Sum(static p => p.Segments), parts.Sum(static p => p.CompactedEvents), parts.Sum(static p => p.Bytes)));
    }

    [Fact]
    public async Task A_damaged_object_is_named_in_exactly_one_part()
    {
        var probe = await StoredAsync();
        var names = await probe.Objects.ListAsync(Containers.Events, "", default).Select(static o => o.Name).ToListAsync();
        var segments = names.Where(static n => n.Contains("/segments/", StringComparison.Ordinal) || n.Contains("/fresh/", StringComparison.Ordinal)).ToList();
        var (named, seen) = (0, 0);
        foreach (var name in segments)
        {
            var world = await StoredAsync();
            var content = await HubIngestTests.ReadAsync(world, Containers.Events, name);
            content[content.Length / 2] ^= 1;
            await world.Objects.DeleteAsync(Containers.Events, name, default);
            await world.Objects.CreateAsync(Containers.Events, name, content, ObjectLabel.Binary, default);
            var whole = await world.VerifyAsync();
            seen++;

            var parts = await PartsAsync(world);

            var unsound = parts.Where(static p => !p.IsSound).ToList();
            Assert.Equal(whole.IsSound ? 0 : 1, unsound.Count);
            Assert.Equal(whole.Problems, unsound.SelectMany(static p => p.Problems));
            named += unsound.Count(p => p.Problems[0].Object == $"{Containers.Events}/{name}");
        }

        Assert.True(named > 3 && seen >= named, $"{named} of {seen}");
    }

    [Theory]
    [InlineData("commits/hub-0a1b2c3d-0001/4711", true)]
    [InlineData("commits/api-00/0", true)]
    [InlineData("segments/3/0000000000000002-1", true)]
    [InlineData("", false)]
    [InlineData("commits", false)]
    [InlineData("commits/api-00/", false)]
    [InlineData("commits/api-00/-1", false)]
    [InlineData("commits/nowhere/1", false)]
    [InlineData("commits/api-00/99999999999999999999", false)]
    [InlineData("segments/x/1", false)]
    [InlineData("segments/1/a/b", false)]
    [InlineData("rows/1/a", false)]
    public void A_position_is_read_as_it_was_written_or_not_at_all(string text, bool isPosition) =>
        Assert.Equal(isPosition ? text : null, VerifyPosition.TryParse(text)?.ToString());

    private static async Task<List<VerifyReport>> PartsAsync(IngestWorld world)
    {
        var parts = new List<VerifyReport>();
        for (VerifyPosition? after = null; parts.Count == 0 || after is not null;)
        {
            Assert.True(parts.Count < 200, "the parts do not end");
            var options = new VerifyOptions { After = after, TimeLimit = TimeSpan.Zero };
            parts.Add(await new StoreVerifier(world.Tables, world.Objects, world.Time).VerifyAsync(StoreName.History, options, default));
            after = parts[^1].Next is { } next ? VerifyPosition.TryParse(next.ToString()) : null;
        }

        return parts;
    }

    /// <summary>Two partitions' worth of commits, most of them compacted into several segments of two shards.</summary>
    private static async Task<IngestWorld> StoredAsync()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        var compaction = new HandCompaction(world.Tables, world.Objects, world.Time, shards: 2, rowsPerSegment: 4);
        await ingest.IngestAsync(world.Batch(world.Messages(0, 9)), default);
        await ingest.IngestAsync(world.Batch(world.Messages(10, 19)), default);
        await compaction.RunAsync();
        await ingest.IngestAsync(world.Batch(world.Messages(20, 28)), default);
        await ingest.IngestAsync(world.Batch(world.Message(29, "bad")), default);
        return world;
    }
}
