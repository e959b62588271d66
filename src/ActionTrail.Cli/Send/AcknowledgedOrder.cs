namespace ActionTrail.Cli.Send;

/// <summary>Batches end in any order; this knows how far everything is settled without a gap.</summary>
internal sealed class AcknowledgedOrder(SendTotals begin)
{
    private readonly Dictionary<long, SendTotals> waiting = [];
    private long next;

    /// <summary>Everything before this place is settled.</summary>
    public SendTotals Settled { get; private set; } = begin;

    /// <summary>Batch <paramref name="number"/> is settled; its totals count that batch alone, with the place behind it.</summary>
    public void Complete(long number, SendTotals batch)
    {
        waiting.Add(number, batch);
        while (waiting.Remove(next, out var settled))
        {
            Settled = new SendTotals(settled.End, Settled.Accepted + settled.Accepted, Settled.Refused + settled.Refused);
            next++;
        }
    }
}

/// <summary>Counts up to a place in the input.</summary>
/// <param name="End">The place.</param>
/// <param name="Accepted">Records accepted.</param>
/// <param name="Refused">Records refused.</param>
internal sealed record SendTotals(ReadPosition End, long Accepted, long Refused);
