using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>How far an attempt came: so many batches were acknowledged, whose contents one after the other have this SHA-256.</summary>
internal sealed record BatchPosition(int Batches, string Sha256)
{
    public static BatchPosition Start { get; } = new(0, "");
}

/// <summary>
/// Remembers, when an attempt fails in the middle, what was acknowledged, so that the next one goes on behind it. Only a saving: without the row
/// the batches are sent again, and a row whose hash is not that of the batches now is not believed.
/// </summary>
internal sealed class BatchProgress(ITableStore tables)
{
    public async Task<BatchPosition> ReadAsync(DeliveryOrder order, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Deliveries, order.Key, DeliveryKeys.Sent(order.Window), cancellationToken) is { } row
            ? new(row.GetInt32("Batches"), row.GetString("Sha256"))
            : BatchPosition.Start;

    public Task WriteAsync(DeliveryOrder order, BatchPosition position, CancellationToken cancellationToken) => tables.UpsertAsync(
        Tables.Deliveries,
        new TableRow(order.Key, DeliveryKeys.Sent(order.Window)).With("Batches", position.Batches).With("Sha256", position.Sha256),
        cancellationToken);
}
