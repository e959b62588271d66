using System.Collections.Concurrent;
using ActionTrail.LocalRunner.Hosting;
using ActionTrail.Storage;

namespace ActionTrail.LocalRunner.Triggers.Queues;

/// <summary>
/// Polls one queue for one function. Messages are hidden for ten minutes and renewed while they run; success deletes; failure shows them again
/// after <c>visibilityTimeout</c>, or moves them to <c>{queue}-poison</c> when they were taken <c>maxDequeueCount</c> times.
/// </summary>
internal sealed class QueuePoller(
    FunctionDefinition function,
    QueueTriggerDefinition trigger,
    QueueSettings settings,
    IWorkQueue queues,
    IInvoker invoker,
    TriggerSources sources,
    RunnerOutput output)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Task> running = new(StringComparer.Ordinal);

    private string PoisonQueue => trigger.QueueName + "-poison";

    /// <summary>Runs until cancelled, then waits for what it had begun.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = ShortestPause;
        try
        {
            while (true)
            {
                if (running.Count > settings.NewBatchThreshold)
                {
                    await Task.WhenAny(running.Values).WaitAsync(cancellationToken);
                    continue;
                }

                var messages = await ReceiveAsync(cancellationToken);
                foreach (var message in messages)
                {
                    var work = Task.Run(() => ProcessAsync(message, cancellationToken), cancellationToken);
                    running[message.Id] = work;
                    _ = work.ContinueWith(_ => running.TryRemove(KeyValuePair.Create(message.Id, work)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                }

                pause = messages.Count > 0 ? ShortestPause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, settings.MaxPollingInterval.Ticks));
                if (messages.Count == 0)
                {
                    await Task.Delay(pause, sources.Clock, cancellationToken);
                }
            }
        }
        finally
        {
            await Task.WhenAll(running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await queues.ReceiveAsync(trigger.QueueName, Math.Clamp(settings.BatchSize, 1, 32), Lease, cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return [];
        }
        catch (StoreException e)
        {
            output.Detail($"{trigger.QueueName}: cannot be read ({e.Message}); trying again");
            return [];
        }
    }

    private async Task ProcessAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (message.DequeueCount > settings.MaxDequeueCount)
            {
                await PoisonAsync(message, cancellationToken);
                return;
            }

            var (outcome, held) = await InvokeHeldAsync(message, cancellationToken);
            if (outcome.Succeeded)
            {
                await queues.DeleteAsync(trigger.QueueName, held, cancellationToken);
            }
            else if (message.DequeueCount >= settings.MaxDequeueCount)
            {
                output.Warn($"{function.Name}: message {message.Id} failed for the last time ({outcome.Reason})");
                await PoisonAsync(held, cancellationToken);
            }
            else
            {
                output.Warn($"{function.Name}: message {message.Id} failed, time {message.DequeueCount} of {settings.MaxDequeueCount} ({outcome.Reason})");
                await queues.UpdateVisibilityAsync(trigger.QueueName, held, settings.VisibilityTimeout, cancellationToken);
            }
        }
        catch (StoreException e)
        {
            // The message shows up again by itself when its lease ends; the handler is idempotent.
            output.Warn($"{function.Name}: message {message.Id} could not be settled ({e.Message})");
        }
    }

    private async Task PoisonAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        output.Warn($"{function.Name}: message {message.Id} goes to {PoisonQueue}");
        await queues.CreateQueueAsync(PoisonQueue, cancellationToken);
        await queues.SendAsync(PoisonQueue, message.Text, TimeSpan.Zero, cancellationToken);
        await queues.DeleteAsync(trigger.QueueName, message, cancellationToken);
    }

    private async Task<(InvocationOutcome Outcome, QueueMessage Held)> InvokeHeldAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        var body = QueueInvocation.Write(trigger, sources.Stamp(function.Name), message);
        var invocation = invoker.InvokeAsync(function.Name, sources.NewId(), body, cancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewal = RenewAsync(message, ended.Token);
        try
        {
            return (await invocation, await EndAsync());
        }
        finally
        {
            await EndAsync();
        }

        async Task<QueueMessage> EndAsync()
        {
            await ended.CancelAsync();
            return await renewal;
        }
    }

    /// <summary>Returns the message with its newest receipt once it is cancelled.</summary>
    private async Task<QueueMessage> RenewAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Task.Delay(Lease / 2, sources.Clock, cancellationToken);
                message = message with { PopReceipt = await queues.UpdateVisibilityAsync(trigger.QueueName, message, Lease, cancellationToken) };
            }
            catch (OperationCanceledException)
            {
                return message;
            }
            catch (StoreException e)
            {
                output.Warn($"{function.Name}: the lease of message {message.Id} could not be renewed ({e.Message}); somebody else may take it too");
            }
        }
    }
}
