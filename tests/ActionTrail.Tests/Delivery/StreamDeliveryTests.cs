using System.Text;
using System.Text.Json;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Trails;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Delivery;

/// <summary>Deliveries to places over a wire: batches, ids, order, and every way in which such a place fails.</summary>
public sealed class StreamDeliveryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Events_go_out_as_they_are_stored_in_order_with_an_id_and_their_account_as_key()
    {
        var bench = await StreamBench.StartAsync();
        var trail = await bench.StartTrailAsync(toTable: true);
        await bench.Bench.CommitAsync(bench.Bench.Event(), bench.Bench.Event("rival"), bench.Bench.Event() with { Region = "é-\"x\"" });
        Assert.Equal(["Done", "Done"], (await bench.DeliverAsync()).Select(static o => o.Category.ToString()));

        Assert.Equal(bench.Committed(), bench.Stream.Events());
        var window = Assert.Single(await bench.Bench.WindowsAsync()).Boundary;
        Assert.Equal([$"{trail.TrailId}/{window}/0", $"{trail.TrailId}/{window}/1"], bench.Stream.Ids());
        Assert.All(bench.Stream.Taken, static batch => Assert.Equal("acme", batch.Account));
        Assert.All(bench.Stream.Items(), static item => Assert.Equal(
            ("acme", "trail-one", "acme"),
            (item.GetProperty("UserProperties").GetProperty("account").GetString(), item.GetProperty("UserProperties").GetProperty("trail").GetString(), item.GetProperty("BrokerProperties").GetProperty("PartitionKey").GetString())));

        Assert.Equal(bench.Committed(), bench.Table.Events());
        var row = bench.Table.Items().First();
        Assert.Equal($"{trail.TrailId}/{window}/0", row.GetProperty("DeliveryId").GetString());
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(bench.Bench.Committed[0].Events[0].TimeMs), row.GetProperty("TimeGenerated").GetDateTimeOffset());
        Assert.Equal(("trail-one", "acme", "cn-hangzhou"), (row.GetProperty("Trail").GetString(), row.GetProperty("AccountId").GetString(), row.GetProperty("Region").GetString()));
        var status = await bench.Bench.Ledger().ReadStatusAsync(trail, default);
        Assert.Equal([DestinationKind.Stream, DestinationKind.LogAnalytics], status.Destinations.Select(static d => d.Kind));
        Assert.All(status.Destinations, static d => Assert.True(d is { IsUsable: true, Pending: 0, Undelivered: 0, LatestDeliveryTime: not null }));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(700)]
    [InlineData(5000)]
    public async Task Batches_are_as_large_as_they_may_be_and_the_same_each_time(int maxBytes)
    {
        var first = await BatchesAsync(maxBytes);
        Assert.Equal(first, await BatchesAsync(maxBytes));
        Assert.All(first, batch => Assert.InRange(batch.Length, 1, maxBytes));
        for (var i = 1; i < first.Count; i++)
        {
            var next = first[i][1..(first[i].IndexOf("}},{", StringComparison.Ordinal) is var end and > 0 ? end + 2 : first[i].Length - 1)];
            Assert.True(first[i - 1].Length + 1 + next.Length > maxBytes, "The first event of a batch would have gone into the one before.");
        }
    }

    [Fact]
    public async Task What_was_acknowledged_is_not_sent_again_and_what_was_not_is_with_the_same_id()
    {
        var bench = await StreamBench.StartAsync();
        bench.Stream.MaxBatchBytes = 400;
        await bench.StartTrailAsync();
        await bench.Bench.CommitAsync([.. Enumerable.Range(0, 10).Select(_ => bench.Bench.Event())]);
        foreach (var end in (StoreErrorKind?[])[null, null, StoreErrorKind.Throttled, null, StoreErrorKind.Unavailable])
            bench.Stream.Script.Enqueue(end);
        Assert.Equal(DeliveryCategory.Throttled, Assert.Single(await bench.DeliverAsync()).Category);
        Assert.Equal(2, bench.Stream.Taken.Count);
        await bench.SettleAsync();
        Assert.Equal(bench.Committed(), bench.Stream.Events());

        // Only the batch whose answer was lost came twice, and it is the same, byte for byte.
        var twice = bench.Stream.Taken.GroupBy(static b => Encoding.UTF8.GetString(b.Content.Span)).Where(static g => g.Count() > 1).ToList();
        Assert.Equal(2, Assert.Single(twice).Count());
    }

    [Fact]
    public async Task Progress_that_does_not_fit_what_is_sent_now_is_not_believed()
    {
        var bench = await StreamBench.StartAsync();
        bench.Stream.MaxBatchBytes = 400;
        await bench.StartTrailAsync();
        await bench.Bench.CommitAsync([.. Enumerable.Range(0, 6).Select(_ => bench.Bench.Event())]);
        foreach (var end in (StoreErrorKind?[])[null, null, StoreErrorKind.Throttled])
            bench.Stream.Script.Enqueue(end);
        await bench.DeliverAsync();
        var record = Assert.Single(await bench.Bench.RecordsAsync());
        foreach (var (batches, hash) in new[] { (2, new string('0', 64)), (1000, new string('0', 64)) })
        {
            await bench.Bench.Tables.UpsertAsync(Tables.Deliveries, new TableRow(record.Key, DeliveryKeys.Sent(record.Window)).With("Batches", batches).With("Sha256", hash), default);
            bench.Stream.Taken.Clear();
            bench.Bench.Clock.Advance(seconds: 1800);
            await bench.Bench.Scheduler().RunAsync(default);
            await bench.DrainAsync();
            Assert.Equal(bench.Committed(), bench.Stream.Events());
            await bench.Bench.Ledger().RecheckAsync(default, default);
            var again = (await bench.Bench.RecordsAsync())[0];
            await bench.Bench.Tables.UpsertAsync(Tables.Deliveries, (again with { State = DeliveryState.Undelivered }).ToRow(), default);
            await bench.Bench.Tables.UpsertAsync(Tables.Deliveries, new TableRow(again.Key, DeliveryKeys.Undelivered(again.Window)).With("Category", "Denied"), default);
            Assert.Equal(RedeliverOutcome.Reopened, await bench.Bench.Ledger().RedeliverAsync(again.Trail, DestinationKind.Stream, again.Window, default));
            await bench.Bench.Queue.ReceiveAsync(Queues.DeliverStream, 32, TimeSpan.FromDays(1), default);
        }
    }

    [Fact]
    public async Task Windows_go_to_a_stream_one_after_the_other_whatever_order_their_messages_come_in()
    {
        var bench = await StreamBench.StartAsync();
        await bench.StartTrailAsync();
        bench.Stream.Failure = StoreErrorKind.Throttled;
        for (var i = 0; i < 6; i++)
        {
            await bench.Bench.CommitAsync(bench.Bench.Event(), bench.Bench.Event());
            await bench.DeliverAsync();
        }

        Assert.InRange(bench.Stream.Asked, 1, 5);
        bench.Stream.Failure = null;
        foreach (var record in (await bench.Bench.RecordsAsync()).OrderByDescending(static r => r.Window))
            await bench.Bench.Queue.SendAsync(Queues.DeliverStream, record.ToMessage().ToJson(), TimeSpan.Zero, default);
        await bench.DrainAsync();
        await bench.SettleAsync();
        Assert.Equal(bench.Committed(), bench.Stream.Events());
        Assert.Equal(bench.Stream.Ids().Distinct(), bench.Stream.Ids());
    }

    [Theory]
    [InlineData(StoreErrorKind.Denied, "Denied")]
    [InlineData(StoreErrorKind.NotFound, "Misconfigured")]
    public async Task A_place_that_is_closed_or_gone_is_told_of_and_made_good_by_one_call(StoreErrorKind kind, string category)
    {
        var bench = await StreamBench.StartAsync();
        var trail = await bench.StartTrailAsync(toTable: true);
        (bench.Stream.Failure, bench.Table.Failure) = (kind, kind);
        await bench.Bench.CommitAsync(bench.Bench.Event());
        await bench.DeliverAsync();
        var ledger = bench.Bench.Ledger();
        var page = await ledger.ListUndeliveredAsync(trail, 10, token: null, default);
        Assert.Equal([(DestinationKind.Stream, category), (DestinationKind.LogAnalytics, category)], page!.Items.Select(static i => (i.Kind, i.Category.ToString())));
        Assert.All((await ledger.ReadStatusAsync(trail, default)).Destinations, static d => Assert.False(d.IsUsable));
        (bench.Stream.Failure, bench.Table.Failure) = (null, null);
        Assert.Equal(2, await ledger.RedeliverAllAsync(trail, kind: null, default));
        await bench.DrainAsync();
        Assert.Equal(bench.Committed(), bench.Stream.Events());
        Assert.Equal(bench.Committed(), bench.Table.Events());
        Assert.All((await ledger.ReadStatusAsync(trail, default)).Destinations, static d => Assert.True(d.IsUsable));
    }

    [Fact]
    public async Task A_name_that_the_operator_took_from_the_account_gets_nothing_more()
    {
        var bench = await StreamBench.StartAsync();
        var trail = await bench.StartTrailAsync();
        await bench.Bench.CommitAsync(bench.Bench.Event());
        bench.Stream.Accounts.Clear();
        Assert.Equal(DeliveryCategory.Denied, Assert.Single(await bench.DeliverAsync()).Category);
        Assert.Equal(0, bench.Stream.Asked);
        var refused = await bench.Trails.CreateAsync("acme", new TrailDraft { Name = "trail-two", Stream = "siem", LogAnalytics = "other" }, default);
        Assert.Equal(["/stream", "/logAnalytics"], refused.Errors.Select(static e => e.Pointer));
        refused = await bench.Trails.CreateAsync("acme", new TrailDraft { Name = "trail-two", Stream = "", LogAnalytics = "" }, default);
        Assert.Equal(["/stream", "/logAnalytics"], refused.Errors.Select(static e => e.Pointer));
        refused = await bench.Trails.UpdateAsync("acme", trail.Name, new TrailChange { Stream = "siem" }, ifMatch: null, default);
        Assert.Equal("/stream", Assert.Single(refused.Errors).Pointer);
        refused = await bench.Trails.UpdateAsync("acme", trail.Name, new TrailChange { Stream = "" }, ifMatch: null, default);
        Assert.Equal(TrailOutcomeKind.Invalid, refused.Kind);
    }

    [Fact]
    public async Task An_event_larger_than_a_batch_is_told_of_in_its_place()
    {
        var bench = await StreamBench.StartAsync();
        bench.Stream.MaxBatchBytes = bench.Table.MaxBatchBytes = 10_000;
        await bench.StartTrailAsync(toTable: true);
        await bench.Bench.CommitAsync(bench.Bench.Event(), bench.Bench.Event() with { EventName = new string('x', 20_000) }, bench.Bench.Event());
        await bench.DeliverAsync();
        foreach (var events in (IReadOnlyList<string>[])[bench.Stream.Events(), bench.Table.Events()])
        {
            Assert.Equal(bench.Committed()[0], events[0]);
            Assert.Equal(bench.Committed()[2], events[2]);
            using var told = JsonDocument.Parse(events[1]);
            Assert.Equal("e-2", told.RootElement.GetProperty("eventId").GetString());
            Assert.Equal(bench.Committed()[1].Length, told.RootElement.GetProperty("omitted").GetProperty("bytes").GetInt32());
        }
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_given_up_and_made_again()
    {
        var bench = await StreamBench.StartAsync(new DeliveryOptions { AttemptDeadline = TimeSpan.FromMilliseconds(100) });
        var trail = await bench.StartTrailAsync();
        await bench.Bench.CommitAsync(bench.Bench.Event());
        bench.Stream.Before = static token => Task.Delay(Timeout.Infinite, token);
        var outcome = Assert.Single(await bench.DeliverAsync());
        Assert.Equal(DeliveryCategory.Unavailable, outcome.Category);
        Assert.Contains("longer than", (await bench.Bench.Ledger().ReadStatusAsync(trail, default)).Find(DestinationKind.Stream)!.LatestDeliveryError, StringComparison.Ordinal);
        bench.Stream.Before = static _ => Task.CompletedTask;
        await bench.SettleAsync();
        Assert.Equal(bench.Committed(), bench.Stream.Events());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_fault_at_any_request_loses_nothing_and_keeps_the_order(bool isStream)
    {
        var faults = 0;
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var bench = await PrepareAsync(isStream);
                bench.Bench.Faults.FailAt(request, mode);
                try
                {
                    await bench.Bench.Scheduler().RunAsync(default);
                    await bench.DrainAsync();
                }
                catch (Exception e) when (e is StoreException or SimulatedCrashException)
                {
                    // The host sees a failed invocation, or nobody sees anything.
                }

                var fired = bench.Bench.Faults.Fired;
                bench.Bench.Faults.Reset();
                await bench.SettleAsync();
                var target = isStream ? bench.Stream : bench.Table;
                var expected = bench.Committed();
                Assert.Equal(expected.Order(StringComparer.Ordinal), target.Events().Order(StringComparer.Ordinal));
                if (isStream)
                    Assert.Equal(expected, target.Events());
                Assert.InRange(target.Ids().Count, expected.Count, expected.Count * 2);
                if (!fired)
                    break;
                faults++;
            }
        }

        output.WriteLine($"{faults} faults and deaths survived");
        Assert.InRange(faults, 150, int.MaxValue);
    }

    private static async Task<StreamBench> PrepareAsync(bool isStream)
    {
        var bench = await StreamBench.StartAsync();
        bench.Stream.MaxBatchBytes = bench.Table.MaxBatchBytes = 600;
        await bench.StartTrailAsync(toStream: isStream, toTable: !isStream);
        await bench.Bench.CommitAsync([.. Enumerable.Range(0, 5).Select(_ => bench.Bench.Event())]);
        bench.Bench.Clock.Advance(seconds: 40);
        await bench.Bench.CommitAsync(bench.Bench.Event());
        bench.Bench.Clock.Advance(seconds: 40);
        return bench;
    }

    private static async Task<List<string>> BatchesAsync(int maxBytes)
    {
        var bench = await StreamBench.StartAsync();
        bench.Stream.MaxBatchBytes = maxBytes;
        await bench.StartTrailAsync();
        await bench.Bench.CommitAsync([.. Enumerable.Range(0, 30).Select(i => bench.Bench.Event() with { EventName = new string('n', i * 37 % 100) })]);
        await bench.DeliverAsync();
        Assert.Equal(bench.Committed(), bench.Stream.Events());
        return [.. bench.Stream.Taken.Select(static b => Encoding.UTF8.GetString(b.Content.Span))];
    }
}
