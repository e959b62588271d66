using ActionTrail.Delivery;
using ActionTrail.HistoryJobs;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using Xunit.Abstractions;

namespace ActionTrail.Tests.HistoryJobs;

/// <summary>Every request of making, running, cancelling, trying again and deleting a job fails in every way; afterwards every due event lies in one object, and every object is in one digest.</summary>
public sealed class HistoryCrashTests(ITestOutputHelper output)
{
    private const int Days = 3;

    private static readonly TimeSpan DigestInterval = TimeSpan.FromHours(12);

    [Fact]
    public async Task A_fault_at_any_request_of_making_a_job_loses_and_doubles_nothing() => Assert.InRange(
        await SweepAsync(static _ => Task.CompletedTask, static bench => bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, "token", default)), 60, int.MaxValue);

    [Fact]
    public async Task A_fault_at_any_request_of_running_a_job_loses_and_doubles_nothing() => Assert.InRange(
        await SweepAsync(
            static bench => bench.CreateJobAsync(),
            static async bench =>
            {
                await bench.DrainAsync();
                await bench.Steps().RunAsync(default);
                await bench.DrainAsync();
            }),
        200,
        int.MaxValue);

    [Fact]
    public async Task A_fault_at_any_request_of_cancelling_a_job_loses_and_doubles_nothing() => Assert.InRange(
        await SweepAsync(
            static async bench =>
            {
                await bench.CreateJobAsync();
                await bench.DrainAsync(most: 2);
            },
            static async bench =>
            {
                await bench.Jobs().CancelAsync(HistoryBench.Account, 1, ifMatch: null, default);
                await bench.DrainAsync();
            }),
        60,
        int.MaxValue);

    [Fact]
    public async Task A_fault_at_any_request_of_trying_again_loses_and_doubles_nothing() => Assert.InRange(
        await SweepAsync(
            static async bench =>
            {
                bench.World.Outages.Broken[HistoryBench.Container] = StoreErrorKind.Denied;
                await bench.CreateJobAsync();
                await bench.SettleAsync();
                bench.World.Outages.Broken.Clear();
            },
            static async bench =>
            {
                await bench.Jobs().RetryAsync(HistoryBench.Account, 1, ifMatch: null, default);
                await bench.DrainAsync();
            }),
        200,
        int.MaxValue);

    [Fact]
    public async Task A_fault_at_any_request_of_deleting_a_job_leaves_no_row_and_the_next_job_takes_all()
    {
        var faults = await SweepAsync(static bench => bench.CreateJobAsync(), static bench => bench.Jobs().DeleteAsync(HistoryBench.Account, 1, ifMatch: null, default));
        Assert.InRange(faults, 40, int.MaxValue);
    }

    [Fact]
    public async Task A_job_that_dies_at_any_request_and_is_deleted_leaves_nothing_that_no_digest_names()
    {
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var (bench, expected) = await PrepareAsync();
                await bench.CreateJobAsync();
                var fired = await StrikeAsync(bench, request, mode, static bench => bench.DrainAsync());
                Assert.Equal(HistoryOutcomeKind.Ok, (await bench.Jobs().DeleteAsync(HistoryBench.Account, 1, ifMatch: null, default)).Kind);
                await SettleAsync(bench);
                Assert.Equal(expected, (await bench.DeliveredAsync()).Distinct());
                await ProveDigestsAsync(bench);
                if (!fired)
                    break;
            }
        }
    }

    [Fact]
    public async Task An_hour_sealed_before_any_request_of_a_job_takes_each_object_once()
    {
        for (var request = 0; ; request++)
        {
            var (bench, expected) = await PrepareAsync();
            await bench.CreateJobAsync();
            bench.World.Faults.RunAt(request, async () =>
            {
                // The worker's clock goes back into the hour that is sealed.
                bench.World.Clock.Advance(DigestInterval.TotalSeconds + 600);
                await bench.Digests!.Rival().RunAsync(default);
                bench.World.Clock.Advance(-DigestInterval.TotalSeconds);
            });
            await bench.DrainAsync();
            if (!await ProveAsync(bench, expected))
                break;
        }
    }

    [Fact]
    public async Task Two_workers_on_one_item_write_each_event_once()
    {
        for (var request = 0; ; request++)
        {
            var (bench, expected) = await PrepareAsync();
            await bench.CreateJobAsync();
            var messages = await bench.World.Queue.ReceiveAsync(Layout.Queues.DeliverHistory, 1, TimeSpan.FromHours(1), default);
            Assert.True(HistoryMessage.TryParse(messages[0].Text, out var message));
            bench.World.Faults.RunAt(request, () => bench.Calm().DeliverAsync(message, default));
            await bench.Run().DeliverAsync(message, default);
            if (!await ProveAsync(bench, expected))
                break;
        }
    }

    /// <summary>Runs the action with a fault at one of its requests; false: it has fewer.</summary>
    private static async Task<bool> StrikeAsync(HistoryBench bench, int request, FaultMode mode, Func<HistoryBench, Task> action)
    {
        bench.World.Faults.FailAt(request, mode);
        try
        {
            await action(bench);
        }
        catch (Exception e) when (e is StoreException or SimulatedCrashException)
        {
            // The host sees a failed invocation, or nobody sees anything.
        }

        var fired = bench.World.Faults.Fired;
        bench.World.Faults.Reset();
        return fired;
    }

    /// <summary>Whether what was to come between came; afterwards every due event lies in one object, and every object is in one digest.</summary>
    private static async Task<bool> ProveAsync(HistoryBench bench, List<string> expected)
    {
        var fired = bench.World.Faults.Fired;
        bench.World.Faults.Reset();
        await SettleAsync(bench);
        Assert.Equal(expected, await bench.DeliveredAsync());
        await ProveDigestsAsync(bench);
        return fired;
    }

    private async Task<int> SweepAsync(Func<HistoryBench, Task> before, Func<HistoryBench, Task> swept)
    {
        var faults = 0;
        foreach (var mode in StorageFaults.Modes)
        {
            for (var request = 0; ; request++)
            {
                var (bench, expected) = await PrepareAsync();
                await before(bench);
                var fired = await StrikeAsync(bench, request, mode, swept);
                await SettleAsync(bench);
                Assert.Equal(expected, await bench.DeliveredAsync());
                await ProveDigestsAsync(bench);
                if (!fired)
                    break;
                faults++;
            }
        }

        output.WriteLine($"{faults} faults and deaths survived");
        return faults;
    }

    /// <summary>Brings every job to its end, has failed ones tried again, and makes one more: after that nothing may be left of what the trail did not deliver.</summary>
    private static async Task SettleAsync(HistoryBench bench)
    {
        await bench.SettleAsync();
        foreach (var job in await bench.Jobs().ListAsync(HistoryBench.Account, default))
        {
            if (job.State == HistoryJobState.Failed)
                await bench.Jobs().RetryAsync(HistoryBench.Account, job.JobId, ifMatch: null, default);
            await bench.SettleAsync();
        }

        // A creation that failed may have been made: its token tells, as it would the caller.
        var again = await bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, "token", default);
        Assert.True(again.Kind is HistoryOutcomeKind.Created or HistoryOutcomeKind.Ok, $"{again.Kind}");
        await bench.SettleAsync();
        await bench.Jobs().CreateAsync(HistoryBench.Account, HistoryBench.TrailName, clientToken: null, default);
        await bench.SettleAsync();
        Assert.All(await bench.Jobs().ListAsync(HistoryBench.Account, default), static job => Assert.True(job.State is HistoryJobState.Complete or HistoryJobState.Cancelled, $"{job.State}"));
        await foreach (var open in bench.World.Tables.QueryAsync(Layout.Tables.Jobs, Layout.JobKeys.Open, null, null, default))
            Assert.Fail($"{open.RowKey} is still open");
    }

    private static async Task ProveDigestsAsync(HistoryBench bench)
    {
        bench.World.Clock.Advance(DigestInterval.TotalSeconds + 600);
        await bench.Digests!.SealAsync();
        await bench.Digests.ProveAsync();
    }

    private static async Task<(HistoryBench Bench, List<string> Expected)> PrepareAsync()
    {
        var bench = await HistoryBench.StartAsync(
            new HistoryOptions { Parallelism = 2, Retention = TimeSpan.FromDays(Days), EventsPerPiece = 42 }, new DeliveryOptions { DigestInterval = DigestInterval });
        var expected = new List<string>();
        await bench.CreateTrailAsync();
        for (var day = 0; day < Days - 1; day++)
        {
            expected.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(60);
            expected.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(60);
            await bench.StartTrailAsync();
            expected.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(60);
            await bench.StopTrailAsync();
            expected.Add(await bench.CommitAsync());
            bench.World.Clock.Advance(3600 * 12);
            await bench.World.Scheduler().RunAsync(default);
            await bench.World.DrainAsync();
            await bench.Digests!.SealAsync();
        }

        return (bench, [.. expected.Order(StringComparer.Ordinal)]);
    }
}
