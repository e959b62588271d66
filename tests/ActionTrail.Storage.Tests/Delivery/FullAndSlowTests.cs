using ActionTrail.Azure;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Tests.Delivery;
using ActionTrail.Trails;

namespace ActionTrail.Storage.Tests.Delivery;

/// <summary>Deliveries through the Blob client to containers that have no room, or take their time.</summary>
public sealed class FullAndSlowTests
{
    private static readonly TimeSpan Ages = TimeSpan.FromSeconds(100);

    [Theory]
    [InlineData(507, "InsufficientStorage", DeliveryCategory.Full, false)]
    [InlineData(409, "AccountQuotaExceeded", DeliveryCategory.Full, false)]
    [InlineData(403, "QuotaExceeded", DeliveryCategory.Full, false)]
    [InlineData(413, "QuotaExceeded", DeliveryCategory.Full, false)]
    [InlineData(403, "AccountIsDisabled", DeliveryCategory.Unavailable, true)]
    [InlineData(403, "InsufficientAccountPermissions", DeliveryCategory.Unavailable, true)]
    [InlineData(409, "AccountBeingCreated", DeliveryCategory.Unavailable, true)]
    [InlineData(409, "SomethingNew", DeliveryCategory.Unavailable, true)]
    public async Task A_place_without_room_or_off_is_told_tried_again_and_catches_up_by_itself(int status, string code, DeliveryCategory category, bool isUsable)
    {
        var (bench, wire, full, sound) = await StartAsync();
        wire.Meets = (method, container) => method == "PUT" && container == "audit-logs" ? new Obstacle(status, code) : null;
        for (var window = 0; window < 4; window++)
        {
            await CommitAsync(bench);
            Assert.InRange((await bench.DrainAsync()).Count(o => o.Category == category), 0, window == 0 ? 1 : 3);
        }

        // One knows what is wrong, and the other has all of its windows.
        var told = await StatusAsync(bench, full);
        Assert.Equal((4, 0, isUsable), (told.Pending, told.Undelivered, told.IsUsable));
        Assert.StartsWith($"{category}: ", told.LatestDeliveryError, StringComparison.Ordinal);
        Assert.Contains(code == "SomethingNew" ? "could not be created" : $"{status} {code}", told.LatestDeliveryError, StringComparison.Ordinal);
        Assert.Equal((0, 0, null), ((await StatusAsync(bench, sound)).Pending, (await StatusAsync(bench, sound)).Undelivered, (await StatusAsync(bench, sound)).LatestDeliveryError));
        Assert.Equal(4, wire.Names.Count(static n => n.StartsWith("other-logs/", StringComparison.Ordinal)));

        await HealAsync(bench, wire, full);
    }

    [Fact]
    public async Task A_body_that_is_too_large_waits_for_a_person()
    {
        var (bench, wire, full, _) = await StartAsync();
        wire.Meets = static (method, container) => method == "PUT" && container == "audit-logs" ? new Obstacle(413, "RequestBodyTooLarge") : null;
        await CommitAsync(bench);
        Assert.Contains(DeliveryCategory.Denied, (await bench.DrainAsync()).Select(static o => o.Category));
        var told = await StatusAsync(bench, full);
        Assert.Equal((0, 1, false), (told.Pending, told.Undelivered, told.IsUsable));
        Assert.Contains("413 RequestBodyTooLarge", told.LatestDeliveryError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", false)]
    [InlineData("PUT", true)]
    [InlineData("GET", false)]
    public async Task A_place_that_does_not_answer_in_time_holds_up_nobody_and_catches_up_without_copies(string silent, bool isLate)
    {
        var (bench, wire, slow, _) = await StartAsync();
        wire.Meets = (method, container) => method == silent && container == "audit-logs" ? new Obstacle(0, IsLate: isLate) : null;
        for (var window = 0; window < 3; window++)
        {
            await CommitAsync(bench);
            await DrainAsync(bench, wire, slow);
        }

        var told = await StatusAsync(bench, slow);
        Assert.Equal((3, 0), (told.Pending, told.Undelivered));
        Assert.StartsWith("Unavailable: ", told.LatestDeliveryError, StringComparison.Ordinal);
        Assert.Contains("no answer in time", told.LatestDeliveryError, StringComparison.Ordinal);
        Assert.Equal(3, wire.Names.Count(static n => n.StartsWith("other-logs/", StringComparison.Ordinal)));
        await HealAsync(bench, wire, slow);
    }

    [Fact]
    public async Task An_answer_that_dribbles_is_given_up_at_the_deadline()
    {
        var (bench, wire, slow, _) = await StartAsync(new DeliveryOptions { AttemptDeadline = TimeSpan.FromSeconds(2) });
        wire.Meets = static (method, container) => method == "GET" && container == "audit-logs" ? new Obstacle(0, PerByte: TimeSpan.FromMilliseconds(20)) : null;
        await CommitAsync(bench);
        await bench.DrainAsync();
        var told = await StatusAsync(bench, slow);
        Assert.Equal((1, "Unavailable: The attempt took longer than 00:00:02."), (told.Pending, told.LatestDeliveryError));
        bench.Options.AttemptDeadline = TimeSpan.FromMinutes(8);
        await HealAsync(bench, wire, slow);
    }

    [Fact]
    public async Task A_body_that_a_slow_line_carries_has_the_time_that_it_takes()
    {
        // 2 MiB have sixteen seconds beside the second that every request has; the line takes at least two.
        var wire = new PretendBlobs { BodyBytesPerTick = 10_000 };
        var store = Connect(wire, TimeSpan.FromSeconds(1)).CreateObjectStore();
        await store.CreateAsync("audit-logs", "x", new byte[2 * 1024 * 1024], ObjectLabel.Binary, default);
        Assert.Equal(("audit-logs/x", 1), (Assert.Single(wire.Names), wire.Requests));
    }

    private static async Task<(DeliveryBench Bench, PretendBlobs Wire, Trail First, Trail Second)> StartAsync(DeliveryOptions? options = null)
    {
        var bench = await DeliveryBench.StartAsync(options);
        var wire = new PretendBlobs();
        bench.Elsewhere = Connect(wire, Ages).CreateObjectStore();
        return (bench, wire, await bench.StartTrailAsync("acme", "trail-one"), await bench.StartTrailAsync("acme", "trail-two", "other-logs"));
    }

    private static StorageConnection Connect(PretendBlobs wire, TimeSpan patience) => StorageConnection.FromConnectionString(
        "DefaultEndpointsProtocol=http;AccountName=pretend;AccountKey=cHJldGVuZA==;BlobEndpoint=http://127.0.0.1:1/pretend;QueueEndpoint=http://127.0.0.1:1/pretend;TableEndpoint=http://127.0.0.1:1/pretend",
        wire,
        retry => (retry.MaxRetries, retry.Delay, retry.NetworkTimeout) = (1, TimeSpan.FromMilliseconds(1), patience));

    private static async Task CommitAsync(DeliveryBench bench)
    {
        await bench.CommitAsync(bench.Event(), bench.Event());
        await bench.CloseWindowAsync();
    }

    /// <summary>As <see cref="DeliveryBench.DrainAsync"/>, but deliveries of <paramref name="slow"/> soon lose patience; others never, however busy the machine is.</summary>
    private static async Task DrainAsync(DeliveryBench bench, PretendBlobs wire, Trail slow)
    {
        var (patient, impatient) = (Connect(wire, Ages).CreateObjectStore(), Connect(wire, TimeSpan.FromMilliseconds(100)).CreateObjectStore());
        while (await bench.Queue.ReceiveAsync(Queues.DeliverBlob, 32, TimeSpan.FromMinutes(1), default) is { Count: > 0 } messages)
        {
            foreach (var message in messages)
            {
                Assert.True(DeliveryMessage.TryParse(message.Text, out var parsed));
                bench.Elsewhere = parsed.Key == slow.Key ? impatient : patient;
                await bench.Deliverer().DeliverAsync(parsed, default);
                await bench.Queue.DeleteAsync(Queues.DeliverBlob, message, default);
            }
        }

        bench.Elsewhere = patient;
    }

    private static async Task<DestinationStatus> StatusAsync(DeliveryBench bench, Trail trail) => (await bench.Ledger().ReadStatusAsync(trail, default)).Find(DestinationKind.Blob)!;

    /// <summary>The place is well again: without a word of anybody all windows are delivered, each event once.</summary>
    private static async Task HealAsync(DeliveryBench bench, PretendBlobs wire, Trail trail)
    {
        wire.Meets = static (_, _) => null;
        for (var hour = 0; hour < 10 && (await StatusAsync(bench, trail)).Pending > 0; hour++)
        {
            bench.Clock.Advance(seconds: 3600);
            await bench.Scheduler().RunAsync(default);
            await bench.DrainAsync();
        }

        var status = await StatusAsync(bench, trail);
        Assert.Equal((0, 0, true, null), (status.Pending, status.Undelivered, status.IsUsable, status.LatestDeliveryError));
        var committed = bench.Committed.SelectMany(static c => c.Events).Select(static e => e.EventId);
        Assert.Equal(committed.Order(StringComparer.Ordinal), wire.EventIds("audit-logs").Order(StringComparer.Ordinal));
    }
}
