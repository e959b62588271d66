using ActionTrail.LocalRunner.Hosting;
using Azure;

namespace ActionTrail.LocalRunner.Triggers.Timers;

/// <summary>
/// Fires one timer function: at once when the last occurrence was missed (IsPastDue), then at each occurrence; runs never overlap, and a run that
/// failed is not repeated. The status is written after each run, failed ones too.
/// </summary>
internal sealed class TimerLoop(
    FunctionDefinition function,
    TimerTriggerDefinition trigger,
    ITimerStatusStore store,
    IInvoker invoker,
    TriggerSources sources,
    RunnerOutput output) : IDisposable
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);

    private readonly TimerSchedule schedule = TimerSchedule.Parse(function.Name, trigger.Schedule);
    private readonly SemaphoreSlim oneRun = new(1, 1);

    private TimerStatus? status;

    public void Dispose() => oneRun.Dispose();

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var monitored = trigger.UseMonitor && schedule.CanBeMonitored(sources.Clock.GetUtcNow());
        var pastDue = monitored && await LoadStatusAsync(cancellationToken);
        if (pastDue || trigger.RunOnStartup)
        {
            await FireAsync(pastDue, monitored, cancellationToken);
        }

        while (true)
        {
            await DelayUntilAsync(schedule.NextAfter(sources.Clock.GetUtcNow()), cancellationToken);
            await FireAsync(isPastDue: false, monitored, cancellationToken);
        }
    }

    /// <summary>One run by hand: it changes no status and waits for a run that is under way.</summary>
    public async Task FireByHandAsync(CancellationToken cancellationToken)
    {
        await oneRun.WaitAsync(cancellationToken);
        try
        {
            await InvokeAsync(isPastDue: false, manual: true, cancellationToken);
        }
        finally
        {
            oneRun.Release();
        }
    }

    /// <summary>True when the occurrence after the last run has passed.</summary>
    private async Task<bool> LoadStatusAsync(CancellationToken cancellationToken)
    {
        var now = sources.Clock.GetUtcNow();
        status = await StoreAsync(() => store.LoadAsync(function.Name, cancellationToken), cancellationToken);
        if (status is null)
        {
            status = new TimerStatus(default, schedule.NextAfter(now), now);
            await SaveAsync(cancellationToken);
            return false;
        }

        return now > schedule.NextAfter(status.Last == default ? status.LastUpdated : status.Last);
    }

    private async Task FireAsync(bool isPastDue, bool monitored, CancellationToken cancellationToken)
    {
        await oneRun.WaitAsync(cancellationToken);
        try
        {
            var fired = sources.Clock.GetUtcNow();
            await InvokeAsync(isPastDue, manual: false, cancellationToken);
            if (monitored)
            {
                status = new TimerStatus(fired, schedule.NextAfter(fired), fired);
                await SaveAsync(cancellationToken);
            }
        }
        finally
        {
            oneRun.Release();
        }
    }

    private async Task InvokeAsync(bool isPastDue, bool manual, CancellationToken cancellationToken)
    {
        var body = TimerInvocation.Write(trigger, sources.Stamp(function.Name), status, isPastDue, manual);
        var outcome = await invoker.InvokeAsync(function.Name, sources.NewId(), body, cancellationToken);
        if (!outcome.Succeeded)
        {
            output.Warn($"{function.Name} failed ({outcome.Reason}); the next try is its next occurrence");
        }
    }

    private Task<bool> SaveAsync(CancellationToken cancellationToken) => StoreAsync(
        async () =>
        {
            await store.SaveAsync(function.Name, status!, cancellationToken);
            return true;
        },
        cancellationToken);

    private async Task<T> StoreAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is RequestFailedException or AggregateException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                output.Detail($"{function.Name}: its timer status cannot be reached ({e.Message}); trying again");
                await Task.Delay(StorePause, sources.Clock, cancellationToken);
            }
        }
    }

    // NCRONTAB knows no fractions: the wait may end some microseconds early, and would then fire twice.
    private async Task DelayUntilAsync(DateTimeOffset due, CancellationToken cancellationToken)
    {
        while (due - sources.Clock.GetUtcNow() is { Ticks: > 0 } left)
        {
            var wait = left < LongestDelay ? left : LongestDelay;
            await Task.Delay(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait, sources.Clock, cancellationToken);
        }
    }
}
