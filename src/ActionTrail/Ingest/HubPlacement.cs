using ActionTrail.Layout;

namespace ActionTrail.Ingest;

/// <summary>The messages of a batch in the order of the log, and where they belong behind a given head.</summary>
internal sealed class HubPlacement
{
    private readonly ReadOnlyMemory<HubMessage> messages;

    private HubPlacement(ReadOnlyMemory<HubMessage> messages) => this.messages = messages;

    public int Count => messages.Length;

    /// <summary>Puts the messages in ascending order and keeps the first of equal sequence numbers. The host sends them so already.</summary>
    public static HubPlacement Of(ReadOnlyMemory<HubMessage> batch)
    {
        var span = batch.Span;
        for (var i = 1; i < batch.Length; i++)
        {
            if (span[i].SequenceNumber <= span[i - 1].SequenceNumber)
                return new HubPlacement(batch.ToArray().DistinctBy(static m => m.SequenceNumber).OrderBy(static m => m.SequenceNumber).ToArray());
        }

        return new HubPlacement(batch);
    }

    public HubMessage this[int index] => messages.Span[index];

    public ReadOnlyMemory<HubMessage> Slice(int start, int count) => messages.Slice(start, count);

    /// <summary>
    /// What to add to the hub's sequence numbers. A hub that was deleted and made anew under its name counts from 0 again, and
    /// its messages would look like re-deliveries of old ones. They are told apart by time: whatever the log holds was enqueued
    /// at or before the head's newest enqueued time, so that a message at or below the head that was enqueued later cannot
    /// be a re-delivery. The new hub's numbers then go on behind the head.
    /// </summary>
    public long BaseBehind(PartitionHead head)
    {
        var isNewHub = Count > 0 && this[0].SequenceNumber + head.HubBase <= head.Last && this[0].EnqueuedTimeMs > head.LastEnqueuedMs;
        return isNewHub ? head.Last + 1 : head.HubBase;
    }

    /// <summary>Index of the first message that the log does not hold yet; <see cref="Count"/> when it holds them all.</summary>
    public int FirstBehind(long last, long hubBase)
    {
        var index = 0;
        while (index < Count && this[index].SequenceNumber + hubBase <= last)
            index++;
        return index;
    }
}
