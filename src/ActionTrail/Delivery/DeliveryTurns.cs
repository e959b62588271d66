using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>A turn that was given. <paramref name="Status"/>: how the destination stood then.</summary>
internal sealed record DeliveryTurn(TrailDeliveries Status);

/// <summary>
/// Which delivery to a destination may be attempted now. While one fails only a single delivery at a time finds out whether it is back; the others wait
/// without being read. When it is back each delivery that ends calls the next that waits, a few at a time, so that the backlog of one trail never
/// fills the queue of all. Deliveries to a stream are made one after the other at all times.
/// </summary>
internal sealed class DeliveryTurns(ITableStore tables, IWorkQueue queue, DeliveryRecords records, DeliveryOptions options, Func<double> jitter, TimeProvider time)
{
    /// <summary>Deliveries of a backlog that are under way at the same time.</summary>
    private const int Width = 4;

    /// <summary>Longest time after which a waiting delivery looks for itself whether its turn has come.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);

    /// <summary>The turn of this delivery, or null: then it waits, and is called or comes back by itself.</summary>
    public async Task<DeliveryTurn?> TakeAsync(DeliveryRecord record, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var status = await records.ReadStatusAsync(record.Key, cancellationToken);
        var isInOrder = DestinationKinds.IsInOrder(record.Kind);
        if (status.NextAttempt is { } next && next > now)
            return await WaitAsync(record, next, cancellationToken);
        if (isInOrder && await FirstPendingAsync(record.Key, fromWindow: 0, cancellationToken) < record.Window)
            return await WaitAsync(record, now + options.RequeueAfter, cancellationToken);
        if (!isInOrder && status.NextAttempt is null)
            return new(status);

        // Whoever dies with the turn loses it when no attempt can take that long.
        var lease = now + options.AttemptDeadline + TimeSpan.FromMinutes(1);
        return await records.TryWriteAsync(status with { NextAttempt = lease }, cancellationToken) ? new(status) : await WaitAsync(record, lease, cancellationToken);
    }

    /// <summary>After a delivery ended, well or for good: calls the next one that waits.</summary>
    public async Task PassAsync(DeliveryRecord record, DeliveryTurn turn, CancellationToken cancellationToken)
    {
        var isInOrder = DestinationKinds.IsInOrder(record.Kind);
        if (!isInOrder && !turn.Status.HasBacklog)
            return;
        var next = isInOrder
            ? await FirstPendingAsync(record.Key, fromWindow: 0, cancellationToken)
            : await FarPendingAsync(record, cancellationToken) ?? await FirstPendingAsync(record.Key, fromWindow: 0, cancellationToken);
        if (next is { } window)
            await queue.SendAsync(DestinationKinds.Queue(record.Kind), new DeliveryMessage(record.Store, record.Key, window).ToJson(), TimeSpan.Zero, cancellationToken);
        else if (await records.ReadStatusAsync(record.Key, cancellationToken) is { HasBacklog: true, ETag: not null } status)
            await records.TryWriteAsync(status with { HasBacklog = false }, cancellationToken);
    }

    /// <summary>The older a delivery is the longer it waits before it looks again by itself: a backlog of days costs little while nothing can be done about it.</summary>
    private async Task<DeliveryTurn?> WaitAsync(DeliveryRecord record, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var age = now - record.CreatedAt;
        var pause = until - now;
        if (age > pause)
            pause = age < LongestWait ? age : pause > LongestWait ? pause : LongestWait;
        await records.MoveOpenAsync(record, now + (pause * (1 + (0.25 * jitter()))), cancellationToken);
        return null;
    }

    private async Task<long?> FirstPendingAsync(string key, long fromWindow, CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, key, DeliveryKeys.Pending(fromWindow), DeliveryKeys.AfterPending, cancellationToken))
            return DeliveryKeys.ParseWindow(row.RowKey);
        return null;
    }

    /// <summary>The pending delivery that is <see cref="Width"/> after this one: those between have been called already.</summary>
    private async Task<long?> FarPendingAsync(DeliveryRecord record, CancellationToken cancellationToken)
    {
        var (found, count) = ((long?)null, 0);
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, record.Key, DeliveryKeys.Pending(record.Window + 1), DeliveryKeys.AfterPending, cancellationToken))
        {
            found = DeliveryKeys.ParseWindow(row.RowKey);
            if (++count == Width)
                break;
        }

        return found;
    }
}
