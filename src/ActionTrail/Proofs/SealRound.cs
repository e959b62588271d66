using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Proofs;

/// <summary>One run of sealing over all stores, in turns as <see cref="StoreTurns"/> has them: each store has a log and checkpoints of its own.</summary>
public sealed class SealRound(CommitSealer sealer, SealOptions options, TimeProvider time, ILogger<SealRound> logger)
{
    /// <param name="others">Stores beside the history.</param>
    /// <param name="cancellationToken">Stops between two requests.</param>
    /// <exception cref="StoreException">What the first store that failed met; all had their turn.</exception>
    public Task RunAsync(IReadOnlyList<StoreName> others, CancellationToken cancellationToken) =>
        StoreTurns.RunAsync(others, options.TimeLimit, time, (store, share) => share > TimeSpan.Zero ? sealer.RunAsync(store, share, cancellationToken) : Task.CompletedTask, logger.Failed);
}
