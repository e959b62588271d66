using ActionTrail.Storage;

namespace ActionTrail.Layout;

/// <summary>
/// One run over several stores. The history comes first and may take half of the time when there are others; those share what is left, each run beginning with
/// another one, so that a store with much to do delays its turn and not the others for ever. A store that fails does not keep the others waiting.
/// </summary>
public static class StoreTurns
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    /// <param name="others">Stores beside the history.</param>
    /// <param name="runTime">Time for all of them.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="run">What is done with a store; how long it may take, zero when the time is over.</param>
    /// <param name="failed">Told of each store that failed.</param>
    /// <exception cref="StoreException">What the first store that failed met; all had their turn.</exception>
    public static async Task RunAsync(
        IReadOnlyList<StoreName> others, TimeSpan runTime, TimeProvider time, Func<StoreName, TimeSpan, Task> run, Action<StoreName, StoreException> failed)
    {
        var begun = time.GetUtcNow();
        var first = others.Count == 0 ? 0 : (int)(begun.Ticks / Step.Ticks % others.Count);
        StoreName[] stores = [StoreName.History, .. others.Skip(first), .. others.Take(first)];
        StoreException? failure = null;
        for (var i = 0; i < stores.Length; i++)
        {
            var left = runTime - (time.GetUtcNow() - begun);
            var share = i == 0 ? (others.Count == 0 ? left : left / 2) : left / (stores.Length - i);
            try
            {
                await run(stores[i], share > TimeSpan.Zero ? share : TimeSpan.Zero);
            }
            catch (StoreException error)
            {
                failed(stores[i], error);
                failure ??= error;
            }
        }

        if (failure is not null)
            throw new StoreException(failure.Kind, failure.Message, failure, failure.RetryAfter);
    }
}
