using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Delivery;

public sealed class DeliveryLedgerTests
{
    [Fact]
    public async Task A_trail_without_deliveries_has_an_empty_status()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        var status = await bench.Ledger().ReadStatusAsync(trail, default);
        Assert.Equal((true, bench.Clock.Now, null), (status.IsLogging, status.StartLoggingTime, status.StopLoggingTime));
        Assert.Equal([new DestinationStatus { Kind = DestinationKind.Blob, IsUsable = true, Pending = 0, Undelivered = 0 }], status.Destinations);
    }

    [Fact]
    public async Task The_status_follows_deliveries_and_an_older_window_done_late_does_not_take_it_back()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        var records = await bench.RecordsAsync();
        Assert.Equal(2, (await bench.Ledger().ReadStatusAsync(trail, default)).Pending);
        await bench.Deliverer().DeliverAsync(records[1].ToMessage(), default);
        bench.Clock.Advance(seconds: 7);
        await bench.Deliverer().DeliverAsync(records[0].ToMessage(), default);
        var status = (await bench.Ledger().ReadStatusAsync(trail, default)).Find(DestinationKind.Blob)!;
        Assert.Equal((bench.Clock.Now, null, 0), (status.LatestDeliveryTime, status.LatestDeliveryError, status.Pending));
        Assert.Equal(records[1].Window, status.LastWindow!.Value.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Undelivered_windows_are_listed_in_pages_and_delivered_again_one_by_one_or_all()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.NotFound;
        for (var i = 0; i < 7; i++)
        {
            await bench.CommitAsync(bench.Event());
            await bench.CloseWindowAsync();
        }

        await bench.DrainAsync();
        var ledger = bench.Ledger();
        var listed = new List<long>();
        string? token = null;
        do
        {
            var page = (await ledger.ListUndeliveredAsync(trail, pageSize: 3, token, default))!;
            Assert.True(page.Items.Count is 3 or 1);
            listed.AddRange(page.Items.Select(static i => i.Window));
            token = page.NextToken;
        }
        while (token is not null);
        Assert.Equal((await bench.WindowsAsync()).Select(static w => w.Boundary), listed);
        Assert.Null(await ledger.ListUndeliveredAsync(trail, pageSize: 3, "x1", default));
        Assert.Null(await ledger.ListUndeliveredAsync(trail, pageSize: 3, "9223372036854775807", default));

        bench.Outages.Broken.Clear();
        Assert.Equal(RedeliverOutcome.Reopened, await ledger.RedeliverAsync(trail, kind: null, listed[2], default));
        Assert.Equal(RedeliverOutcome.NotUndelivered, await ledger.RedeliverAsync(trail, kind: null, listed[2], default));
        Assert.Equal(RedeliverOutcome.NotFound, await ledger.RedeliverAsync(trail, kind: null, listed[2] + 1, default));
        Assert.Equal(RedeliverOutcome.NotFound, await ledger.RedeliverAsync(trail, kind: null, -1, default));
        Assert.Equal(6, await ledger.RedeliverAllAsync(trail, kind: null, default));
        Assert.Equal(0, await ledger.RedeliverAllAsync(trail, kind: null, default));
        await bench.DrainAsync();
        Assert.Empty((await ledger.ListUndeliveredAsync(trail, pageSize: 3, token: null, default))!.Items);
        Assert.Equal(7, await DeliveryOracle.ProveAsync(bench, [trail]));
    }

    [Fact]
    public async Task A_recheck_looks_only_at_what_was_done_since_and_writes_what_is_missing_again()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        for (var i = 0; i < 4; i++)
        {
            await bench.CommitAsync(bench.Event());
            await bench.CloseWindowAsync();
            await bench.DrainAsync();
        }

        foreach (var one in await bench.ReadBackAsync("audit-logs"))
            await bench.Objects.DeleteAsync("audit-logs", one.Name, default);
        var since = (await bench.RecordsAsync()).Select(static r => r.DoneAt!.Value).Order().ElementAt(2);
        Assert.Equal(new RecheckReport(2, 2), await bench.Ledger().RecheckAsync(since, default));
        await bench.DrainAsync();
        Assert.Equal(2, (await bench.ReadBackAsync("audit-logs")).Count);
        await bench.Ledger().RecheckAsync(DateTimeOffset.MinValue, default);
        await bench.DrainAsync();
        Assert.Equal(4, await DeliveryOracle.ProveAsync(bench, [trail]));
        Assert.Equal(new RecheckReport(4, 0), await bench.Ledger().RecheckAsync(DateTimeOffset.MinValue, default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"store\":\"history\",\"trail\":\"a.b.c\",\"window\":-1}")]
    [InlineData("{\"store\":\"H\",\"trail\":\"a.b.c\",\"window\":1}")]
    [InlineData("{\"store\":\"history\",\"trail\":5,\"window\":1}")]
    [InlineData("{\"store\":\"history\",\"trail\":\"a\",\"window\":1.5}")]
    public void Foreign_messages_are_told_apart(string text) => Assert.False(DeliveryMessage.TryParse(text, out _));

    [Fact]
    public void A_message_comes_back_from_its_text()
    {
        var message = new DeliveryMessage(StoreName.History, "acme.trail-one.0abc", 1_700_000_000_000);
        Assert.True(DeliveryMessage.TryParse(message.ToJson(), out var parsed));
        Assert.Equal(message, parsed);
    }

    [Fact]
    public void Keys_of_open_deliveries_are_ordered_by_time_and_come_back()
    {
        var due = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        var key = DeliveryKeys.OpenRow(due, 1_700_000_000_000, "a.c-m_e.trail-one.0abc");
        Assert.True(DeliveryKeys.TryParseOpen(key, out var dueMs, out var window, out var trail));
        Assert.Equal((1_700_000_000_123, 1_700_000_000_000, "a.c-m_e.trail-one.0abc"), (dueMs, window, trail));
        Assert.True(string.CompareOrdinal(key, DeliveryKeys.OpenUntil(due)) < 0);
        Assert.True(string.CompareOrdinal(key, DeliveryKeys.OpenUntil(due.AddMilliseconds(-1))) > 0);
        Assert.False(DeliveryKeys.TryParseOpen("x", out _, out _, out _));
    }
}
