using ActionTrail.Events;

namespace ActionTrail.Ingest;

/// <summary>Settings of the ingest slice.</summary>
public sealed class IngestOptions
{
    /// <summary>
    /// Whether an unknown account in an event from the hub comes into being; otherwise its events go to quarantine. Default true: the
    /// operator authorised the hub's publishers. Never so for events over HTTP.
    /// </summary>
    public bool CreateAccountsOnSight { get; set; } = true;

    /// <summary>What an event must look like.</summary>
    public NormalizerOptions Normalizer { get; set; } = new();

    /// <summary>A commit is closed when its events have reached this many bytes; one message may carry it beyond. Default 64 MiB.</summary>
    public long MaxCommitBytes { get; set; } = 64 << 20;

    /// <summary>As <see cref="MaxCommitBytes"/>, in events. Default 250,000, so that one more message of tiny events stays below what a segment holds.</summary>
    public int MaxCommitEvents { get; set; } = 250_000;
}
