using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Triggers.EventHub;
using ActionTrail.LocalRunner.Triggers.Queues;
using ActionTrail.LocalRunner.Triggers.Timers;
using ActionTrail.Storage;

namespace ActionTrail.LocalRunner.Triggers;

/// <summary>What the triggers of a run talk to.</summary>
internal sealed record TriggerBackends(
    IHubReceiver Hub,
    Func<EventHubTriggerDefinition, string, ICheckpointStore> Checkpoint,
    Func<string, IWorkQueue> Queues,
    ITimerStatusStore TimerStatus,
    IInvoker Invoker);

/// <summary>
/// All triggers of the app but HTTP. After an unclean stop of the storage they start in order: the event hub feeds deliver again what may be
/// forgotten, then the store is repaired, then queues and timers begin to act on it.
/// </summary>
internal sealed class TriggerSet(IReadOnlyList<FunctionDefinition> functions, HostSettings host, TriggerBackends backends, TriggerSources sources, RunnerOutput output) : IAsyncDisposable
{
    private static readonly TimeSpan HubPause = TimeSpan.FromMilliseconds(250);

    private readonly List<(FunctionDefinition Function, TimerLoop Loop)> timers = [];
    private readonly List<Task> tasks = [];
    private CancellationTokenSource? stopping;

    /// <summary>Starts everything and returns; <paramref name="repair"/> is null when the last stop was clean.</summary>
    /// <param name="repair">Called once, after all feeds caught up.</param>
    /// <param name="cancellationToken">Ends the start, not the triggers.</param>
    public async Task StartAsync(Func<CancellationToken, Task>? repair, CancellationToken cancellationToken)
    {
        stopping = new CancellationTokenSource();
        var token = stopping.Token;
        var feeds = await CreateFeedsAsync(repair is not null, cancellationToken);
        var caughtUp = feeds.Select(feed =>
        {
            var past = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            tasks.Add(Task.Run(() => feed.RunAsync(() => past.TrySetResult(), token), token));
            return past.Task;
        }).ToList();
        foreach (var function in functions)
        {
            if (function.Trigger is TimerTriggerDefinition timer)
            {
                timers.Add((function, new TimerLoop(function, timer, backends.TimerStatus, backends.Invoker, sources, output)));
            }
        }

        tasks.Add(Task.Run(
            async () =>
            {
                if (repair is not null)
                {
                    await Task.WhenAll(caughtUp).WaitAsync(token);
                    await repair(token);
                }

                await Task.WhenAll(timers.Select(timer => timer.Loop.RunAsync(token)).Concat(CreatePollers().Select(poller => poller.RunAsync(token))));
            },
            token));
    }

    /// <summary>Completes, faulted, when a trigger cannot go on; never while all is well.</summary>
    public async Task WatchAsync()
    {
        var running = tasks.ToList();
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            if (ended.IsFaulted)
            {
                await ended;
            }
        }
    }

    /// <summary>Runs a queue or timer function once, in the background; false when there is no such function.</summary>
    public bool RunByHand(string functionName, string input)
    {
        var function = functions.FirstOrDefault(candidate => candidate.Name.Equals(functionName, StringComparison.OrdinalIgnoreCase));
        if (stopping is not { } source)
        {
            return false;
        }

        switch (function?.Trigger)
        {
            case TimerTriggerDefinition:
                tasks.Add(Task.Run(() => timers.Single(timer => timer.Function == function).Loop.FireByHandAsync(source.Token), source.Token));
                return true;
            case QueueTriggerDefinition queue:
                var body = QueueInvocation.WriteManual(queue, sources.Stamp(function.Name), input);
                tasks.Add(Task.Run(() => backends.Invoker.InvokeAsync(function.Name, sources.NewId(), body, source.Token), source.Token));
                return true;
            default:
                return false;
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Stops feeding; what is running is given up, not waited for by the handler: it is killed next.</summary>
    public async Task StopAsync()
    {
        if (stopping is null)
        {
            return;
        }

        await stopping.CancelAsync();
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        tasks.Clear();
        timers.ForEach(timer => timer.Loop.Dispose());
        timers.Clear();
        stopping.Dispose();
        stopping = null;
    }

    private async Task<IReadOnlyList<PartitionFeed>> CreateFeedsAsync(bool unclean, CancellationToken cancellationToken)
    {
        var feeds = new List<PartitionFeed>();
        foreach (var function in functions)
        {
            if (function.Trigger is not EventHubTriggerDefinition trigger)
            {
                continue;
            }

            var hub = await DescribeAsync(trigger.EventHubName, cancellationToken);
            var stores = hub.Partitions.Select(partition => backends.Checkpoint(trigger, partition.Id)).ToList();
            if (unclean && UncleanStop.Reopen(stores) is > 0 and var batches)
            {
                output.Say($"{function.Name}: {batches} batches of the last seconds are delivered again");
            }

            feeds.AddRange(hub.Partitions.Zip(stores, (partition, store) =>
                new PartitionFeed(function, trigger, host.EventHubs, partition.Id, backends.Hub, store, backends.Invoker, sources, output)));
        }

        return feeds;
    }

    /// <summary>The hub may have been killed at the same moment; it comes back by itself.</summary>
    private async Task<HubDescription> DescribeAsync(string hub, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await backends.Hub.DescribeAsync(hub, cancellationToken);
            }
            catch (HttpRequestException e)
            {
                output.Detail($"{hub}: the event hub does not answer ({e.Message}); trying again");
                await Task.Delay(HubPause, sources.Clock, cancellationToken);
            }
        }
    }

    private IEnumerable<QueuePoller> CreatePollers() =>
        from function in functions
        let trigger = function.Trigger as QueueTriggerDefinition
        where trigger is not null
        select new QueuePoller(function, trigger, host.Queues, backends.Queues(trigger.Connection), backends.Invoker, sources, output);
}
