using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Delivery;

public sealed class BlobDeliveryTests
{
    [Fact]
    public async Task An_object_is_one_line_of_json_under_a_name_that_tells_what_it_holds()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one", prefix: "audit/logs/");
        await bench.CommitAsync(bench.Event(), bench.Event("rival"), bench.Event());
        await bench.CloseWindowAsync();
        Assert.Equal(DeliveryCategory.Done, Assert.Single(await bench.DrainAsync()).Category);

        var one = Assert.Single(await bench.ReadBackAsync("audit-logs"));
        var content = $"[{Body(bench, 0, 0)},{Body(bench, 0, 2)}]";
        Assert.Equal(content, Encoding.UTF8.GetString(one.Content));
        var hash = Convert.ToHexStringLower(SHA256.HashData(one.Content));
        var stem = $"audit/logs/ActionTrail/ActionTrail/cn-hangzhou/2026/03/01/ActionTrail_cn-hangzhou_20260301120030_{Hash64.Of(trail.Key) >> 32:x8}_0000_";
        Assert.Equal($"{stem}2_{content.Length}_{hash[..32]}.json.gz", one.Name);
        var info = await bench.Objects.FindAsync("audit-logs", one.Name, default);
        Assert.Equal(("2", hash, trail.TrailId, $"{one.Window}"), (info!.Metadata["events"], info.Metadata["sha256"], info.Metadata["trail"], info.Metadata["window"]));

        var record = Assert.Single(await bench.RecordsAsync());
        Assert.Equal((DeliveryState.Done, 2L, (long)content.Length, 1), (record.State, record.Events, record.Bytes, record.ObjectCount));
        Assert.Equal([new DeliveredObject(one.Name, 2, content.Length, hash)], record.Objects.Select(static o => o with { Stored = null }));
        var stored = await bench.Objects.ReadAsync("audit-logs", one.Name, 0, (int)info.Length, default);
        var times = bench.Committed[0].Events;
        Assert.Equal(new StoredFacts(stored.Length, Convert.ToHexStringLower(SHA256.HashData(stored)), times[0].TimeMs, times[2].TimeMs), record.Objects[0].Stored);
        Assert.Equal(0, await bench.OpenEntriesAsync());
    }

    [Fact]
    public async Task Events_are_grouped_by_region_and_unspeakable_regions_share_a_folder()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        string?[] regions = ["cn-beijing", null, "../../evil", "a/b", "", "Cn_x", "cn-hangzhou", new string('r', 65)];
        await bench.CommitAsync([.. regions.Select(r => bench.Event() with { Region = r })]);
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        var folders = (await bench.ReadBackAsync("audit-logs")).ToDictionary(static o => o.Name.Split('/')[2], static o => o.Events.Count, StringComparer.Ordinal);
        Assert.Equal(new Dictionary<string, int>(StringComparer.Ordinal) { ["cn-beijing"] = 1, ["global"] = 2, ["other"] = 4, ["cn-hangzhou"] = 1 }, folders);
    }

    [Fact]
    public async Task A_window_tells_at_most_64_regions_apart_and_its_objects_are_rows_of_their_own()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync([.. Enumerable.Range(0, 100).Select(i => bench.Event() with { Region = $"r-{i:D3}" })]);
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        var objects = await bench.ReadBackAsync("audit-logs");
        Assert.Equal(65, objects.Count);
        Assert.Equal(36, Assert.Single(objects, static o => o.Name.Contains("/other/", StringComparison.Ordinal)).Events.Count);
        Assert.Equal(100, await DeliveryOracle.ProveAsync(bench, [trail]));

        var record = Assert.Single(await bench.RecordsAsync());
        Assert.Empty(record.Objects);
        await bench.Objects.DeleteAsync("audit-logs", objects[64].Name, default);
        Assert.Equal(new RecheckReport(1, 1), await bench.Ledger().RecheckAsync(bench.Clock.Now, default));
        await bench.DrainAsync();
        Assert.Equal(100, await DeliveryOracle.ProveAsync(bench, [trail]));
    }

    [Fact]
    public async Task A_copy_is_delivered_once_and_the_same_id_with_another_time_is_another_event()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        var first = bench.Event();
        var forged = first with { TimeMs = first.TimeMs + 1, EventName = "DeleteInstance" };
        await bench.CommitAsync(first, forged);
        await bench.CommitAsync(PartitionName.Api(1), (first, first.ToBytes()));
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        Assert.Equal(2, Assert.Single(await bench.ReadBackAsync("audit-logs")).Events.Count);
        Assert.Equal(2, await DeliveryOracle.ProveAsync(bench, [trail]));
    }

    [Fact]
    public async Task Line_breaks_between_tokens_become_spaces_and_nothing_else_changes()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        var pretty = "{\r\n \"eventId\" : \"x\",\n\t\"note\":\"a\\nb é\"\n}";
        await bench.CommitAsync(PartitionName.Api(0), (new TestEvent("acme", "x") { TimeMs = 1 }, Encoding.UTF8.GetBytes(pretty)));
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        var one = Assert.Single(await bench.ReadBackAsync("audit-logs"));
        Assert.Equal("[" + pretty.ReplaceLineEndings(" ").Replace("{ ", "{  ", StringComparison.Ordinal) + "]", Encoding.UTF8.GetString(one.Content));
    }

    [Fact]
    public async Task Large_windows_are_split_and_large_parts_leave_memory()
    {
        var bench = await DeliveryBench.StartAsync(new DeliveryOptions { MaxObjectBytes = 1000, SpoolMemoryBytes = 100 });
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync([.. Enumerable.Range(0, 40).Select(_ => bench.Event())]);
        await bench.CommitAsync(bench.Event() with { EventName = new string('x', 3000) });
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        var objects = await bench.ReadBackAsync("audit-logs");
        Assert.Equal(objects.Count, bench.TemporaryStreams);
        Assert.Equal(objects.Count, objects.Select(static o => o.Name.Split('_')[^4]).Distinct().Count());
        Assert.Single(objects, static o => o.Content.Length > 1000);
        Assert.All(objects, static o => Assert.True(o.Content.Length <= 1000 || o.Events.Count == 1));
        Assert.Equal(42, await DeliveryOracle.ProveAsync(bench, [trail]));
    }

    [Fact]
    public async Task The_same_delivery_made_twice_gives_the_same_names_and_bytes()
    {
        var bench = await DeliveryBench.StartAsync(new DeliveryOptions { MaxObjectBytes = 500 });
        await bench.StartTrailAsync("acme", "trail-one");
        for (var partition = 0; partition < 3; partition++)
        {
            var events = Enumerable.Range(0, 20).Select(i => bench.Event() with { Region = $"r-{i % 3}" });
            await bench.CommitAsync(PartitionName.Api(partition), [.. events.Select(static e => (e, e.ToBytes()))]);
        }

        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        var first = await RawAsync(bench);
        foreach (var name in first.Keys)
            await bench.Objects.DeleteAsync("audit-logs", name, default);
        Assert.Equal(new RecheckReport(1, 1), await bench.Ledger().RecheckAsync(DateTimeOffset.MinValue, default));
        await bench.DrainAsync();
        Assert.True(first.Count > 10);
        Assert.Equal(first, await RawAsync(bench));
    }

    [Fact]
    public async Task An_event_sent_twice_is_delivered_once_and_a_first_copy_that_was_not_due_hides_nothing()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        var (early, twice) = (bench.Event(), bench.Event());
        await bench.Trails.StopAsync("acme", "trail-one", default);
        bench.Clock.Advance(seconds: 1);
        await bench.CommitAsync(early);
        bench.Clock.Advance(seconds: 1);
        await bench.Trails.StartAsync("acme", "trail-one", default);
        await bench.CommitAsync(twice, early);
        await bench.CommitAsync(twice, twice);
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        Assert.Equal(2, Assert.Single(await bench.ReadBackAsync("audit-logs")).Events.Count);
        Assert.Equal(2, await DeliveryOracle.ProveAsync(bench, [(await bench.Trails.FindAsync("acme", trail.Name, default))!]));
    }

    [Fact]
    public async Task A_window_without_due_events_writes_nothing_and_is_settled()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one", selectors: new() { Include = new() { EventNames = ["Other"] } });
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        Assert.Equal(DeliveryCategory.NothingToDo, Assert.Single(await bench.DrainAsync()).Category);
        Assert.Empty(await bench.ReadBackAsync("audit-logs"));
        Assert.Equal(DeliveryState.Done, Assert.Single(await bench.RecordsAsync()).State);
    }

    [Fact]
    public async Task A_message_of_a_settled_or_unknown_delivery_does_nothing()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        var window = (await bench.WindowsAsync())[0].Boundary;
        var before = await RawAsync(bench);
        Assert.Equal(DeliveryCategory.NothingToDo, (await bench.Deliverer().DeliverAsync(new(StoreName.History, trail.Key, window), default)).Category);
        Assert.Equal(DeliveryCategory.NothingToDo, (await bench.Deliverer().DeliverAsync(new(StoreName.History, trail.Key, window + 1), default)).Category);
        Assert.Equal(DeliveryCategory.NothingToDo, (await bench.Deliverer().DeliverAsync(new(StoreName.History, "no-such.trail", window), default)).Category);
        Assert.Equal(before, await RawAsync(bench));
    }

    [Theory]
    [InlineData("[{\"eventId\":\"forged\"}]", false)]
    [InlineData("no gzip", true)]
    public async Task Foreign_content_under_the_name_of_a_delivery_is_a_conflict_that_is_parked(string content, bool raw)
    {
        var (bench, trail, name) = await DeliveredAsync();
        await bench.Objects.DeleteAsync("audit-logs", name, default);
        await bench.Objects.CreateAsync("audit-logs", name, raw ? Encoding.UTF8.GetBytes(content) : Gzip(content), ObjectLabel.Binary, default);
        await ReopenAsync(bench);
        var outcome = Assert.Single(await bench.DrainAsync());
        Assert.Equal((DeliveryCategory.Conflict, false), (outcome.Category, outcome.IsRetryable));
        var parked = Assert.Single((await bench.Ledger().ListUndeliveredAsync(trail, 10, token: null, default))!.Items);
        Assert.Equal(DeliveryCategory.Conflict, parked.Category);
        Assert.Contains(name, parked.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_content_of_the_same_part_is_a_conflict_although_its_name_differs()
    {
        var (bench, _, name) = await DeliveredAsync();
        var other = name.Replace("_1_", "_2_", StringComparison.Ordinal);
        await bench.Objects.DeleteAsync("audit-logs", name, default);
        await bench.Objects.CreateAsync("audit-logs", other, Gzip("[1,2]"), ObjectLabel.Binary, default);
        await ReopenAsync(bench);
        Assert.Equal(DeliveryCategory.Conflict, Assert.Single(await bench.DrainAsync()).Category);
        Assert.Null(await bench.Objects.FindAsync("audit-logs", name, default));
    }

    [Fact]
    public async Task The_same_content_compressed_otherwise_is_done()
    {
        var (bench, _, name) = await DeliveredAsync();
        var content = (await bench.ReadBackAsync("audit-logs"))[0].Content;
        await bench.Objects.DeleteAsync("audit-logs", name, default);
        await bench.Objects.CreateAsync("audit-logs", name, Gzip(Encoding.UTF8.GetString(content), CompressionLevel.NoCompression), ObjectLabel.Binary, default);
        await ReopenAsync(bench);
        Assert.Equal(DeliveryCategory.Done, Assert.Single(await bench.DrainAsync()).Category);
    }

    [Theory]
    [InlineData(StoreErrorKind.NotFound, DeliveryCategory.Misconfigured)]
    [InlineData(StoreErrorKind.Denied, DeliveryCategory.Denied)]
    public async Task A_container_that_is_gone_or_closed_parks_the_delivery_until_it_is_asked_for(StoreErrorKind kind, DeliveryCategory category)
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        bench.Outages.Broken["audit-logs"] = kind;
        Assert.Equal(category, Assert.Single(await bench.DrainAsync()).Category);
        var status = (await bench.Ledger().ReadStatusAsync(trail, default)).Find(DestinationKind.Blob)!;
        Assert.Equal((false, 0, 1), (status.IsUsable, status.Pending, status.Undelivered));
        Assert.StartsWith(category.ToString(), status.LatestDeliveryError, StringComparison.Ordinal);
        Assert.Equal(0, await bench.OpenEntriesAsync());

        bench.Outages.Broken.Clear();
        bench.Clock.Advance(seconds: 86_400);
        Assert.Equal(0, (await bench.Scheduler().RunAsync(default)).Requeued);
        Assert.Equal(1, await bench.Ledger().RedeliverAllAsync(trail, kind: null, default));
        Assert.Equal(DeliveryCategory.Done, Assert.Single(await bench.DrainAsync()).Category);
        status = (await bench.Ledger().ReadStatusAsync(trail, default)).Find(DestinationKind.Blob)!;
        Assert.Equal((true, 0, 0, null), (status.IsUsable, status.Pending, status.Undelivered, status.LatestDeliveryError));
        Assert.Equal(1, await DeliveryOracle.ProveAsync(bench, [trail]));
    }

    [Fact]
    public async Task Pauses_double_up_to_an_hour_are_spread_by_chance_and_never_shorter_than_the_store_asks()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Unavailable;
        var pauses = new List<double>();
        for (var i = 0; i < 13; i++)
        {
            bench.Jitter = i == 1 ? 0 : 1;
            var outcome = Assert.Single(await bench.DrainAsync());
            Assert.Equal(DeliveryCategory.Unavailable, outcome.Category);
            var record = Assert.Single(await bench.RecordsAsync());
            pauses.Add((record.NotBefore!.Value - bench.Clock.Now).TotalSeconds);

            // A message that comes too early is turned away without a request to the container.
            var refused = bench.Outages.Refused;
            Assert.Equal(DeliveryCategory.NothingToDo, (await bench.Deliverer().DeliverAsync(record.ToMessage(), default)).Category);
            Assert.Equal(refused, bench.Outages.Refused);

            bench.Clock.Now = record.NotBefore.Value;
            Assert.Equal(1, (await bench.Scheduler().RunAsync(default)).Requeued);
        }

        Assert.Equal([5, 5, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600], pauses);
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Throttled;
        await bench.DrainAsync();
        bench.Outages.Broken.Clear();
        bench.Clock.Advance(seconds: 3600);
        await bench.Scheduler().RunAsync(default);
        await bench.DrainAsync();
        Assert.Equal(1, await DeliveryOracle.ProveAsync(bench, [trail]));
    }

    [Fact]
    public async Task A_container_without_room_is_not_usable_until_there_is_room_and_nobody_need_ask()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Full;
        Assert.Equal(DeliveryCategory.Full, Assert.Single(await bench.DrainAsync()).Category);
        var status = (await bench.Ledger().ReadStatusAsync(trail, default)).Find(DestinationKind.Blob)!;
        Assert.Equal((false, 1, 0), (status.IsUsable, status.Pending, status.Undelivered));
        Assert.StartsWith("Full: ", status.LatestDeliveryError, StringComparison.Ordinal);
        bench.Outages.Broken.Clear();
        bench.Clock.Advance(seconds: 60);
        await bench.Scheduler().RunAsync(default);
        Assert.Equal(DeliveryCategory.Done, Assert.Single(await bench.DrainAsync()).Category);
        status = (await bench.Ledger().ReadStatusAsync(trail, default)).Find(DestinationKind.Blob)!;
        Assert.Equal((true, 0, null), (status.IsUsable, status.Pending, status.LatestDeliveryError));
    }

    [Fact]
    public async Task A_store_that_asks_for_a_longer_pause_gets_it()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Throttled;
        Assert.Equal(DeliveryCategory.Throttled, Assert.Single(await bench.DrainAsync()).Category);
        Assert.Equal(bench.Clock.Now.AddSeconds(90), Assert.Single(await bench.RecordsAsync()).NotBefore);
    }

    [Fact]
    public async Task A_broken_destination_delays_only_its_own_trail()
    {
        var bench = await DeliveryBench.StartAsync();
        var broken = await bench.StartTrailAsync("acme", "trail-one");
        var sound = await bench.StartTrailAsync("acme", "trail-two", "other-logs");
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Unavailable;
        for (var window = 0; window < 20; window++)
        {
            await bench.CommitAsync(bench.Event());
            await bench.CloseWindowAsync();
            await bench.DrainAsync();
            Assert.Equal(window + 1, (await bench.ReadBackAsync("other-logs")).Count);
        }

        Assert.Equal((20, 0), (await PendingAsync(bench, broken), await PendingAsync(bench, sound)));
        bench.Outages.Broken.Clear();
        bench.Clock.Advance(seconds: 3600);
        await bench.Scheduler().RunAsync(default);
        await bench.DrainAsync();
        Assert.Equal(40, await DeliveryOracle.ProveAsync(bench, [broken, sound]));
    }

    [Fact]
    public async Task Purged_segments_or_commits_are_told_as_expired_and_nothing_is_written()
    {
        foreach (var purgeCommit in (bool[])[false, true])
        {
            var bench = await DeliveryBench.StartAsync();
            await bench.StartTrailAsync("acme", "trail-one");
            var commit = await bench.CommitAsync(bench.Event());
            await bench.CommitAsync(bench.Event());
            await bench.CloseWindowAsync();
            if (purgeCommit)
                await bench.Tables.DeleteAsync(Tables.Commits, Keys.CommitPartition(StoreName.History, commit.Partition), Keys.Commit(commit.Last), etag: null, default);
            else
                await bench.Objects.DeleteAsync(Containers.Events, commit.Segment!.Name, default);
            Assert.Equal(DeliveryCategory.Expired, Assert.Single(await bench.DrainAsync()).Category);
            Assert.Empty(await bench.ReadBackAsync("audit-logs"));
            Assert.Equal(DeliveryState.Undelivered, Assert.Single(await bench.RecordsAsync()).State);
        }
    }

    [Fact]
    public async Task A_commit_that_repair_marked_as_lost_is_skipped()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        var commit = await bench.CommitAsync(bench.Event());
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.Objects.DeleteAsync(Containers.Events, commit.Segment!.Name, default);
        await bench.Tables.UpsertAsync(Tables.Commits, (commit with { LostAt = bench.Clock.Now }).ToRow(), default);
        Assert.Equal(DeliveryCategory.Done, Assert.Single(await bench.DrainAsync()).Category);
        Assert.Single(Assert.Single(await bench.ReadBackAsync("audit-logs")).Events);
    }

    [Fact]
    public async Task A_damaged_segment_is_told_as_corrupt()
    {
        var bench = await DeliveryBench.StartAsync();
        await bench.StartTrailAsync("acme", "trail-one");
        var segment = (await bench.CommitAsync(bench.Event())).Segment!;
        await bench.CloseWindowAsync();
        var bytes = await bench.Objects.ReadAsync(Containers.Events, segment.Name, 0, (int)segment.Length, default);
        bytes[^20] ^= 0xff;
        await bench.Objects.DeleteAsync(Containers.Events, segment.Name, default);
        await bench.Objects.CreateAsync(Containers.Events, segment.Name, bytes, ObjectLabel.Binary, default);
        Assert.Equal(DeliveryCategory.Corrupt, Assert.Single(await bench.DrainAsync()).Category);
    }

    [Fact]
    public void Every_category_says_whether_it_is_tried_again()
    {
        var retried = Enum.GetValues<DeliveryCategory>().Where(static c => new DeliveryOutcome(c).IsRetryable);
        Assert.Equal([DeliveryCategory.Throttled, DeliveryCategory.Unavailable, DeliveryCategory.Full], retried);
        Assert.Throws<InvalidOperationException>(() => new DeliveryOutcome((DeliveryCategory)99).IsRetryable);
    }

    private static async Task<(DeliveryBench Bench, Trail Trail, string Name)> DeliveredAsync()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        return (bench, trail, Assert.Single(await bench.ReadBackAsync("audit-logs")).Name);
    }

    /// <summary>Puts the one delivery back to pending, as it was before its objects were recorded.</summary>
    private static async Task ReopenAsync(DeliveryBench bench)
    {
        var record = Assert.Single(await bench.RecordsAsync());
        await bench.Tables.UpsertAsync(Tables.Deliveries, (record with { State = DeliveryState.Pending }).ToRow(), default);
        await bench.Tables.UpsertAsync(Tables.Deliveries, new TableRow(record.Trail.Key, DeliveryKeys.Pending(record.Window)), default);
        await bench.Queue.SendAsync(Queues.DeliverBlob, record.ToMessage().ToJson(), TimeSpan.Zero, default);
    }

    private static async Task<int> PendingAsync(DeliveryBench bench, Trail trail) => (await bench.Ledger().ReadStatusAsync(trail, default)).Pending;

    private static async Task<Dictionary<string, string>> RawAsync(DeliveryBench bench)
    {
        var raw = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var listed in bench.Objects.ListAsync("audit-logs", "", default))
            raw[listed.Name] = Convert.ToHexString(await bench.Objects.ReadAsync("audit-logs", listed.Name, 0, (int)listed.Length, default));
        return raw;
    }

    private static byte[] Gzip(string text, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, level))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    private static string Body(DeliveryBench bench, int commit, int index) => Encoding.UTF8.GetString(bench.Committed[commit].Events[index].ToBytes());
}
