using ActionTrail.HistoryJobs;

namespace ActionTrail.Functions.Triggers;

/// <summary>
/// One message of a history delivery job. The outcome is recorded with the work item, so that the message has done its work whatever the outcome; what is no message
/// of ours fails, and after <c>maxDequeueCount</c> the host parks it in the poison queue.
/// </summary>
internal sealed class DeliverHistory(HistoryRun run) : ITrigger
{
    public string Function => "DeliverHistory";

    public Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken) =>
        HistoryMessage.TryParse(DeliverToBlob.ReadText(invocation), out var message)
            ? run.DeliverAsync(message, cancellationToken)
            : throw new InvalidDataException("The queue message is no message of a history job.");
}
