using ActionTrail.Layout;

namespace ActionTrail.Segments;

/// <summary>
/// Heads by segment name. Readers that miss at the same time share one read; it stops when the last of them has given up, and a
/// failed read is forgotten, so that the next reader tries again.
/// </summary>
internal sealed class HeadCache(long budget, Func<SegmentReference, CancellationToken, Task<SegmentHead>> read)
{
    private readonly Lock gate = new();
    private readonly ByteLru<string, SegmentHead> heads = new(budget);
    private readonly Dictionary<string, Flight> flights = new(StringComparer.Ordinal);

    /// <summary>Expected cost of the heads that are being read.</summary>
    private long coming;

    /// <summary>The most that a head of a segment with a sieve cost per stored byte; before the first one, what is usual.</summary>
    private double expansion = 1.25;

    /// <summary>What the kept heads cost by their own account.</summary>
    public long Bytes => heads.Bytes;

    public bool Holds(string name) => heads.TryGet(name, out _);

    /// <summary>Whether the segment's head fits in beside those that are kept and those on their way: many lookups and a whole wave of one ask at the same time.</summary>
    public bool HasRoomFor(SegmentReference segment) => heads.Bytes + Interlocked.Read(ref coming) + CostOf(segment) <= budget;

    public async Task<SegmentHead> GetAsync(SegmentReference segment, SegmentReads? reads, CancellationToken cancellationToken)
    {
        if (heads.TryGet(segment.Name, out var known))
            return known;
        if (Board(segment, reads, out known) is not { } flight)
            return known!;
        try
        {
            return await flight.Head.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(segment.Name, flight);
        }
    }

    /// <summary>The read to wait for, or null and the head when a read ended since the caller looked: heads are kept before their flight ends.</summary>
    private Flight? Board(SegmentReference segment, SegmentReads? reads, out SegmentHead? known)
    {
        lock (gate)
        {
            if (heads.TryGet(segment.Name, out known))
                return null;
            if (!flights.TryGetValue(segment.Name, out var flight) || flight.Head.IsFaulted)
            {
                flight = new Flight(CostOf(segment));
                Interlocked.Add(ref coming, flight.Cost);
                flight.Head = ReadAsync(segment, flight.Stop.Token);
                flights[segment.Name] = flight;
                reads?.Add(segment.Length - segment.HeadOffset);
            }

            flight.Readers++;
            return flight;
        }
    }

    private void Leave(string name, Flight flight)
    {
        lock (gate)
        {
            if (--flight.Readers > 0)
                return;
            if (flights.GetValueOrDefault(name) == flight)
                flights.Remove(name);
            Interlocked.Add(ref coming, -flight.Cost);
        }

        flight.Stop.Cancel();
        flight.Stop.Dispose();
    }

    private async Task<SegmentHead> ReadAsync(SegmentReference segment, CancellationToken cancellationToken)
    {
        // Off the caller's lock, whatever the store does synchronously.
        await Task.Yield();
        var head = await read(segment, cancellationToken);
        Learn(segment, head);
        heads.Add(segment.Name, head, head.MemoryBytes);
        return head;
    }

    private long CostOf(SegmentReference segment) => (long)((segment.Length - segment.HeadOffset) * Volatile.Read(ref expansion));

    private void Learn(SegmentReference segment, SegmentHead head)
    {
        if (segment.Sieve is not null)
            Volatile.Write(ref expansion, Math.Max(Volatile.Read(ref expansion), (double)head.MemoryBytes / (segment.Length - segment.HeadOffset)));
    }

    private sealed class Flight(long cost)
    {
        public long Cost => cost;

        public CancellationTokenSource Stop { get; } = new();

        public Task<SegmentHead> Head { get; set; } = null!;

        public int Readers { get; set; }
    }
}
