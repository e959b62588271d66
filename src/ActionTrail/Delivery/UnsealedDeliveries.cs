using System.Runtime.CompilerServices;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>What one delivery wrote and no digest names yet.</summary>
/// <param name="Hour">End of the interval whose digest it belongs to.</param>
/// <param name="Window">The window; of a history job where the piece begins.</param>
/// <param name="Container">Where the objects lie.</param>
/// <param name="ObjectCount">How many objects.</param>
/// <param name="Objects">These, unless they are rows of the delivery.</param>
/// <param name="RowKey">Key of the row.</param>
internal sealed record UnsealedDelivery(DateTimeOffset Hour, long Window, string Container, int ObjectCount, IReadOnlyList<DeliveredObject> Objects, string RowKey);

/// <summary>
/// The rows <c>n…</c> of deliveries: which digest each written object belongs to. The transaction that records a delivery adds the row under the hour of its
/// writing, and replaces the trail's status under its ETag. Whoever seals an hour first closes it in that status: a delivery that is recorded afterwards
/// finds another ETag, reads that the hour is closed, and goes to the next one. So a digest's rows are final before they are read, whatever clocks and delays do.
/// </summary>
internal sealed class UnsealedDeliveries(ITableStore tables)
{
    private const int MaxTries = 20;
    private const int RowsPerTransaction = 100;

    /// <summary>Objects that a row lists; of more it names the rows of the delivery.</summary>
    internal const int MaxListed = 300;

    /// <summary>The row that a delivery adds, or a piece of a history job, which has no more objects than a row lists.</summary>
    public static TableAction Row(string trailKey, DateTimeOffset hour, long window, int number, string container, IReadOnlyList<DeliveredObject> objects, long? job = null)
    {
        var row = new TableRow(trailKey, DeliveryKeys.Unsealed(hour, window, number, job)).With("Container", container).With("ObjectCount", objects.Count);
        return TableAction.Insert(objects.Count > MaxListed ? row : row.WithText("Objects", DeliveredObjects.Format(objects)));
    }

    /// <summary>The digest that something written at a time belongs to: the end of the interval, after the closed ones.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset written, TimeSpan interval, long closedThroughMs)
    {
        var length = (long)interval.TotalMilliseconds;
        var end = ((written.ToUnixTimeMilliseconds() / length) + 1) * length;
        return DateTimeOffset.FromUnixTimeMilliseconds(end > closedThroughMs ? end : ((closedThroughMs / length) + 1) * length);
    }

    /// <summary>The oldest row, or null.</summary>
    public async Task<UnsealedDelivery?> FindFirstAsync(string trailKey, CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, trailKey, DeliveryKeys.FirstUnsealed, DeliveryKeys.AfterUnsealed, cancellationToken))
            return Read(row);
        return null;
    }

    /// <summary>The rows of a digest that ends at a time: all up to it.</summary>
    public async IAsyncEnumerable<UnsealedDelivery> ReadThroughAsync(string trailKey, DateTimeOffset end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, trailKey, DeliveryKeys.FirstUnsealed, DeliveryKeys.UnsealedAfter(end), cancellationToken))
        {
            var one = Read(row);
            yield return one.ObjectCount == one.Objects.Count ? one : one with { Objects = await ReadObjectsAsync(trailKey, one.Window, cancellationToken) };
        }
    }

    /// <summary>From now on nothing is added to the intervals up to <paramref name="end"/>.</summary>
    /// <exception cref="StoreException">Unavailable when the trail's deliveries change too fast, or the store is away.</exception>
    public async Task CloseAsync(string trailKey, DateTimeOffset end, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            var status = TrailDeliveries.FromRow(trailKey, await tables.FindAsync(Tables.Deliveries, trailKey, DeliveryKeys.Status, cancellationToken));
            if (status.ClosedThrough >= end.ToUnixTimeMilliseconds())
                return;
            try
            {
                await tables.SubmitAsync(Tables.Deliveries, [(status with { ClosedThrough = end.ToUnixTimeMilliseconds() }).ToAction()], cancellationToken);
                return;
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
            {
                // A delivery was recorded meanwhile: look again.
            }
        }

        throw new StoreException(StoreErrorKind.Unavailable, $"The deliveries of {trailKey} change too fast to close an hour.");
    }

    /// <summary>Deletes the rows of digests that are sealed.</summary>
    public async Task ForgetThroughAsync(string trailKey, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, trailKey, DeliveryKeys.FirstUnsealed, DeliveryKeys.UnsealedAfter(end), cancellationToken))
            keys.Add(row.RowKey);
        foreach (var some in keys.Chunk(RowsPerTransaction))
        {
            try
            {
                await tables.SubmitAsync(Tables.Deliveries, [.. some.Select(key => TableAction.Delete(trailKey, key))], cancellationToken);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
            {
                // Another run deletes them; what it leaves the next one finds.
            }
        }
    }

    private async Task<IReadOnlyList<DeliveredObject>> ReadObjectsAsync(string trailKey, long window, CancellationToken cancellationToken)
    {
        var objects = new List<DeliveredObject>();
        var (from, to) = DeliveryKeys.DeliveredObjects(window);
        await foreach (var row in tables.QueryAsync(Tables.Deliveries, trailKey, from, to, cancellationToken))
            objects.AddRange(DeliveredObjects.Parse(row.GetString("Object")));
        return objects;
    }

    private static UnsealedDelivery Read(TableRow row)
    {
        if (!DeliveryKeys.TryParseUnsealed(row.RowKey, out var hour, out var window))
            throw new StoreException(StoreErrorKind.Corrupt, $"'{row.RowKey}' is no row of an unsealed delivery.");
        return new(hour, window, row.GetString("Container"), row.GetInt32("ObjectCount"), row.FindString("Objects") is null ? [] : DeliveredObjects.Parse(row.GetText("Objects")), row.RowKey);
    }
}
