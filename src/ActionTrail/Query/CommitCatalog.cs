using System.Collections.Concurrent;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Query;

/// <summary>
/// What stores consist of, as lookups see them: compacted segments in force and the commits behind them. Rows that never change are read once and
/// kept; every call makes one query that tells what changed since: the generation of compaction, and the partitions with commits that are not known here,
/// which are read on all at once. A list of compacted segments is read again only when its shard was compacted meanwhile.
/// </summary>
public sealed class CommitCatalog(ITableStore tables, TimeProvider clock, LookupOptions options)
{
    private readonly ConcurrentDictionary<StoreName, StoreCatalog> stores = new();

    /// <summary>
    /// The segments that may hold events of the account with an event time in [<paramref name="fromMs"/>, <paramref name="toMs"/>). Everything that
    /// was committed before the call is in them; none is known to be purged or lost.
    /// </summary>
    /// <exception cref="StoreException">The tables cannot be read.</exception>
    internal Task<CatalogView> ReadAsync(StoreName store, string accountId, long fromMs, long toMs, CancellationToken cancellationToken)
    {
        // Fresh commits of a Logstore may be of any age, and its retention may change.
        var oldest = store != StoreName.History ? long.MinValue : clock.GetUtcNow().AddDays(-options.RetentionDays - 2).ToUnixTimeMilliseconds();
        return Of(store).ReadAsync(accountId, fromMs, toMs, oldest, cancellationToken);
    }

    /// <summary>The answer that <see cref="ReadAsync"/> gives if nothing has changed, without asking the store; null when it cannot be guessed.</summary>
    internal CatalogView? Guess(StoreName store, string accountId, long fromMs, long toMs) => Of(store).Guess(accountId, fromMs, toMs);

    /// <summary>
    /// Called when a segment is not there. Returns when it was purged or marked lost meanwhile, and forgets it; otherwise the store is damaged.
    /// </summary>
    /// <exception cref="ViewOutdatedException">The segment was freed by compaction since the view of that generation was taken.</exception>
    /// <exception cref="StoreException">Unavailable: the catalog still names a segment that is missing.</exception>
    internal Task ForgetAsync(StoreName store, long generation, LookupSource source, CancellationToken cancellationToken) =>
        Of(store).ForgetAsync(generation, source, cancellationToken);

    private StoreCatalog Of(StoreName store) => stores.GetOrAdd(store, static (name, rows) => new StoreCatalog(rows, name), tables);
}
