using System.Net;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Options;

namespace ActionTrail.LocalRunner.Triggers.EventHub;

/// <summary>
/// Feeds one partition to one function, strictly one batch after the other:
/// 1. what has to be delivered again, with the boundaries it had; 2. new batches. The checkpoint moves after each invocation, failed ones too,
/// once the retry policy is used up. Cancellation stops between attempts and leaves the checkpoint where it was. A hub that is made anew while it is
/// read (another one may keep nothing over a restart) begins like one that was never read.
/// </summary>
internal sealed class PartitionFeed(
    FunctionDefinition function,
    EventHubTriggerDefinition trigger,
    EventHubSettings settings,
    string partition,
    IHubReceiver receiver,
    ICheckpointStore store,
    IInvoker invoker,
    TriggerSources sources,
    RunnerOutput output)
{
    private const int TriesBeforeWarning = 40;

    private static readonly TimeSpan HubPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(20);

    private PartitionCheckpoint checkpoint = null!;

    /// <summary>Runs until cancelled. <paramref name="caughtUp"/> is called once, when everything that had to be delivered again was.</summary>
    public async Task RunAsync(Action caughtUp, CancellationToken cancellationToken)
    {
        checkpoint = await StartingPointAsync(cancellationToken);
        foreach (var batch in checkpoint.Open)
        {
            await DeliverAgainAsync(batch, cancellationToken);
        }

        caughtUp();
        while (true)
        {
            var page = await PageAsync(
                () => receiver.ReceiveAsync(
                    trigger.EventHubName,
                    partition,
                    checkpoint.Next,
                    to: null,
                    settings.MaxEventBatchSize,
                    Math.Max(1, settings.MinEventBatchSize),
                    settings.MinEventBatchSize > 1 ? settings.MaxWaitTime : IdleWait,
                    cancellationToken),
                cancellationToken);
            if (page is null)
            {
                await Task.Delay(HubPause, sources.Clock, cancellationToken);
                checkpoint = await StartingPointAsync(cancellationToken);
            }
            else if (page.Events.Count > 0)
            {
                await DeliverAsync(page, cancellationToken);
            }
        }
    }

    private async Task<PartitionCheckpoint> StartingPointAsync(CancellationToken cancellationToken)
    {
        var hub = await FromHubAsync(() => receiver.DescribeAsync(trigger.EventHubName, cancellationToken), cancellationToken);
        var log = hub.Partitions.FirstOrDefault(candidate => candidate.Id == partition)
            ?? throw new RunnerException($"{trigger.EventHubName}: the event hub has no partition {partition} any more; start the runner again.");
        var kept = store.Load();
        if (kept is not null && kept.Namespace == hub.Namespace)
        {
            if (kept.Next > log.Next)
            {
                output.Warn($"{trigger.EventHubName}/{partition}: the hub's log ends at {log.Next}, before the checkpoint {kept.Next}; it lost events (a power cut?)");
            }

            return kept with { Next = Math.Clamp(kept.Next, log.First, log.Next) };
        }

        if (kept is not null)
        {
            output.Warn($"{trigger.EventHubName}/{partition}: the event hub's log is a new one; its checkpoint is dropped");
        }

        return PartitionCheckpoint.At(hub.Namespace, settings.StartAtEnd ? log.Next : log.First);
    }

    private async Task DeliverAgainAsync(DeliveredBatch batch, CancellationToken cancellationToken)
    {
        var count = checked((int)(batch.Last - batch.First + 1));
        var page = await PageAsync(
            () => receiver.ReceiveAsync(trigger.EventHubName, partition, batch.First, batch.Last, count, count, HubPause, cancellationToken),
            cancellationToken) ?? new HubPage(checkpoint.Namespace, []);
        if (page.Events.Count < count)
        {
            output.Warn($"{trigger.EventHubName}/{partition}: {count - page.Events.Count} of the events {batch.First} to {batch.Last} are no longer in the hub's log and cannot be delivered again");
        }

        if (page.Events.Count > 0)
        {
            output.Say($"{trigger.EventHubName}/{partition}: delivering {batch.First} to {batch.Last} again");
            await DeliverAsync(page, cancellationToken);
        }
    }

    private async Task DeliverAsync(HubPage page, CancellationToken cancellationToken)
    {
        var (first, last) = (page.Events[0].SequenceNumber, page.Events[^1].SequenceNumber);
        checkpoint = checkpoint.Begin(first, last);
        store.Save(checkpoint);
        await InvokeAsync(page, cancellationToken);
        checkpoint = checkpoint.Complete(first, last, sources.Clock.GetUtcNow());
        store.Save(checkpoint);
    }

    private async Task InvokeAsync(HubPage page, CancellationToken cancellationToken)
    {
        var source = new PartitionSource(page.Namespace, trigger.EventHubName, trigger.ConsumerGroup, partition);
        var id = sources.NewId();
        InvocationOutcome? failure = null;
        for (var retry = 0; ; retry++)
        {
            if (retry > 0)
            {
                await Task.Delay(trigger.Retry!.DelayBefore(retry, sources.Chance), sources.Clock, cancellationToken);
            }

            var context = trigger.Retry is null ? null : new RetryContext(retry, trigger.Retry.MaxRetryCount, id, failure);
            var body = EventHubInvocation.Write(trigger, sources.Stamp(function.Name), source, page.Events, context);
            var outcome = await invoker.InvokeAsync(function.Name, id, body, cancellationToken);
            if (outcome.Succeeded)
            {
                output.Detail($"{function.Name}: {page.Events.Count} events of partition {partition}, {page.Events[0].SequenceNumber} to {page.Events[^1].SequenceNumber}");
                return;
            }

            failure = outcome;
            if (trigger.Retry?.Allows(retry + 1) != true)
            {
                output.Warn($"{function.Name}: {page.Events.Count} events of partition {partition} failed ({outcome.Reason}) and are passed over, as the real host does");
                return;
            }

            output.Warn($"{function.Name}: try {retry + 1} of partition {partition} failed ({outcome.Reason}); trying again");
        }
    }

    /// <summary>Null when the checkpoint does not fit the hub's log, or not any more.</summary>
    private async Task<HubPage?> PageAsync(Func<Task<HubPage>> read, CancellationToken cancellationToken)
    {
        try
        {
            var page = await FromHubAsync(read, cancellationToken);
            return page.Namespace == checkpoint.Namespace ? page : null;
        }
        catch (HttpRequestException e) when (IsPastTheEnd(e))
        {
            return null;
        }
    }

    private static bool IsPastTheEnd(Exception e) => e is HttpRequestException { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable };

    private async Task<T> FromHubAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await read();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or System.Text.Json.JsonException && !IsPastTheEnd(e) && !cancellationToken.IsCancellationRequested)
            {
                var text = $"{trigger.EventHubName}/{partition}: the event hub does not answer ({e.Message}); trying again";
                if (tries == TriesBeforeWarning)
                {
                    output.Warn(text);
                }
                else
                {
                    output.Detail(text);
                }

                await Task.Delay(HubPause, sources.Clock, cancellationToken);
            }
        }
    }
}
