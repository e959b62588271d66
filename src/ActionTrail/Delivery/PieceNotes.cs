using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;

namespace ActionTrail.Delivery;

/// <summary>
/// Notes what a history job wrote for the trail's digests, as the transaction that records a delivery does. The row of a work item is in another table, so
/// that a note is made before the item goes on, and has a mark in its transaction: whoever repeats the piece, at once or after any death, finds the mark and notes nothing twice.
/// </summary>
internal sealed class PieceNotes(ITableStore tables, DeliveryOptions options, TimeProvider time)
{
    private const int MaxTries = 20;

    /// <summary>Most objects of a piece that are noted at a time: the same ones by every attempt, since a piece is always written alike.</summary>
    private const int ObjectsPerNote = UnsealedDeliveries.MaxListed;

    /// <exception cref="StoreException">The store is away, or the trail's deliveries change too fast: the piece is to be repeated.</exception>
    public async Task WriteAsync(DeliveryOrder order, IReadOnlyList<DeliveredObject> objects, CancellationToken cancellationToken)
    {
        if (options.DigestInterval is not { } interval || order.Kind != DestinationKind.Blob || !order.Trail.LogFileValidation || objects.Count == 0)
            return;
        foreach (var (number, some) in objects.Chunk(ObjectsPerNote).Index())
            await NoteAsync(order, order.Job!.Value, number, some, interval, cancellationToken);

        // Behind the notes: a trail that is gone may be forgotten between the two, but not for good.
        await DigestRegistry.AddAsync(tables, order.Trail, time.GetUtcNow(), cancellationToken);
    }

    private async Task NoteAsync(DeliveryOrder order, long job, int number, IReadOnlyList<DeliveredObject> objects, TimeSpan interval, CancellationToken cancellationToken)
    {
        var (key, mark) = (order.Trail.Key, DeliveryKeys.NotedPiece(job, order.Window, number));
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await tables.FindAsync(Tables.Deliveries, key, mark, cancellationToken) is not null)
                return;
            var status = TrailDeliveries.FromRow(key, await tables.FindAsync(Tables.Deliveries, key, DeliveryKeys.Status, cancellationToken));
            if (status.ETag is null)
                await tables.UpsertAsync(Tables.Deliveries, new TableRow(DeliveryKeys.Keys, key), cancellationToken);
            var now = time.GetUtcNow();
            var closed = status.ClosedThrough ?? 0;
            try
            {
                await tables.SubmitAsync(
                    Tables.Deliveries,
                    [
                        TableAction.Insert(new TableRow(key, mark).With("At", now).With("Version", 1)),
                        (status with { ClosedThrough = closed }).ToAction(),
                        UnsealedDeliveries.Row(key, UnsealedDeliveries.HourOf(now, interval, closed), order.Window, number, order.Trail.Container!, objects, job),
                    ],
                    cancellationToken);
                return;
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                // Another attempt noted it, or the trail's deliveries went on: look again.
            }
        }

        throw new StoreException(StoreErrorKind.Unavailable, $"The deliveries of {key} change too fast to note what a history job wrote.");
    }
}
