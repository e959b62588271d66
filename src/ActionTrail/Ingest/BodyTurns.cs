using System.Diagnostics.CodeAnalysis;

namespace ActionTrail.Ingest;

/// <summary>
/// Large bodies go a few at a time, the others wait: until it is committed or refused each costs several times its plain size in memory, and a few
/// kilobytes of gzip make one.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Nobody asks the semaphore for its wait handle: it holds nothing, and who gives a turn back during the shutdown finds it.")]
internal sealed class BodyTurns
{
    /// <summary>How many large bodies are under way at once.</summary>
    public const int AtOnce = 2;

    /// <summary>Plain bodies up to this size take no turn.</summary>
    public const int LargeBytes = 1 << 20;

    /// <summary>Deflate makes at most this many bytes of one.</summary>
    private const int MostInflation = 1032;

    private readonly SemaphoreSlim turns = new(AtOnce);

    /// <summary>Waits for a turn, if the body may be large. Whoever sees that it is not gives it back early.</summary>
    public async Task<Turn> WaitAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!MayBeLarge(body.Span))
            return new Turn(null);
        await turns.WaitAsync(cancellationToken);
        return new Turn(turns);
    }

    private static bool MayBeLarge(ReadOnlySpan<byte> body) => body.Length > (body is [0x1F, 0x8B, ..] ? LargeBytes / MostInflation : LargeBytes);

    /// <summary>Given back once, however often it is disposed.</summary>
    internal sealed class Turn(SemaphoreSlim? turns) : IDisposable
    {
        private SemaphoreSlim? held = turns;

        public void Dispose() => Interlocked.Exchange(ref held, null)?.Release();
    }
}
