namespace ActionTrail.LocalRunner.Triggers.EventHub;

/// <summary>A batch with fixed boundaries, both inclusive. <paramref name="CompletedOn"/> is null while it has not ended.</summary>
internal sealed record DeliveredBatch(long First, long Last, DateTimeOffset? CompletedOn);

/// <summary>
/// How far one partition got, with the boundaries of what was delivered lately. The storage emulator forgets acknowledged writes when it is
/// killed; delivering the same ranges again lets the handler build the same segments once more.
/// </summary>
/// <param name="Namespace">The log this belongs to; another one makes the checkpoint void.</param>
/// <param name="Next">The first sequence number that was not delivered yet.</param>
/// <param name="Recent">Open ones were being delivered, or are to be delivered again, when this was written.</param>
internal sealed record PartitionCheckpoint(string Namespace, long Next, IReadOnlyList<DeliveredBatch> Recent)
{
    /// <summary>How long boundaries are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(60);

    /// <summary>How far back an unclean stop of the emulator may reach: it saves every 5 s, and saving may take some more.</summary>
    public static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(20);

    public DateTimeOffset? NewestCompletion => Recent.Max(batch => batch.CompletedOn);

    /// <summary>What to deliver before anything new, in order.</summary>
    public IReadOnlyList<DeliveredBatch> Open => [.. Recent.Where(batch => batch.CompletedOn is null).OrderBy(batch => batch.First).ThenBy(batch => batch.Last)];

    public static PartitionCheckpoint At(string @namespace, long next) => new(@namespace, next, []);

    /// <summary>The batch is about to be delivered (perhaps not for the first time).</summary>
    public PartitionCheckpoint Begin(long first, long last) =>
        this with { Recent = [.. Recent.Where(batch => batch.First != first || batch.Last != last), new DeliveredBatch(first, last, null)] };

    /// <summary>The open batch ended, well or not: the host moves on in both cases.</summary>
    public PartitionCheckpoint Complete(long first, long last, DateTimeOffset now) => this with
    {
        Next = Math.Max(Next, last + 1),
        Recent =
        [
            .. Recent.Where(batch => (batch.First != first || batch.Last != last) && (batch.CompletedOn is null || batch.CompletedOn >= now - Kept)),
            new DeliveredBatch(first, last, now),
        ],
    };

    /// <summary>Opens what was completed since <paramref name="since"/>, so that it is delivered again whatever happens meanwhile.</summary>
    public PartitionCheckpoint Reopen(DateTimeOffset since) =>
        this with { Recent = [.. Recent.Select(batch => batch.CompletedOn >= since ? batch with { CompletedOn = null } : batch)] };
}
