using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Triggers;
using ActionTrail.LocalRunner.Triggers.Queues;
using ActionTrail.Storage;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public class QueuePollerTests
{
    private const string Queue = "deliver-blob";

    private static readonly QueueSettings Settings = new() { BatchSize = 4, NewBatchThreshold = 2, MaxPollingInterval = TimeSpan.FromMilliseconds(100), MaxDequeueCount = 3 };

    private readonly MemoryWorkQueue queues = new(TimeProvider.System);

    [Fact]
    public async Task A_message_that_succeeded_is_deleted()
    {
        var invoker = RecordingInvoker.AlwaysFine();
        await queues.CreateQueueAsync(Queue, default);
        await queues.SendAsync(Queue, """{"trail":"t"}""", TimeSpan.Zero, default);
        await Bench.WhileRunningAsync(Poller(invoker), async () =>
        {
            await invoker.ExpectAsync(1);
            await Bench.EventuallyAsync(async () => await queues.CountAsync(Queue, default) == 0, "the message is still there");
        });
        Assert.Equal(("DeliverToBlob", "\"{\\\"trail\\\":\\\"t\\\"}\""), (invoker.Calls.Single().Function, invoker.Calls.Single().Body["Data"]!["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_message_that_fails_is_tried_max_dequeue_count_times_and_then_poison()
    {
        var invoker = new RecordingInvoker(_ => InvocationOutcome.Failure(500, "no"));
        await queues.CreateQueueAsync(Queue, default);
        await queues.SendAsync(Queue, "bad é", TimeSpan.Zero, default);
        await Bench.WhileRunningAsync(Poller(invoker), async () =>
        {
            await invoker.ExpectAsync(3);
            await Bench.EventuallyAsync(async () => await queues.CountAsync(Queue, default) == 0, "the message is still there");
        });
        Assert.Equal(["1", "2", "3"], invoker.Calls.Select(call => call.Body["Metadata"]!["DequeueCount"]!.GetValue<string>()));
        Assert.Equal(3, invoker.Calls.Select(call => call.InvocationId).Distinct().Count());
        var poison = Assert.Single(await queues.ReceiveAsync(Queue + "-poison", 32, TimeSpan.FromSeconds(30), default));
        Assert.Equal("bad é", poison.Text);
    }

    [Fact]
    public async Task A_queue_that_is_made_later_is_found()
    {
        var invoker = RecordingInvoker.AlwaysFine();
        await Bench.WhileRunningAsync(Poller(invoker), async () =>
        {
            await Task.Delay(50);
            await queues.CreateQueueAsync(Queue, default);
            await queues.SendAsync(Queue, "late", TimeSpan.Zero, default);
            await invoker.ExpectAsync(1);
        });
    }

    private Func<CancellationToken, Task> Poller(IInvoker invoker)
    {
        var trigger = new QueueTriggerDefinition("message", Queue, "connection");
        return new QueuePoller(new FunctionDefinition("DeliverToBlob", trigger), trigger, Settings, queues, invoker, Bench.Sources, Bench.Output()).RunAsync;
    }
}
