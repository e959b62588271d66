using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>What one look at all deliveries found, and how many rows it removed.</summary>
/// <param name="Undelivered">Deliveries that wait for a person, by kind of destination; of each trail counted to <see cref="DeliveryLedger.CountLimit"/>.</param>
/// <param name="OldestPending">The oldest window with a delivery not made, by kind; absent when there is none.</param>
/// <param name="Pruned">Rows removed.</param>
internal sealed record UpkeepReport(IReadOnlyDictionary<DestinationKind, int> Undelivered, IReadOnlyDictionary<DestinationKind, DateTimeOffset> OldestPending, int Pruned);

/// <summary>
/// Looks after the rows of deliveries: reports what waits, and removes what is older than anybody needs. Settled deliveries and windows go after
/// <see cref="DeliveryOptions.Kept"/>, counts after <see cref="TrailMetrics.Kept"/>; what is pending or undelivered stays until it is settled.
/// </summary>
internal sealed class DeliveryUpkeep(ITableStore tables, DeliveryOptions options, TimeProvider time)
{
    private const int RowsPerTransaction = 100;

    /// <summary>Most rows of one kind that are removed of a destination, or of the windows, in one look; the rest is for the next.</summary>
    private const int MaxRows = 5000;

    private static readonly TimeSpan PruneStep = TimeSpan.FromHours(1);

    public async Task<UpkeepReport> RunAsync(StoreName store, long handedOut, CancellationToken cancellationToken)
    {
        var undelivered = DestinationKinds.All.ToDictionary(static kind => kind, static _ => 0);
        var oldest = new Dictionary<DestinationKind, DateTimeOffset>();
        var pruned = 0;
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, DeliveryKeys.Keys, fromRowKey: null, toRowKey: null, cancellationToken))
        {
            if (!DeliveryKeys.TryParseKind(row.RowKey, out var kind))
                continue;
            undelivered[kind] += await CountUndeliveredAsync(row.RowKey, cancellationToken);
            if (await FindOldestPendingAsync(row.RowKey, cancellationToken) is { } pending && (!oldest.TryGetValue(kind, out var other) || pending < other))
                oldest[kind] = pending;
            pruned += await PruneAsync(row, cancellationToken);
        }

        var now = time.GetUtcNow();
        foreach (var kind in DestinationKinds.All)
            DeliveryMetrics.Show(kind, undelivered[kind], oldest.TryGetValue(kind, out var since) && since < now ? now - since : TimeSpan.Zero);
        pruned += await PruneWindowsAsync(store, WindowLane.Regular, handedOut, cancellationToken);
        return new(undelivered, oldest, pruned);
    }

    private async Task<int> CountUndeliveredAsync(string key, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var unused in tables.QueryAsync(Tables.Deliveries, key, DeliveryKeys.FirstUndelivered, DeliveryKeys.AfterUndelivered, cancellationToken))
        {
            if (++count == DeliveryLedger.CountLimit)
                break;
        }

        return count;
    }

    private async Task<DateTimeOffset?> FindOldestPendingAsync(string key, CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, key, DeliveryKeys.FirstPending, DeliveryKeys.AfterPending, cancellationToken))
            return DateTimeOffset.FromUnixTimeMilliseconds(DeliveryKeys.ParseWindow(row.RowKey));
        return null;
    }

    private async Task<int> PruneAsync(TableRow keyRow, CancellationToken cancellationToken)
    {
        var (key, now) = (keyRow.RowKey, time.GetUtcNow());
        if (keyRow.FindTime("PrunedAt") is { } last && now - last < PruneStep)
            return 0;
        var cutoff = Cutoff(now, options.Kept);
        var removed = await RemoveAsync(
            Tables.Deliveries, key, DeliveryKeys.Delivery(0), DeliveryKeys.Delivery(cutoff), static row => row.GetString("State") == nameof(DeliveryState.Done), cancellationToken);
        removed += await RemoveAsync(Tables.Deliveries, key, DeliveryKeys.Hour(0), DeliveryKeys.Hour(Cutoff(now, TrailMetrics.Kept + TimeSpan.FromHours(1))), static _ => true, cancellationToken);

        // A delivery that is made anew writes these anew.
        removed += await RemoveAsync(Tables.Deliveries, key, DeliveryKeys.DeliveredObjects(0).From, DeliveryKeys.DeliveredObjects(cutoff).From, static _ => true, cancellationToken);
        removed += await RemoveAsync(Tables.Deliveries, key, DeliveryKeys.Sent(0), DeliveryKeys.Sent(cutoff), static _ => true, cancellationToken);

        // By when they were made: a piece is of old events, and a new one is still needed.
        removed += await RemoveAsync(Tables.Deliveries, key, DeliveryKeys.FirstNotedPiece, DeliveryKeys.AfterNotedPieces, row => row.GetTime("At") < now - options.Kept, cancellationToken);
        await tables.UpsertAsync(Tables.Deliveries, new TableRow(DeliveryKeys.Keys, key).With("PrunedAt", now), cancellationToken);
        return removed;
    }

    /// <summary>Only windows that were handed out: a scheduler that was away for long still needs the others.</summary>
    public Task<int> PruneWindowsAsync(StoreName store, WindowLane lane, long handedOut, CancellationToken cancellationToken) => RemoveAsync(
        Tables.Windows, WindowKeys.Lane(store, lane), WindowKeys.Window(0), WindowKeys.Window(Math.Max(0, Math.Min(Cutoff(time.GetUtcNow(), options.Kept), handedOut))), static _ => true, cancellationToken);

    private async Task<int> RemoveAsync(string table, string partition, string from, string to, Func<TableRow, bool> isRemoved, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var row in tables.QueryAsync(table, partition, from, to, cancellationToken))
        {
            if (isRemoved(row))
                keys.Add(row.RowKey);
            if (keys.Count == MaxRows)
                break;
        }

        foreach (var chunk in keys.Chunk(RowsPerTransaction))
        {
            try
            {
                await tables.SubmitAsync(table, [.. chunk.Select(key => TableAction.Delete(partition, key))], cancellationToken);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
            {
                // Another look removed some of them: one by one.
                foreach (var key in chunk)
                    await tables.DeleteAsync(table, partition, key, etag: null, cancellationToken);
            }
        }

        return keys.Count;
    }

    private static long Cutoff(DateTimeOffset now, TimeSpan kept) => Math.Max(0, (now - kept).ToUnixTimeMilliseconds());
}
