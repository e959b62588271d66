using System.Text;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Ingest;

public sealed class QuarantineLogTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 7)]
    [InlineData(false, 1)]
    [InlineData(false, 3)]
    [InlineData(false, 1000)]
    public async Task Pages_of_any_size_show_every_record_once_in_order(bool newestFirst, int limit)
    {
        var world = await WithBadRecordsAsync();
        await using var api = world.NewApiIngest();
        var log = Log(world, api);
        var seen = new List<QuarantineEntry>();

        for (QuarantineId? after = null; ;)
        {
            var page = await log.ListAsync(new QuarantineQuery { NewestFirst = newestFirst, Limit = limit, After = after }, default);
            Assert.InRange(page.Entries.Count, 0, limit);
            seen.AddRange(page.Entries);
            if (page.Next is null)
                break;
            after = page.Next;
        }

        Assert.Equal(10, seen.Select(e => e.Id).Distinct().Count());
        Assert.Equal(10, seen.Count);
        foreach (var partition in seen.GroupBy(e => e.Id.Partition))
        {
            var order = partition.Select(e => (e.Id.Last, e.Id.Position)).ToList();
            Assert.Equal(newestFirst ? order.OrderDescending() : order.Order(), order);
        }
    }

    [Fact]
    public async Task A_record_is_shown_with_reason_coordinates_and_bytes()
    {
        var world = await WithBadRecordsAsync();
        await using var api = world.NewApiIngest();
        var log = Log(world, api);
        var page = await log.ListAsync(new QuarantineQuery { Partition = world.Partition, NewestFirst = false, Limit = 1 }, default);
        var entry = Assert.Single(page.Entries);

        Assert.True(QuarantineId.TryParse(entry.Id.ToString(), out var id));
        var content = await log.FindAsync(id, default);

        Assert.Equal("bad 0", Encoding.UTF8.GetString(content!.Raw.Span));
        Assert.Equal((0L, 0, 5, RejectCode.Malformed), (content.Entry.SequenceNumber, content.Entry.Index, content.Entry.Bytes, content.Entry.Reason.Code));
        Assert.Equal(world.Time.GetUtcNow(), content.Entry.EnqueuedTime);
        Assert.Null(content.Entry.ReplayedAt);
        Assert.Null(await log.FindAsync(id with { Position = 99 }, default));
        Assert.Null(await log.FindAsync(id with { Last = 12345 }, default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("api-00")]
    [InlineData("api-00.1")]
    [InlineData("api-00.01.2")]
    [InlineData("api-00.-1.2")]
    [InlineData("api-00.1.2.3")]
    [InlineData("../x.1.2")]
    [InlineData(null)]
    public void Text_that_is_no_id_is_refused(string? text) => Assert.False(QuarantineId.TryParse(text, out _));

    [Fact]
    public async Task A_record_whose_cause_is_gone_is_replayed_and_a_second_replay_adds_no_id()
    {
        var world = await IngestWorld.CreateAsync();
        world.Options.CreateAccountsOnSight = false;
        await world.NewHubIngest().IngestAsync(world.Batch(world.Message(0, world.EventJson("e0"))), default);
        await using var api = world.NewApiIngest();
        var log = Log(world, api);
        var id = Assert.Single((await log.ListAsync(new QuarantineQuery(), default)).Entries).Id;

        var early = await log.ReplayAsync(id, default);
        Assert.Equal(RejectCode.UnknownAccount, Assert.Single(early!.Errors).Code);
        Assert.Null((await log.FindAsync(id, default))!.Entry.ReplayedAt);
        world.Accounts.Add("1001");
        var first = await log.ReplayAsync(id, default);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        var second = await log.ReplayAsync(id, default);

        Assert.Equal(["e0"], first!.EventIds);
        Assert.Equal(["e0"], second!.EventIds);
        Assert.Equal(["e0"], (await world.StoredIdsAsync()).Distinct());
        Assert.Equal(world.Time.GetUtcNow() - TimeSpan.FromMinutes(1), (await log.FindAsync(id, default))!.Entry.ReplayedAt);
        Assert.Null(await log.ReplayAsync(id with { Last = 77 }, default));
    }

    [Fact]
    public async Task Every_fault_at_every_request_of_a_replay_is_survived_when_it_is_repeated()
    {
        var probe = await ReplayableAsync();
        var requests = await ReplayAsync(probe);
        for (var request = 0; request < requests; request++)
        {
            foreach (var mode in StorageFaults.Modes)
            {
                var world = await ReplayableAsync();
                world.Faults.FailAt(request, mode);
                try
                {
                    await ReplayAsync(world);
                }
                catch (Exception error) when (error is StoreException or SimulatedCrashException)
                {
                    Assert.True(world.Faults.Fired);
                }

                world.Faults.Reset();
                await ReplayAsync(world);
                Assert.Equal(["e0"], (await world.StoredIdsAsync()).Distinct());
                await using var api = world.NewApiIngest();
                Assert.NotNull(Assert.Single((await Log(world, api).ListAsync(new QuarantineQuery(), default)).Entries).ReplayedAt);
            }
        }

        output.WriteLine($"{requests * StorageFaults.Modes.Count} faults at {requests} requests of a replay survived");
        Assert.True(requests >= 8);
    }

    [Fact]
    public async Task A_record_that_is_still_bad_is_not_marked_and_nothing_is_stored()
    {
        var world = await WithBadRecordsAsync();
        await using var api = world.NewApiIngest();
        var log = Log(world, api);
        var id = (await log.ListAsync(new QuarantineQuery { Limit = 1 }, default)).Entries[0].Id;

        var result = await log.ReplayAsync(id, default);

        Assert.False(result!.IsStored);
        Assert.Empty(await world.StoredIdsAsync());
        Assert.Null((await log.FindAsync(id, default))!.Entry.ReplayedAt);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        QuarantineRecord[] records =
        [
            new(1, 0, 1763800000000, new Rejection(RejectCode.Missing, "/eventTime", "A rule with \"quotes\"."), new byte[] { 0, 255, 10 }),
            new(2, 5, 1763800000001, new Rejection(RejectCode.TooDeep, Field: null, "Rule."), Array.Empty<byte>()),
        ];

        var read = QuarantineFormat.Read(QuarantineFormat.Write(records));

        Assert.Equal(records.Select(r => (r.SequenceNumber, r.Index, r.EnqueuedTimeMs, r.Reason)), read.Select(r => (r.SequenceNumber, r.Index, r.EnqueuedTimeMs, r.Reason)));
        Assert.Equal(records.Select(r => r.Raw.ToArray()), read.Select(r => r.Raw.ToArray()));
    }

    [Theory]
    [InlineData("{}\n")]
    [InlineData("x\n")]
    [InlineData("{\"seq\":1,\"index\":0,\"enqueuedTimeMs\":0,\"code\":\"Nope\",\"rule\":\"\",\"raw\":\"\"}\n")]
    [InlineData("{\"seq\":1,\"index\":0,\"enqueuedTimeMs\":0,\"code\":\"Missing\",\"rule\":\"\",\"raw\":\"\"}")]
    public void Other_bytes_are_corrupt(string text) =>
        Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(() => QuarantineFormat.Read(Encoding.UTF8.GetBytes(text))).Kind);

    private static async Task<IngestWorld> ReplayableAsync()
    {
        var world = await IngestWorld.CreateAsync();
        world.Options.CreateAccountsOnSight = false;
        await world.NewHubIngest().IngestAsync(world.Batch(world.Message(0, world.EventJson("e0"))), default);
        world.Accounts.Add("1001");
        world.Faults.Reset();
        return world;
    }

    /// <summary>Replays the one record in a new process; returns how many requests there were so far.</summary>
    private static async Task<int> ReplayAsync(IngestWorld world)
    {
        await using var api = world.NewApiIngest();
        var log = new QuarantineLog(world.FaultyTables, world.FaultyObjects, api, world.Time);
        var result = await log.ReplayAsync(new QuarantineId(world.Partition, 0, 0), default);
        Assert.True(result!.IsStored);
        return world.Faults.Requests;
    }

    private static QuarantineLog Log(IngestWorld world, ApiIngest api) => new(world.Tables, world.Objects, api, world.Time);

    /// <summary>Ten bad records in two commits of each of two partitions.</summary>
    private static async Task<IngestWorld> WithBadRecordsAsync()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        foreach (var partition in new[] { "0", "1" })
        {
            await ingest.IngestAsync(world.Batch([.. IngestWorld.Sequence(0, 2).Select(n => world.Message(n, $"bad {n}"))]) with { PartitionId = partition }, default);
            await ingest.IngestAsync(world.Batch([.. IngestWorld.Sequence(3, 4).Select(n => world.Message(n, $"bad {n}"))]) with { PartitionId = partition }, default);
        }

        return world;
    }
}
