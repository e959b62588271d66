using System.Security.Cryptography;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>
/// Delivers to places that take batches over a wire: event hubs and Log Analytics tables. No such wire can say "unless you have it": a batch whose answer
/// was lost is sent again, the same bytes with the same ids, so that each event arrives at least once and a consumer can tell a repetition.
/// </summary>
/// <param name="kind">Stream or LogAnalytics.</param>
/// <param name="targets">The configured places by name.</param>
/// <param name="tables">Where progress is kept.</param>
public sealed class BatchDestination(DestinationKind kind, IReadOnlyDictionary<string, IBatchTarget> targets, ITableStore tables) : IDestination
{
    private readonly BatchForm form = kind switch
    {
        DestinationKind.Stream => BatchForm.Stream,
        DestinationKind.LogAnalytics => BatchForm.LogRow,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind that takes batches."),
    };

    private readonly BatchProgress progress = new(tables);

    public DestinationKind Kind => kind;

    public async Task<IReadOnlyList<DeliveredObject>> WriteAsync(DeliveryOrder order, IAsyncEnumerable<DueEvent> due, CancellationToken cancellationToken)
    {
        var name = Name(order);
        var place = $"{(kind == DestinationKind.Stream ? "Stream" : "Log Analytics table")} {name}";
        if (!targets.TryGetValue(name, out var target))
            throw new DestinationException(new StoreException(StoreErrorKind.NotFound, $"{place} is not configured."), place);
        if (!target.Allows(order.Trail.Account))
            throw new DestinationException(new StoreException(StoreErrorKind.Denied, $"{place} is not for this account."), place);
        var from = await progress.ReadAsync(order, cancellationToken);
        return await SendAsync(order, due, target, place, from, cancellationToken)
            ?? await SendAsync(order, due, target, place, BatchPosition.Start, cancellationToken)
            ?? throw new InvalidOperationException("From the start there is nothing to disagree about.");
    }

    public Task<bool> HoldsAsync(DeliveryOrder order, IReadOnlyList<DeliveredObject> written, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Sends what lies behind a position; null, and nothing sent, when what lies before it is not what was sent then.</summary>
    private async Task<IReadOnlyList<DeliveredObject>?> SendAsync(
        DeliveryOrder order, IAsyncEnumerable<DueEvent> due, IBatchTarget target, string place, BatchPosition from, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (reached, events, bytes) = (BatchPosition.Start, 0, 0L);
        try
        {
            await foreach (var batch in BatchWriter.CutAsync(order, due, form, target.MaxBatchBytes, cancellationToken))
            {
                hash.AppendData(batch.Content.Span);
                var next = new BatchPosition(reached.Batches + 1, Convert.ToHexStringLower(hash.GetCurrentHash()));
                if (next.Batches == from.Batches && next != from)
                    return null;
                if (next.Batches > from.Batches)
                    await SendAsync(target, batch, place, cancellationToken);
                reached = next;
                events += batch.Events;
                bytes += batch.Content.Length;
            }
        }
        catch (Exception) when (reached.Batches > from.Batches)
        {
            await RememberAsync(order, reached);
            throw;
        }

        if (reached.Batches < from.Batches)
            return null;
        return events == 0 ? [] : [new(Name(order), events, bytes, reached.Sha256)];
    }

    private string Name(DeliveryOrder order) => (kind == DestinationKind.Stream ? order.Trail.Stream : order.Trail.LogAnalytics)!;

    private static async Task SendAsync(IBatchTarget target, EventBatch batch, string place, CancellationToken cancellationToken)
    {
        try
        {
            await target.SendAsync(batch, cancellationToken);
        }
        catch (StoreException e)
        {
            throw new DestinationException(e, place);
        }
    }

    /// <summary>Also when time is up: it is one write. Failing costs a repetition of what was sent.</summary>
    private async Task RememberAsync(DeliveryOrder order, BatchPosition reached)
    {
        try
        {
            await progress.WriteAsync(order, reached, CancellationToken.None);
        }
        catch (StoreException)
        {
        }
    }
}
