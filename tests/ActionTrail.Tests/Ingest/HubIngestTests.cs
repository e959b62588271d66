using System.Text;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Ingest;

public sealed class HubIngestTests
{
    [Fact]
    public async Task A_batch_becomes_one_commit_with_every_event_once()
    {
        var world = await IngestWorld.CreateAsync();

        var result = await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(0, 99)), default);

        Assert.Equal(new HubIngestResult(Messages: 100, Events: 100, Quarantined: 0, Duplicates: 0, Restored: 0), result);
        var commit = Assert.Single(await world.CommitsAsync());
        Assert.Equal((0L, 99L, -1L, 100), (commit.First, commit.Last, commit.Previous, commit.Count));
        await world.AssertStoredOnceAsync(0, 99);
    }

    [Fact]
    public async Task A_redelivery_with_the_same_boundaries_changes_nothing()
    {
        var world = await IngestWorld.CreateAsync();
        var batch = world.Batch(world.Messages(0, 9));
        await world.NewHubIngest().IngestAsync(batch, default);

        var again = await world.NewHubIngest().IngestAsync(batch, default);

        Assert.Equal(new HubIngestResult(0, 0, 0, Duplicates: 10, Restored: 0), again);
        Assert.Single(await world.CommitsAsync());
        await world.AssertStoredOnceAsync(0, 9);
    }

    [Fact]
    public async Task A_redelivery_that_overlaps_is_stored_from_where_the_log_ends()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Messages(0, 9)), default);

        var result = await ingest.IngestAsync(world.Batch(world.Messages(4, 14)), default);

        Assert.Equal((5, 6), (result.Messages, result.Duplicates));
        await world.AssertStoredOnceAsync(0, 14);
    }

    [Fact]
    public async Task A_bad_record_goes_to_quarantine_and_its_neighbours_are_stored()
    {
        var world = await IngestWorld.CreateAsync();
        var batch = world.Batch(
            world.Message(0, world.EventJson("e0")),
            world.Message(1, "{\"records\":[{}]} nonsense"),
            world.Message(2, [0xFF, 0x00, 0x1F]),
            world.Message(3, world.EventJson("e1")),
            world.Message(4, "[" + world.EventJson("e2") + ",{\"eventTime\":17}," + world.EventJson("e3") + "]"));

        var result = await world.NewHubIngest().IngestAsync(batch, default);

        await world.AssertStoredOnceAsync(0, 3);
        Assert.True(result.Quarantined >= 3);
        var commit = Assert.Single(await world.CommitsAsync());
        var records = QuarantineFormat.Read(await ReadAsync(world, Containers.Quarantine, commit.Quarantine!.Name));
        Assert.Equal(result.Quarantined, records.Count);
        Assert.Contains(records, r => r.SequenceNumber == 2 && r.Raw.Span.SequenceEqual(new byte[] { 0xFF, 0x00, 0x1F }));
        Assert.Contains(records, r => r is { SequenceNumber: 4, Index: 1 });
    }

    [Fact]
    public async Task A_batch_of_bad_records_alone_moves_the_log_on()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();

        await ingest.IngestAsync(world.Batch(world.Message(0, "x"), world.Message(1, "")), default);
        await ingest.IngestAsync(world.Batch(world.Messages(2, 2)), default);

        var commits = await world.CommitsAsync();
        Assert.Equal([0, 1], commits.Select(c => c.Count));
        Assert.Null(commits[0].Segment);
        await world.AssertStoredOnceAsync(2, 2);
    }

    [Fact]
    public async Task Events_of_accounts_that_do_not_exist_go_to_quarantine_when_none_is_created_on_sight()
    {
        var world = await IngestWorld.CreateAsync();
        world.Options.CreateAccountsOnSight = false;
        world.Accounts.Add("1001");

        await world.NewHubIngest().IngestAsync(
            world.Batch(world.Message(0, world.EventJson("e0")), world.Message(1, world.EventJson("x", "9999")), world.Message(2, world.EventJson("e1"))), default);

        await world.AssertStoredOnceAsync(0, 1);
        var commit = Assert.Single(await world.CommitsAsync());
        var record = Assert.Single(QuarantineFormat.Read(await ReadAsync(world, Containers.Quarantine, commit.Quarantine!.Name)));
        Assert.Equal((RejectCode.UnknownAccount, 1L), (record.Reason.Code, record.SequenceNumber));
        Assert.Equal(world.EventJson("x", "9999"), Encoding.UTF8.GetString(record.Raw.Span));
    }

    [Fact]
    public async Task No_publisher_of_the_hub_writes_to_the_operators_audit_events()
    {
        var world = await IngestWorld.CreateAsync();
        world.Accounts.Add("operator");

        await world.NewHubIngest().IngestAsync(world.Batch(world.Message(0, world.EventJson("e0")), world.Message(1, world.EventJson("x", "operator"))), default);

        await world.AssertStoredOnceAsync(0, 0);
        var record = Assert.Single(QuarantineFormat.Read(await ReadAsync(world, Containers.Quarantine, Assert.Single(await world.CommitsAsync()).Quarantine!.Name)));
        Assert.Contains("reserved", record.Reason.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_publisher_of_the_hub_forges_the_record_of_a_call_to_us()
    {
        var world = await IngestWorld.CreateAsync();
        var forged = world.EventJson("x").Replace("\"serviceName\":\"", "\"serviceName\":\"Action\\u0054rail\",\"was\":\"", StringComparison.Ordinal);
        Assert.Contains("Action\\u0054rail", forged, StringComparison.Ordinal);

        await world.NewHubIngest().IngestAsync(world.Batch(world.Message(0, world.EventJson("e0")), world.Message(1, forged)), default);

        await world.AssertStoredOnceAsync(0, 0);
        var record = Assert.Single(QuarantineFormat.Read(await ReadAsync(world, Containers.Quarantine, Assert.Single(await world.CommitsAsync()).Quarantine!.Name)));
        Assert.Equal(("/serviceName", forged), (record.Reason.Field, Encoding.UTF8.GetString(record.Raw.Span)));
    }

    [Fact]
    public async Task A_batch_larger_than_a_commit_is_stored_in_several()
    {
        var world = await IngestWorld.CreateAsync();
        world.Options.MaxCommitBytes = 2000;

        var result = await world.NewHubIngest().IngestAsync(world.Batch(world.Messages(0, 49)), default);

        Assert.Equal(50, result.Messages);
        Assert.True((await world.CommitsAsync()).Count > 5);
        await world.AssertStoredOnceAsync(0, 49);
    }

    [Fact]
    public async Task An_event_of_almost_one_megabyte_is_stored_whole()
    {
        var world = await IngestWorld.CreateAsync();
        var text = world.EventJson("e0");
        var large = text[..^1] + ",\"additionalEventData\":{\"x\":\"" + new string('y', 1_000_000 - text.Length - 40) + "\"}}";
        var bodies = new List<string>();

        await world.NewHubIngest().IngestAsync(world.Batch(world.Message(0, large)), default);

        await world.VerifyAsync(e => bodies.Add(Encoding.UTF8.GetString(e.Body.Span)));
        Assert.Equal([large], bodies);
    }

    [Fact]
    public async Task The_same_messages_make_the_same_objects()
    {
        async Task<(string?, string?)> NamesAsync()
        {
            var world = await IngestWorld.CreateAsync();
            await world.NewHubIngest().IngestAsync(world.Batch([.. world.Messages(0, 20), world.Message(21, "bad")]), default);
            var commit = Assert.Single(await world.CommitsAsync());
            return (commit.Segment?.Name, commit.Quarantine?.Name);
        }

        Assert.Equal(await NamesAsync(), await NamesAsync());
    }

    [Fact]
    public async Task Messages_that_the_hub_no_longer_had_leave_a_gap_that_is_no_error()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Messages(100, 109)), default);

        await ingest.IngestAsync(world.Batch(world.Messages(150, 151)), default);

        var report = await world.VerifyAsync();
        Assert.True(report.IsSound);
        var gap = Assert.Single(report.Gaps);
        Assert.Equal((110L, 149L), (gap.First, gap.Last));
    }

    [Fact]
    public async Task A_hub_made_anew_goes_on_behind_the_old_one()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Messages(0, 9)), default);
        world.Time.Advance(TimeSpan.FromHours(1));
        var fresh = Enumerable.Range(0, 5).Select(n => world.Message(n, world.EventJson($"e{n + 10}"))).ToArray();

        var first = await ingest.IngestAsync(world.Batch(fresh), default);
        var again = await ingest.IngestAsync(world.Batch(fresh), default);
        world.Time.Advance(TimeSpan.FromHours(1));
        var next = await ingest.IngestAsync(world.Batch(world.Message(5, world.EventJson("e15"))), default);

        Assert.Equal((5, 0, 1), (first.Messages, again.Messages, next.Messages));
        Assert.Equal([(0L, 9L), (10L, 14L), (15L, 15L)], (await world.CommitsAsync()).Select(c => (c.First, c.Last)));
        await world.AssertStoredOnceAsync(0, 15);
    }

    [Fact]
    public async Task An_old_message_that_comes_again_much_later_is_no_sign_of_a_new_hub()
    {
        var world = await IngestWorld.CreateAsync();
        var old = world.Messages(0, 9);
        await world.NewHubIngest().IngestAsync(world.Batch(old), default);
        world.Time.Advance(TimeSpan.FromHours(20));

        var result = await world.NewHubIngest().IngestAsync(world.Batch([.. old[3..], .. world.Messages(10, 12)]), default);

        Assert.Equal((3, 7), (result.Messages, result.Duplicates));
        await world.AssertStoredOnceAsync(0, 12);
    }

    [Fact]
    public async Task Messages_out_of_order_and_twice_in_one_batch_are_stored_once_in_order()
    {
        var world = await IngestWorld.CreateAsync();
        var messages = world.Messages(0, 9);

        var result = await world.NewHubIngest().IngestAsync(world.Batch([.. messages.Reverse(), .. messages[..4]]), default);

        Assert.Equal((10, 4), (result.Messages, result.Duplicates));
        await world.AssertStoredOnceAsync(0, 9);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_is_quarantined_whole_once()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        await ingest.IngestAsync(world.Batch(world.Messages(0, 4)), default);
        var damage = new HubDamage(3, 9, world.Time.GetUtcNow().ToUnixTimeMilliseconds() + 9, "Broken.", "payload"u8.ToArray());

        await ingest.IngestAsync(world.Batch() with { Damage = damage }, default);
        var again = await ingest.IngestAsync(world.Batch() with { Damage = damage }, default);
        await ingest.IngestAsync(world.Batch(world.Messages(10, 10)), default);

        Assert.Equal((0, 1), (again.Messages, again.Duplicates));
        var commits = await world.CommitsAsync();
        Assert.Equal([(0L, 4L), (5L, 9L), (10L, 10L)], commits.Select(c => (c.First, c.Last)));
        Assert.Equal("payload", Encoding.UTF8.GetString(Assert.Single(QuarantineFormat.Read(await ReadAsync(world, Containers.Quarantine, commits[1].Quarantine!.Name))).Raw.Span));
        Assert.True((await world.VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task Partitions_and_hubs_do_not_share_a_log()
    {
        var world = await IngestWorld.CreateAsync();
        var ingest = world.NewHubIngest();
        var batch = world.Batch(world.Message(0, world.EventJson("e0")));

        await ingest.IngestAsync(batch, default);
        await ingest.IngestAsync(world.Batch(world.Message(0, world.EventJson("e1"))) with { PartitionId = "1" }, default);
        await ingest.IngestAsync(world.Batch(world.Message(0, world.EventJson("e2"))) with { EventHubName = "other" }, default);

        await world.AssertStoredOnceAsync(0, 2);
        Assert.Equal(3, (await world.VerifyAsync()).Partitions);
    }

    internal static async Task<byte[]> ReadAsync(IngestWorld world, string container, string name)
    {
        var info = await world.Objects.FindAsync(container, name, default) ?? throw new StoreException(StoreErrorKind.NotFound, name);
        return await world.Objects.ReadAsync(container, name, 0, (int)info.Length, default);
    }
}
