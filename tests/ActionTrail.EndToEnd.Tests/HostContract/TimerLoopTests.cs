using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;
using ActionTrail.LocalRunner.Triggers;
using ActionTrail.LocalRunner.Triggers.Timers;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public class TimerLoopTests
{
    private const string Yearly = "0 0 0 1 1 *";

    private readonly MemoryTimerStatus status = new();

    [Fact]
    public async Task A_timer_that_missed_its_time_fires_at_start_once_and_says_so()
    {
        var longAgo = new DateTimeOffset(2020, 1, 1, 0, 0, 1, TimeSpan.Zero);
        status.Kept["Purge"] = new TimerStatus(longAgo, longAgo.AddYears(1), longAgo);
        var invoker = RecordingInvoker.AlwaysFine();
        using var timer = Timer(Yearly, invoker);
        await Bench.WhileRunningAsync(timer.RunAsync, async () =>
        {
            await invoker.ExpectAsync(1);
            await Bench.EventuallyAsync(() => status.Kept["Purge"].Last > longAgo, "the status was not written");
        });
        var data = invoker.Calls.Single().Body["Data"]!["timer"]!;
        Assert.True(data["IsPastDue"]!.GetValue<bool>());
        Assert.Equal("2020-01-01T00:00:01+00:00", data["ScheduleStatus"]!["Last"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_new_timer_waits_for_its_time_and_a_run_that_failed_counts()
    {
        var invoker = new RecordingInvoker(_ => InvocationOutcome.Failure(500, "no"));
        using var timer = Timer(Yearly, invoker);
        await Bench.WhileRunningAsync(timer.RunAsync, () => Bench.EventuallyAsync(() => status.Kept.ContainsKey("Purge"), "no status was made"));
        Assert.Empty(invoker.Calls);
        Assert.Equal(default, status.Kept["Purge"].Last);

        status.Kept["Purge"] = status.Kept["Purge"] with { LastUpdated = DateTimeOffset.UnixEpoch };
        using var again = Timer(Yearly, invoker);
        await Bench.WhileRunningAsync(again.RunAsync, async () =>
        {
            await invoker.ExpectAsync(1);
            await Bench.EventuallyAsync(() => status.Kept["Purge"].Last != default, "the failed run left no status");
        });
    }

    [Fact]
    public async Task A_timer_that_fires_every_second_has_no_status()
    {
        var invoker = RecordingInvoker.AlwaysFine();
        using var timer = Timer("* * * * * *", invoker);
        await Bench.WhileRunningAsync(timer.RunAsync, () => invoker.ExpectAsync(2));
        Assert.All(invoker.Calls, call => Assert.Null(call.Body["Data"]!["timer"]!["ScheduleStatus"]));
        Assert.Empty(status.Kept);
    }

    [Theory]
    [InlineData("*/10 * * * * *", false)]
    [InlineData("0 * * * * *", true)]
    [InlineData("0 30 * * * *", true)]
    public void Schedules_below_a_minute_are_not_monitored(string text, bool monitored) =>
        Assert.Equal(monitored, TimerSchedule.Parse("Purge", text).CanBeMonitored(DateTimeOffset.UnixEpoch));

    [Fact]
    public void A_schedule_of_five_fields_is_refused_by_name() =>
        Assert.Contains("'30 * * * *' of Purge", Assert.Throws<RunnerException>(() => TimerSchedule.Parse("Purge", "30 * * * *")).Message, StringComparison.Ordinal);

    private TimerLoop Timer(string schedule, IInvoker invoker)
    {
        var trigger = new TimerTriggerDefinition("timer", schedule, RunOnStartup: false, UseMonitor: true);
        return new TimerLoop(new FunctionDefinition("Purge", trigger), trigger, status, invoker, Bench.Sources, Bench.Output());
    }
}
