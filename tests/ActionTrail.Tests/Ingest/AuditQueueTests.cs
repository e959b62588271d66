using ActionTrail.Ingest;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Ingest;

public class AuditQueueTests
{
    [Fact]
    public async Task Events_wait_while_the_store_is_away_and_a_fault_of_the_program_does_not_stop_those_after_it()
    {
        var tries = 0;
        var stored = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var queue = new AuditQueue(
            group =>
            {
                switch (++tries)
                {
                    case 1:
                        throw new StoreException(StoreErrorKind.Unavailable, "away");
                    case 2:
                        throw new InvalidOperationException("a fault");
                    default:
                        stored += group.Count;
                        done.TrySetResult();
                        return Task.CompletedTask;
                }
            },
            TimeProvider.System,
            NullLogger.Instance);

        await queue.EnqueueAsync(new SubmittedEvents(0), default);
        while (Volatile.Read(ref tries) < 2)
        {
            await Task.Delay(10);
        }

        await queue.EnqueueAsync(new SubmittedEvents(0), default);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await queue.DisposeAsync();
        Assert.Equal((3, 1), (tries, stored));
    }
}
