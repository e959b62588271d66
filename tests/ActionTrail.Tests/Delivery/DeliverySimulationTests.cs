using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Trails;
using Xunit.Abstractions;

namespace ActionTrail.Tests.Delivery;

/// <summary>
/// Random lives: commits to several partitions, trails made, started, changed, stopped, deleted and made anew, containers that break,
/// messages that come twice, out of order or never, and faults and deaths at any request. In the end an oracle that knows only the
/// log and the logging times finds every due event in exactly one object, and nothing else.
/// </summary>
public sealed class DeliverySimulationTests(ITestOutputHelper output)
{
    private static readonly string[] Accounts = ["acme", "rival"];
    private static readonly Dictionary<string, string[]> ContainersOf = new(StringComparer.Ordinal) { ["acme"] = ["audit-logs", "other-logs"], ["rival"] = ["third-logs"] };

    [Fact]
    public async Task Every_due_event_is_delivered_once_whatever_fails()
    {
        var (faults, events) = (0, 0);
        for (var seed = 1; seed <= 80; seed++)
        {
            var life = new Life(seed, await DeliveryBench.StartAsync(new DeliveryOptions { MaxObjectBytes = seed % 2 == 0 ? 400 : 64 * 1024 * 1024 }));
            await life.BeginAsync();
            for (var step = 0; step < 150; step++)
                await life.StepAsync();
            events += await life.EndAsync();
            faults += life.Faults;
        }

        output.WriteLine($"{faults} faults and deaths survived, {events} due events found once each");
        Assert.True(faults > 1000, $"{faults} faults");
        Assert.True(events > 3000, $"{events} events");
    }

    private sealed class Life(int seed, DeliveryBench bench)
    {
        private readonly Random random = new(seed);

        /// <summary>Every trail that ever was, with the logging times that this test keeps itself.</summary>
        private readonly Dictionary<string, Trail> trails = new(StringComparer.Ordinal);

        public int Faults { get; private set; }

        /// <summary>One trail per account that logs from the start.</summary>
        public async Task BeginAsync()
        {
            foreach (var account in Accounts)
            {
                bench.Clock.Advance(seconds: 1);
                var trail = await bench.StartTrailAsync(account, "trail-0", ContainersOf[account][0]);
                trails.Add(trail.TrailId, trail);
            }
        }

        public async Task StepAsync()
        {
            bench.Clock.Advance(random.Next(4) == 0 ? 0 : random.NextDouble() * 20);
            switch (random.Next(10))
            {
                case 0 or 1 or 2:
                    await CommitAsync();
                    break;
                case 3:
                    await ChangeTrailAsync();
                    break;
                case 4:
                    BreakOrHeal();
                    break;
                case 5 or 6:
                    await UnderFaultsAsync(() => bench.Scheduler().RunAsync(default));
                    break;
                default:
                    await UnderFaultsAsync(DeliverSomeAsync);
                    break;
            }
        }

        public async Task<int> EndAsync()
        {
            bench.Clock.Advance(seconds: 60);
            await DeliveryCrashTests.SettleAsync(bench, trails.Values);
            return await DeliveryOracle.ProveAsync(bench, trails.Values);
        }

        private async Task CommitAsync()
        {
            var events = new List<(TestEvent, byte[])>();
            for (var count = random.Next(6); count > 0; count--)
            {
                var fresh = bench.Event(Accounts[random.Next(2)]) with
                {
                    EventName = random.Next(2) == 0 ? "RunInstances" : "DeleteDisk",
                    Region = random.Next(4) switch { 0 => null, 1 => "cn-beijing", _ => "cn-hangzhou" },
                    EventRW = random.Next(3) == 0 ? "Read" : "Write",
                };
                var earlier = bench.Committed.Count > 0 ? bench.Committed[^1].Events : [];
                var one = random.Next(8) == 0 && earlier.Length > 0 ? earlier[random.Next(earlier.Length)] : fresh;
                events.Add((one, one.ToBytes()));
            }

            await bench.CommitAsync(PartitionName.Api(random.Next(3)), [.. events]);
        }

        private async Task ChangeTrailAsync()
        {
            var account = Accounts[random.Next(2)];
            var name = $"trail-{random.Next(3)}";
            var container = ContainersOf[account][random.Next(ContainersOf[account].Length)];
            switch (random.Next(6))
            {
                case 0:
                    // Ids are unique within an account; the oracle tells trails of both apart by them.
                    bench.Clock.Now += TimeSpan.FromTicks(1);
                    var created = await bench.Trails.CreateAsync(account, new TrailDraft { Name = name, Container = container, Prefix = random.Next(2) == 0 ? "prefix" : null, FlushAfterSeconds = random.Next(2) == 0 ? 300 : null }, default);
                    if (created.Trail is { } trail)
                        trails.Add(trail.TrailId, trail);
                    break;
                case 1 or 2:
                    if ((await bench.Trails.StartAsync(account, name, default)).Trail is { } started && !trails[started.TrailId].IsLogging)
                        trails[started.TrailId] = started with { Intervals = [.. trails[started.TrailId].Intervals, new(bench.Clock.Now, null)] };
                    break;
                case 3:
                    if ((await bench.Trails.StopAsync(account, name, default)).Trail is { } stopped)
                        Close(stopped.TrailId);
                    break;
                case 4:
                    var change = new TrailChange
                    {
                        Container = random.Next(3) == 0 ? container : null,
                        EventRW = random.Next(3) == 0 ? "Write" : "All",
                        Selectors = random.Next(3) == 0 ? new() { Exclude = new() { EventNames = ["DeleteDisk"] } } : null,
                    };
                    await bench.Trails.UpdateAsync(account, name, change, ifMatch: null, default);
                    break;
                default:
                    if (random.Next(3) == 0 && (await bench.Trails.DeleteAsync(account, name, ifMatch: null, default)).Trail is { } deleted)
                        Close(deleted.TrailId);
                    break;
            }
        }

        private void Close(string trailId)
        {
            var trail = trails[trailId];
            if (trail.Intervals.Count > 0 && trail.Intervals[^1].Stop is null)
                trails[trailId] = trail with { Status = TrailStatus.Disable, Intervals = [.. trail.Intervals.SkipLast(1), trail.Intervals[^1] with { Stop = bench.Clock.Now }] };
        }

        private void BreakOrHeal()
        {
            StoreErrorKind[] kinds = [StoreErrorKind.Unavailable, StoreErrorKind.Throttled, StoreErrorKind.Full, StoreErrorKind.Denied, StoreErrorKind.NotFound];
            string[] containers = ["audit-logs", "other-logs", "third-logs"];
            var container = containers[random.Next(3)];
            if (random.Next(3) > 0)
                bench.Outages.Broken.Remove(container);
            else
                bench.Outages.Broken[container] = kinds[random.Next(kinds.Length)];
        }

        /// <summary>Messages are not always deleted: then they come again, also after the delivery is done.</summary>
        private async Task DeliverSomeAsync()
        {
            var deliverer = bench.Deliverer();
            var messages = await bench.Queue.ReceiveAsync(Queues.DeliverBlob, 1 + random.Next(8), TimeSpan.FromSeconds(1 + random.Next(60)), default);
            foreach (var message in messages.OrderBy(_ => random.Next()))
            {
                Assert.True(DeliveryMessage.TryParse(message.Text, out var parsed));
                if (random.Next(10) > 0)
                    await deliverer.DeliverAsync(parsed, default);
                if (random.Next(10) == 0)
                    await Task.WhenAll(Task.Run(() => deliverer.DeliverAsync(parsed, default)), Task.Run(() => deliverer.DeliverAsync(parsed, default)));
                if (random.Next(5) > 0)
                    await bench.Queue.DeleteAsync(Queues.DeliverBlob, message, default);
            }
        }

        private async Task UnderFaultsAsync(Func<Task> action)
        {
            if (random.Next(3) > 0)
                bench.Faults.FailAt(random.Next(25), StorageFaults.Modes[random.Next(StorageFaults.Modes.Count)]);
            try
            {
                await action();
            }
            catch (Exception e) when (e is StoreException or SimulatedCrashException)
            {
                // Died or refused; what follows goes on from what is stored.
            }

            Faults += bench.Faults.Fired ? 1 : 0;
            bench.Faults.Reset();
        }
    }
}
