namespace ActionTrail.Ingest;

/// <summary>
/// Large bodies go a few at a time, the others wait: until it is committed or refused each costs several times its plain size in memory, and a few
/// kilobytes of gzip make one. A turn goes to the sender with the fewest under way, and among these to who waited longest: many bodies of one
/// account delay those of another by one body at most.
/// </summary>
internal sealed class BodyTurns
{
    /// <summary>How many large bodies are under way at once.</summary>
    public const int AtOnce = 2;

    /// <summary>Plain bodies up to this size take no turn.</summary>
    public const int LargeBytes = 1 << 20;

    /// <summary>Deflate makes at most this many bytes of one.</summary>
    private const int MostInflation = 1032;

    private readonly Lock gate = new();
    private readonly List<string> underWay = [];
    private readonly LinkedList<Waiter> waiting = [];

    /// <summary>Waits for a turn, if the body may be large. Whoever sees that it is not gives it back early.</summary>
    /// <param name="body">As it was sent, packed or not.</param>
    /// <param name="sender">Whose turn it is: an account id, or empty for the operator.</param>
    /// <param name="cancellationToken">Leaves the queue.</param>
    public async Task<Turn> WaitAsync(ReadOnlyMemory<byte> body, string sender, CancellationToken cancellationToken)
    {
        if (!MayBeLarge(body.Span))
            return new Turn(null, sender);
        Waiter waiter;
        lock (gate)
        {
            if (underWay.Count < AtOnce)
            {
                underWay.Add(sender);
                return new Turn(this, sender);
            }

            waiter = new Waiter(sender);
            waiting.AddLast(waiter);
        }

        await using (cancellationToken.UnsafeRegister(_ => Leave(waiter, cancellationToken), null))
            await waiter.Called.Task;
        return new Turn(this, sender);
    }

    private static bool MayBeLarge(ReadOnlySpan<byte> body) => body.Length > (body is [0x1F, 0x8B, ..] ? LargeBytes / MostInflation : LargeBytes);

    private void GiveBack(string sender)
    {
        lock (gate)
        {
            underWay.Remove(sender);
            while (waiting.MinBy(waiter => underWay.Count(running => running == waiter.Sender)) is { } next)
            {
                waiting.Remove(next);
                if (!next.Called.TrySetResult()) // It leaves just now.
                    continue;
                underWay.Add(next.Sender);
                return;
            }
        }
    }

    private void Leave(Waiter waiter, CancellationToken cancellationToken)
    {
        if (!waiter.Called.TrySetCanceled(cancellationToken))
            return;
        lock (gate)
            waiting.Remove(waiter);
    }

    private sealed class Waiter(string sender)
    {
        public string Sender => sender;

        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Given back once, however often it is disposed.</summary>
    internal sealed class Turn(BodyTurns? turns, string sender) : IDisposable
    {
        private BodyTurns? held = turns;

        public void Dispose() => Interlocked.Exchange(ref held, null)?.GiveBack(sender);
    }
}
