using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Compaction;

/// <summary>One run of compaction over all stores, in turns as <see cref="StoreTurns"/> has them.</summary>
public sealed class CompactionRound(Compactor compactor, CompactionOptions options, TimeProvider time, ILogger<CompactionRound> logger)
{
    /// <param name="others">Stores beside the history.</param>
    /// <param name="cancellationToken">Stops between two requests.</param>
    /// <exception cref="StoreException">What the first store that failed met; all had their turn.</exception>
    public Task RunAsync(IReadOnlyList<StoreName> others, CancellationToken cancellationToken) =>
        StoreTurns.RunAsync(others, options.RunTime, time, (store, share) => compactor.RunAsync(store, share, cancellationToken), logger.Failed);
}
