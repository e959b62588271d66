using ActionTrail.LocalRunner.Hosting;
using ActionTrail.LocalRunner.Triggers;
using ActionTrail.LocalRunner.Triggers.EventHub;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public class PartitionFeedTests
{
    private static readonly EventHubSettings Settings = new() { MaxEventBatchSize = 10, MinEventBatchSize = 1 };

    private readonly MemoryHub hub = new();
    private readonly MemoryCheckpoint checkpoint = new();

    [Fact]
    public async Task Batches_come_in_order_and_the_checkpoint_follows_each()
    {
        hub.Add(25);
        var invoker = new RecordingInvoker(call =>
        {
            Assert.Equal(call.Sequence[0], checkpoint.Load()!.Next);
            return InvocationOutcome.Success;
        });
        await Bench.WhileRunningAsync(Feed(invoker, retry: null), async () =>
        {
            await invoker.ExpectAsync(3);
            await Bench.EventuallyAsync(() => checkpoint.Load()!.Next == 25, "the checkpoint did not reach the end");
        });
        Assert.Equal([10, 10, 5], invoker.Calls.Select(call => call.Sequence.Length));
        Assert.Equal(Enumerable.Range(0, 25).Select(number => (long)number), invoker.Calls.SelectMany(call => call.Sequence));
    }

    [Fact]
    public async Task A_retried_batch_keeps_its_invocation_id_and_its_events()
    {
        hub.Add(3);
        var left = 2;
        var invoker = new RecordingInvoker(_ => left-- > 0 ? InvocationOutcome.Failure(500, "not yet") : InvocationOutcome.Success);
        await Bench.WhileRunningAsync(Feed(invoker, RetryPolicy.Fixed(-1, TimeSpan.FromMilliseconds(1))), () => invoker.ExpectAsync(3));
        Assert.Single(invoker.Calls.Select(call => call.InvocationId).Distinct());
        Assert.All(invoker.Calls, call => Assert.Equal([0, 1, 2], call.Sequence));
        Assert.Equal([0, 1, 2], invoker.Calls.Select(call => call.Body["Metadata"]!["RetryContext"]!["RetryCount"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_batch_that_used_up_its_retries_is_passed_over()
    {
        hub.Add(2);
        var invoker = new RecordingInvoker(call => call.Sequence[0] == 0 ? InvocationOutcome.Failure(500, "never") : InvocationOutcome.Success);
        await Bench.WhileRunningAsync(Feed(invoker, RetryPolicy.Fixed(2, TimeSpan.FromMilliseconds(1))), async () =>
        {
            await invoker.ExpectAsync(3);
            await Bench.EventuallyAsync(() => checkpoint.Load()!.Next == 2, "the checkpoint stayed");
            hub.Add(1);
            await invoker.ExpectAsync(1);
        });
        Assert.Equal([2], invoker.Calls.Last().Sequence);
        Assert.NotEqual(invoker.Calls.First().InvocationId, invoker.Calls.Last().InvocationId);
    }

    [Fact]
    public async Task A_stop_between_two_tries_leaves_the_batch_open_with_its_boundaries()
    {
        hub.Add(3);
        var failing = new RecordingInvoker(_ => InvocationOutcome.Failure(503, "the store is away"));
        await Bench.WhileRunningAsync(Feed(failing, RetryPolicy.Fixed(-1, TimeSpan.FromMilliseconds(1))), () => failing.ExpectAsync(2));
        Assert.Equal(0, checkpoint.Load()!.Next);

        hub.Add(4);
        var fine = RecordingInvoker.AlwaysFine();
        await Bench.WhileRunningAsync(Feed(fine, retry: null), () => fine.ExpectAsync(2));
        Assert.Equal([0, 1, 2], fine.Calls.First().Sequence);
        Assert.Equal([3, 4, 5, 6], fine.Calls.Last().Sequence);
    }

    [Fact]
    public async Task After_an_unclean_stop_the_last_batches_come_again_with_the_same_boundaries_before_new_ones()
    {
        hub.Add(4);
        var before = RecordingInvoker.AlwaysFine();
        await Bench.WhileRunningAsync(Feed(before, retry: null), async () =>
        {
            await before.ExpectAsync(1);
            hub.Add(7);
            await before.ExpectAsync(1);
            await Bench.EventuallyAsync(() => checkpoint.Load()!.Next == 11, "the checkpoint stayed");
        });
        var boundaries = before.Calls.Select(call => (call.Sequence[0], call.Sequence[^1])).ToArray();

        Assert.Equal(boundaries.Length, UncleanStop.Reopen([checkpoint]));
        hub.Add(2);
        var after = RecordingInvoker.AlwaysFine();
        var caughtUpAt = -1;
        await Bench.WhileRunningAsync(Feed(after, retry: null, () => caughtUpAt = after.Calls.Count), () => after.ExpectAsync(boundaries.Length + 1));
        Assert.Equal(boundaries.Append((11, 12)), after.Calls.Select(call => (call.Sequence[0], call.Sequence[^1])));
        Assert.Equal(boundaries.Length, caughtUpAt);
    }

    [Fact]
    public async Task A_new_log_makes_the_old_checkpoint_void()
    {
        checkpoint.Save(PartitionCheckpoint.At("local-of-before.localhost", 900));
        hub.Add(2);
        var invoker = RecordingInvoker.AlwaysFine();
        await Bench.WhileRunningAsync(Feed(invoker, retry: null), () => invoker.ExpectAsync(1));
        Assert.Equal([0, 1], invoker.Calls.Single().Sequence);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    public async Task A_hub_that_is_made_anew_while_it_is_read_is_read_from_its_start(int newEvents)
    {
        hub.Add(3);
        var invoker = RecordingInvoker.AlwaysFine();
        await Bench.WhileRunningAsync(Feed(invoker, retry: null), async () =>
        {
            await invoker.ExpectAsync(1);
            hub.Renew("local-2.localhost", newEvents);
            await invoker.ExpectAsync(1);
            await Bench.EventuallyAsync(() => checkpoint.Load() is { Namespace: "local-2.localhost" } kept && kept.Next == newEvents, "the checkpoint is still the old one");
        });
        Assert.Equal(Enumerable.Range(0, newEvents).Select(number => (long)number), invoker.Calls.Last().Sequence);
    }

    [Fact]
    public async Task A_hub_that_lost_its_last_events_is_read_on_from_its_end()
    {
        hub.Add(5);
        var invoker = RecordingInvoker.AlwaysFine();
        await Bench.WhileRunningAsync(Feed(invoker, retry: null), async () =>
        {
            await invoker.ExpectAsync(1);
            hub.Renew(hub.Namespace, 2);
            await Bench.EventuallyAsync(() => hub.Descriptions > 1, "the hub was not asked again");
            hub.Add(1);
            await invoker.ExpectAsync(1);
        });
        Assert.Equal([2], invoker.Calls.Last().Sequence);
    }

    private Func<CancellationToken, Task> Feed(IInvoker invoker, RetryPolicy? retry, Action? caughtUp = null)
    {
        var trigger = InvocationShapeTests.HubTrigger(retry);
        var feed = new PartitionFeed(new FunctionDefinition("IngestEvents", trigger), trigger, Settings, "0", hub, checkpoint, invoker, Bench.Sources, Bench.Output());
        return token => feed.RunAsync(caughtUp ?? (() => { }), token);
    }
}
