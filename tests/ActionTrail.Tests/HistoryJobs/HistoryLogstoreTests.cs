using ActionTrail.Delivery;
using ActionTrail.HistoryJobs;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using Xunit.Abstractions;

namespace ActionTrail.Tests.HistoryJobs;

/// <summary>A job delivers to a Logstore what the live trail beside it did not: together they append every event once.</summary>
public sealed class HistoryLogstoreTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_job_beside_a_live_trail_appends_what_the_trail_did_not_and_nothing_twice()
    {
        var (bench, expected) = await PrepareAsync();
        await bench.StartTrailAsync();
        await bench.CreateJobAsync();
        while ((await bench.DrainAsync(most: 1)).Count > 0)
        {
            // The trail goes on meanwhile.
            expected.Add(await bench.CommitAsync());
            await DeliverAsync(bench);
        }

        await bench.SettleAsync();
        expected.Sort(StringComparer.Ordinal);
        Assert.Equal(HistoryJobState.Complete, (await bench.ProgressAsync()).Job.State);
        Assert.Equal(expected, await bench.AppendedAsync());
        Assert.Equal(expected, await bench.DeliveredAsync());

        // A second job finds nothing that is nobody's.
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal(0, (await bench.ProgressAsync(2)).Events);
        Assert.Equal(expected, await bench.AppendedAsync());
        Assert.Equal(0, (await bench.World.Ledger().RecheckAsync(default, default)).Reopened);
    }

    /// <summary>As docs/api.md has it: the commit decides whose an event is.</summary>
    [Fact]
    public async Task An_event_sent_while_the_trail_did_not_log_and_again_while_it_did_comes_from_both()
    {
        var bench = await HistoryBench.StartWithLogstoreAsync();
        await bench.CreateTrailAsync();
        var one = bench.World.Event(HistoryBench.Account);
        await bench.World.CommitAsync(one);
        bench.World.Clock.Advance(60);
        await bench.StartTrailAsync();
        await bench.World.CommitAsync(one);
        await DeliverAsync(bench);
        Assert.Equal([one.EventId], await bench.AppendedAsync());
        await bench.CreateJobAsync();
        await bench.SettleAsync();
        Assert.Equal([one.EventId, one.EventId], await bench.AppendedAsync());
    }

    [Fact]
    public async Task A_fault_at_any_request_of_a_job_appends_once()
    {
        var faults = 0;
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var (bench, expected) = await PrepareAsync();
                await bench.CreateJobAsync();
                bench.World.Faults.FailAt(request, mode);
                try
                {
                    await bench.DrainAsync();
                    await bench.Steps().RunAsync(default);
                    await bench.DrainAsync();
                }
                catch (Exception e) when (e is StoreException or SimulatedCrashException)
                {
                    // The host sees a failed invocation, or nobody sees anything.
                }

                var fired = bench.World.Faults.Fired;
                bench.World.Faults.Reset();
                await bench.SettleAsync();
                Assert.Equal(HistoryJobState.Complete, (await bench.ProgressAsync()).Job.State);
                Assert.Equal(expected, await bench.AppendedAsync());
                if (!fired)
                    break;
                faults++;
            }
        }

        output.WriteLine($"{faults} faults and deaths survived");
        Assert.InRange(faults, 200, int.MaxValue);
    }

    [Fact]
    public async Task Two_workers_on_one_item_append_each_event_once()
    {
        var (item, beforeWrite) = (0, 0);
        for (var request = 0; ; request++)
        {
            var (bench, expected) = await PrepareAsync(parallelism: 8);
            await bench.CreateJobAsync();
            var messages = new List<HistoryMessage>();
            foreach (var message in await bench.World.Queue.ReceiveAsync(Queues.DeliverHistory, 32, TimeSpan.FromHours(1), default))
            {
                Assert.True(HistoryMessage.TryParse(message.Text, out var parsed));
                messages.Add(parsed);
            }

            var ofLogstore = messages.FindAll(static message => message.Kind == DestinationKind.Logstore);
            if (item == ofLogstore.Count)
                break;
            var one = ofLogstore[item];
            bench.World.Faults.RunAt(request, () => bench.Calm().DeliverAsync(one, default));
            await bench.Run().DeliverAsync(one, default);
            var fired = bench.World.Faults.Fired;
            beforeWrite += bench.World.Faults.Journal.Any(static request => request.StartsWith("submit", StringComparison.OrdinalIgnoreCase)) ? 1 : 0;
            bench.World.Faults.Reset();
            await bench.SettleAsync();
            Assert.Equal(expected, await bench.AppendedAsync());
            if (!fired)
                (item, request) = (item + 1, -1);
        }

        output.WriteLine($"{item} items, {beforeWrite} runs that wrote");
        Assert.True(item > 2 && beforeWrite > 10, $"{item} items, {beforeWrite} runs that wrote");
    }

    /// <summary>Two days: each with commits before, in and after a time in which the trail logged, all of that delivered.</summary>
    private static async Task<(HistoryBench Bench, List<string> Expected)> PrepareAsync(int parallelism = 2)
    {
        var bench = await HistoryBench.StartWithLogstoreAsync(new HistoryOptions { Parallelism = parallelism, Retention = TimeSpan.FromDays(3), EventsPerPiece = 42 }, new DeliveryOptions { MaxAppendBytes = 300 });
        await bench.CreateTrailAsync();
        var expected = new List<string>();
        for (var day = 0; day < 2; day++)
        {
            expected.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(60);
            await bench.StartTrailAsync();
            expected.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(60);
            await bench.StopTrailAsync();
            expected.Add(await bench.CommitAsync());
            expected.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(3600 * 12);
            await DeliverAsync(bench);
        }

        expected.Sort(StringComparer.Ordinal);
        return (bench, expected);
    }

    private static async Task DeliverAsync(HistoryBench bench)
    {
        bench.World.Clock.Advance(60);
        await bench.World.Scheduler().RunAsync(default);
        await bench.World.DrainAsync();
        await bench.World.DrainAsync(Queues.DeliverLogstore);
    }
}
