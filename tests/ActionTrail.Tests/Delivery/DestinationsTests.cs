using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Delivery;

/// <summary>A trail with several destinations: each is delivered to by itself.</summary>
public sealed class DestinationsTests
{
    [Fact]
    public async Task Every_destination_of_a_trail_gets_every_window_through_its_own_queue()
    {
        var (bench, other, trail) = await StartAsync();
        await bench.CommitAsync(bench.Event(), bench.Event());
        await bench.CloseWindowAsync();
        Assert.Equal((1, 1), (await bench.Queue.CountAsync(Queues.DeliverBlob, default), await bench.Queue.CountAsync(Queues.DeliverLogstore, default)));
        Assert.Equal(2, (await bench.Ledger().ReadStatusAsync(trail, default)).Pending);

        Assert.Equal([DeliveryCategory.Done], (await bench.DrainAsync()).Select(static o => o.Category));
        Assert.Equal([DeliveryCategory.Done], (await bench.DrainAsync(Queues.DeliverLogstore)).Select(static o => o.Category));

        Assert.Equal(bench.Committed.SelectMany(static c => c.Events).Select(static e => e.EventId), other.Events);
        Assert.Equal(2, Assert.Single(await bench.ReadBackAsync("audit-logs")).Events.Count);
        var status = await bench.Ledger().ReadStatusAsync(trail, default);
        Assert.Equal([DestinationKind.Blob, DestinationKind.Logstore], status.Destinations.Select(static d => d.Kind));
        Assert.All(status.Destinations, d => Assert.Equal((bench.Clock.Now, true, 0, 0), (d.LatestDeliveryTime, d.IsUsable, d.Pending, d.Undelivered)));
    }

    [Fact]
    public async Task A_destination_that_fails_delays_only_itself()
    {
        var (bench, other, trail) = await StartAsync();
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Denied;
        for (var i = 0; i < 3; i++)
        {
            other.Failure = i == 2 ? StoreErrorKind.Unavailable : null;
            await bench.CommitAsync(bench.Event());
            await bench.CloseWindowAsync();
            await bench.DrainAsync();
            await bench.DrainAsync(Queues.DeliverLogstore);
        }

        var status = await bench.Ledger().ReadStatusAsync(trail, default);
        Assert.Equal((false, 0, 3), (status.Destinations[0].IsUsable, status.Destinations[0].Pending, status.Destinations[0].Undelivered));
        Assert.Equal((true, 1, 0), (status.Destinations[1].IsUsable, status.Destinations[1].Pending, status.Destinations[1].Undelivered));
        Assert.Equal(["e-1", "e-2"], other.Events);

        // What failed for a while comes back by itself, without a word of the other.
        other.Failure = null;
        bench.Clock.Advance(seconds: 3600);
        await bench.Scheduler().RunAsync(default);
        Assert.Equal(0, await bench.Queue.CountAsync(Queues.DeliverBlob, default));
        await bench.DrainAsync(Queues.DeliverLogstore);
        Assert.Equal(["e-1", "e-2", "e-3"], other.Events);
    }

    [Fact]
    public async Task Undelivered_windows_are_listed_by_destination_and_made_again_for_one_or_all()
    {
        var (bench, other, trail) = await StartAsync();
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Denied;
        other.Failure = StoreErrorKind.NotFound;
        for (var i = 0; i < 2; i++)
        {
            await bench.CommitAsync(bench.Event());
            await bench.CloseWindowAsync();
            await bench.DrainAsync();
            await bench.DrainAsync(Queues.DeliverLogstore);
        }

        var ledger = bench.Ledger();
        var listed = new List<(DestinationKind Kind, long Window)>();
        string? token = null;
        do
        {
            var page = (await ledger.ListUndeliveredAsync(trail, pageSize: 1, token, default))!;
            listed.AddRange(page.Items.Select(static i => (i.Kind, i.Window)));
            token = page.NextToken;
        }
        while (token is not null);
        var windows = (await bench.WindowsAsync()).ConvertAll(static w => w.Boundary);
        Assert.Equal([(DestinationKind.Blob, windows[0]), (DestinationKind.Blob, windows[1]), (DestinationKind.Logstore, windows[0]), (DestinationKind.Logstore, windows[1])], listed);
        Assert.Equal("Misconfigured: The other place does not exist.", (await ledger.ReadStatusAsync(trail, default)).Find(DestinationKind.Logstore)!.LatestDeliveryError);
        foreach (var bad in (string[])["", "1", "blob", "blob.", "blob.x", "tape.1", "blob.-1", "blob.9223372036854775807"])
            Assert.Null(await ledger.ListUndeliveredAsync(trail, pageSize: 1, bad, default));

        other.Failure = null;
        bench.Outages.Broken.Clear();
        Assert.Equal(RedeliverOutcome.Reopened, await ledger.RedeliverAsync(trail, DestinationKind.Logstore, windows[0], default));
        Assert.Equal(RedeliverOutcome.NotFound, await ledger.RedeliverAsync(trail, DestinationKind.Stream, windows[0], default));
        Assert.Equal(0, await bench.Queue.CountAsync(Queues.DeliverBlob, default));
        await bench.DrainAsync(Queues.DeliverLogstore);
        Assert.Equal(["e-1"], other.Events);

        Assert.Equal(1, await ledger.RedeliverAllAsync(trail, DestinationKind.Logstore, default));
        Assert.Equal(2, await ledger.RedeliverAllAsync(trail, kind: null, default));
        await bench.DrainAsync();
        await bench.DrainAsync(Queues.DeliverLogstore);
        Assert.Equal(["e-1", "e-2"], other.Events);
        Assert.Equal((0, 0), ((await ledger.ReadStatusAsync(trail, default)).Pending, (await ledger.ReadStatusAsync(trail, default)).Undelivered));
    }

    [Fact]
    public async Task A_recheck_asks_each_destination_for_what_it_was_given()
    {
        var (bench, other, _) = await StartAsync();
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        await bench.DrainAsync(Queues.DeliverLogstore);
        Assert.Equal(new RecheckReport(2, 0), await bench.Ledger().RecheckAsync(default, default));

        other.Events.Clear();
        Assert.Equal(new RecheckReport(2, 1), await bench.Ledger().RecheckAsync(default, default));
        await bench.DrainAsync(Queues.DeliverLogstore);
        Assert.Equal(["e-1"], other.Events);
    }

    [Fact]
    public async Task A_kind_that_the_deployment_does_not_offer_parks_its_deliveries()
    {
        var bench = await DeliveryBench.StartAsync();
        var trail = await StartTrailAsync(bench);
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        Assert.Equal([DeliveryCategory.Misconfigured], (await bench.DrainAsync(Queues.DeliverLogstore)).Select(static o => o.Category));
        Assert.Equal(1, (await bench.Ledger().ReadStatusAsync(trail, default)).Find(DestinationKind.Logstore)!.Undelivered);
    }

    [Fact]
    public async Task A_trail_without_container_delivers_to_its_other_destination_only()
    {
        var other = new OtherPlace();
        var bench = await DeliveryBench.StartAsync(others: (_, _) => [other]);
        Assert.Equal(TrailOutcomeKind.Created, (await bench.Trails.CreateAsync("acme", new TrailDraft { Name = "trail-one", LogstoreProject = "audit" }, default)).Kind);
        await bench.Trails.StartAsync("acme", "trail-one", default);
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        Assert.Equal(0, await bench.Queue.CountAsync(Queues.DeliverBlob, default));
        await bench.DrainAsync(Queues.DeliverLogstore);
        Assert.Equal(["e-1"], other.Events);
    }

    [Theory]
    [InlineData("acme.trail-one.0abc", DestinationKind.Blob, true)]
    [InlineData("acme.trail-one.0abc~logstore", DestinationKind.Logstore, true)]
    [InlineData("acme.trail-one.0abc~stream", DestinationKind.Stream, true)]
    [InlineData("acme.trail-one.0abc~loganalytics", DestinationKind.LogAnalytics, true)]
    [InlineData("acme.trail-one.0abc~blob", DestinationKind.Blob, false)]
    [InlineData("acme.trail-one.0abc~tape", DestinationKind.Blob, false)]
    [InlineData("acme.trail-one.0abc~", DestinationKind.Blob, false)]
    public void A_key_tells_its_kind(string key, DestinationKind kind, bool isKey)
    {
        Assert.Equal(isKey, DeliveryKeys.TryParseKind(key, out var parsed));
        if (isKey)
            Assert.Equal((kind, key), (parsed, DeliveryKeys.Destination("acme.trail-one.0abc", kind)));
    }

    private static async Task<(DeliveryBench Bench, OtherPlace Other, Trail Trail)> StartAsync()
    {
        var other = new OtherPlace();
        var bench = await DeliveryBench.StartAsync(others: (_, _) => [other]);
        return (bench, other, await StartTrailAsync(bench));
    }

    private static async Task<Trail> StartTrailAsync(DeliveryBench bench)
    {
        var draft = new TrailDraft { Name = "trail-one", Container = "audit-logs", LogstoreProject = "audit" };
        Assert.Equal(TrailOutcomeKind.Created, (await bench.Trails.CreateAsync("acme", draft, default)).Kind);
        return (await bench.Trails.StartAsync("acme", "trail-one", default)).Trail!;
    }

    /// <summary>Keeps the ids of what it is given, once.</summary>
    private sealed class OtherPlace : IDestination
    {
        public DestinationKind Kind => DestinationKind.Logstore;

        public List<string> Events { get; } = [];

        public StoreErrorKind? Failure { get; set; }

        public async Task<IReadOnlyList<DeliveredObject>> WriteAsync(DeliveryOrder order, IAsyncEnumerable<DueEvent> due, CancellationToken cancellationToken)
        {
            if (Failure is { } failure)
                throw new DestinationException(new StoreException(failure, "It fails."), "The other place");
            var count = 0;
            await foreach (var one in due)
            {
                using var json = System.Text.Json.JsonDocument.Parse(one.Body);
                Events.Add(json.RootElement.GetProperty("eventId").GetString()!);
                count++;
            }

            return [new($"w{order.Window}", count, 1, "00")];
        }

        public Task<bool> HoldsAsync(DeliveryOrder order, IReadOnlyList<DeliveredObject> written, CancellationToken cancellationToken) => Task.FromResult(Events.Count > 0);
    }
}
