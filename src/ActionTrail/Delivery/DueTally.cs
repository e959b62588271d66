using System.Runtime.CompilerServices;

namespace ActionTrail.Delivery;

/// <summary>Counts the due events that an attempt reads; whoever begins anew counts anew.</summary>
internal sealed class DueTally
{
    public long Events { get; private set; }

    public async IAsyncEnumerable<DueEvent> CountAsync(IAsyncEnumerable<DueEvent> due, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Events = 0;
        await foreach (var one in due.WithCancellation(cancellationToken))
        {
            Events++;
            yield return one;
        }
    }
}
