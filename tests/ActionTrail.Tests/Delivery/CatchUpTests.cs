using System.Diagnostics.Metrics;
using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Tests.Delivery;

/// <summary>One destination that is away for hours, and others that must not notice.</summary>
public sealed class CatchUpTests
{
    [Theory]
    [InlineData(StoreErrorKind.Unavailable)]
    [InlineData(StoreErrorKind.Throttled)]
    [InlineData(StoreErrorKind.Full)]
    public async Task A_destination_that_is_away_is_asked_seldom_and_catches_up_by_itself(StoreErrorKind kind)
    {
        var bench = await DeliveryBench.StartAsync();
        var dead = await bench.StartTrailAsync("acme", "trail-dead");
        var live = new List<Trail>();
        for (var i = 0; i < 8; i++)
            live.Add(await bench.StartTrailAsync($"live-{i}", "trail-live", await ContainerAsync(bench, $"live-{i}-logs")));
        bench.Outages.Broken["audit-logs"] = kind;

        // Three hours of a window a minute.
        for (var minute = 0; minute < 180; minute++)
        {
            await bench.CommitAsync([bench.Event(), .. live.Select(t => bench.Event(t.Account))]);
            bench.Clock.Advance(seconds: 60);
            await bench.Scheduler().RunAsync(default);
            var waiting = await bench.Queue.CountAsync(Queues.DeliverBlob, default);
            Assert.InRange(waiting, 0, live.Count + 1 + 16);
            await bench.DrainAsync();
        }

        Assert.InRange(bench.Outages.Refused, 5, 40);
        foreach (var trail in live)
        {
            var status = await bench.Ledger().ReadStatusAsync(trail, default);
            Assert.InRange(status.Pending, 0, 1);
            Assert.True(bench.Clock.Now - status.Find(DestinationKind.Blob)!.LatestDeliveryTime < TimeSpan.FromMinutes(3));
        }

        Assert.InRange((await bench.Ledger().ReadStatusAsync(dead, default)).Pending, 170, 180);
        bench.Outages.Broken.Clear();
        for (var minute = 0; minute < 65; minute++)
        {
            bench.Clock.Advance(seconds: 60);
            await bench.Scheduler().RunAsync(default);
            await bench.DrainAsync();
        }

        Assert.Equal(0, (await bench.Ledger().ReadStatusAsync(dead, default)).Pending);
        Assert.Equal(180, (await bench.ReadBackAsync("audit-logs")).Sum(static o => o.Events.Count));
    }

    [Fact]
    public async Task While_one_container_does_not_answer_others_get_theirs_at_once()
    {
        var bench = await DeliveryBench.StartAsync();
        var (slow, sound) = (await bench.StartTrailAsync("acme", "trail-one"), await bench.StartTrailAsync("acme", "trail-two", "other-logs"));
        var answer = new TaskCompletionSource();
        bench.Outages.BeforeCreate = (container, token) => container == "audit-logs" ? answer.Task.WaitAsync(token) : Task.CompletedTask;
        var waiting = new List<Task<DeliveryOutcome>>();
        for (var window = 0; window < 5; window++)
        {
            await bench.CommitAsync(bench.Event());
            await bench.CloseWindowAsync();
            var due = await bench.Queue.ReceiveAsync(Queues.DeliverBlob, 32, TimeSpan.FromHours(1), default);
            foreach (var message in due.Select(static m => DeliveryMessage.TryParse(m.Text, out var parsed) ? parsed : null))
            {
                var outcome = bench.Deliverer().DeliverAsync(message!, default);
                if (message!.Key == slow.Key)
                    waiting.Add(outcome);
                else
                    Assert.Equal(DeliveryCategory.Done, (await outcome).Category);
            }
        }

        Assert.Equal((5, 0), ((await bench.Ledger().ReadStatusAsync(slow, default)).Pending, (await bench.Ledger().ReadStatusAsync(sound, default)).Pending));
        Assert.All(waiting, static outcome => Assert.False(outcome.IsCompleted));
        answer.SetResult();
        Assert.All(await Task.WhenAll(waiting), static outcome => Assert.Equal(DeliveryCategory.Done, outcome.Category));
        Assert.Equal(10, await DeliveryOracle.ProveAsync(bench, [slow, sound]));
    }

    [Fact]
    public async Task Rows_that_nobody_needs_are_removed_and_what_waits_for_a_person_stays()
    {
        var bench = await DeliveryBench.StartAsync(new DeliveryOptions { Kept = TimeSpan.FromDays(10) });
        var trail = await bench.StartTrailAsync("acme", "trail-one");
        await bench.CommitAsync([.. Enumerable.Range(0, 20).Select(i => bench.Event() with { Region = $"r-{i}" })]);
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Denied;
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        bench.Outages.Broken.Clear();
        bench.Clock.Advance(TimeSpan.FromDays(11).TotalSeconds);
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        bench.Clock.Advance(seconds: 3700);
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        await bench.DrainAsync();
        Assert.Equal(["Undelivered", "Done", "Done"], (await bench.RecordsAsync()).OrderBy(static r => r.Window).Select(static r => r.State.ToString()));
        Assert.Equal(2, (await bench.WindowsAsync()).Count);
        var rows = new List<string>();
        await foreach (var row in bench.Tables.QueryAsync(Tables.Deliveries, trail.Key, null, null, default))
            rows.Add(row.RowKey[..1]);
        Assert.DoesNotContain("o", rows);
        Assert.Equal(1, (await bench.Ledger().ReadStatusAsync(trail, default)).Undelivered);
    }

    [Fact]
    public async Task What_waits_is_shown_to_whoever_listens_to_the_meter()
    {
        var seen = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, own) =>
            {
                if (instrument.Meter.Name == "ActionTrail" && instrument.Name.StartsWith("actiontrail.delivery.", StringComparison.Ordinal))
                    own.EnableMeasurementEvents(instrument);
            },
        };
        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "destination")
                {
                    lock (seen)
                        seen[$"{instrument.Name} {tag.Value}"] = Math.Max(value, seen.GetValueOrDefault($"{instrument.Name} {tag.Value}"));
                }
            }
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        var bench = await StreamBench.StartAsync();
        await bench.StartTrailAsync(toTable: true);
        (bench.Stream.Failure, bench.Table.Failure) = (StoreErrorKind.Denied, StoreErrorKind.Unavailable);
        await bench.Bench.CommitAsync(bench.Bench.Event());
        await bench.DeliverAsync();
        bench.Bench.Clock.Advance(seconds: 400);
        await bench.Bench.CommitAsync(bench.Bench.Event("rival"));
        await bench.Bench.CloseWindowAsync();
        lock (seen)
        {
            Assert.True(seen["actiontrail.delivery.undelivered stream"] >= 1);
            Assert.True(seen["actiontrail.delivery.pending.age loganalytics"] >= 400);
            Assert.True(seen["actiontrail.delivery.attempts stream"] >= 1);
        }
    }

    private static async Task<string> ContainerAsync(DeliveryBench bench, string name)
    {
        await bench.Objects.CreateContainerAsync(name, default);
        return name;
    }

    [Fact]
    public async Task A_window_with_nothing_in_it_neither_ends_the_failures_of_a_destination_nor_holds_up_the_next_attempt()
    {
        var bench = await DeliveryBench.StartAsync();
        bench.Jitter = 1;
        var trail = await bench.StartTrailAsync("acme", "trail-one", selectors: new() { Exclude = new() { EventNames = ["Idle"] } });
        bench.Outages.Broken["audit-logs"] = StoreErrorKind.Unavailable;
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        for (var failures = 0; failures < 4; failures++)
        {
            Assert.Equal(DeliveryCategory.Unavailable, Assert.Single(await bench.DrainAsync()).Category);
            bench.Clock.Now = Assert.Single(await bench.RecordsAsync()).NotBefore!.Value;
            await bench.Scheduler().RunAsync(default);
        }

        var asked = bench.Outages.Refused;
        await bench.CommitAsync(bench.Event() with { EventName = "Idle" });
        await bench.CloseWindowAsync();
        var idle = (await bench.RecordsAsync()).MaxBy(static r => r.Window)!;
        Assert.Equal(DeliveryCategory.NothingToDo, (await bench.Deliverer().DeliverAsync(idle.ToMessage(), default)).Category);
        Assert.Equal(DeliveryState.Done, (await bench.RecordsAsync()).MaxBy(static r => r.Window)!.State);
        Assert.Equal(asked, bench.Outages.Refused);
        Assert.StartsWith("Unavailable", (await bench.Ledger().ReadStatusAsync(trail, default)).Destinations[0].LatestDeliveryError, StringComparison.Ordinal);

        // The first attempt of a new window is the fifth that fails: it is made at once, and the pause goes on doubling.
        await bench.CommitAsync(bench.Event());
        await bench.CloseWindowAsync();
        var due = (await bench.RecordsAsync()).MaxBy(static r => r.Window)!;
        Assert.Equal(DeliveryCategory.Unavailable, (await bench.Deliverer().DeliverAsync(due.ToMessage(), default)).Category);
        Assert.Equal(bench.Clock.Now.AddSeconds(80), (await bench.RecordsAsync()).MaxBy(static r => r.Window)!.NotBefore);

        // One at a time finds out whether it is back; when it is, the failures are over.
        Assert.All(await bench.DrainAsync(), static outcome => Assert.Equal(DeliveryCategory.NothingToDo, outcome.Category));
        bench.Outages.Broken.Clear();
        bench.Clock.Advance(seconds: 3600);
        await bench.Scheduler().RunAsync(default);
        await bench.DrainAsync();
        var status = (await bench.Ledger().ReadStatusAsync(trail, default)).Destinations[0];
        Assert.Equal((0, null), (status.Pending, status.LatestDeliveryError));
        Assert.Equal(2, await DeliveryOracle.ProveAsync(bench, [trail]));
    }
}
