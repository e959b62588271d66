using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Compaction;

/// <summary>
/// One run over several stores. The history comes first and may take half of the time when there are others; those share what is left, each run beginning with
/// another one, so that a store with much to do delays its turn and not the others for ever. A store that fails does not keep the others waiting.
/// </summary>
public sealed class CompactionRound(Compactor compactor, CompactionOptions options, TimeProvider time, ILogger<CompactionRound> logger)
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    /// <param name="others">Stores beside the history.</param>
    /// <param name="cancellationToken">Stops between two requests.</param>
    /// <exception cref="StoreException">What the first store that failed met; all had their turn.</exception>
    public async Task RunAsync(IReadOnlyList<StoreName> others, CancellationToken cancellationToken)
    {
        var begun = time.GetUtcNow();
        var first = others.Count == 0 ? 0 : (int)(begun.Ticks / Step.Ticks % others.Count);
        StoreName[] stores = [StoreName.History, .. others.Skip(first), .. others.Take(first)];
        StoreException? failure = null;
        for (var i = 0; i < stores.Length; i++)
        {
            var left = options.RunTime - (time.GetUtcNow() - begun);
            var share = i == 0 ? (others.Count == 0 ? left : left / 2) : left / (stores.Length - i);
            try
            {
                await compactor.RunAsync(stores[i], share > TimeSpan.Zero ? share : TimeSpan.Zero, cancellationToken);
            }
            catch (StoreException error)
            {
                logger.Failed(stores[i], error);
                failure ??= error;
            }
        }

        if (failure is not null)
            throw new StoreException(failure.Kind, failure.Message, failure, failure.RetryAfter);
    }
}
