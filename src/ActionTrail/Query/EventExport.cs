using System.Runtime.CompilerServices;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Query;

/// <summary>Reads all events of a query, page after page, each page read while the one before is used.</summary>
public sealed class EventExport(EventLookup lookup, LookupOptions options)
{
    /// <summary>
    /// All pages of the query in its order. Every event that was committed before the call is on one of them, once, whatever compaction and the
    /// purge do meanwhile; of events that are committed during the call some may be. At most two pages are in memory.
    /// </summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async IAsyncEnumerable<LookupPage> ReadAsync(StoreName store, LookupQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = lookup.LookupAsync(store, query with { PageSize = options.MaxPageSize, After = null }, abandoned.Token);
        try
        {
            while (true)
            {
                var page = await reading;
                if (page.Next is { } next)
                    reading = lookup.LookupAsync(store, query with { PageSize = options.MaxPageSize, After = next }, abandoned.Token);
                yield return page;
                if (page.Next is null)
                    break;
            }
        }
        finally
        {
            // Nobody waits for a page that was read ahead in vain.
            await abandoned.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
