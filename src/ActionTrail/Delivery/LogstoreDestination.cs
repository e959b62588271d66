using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>
/// Appends deliveries to the trail's Logstore, in parts that are commits of its log. A part's content is a function of trail, window and log; its key says
/// which part of which delivery it is, and each key is appended once. What lies under a key already must be the same content.
/// </summary>
public sealed class LogstoreDestination(ITableStore tables, IObjectStore objects, CommitLog log, LogstoreRegistry logstores, DeliveryOptions options) : IDestination
{
    private readonly LogstoreAppender appender = new(tables, objects, log);

    public DestinationKind Kind => DestinationKind.Logstore;

    /// <remarks>Requests that fail are to our own stores, as those that read the window are: they are waited for, however they fail.</remarks>
    public async Task<IReadOnlyList<DeliveredObject>> WriteAsync(DeliveryOrder order, IAsyncEnumerable<DueEvent> due, CancellationToken cancellationToken)
    {
        var name = order.Trail.Logstore!;
        if (await logstores.FindAsync(order.Trail.Account, name, cancellationToken) is not { } logstore)
            throw new DestinationException(new StoreException(StoreErrorKind.NotFound, $"Logstore {name} is not there."), $"Logstore {name}");
        var written = new List<DeliveredObject>();
        using var part = new AppendedEvents();
        await foreach (var one in due.WithCancellation(cancellationToken))
        {
            if (part.Count > 0 && part.Bytes + one.Body.Length > options.MaxAppendBytes)
                await AppendAsync(order, logstore, part, written, cancellationToken);
            part.Add(one.Event);
        }

        if (part.Count > 0)
            await AppendAsync(order, logstore, part, written, cancellationToken);
        return written;
    }

    public async Task<bool> HoldsAsync(DeliveryOrder order, IReadOnlyList<DeliveredObject> written, CancellationToken cancellationToken)
    {
        var (account, name) = (order.Trail.Account, order.Trail.Logstore!);
        var now = (await logstores.FindAsync(account, name, cancellationToken))?.Store;
        for (var number = 0; number < written.Count; number++)
        {
            // What went with a Logstore that its owner deleted is no loss, and does not belong into one that was made anew.
            var (store, last) = Parse(account, name, written[number].Name);
            if (store != now)
                continue;

            // What the Logstore's own retention took is no loss; what it took is behind its anchor.
            if (!await appender.HoldsAsync(store, KeyOf(order, number), cancellationToken) && await PurgedThroughAsync(store, cancellationToken) < last)
                return false;
        }

        return true;
    }

    /// <summary>A piece of a history job has a key of its own beside the window that begins where it does.</summary>
    private static string KeyOf(DeliveryOrder order, int number) =>
        Keys.WindowPart(order.Window, order.Trail.TrailId + (order.Job is { } job ? DeliveryKeys.OfJob(job) : ""), number);

    private async Task AppendAsync(DeliveryOrder order, Logstore logstore, AppendedEvents part, List<DeliveredObject> written, CancellationToken cancellationToken)
    {
        var key = KeyOf(order, written.Count);
        var appended = await appender.AppendAsync(logstore.Store, logstore.Account, key, part, cancellationToken);
        if (appended.Count != part.Count || !appended.Sha256.AsSpan().SequenceEqual(part.Sha256()))
            throw new DestinationConflictException($"Logstore {logstore.Name} holds other events as part {written.Count} of window {order.Window}.");
        written.Add(new(NameOf(logstore, appended.Last), part.Count, part.Bytes, Convert.ToHexStringLower(appended.Sha256)));
        part.Clear();
    }

    private async Task<long> PurgedThroughAsync(StoreName store, CancellationToken cancellationToken) =>
        PurgePosition.FromRow(await tables.FindAsync(Tables.Progress, store.ToString(), Keys.Purge(LogstoreAppender.Partition), cancellationToken)).PurgedThrough;

    /// <summary><c>{store}/{commit}</c>; without the store in those that were made before Logstores could be deleted.</summary>
    private static string NameOf(Logstore logstore, long last) => logstore.Incarnation == 0 ? Keys.Commit(last) : $"{logstore.Store}/{Keys.Commit(last)}";

    private static (StoreName Store, long Last) Parse(string account, LogstoreName name, string written)
    {
        var slash = written.IndexOf('/', StringComparison.Ordinal);
        var store = StoreName.TryParse(slash < 0 ? "" : written[..slash], out var named) ? named : StoreName.Logstore(account, name.Project, name.Name);
        return (store, long.Parse(written.AsSpan(slash + 2), System.Globalization.CultureInfo.InvariantCulture));
    }
}
