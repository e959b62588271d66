using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Delivery;

/// <summary>Writes deliveries as objects into the trail's container: names are functions of content, objects are create-only.</summary>
/// <param name="objects">The containers.</param>
/// <param name="options">Settings.</param>
/// <param name="openTemporary">Opens a temporary stream for objects too large for memory; gone when it is closed.</param>
public sealed class BlobDestination(IObjectStore objects, DeliveryOptions options, Func<Stream> openTemporary) : IDestination
{
    public DestinationKind Kind => DestinationKind.Blob;

    /// <summary>One object at a time per region grows; it is written as soon as it is full, the last ones at the end of their account.</summary>
    public async Task<IReadOnlyList<DeliveredObject>> WriteAsync(DeliveryOrder order, IAsyncEnumerable<DueEvent> due, CancellationToken cancellationToken)
    {
        var writer = new DestinationWriter(objects, order);
        var open = new SortedDictionary<string, ObjectPart>(StringComparer.Ordinal);
        var format = order.Trail.Format;
        using var record = format == ObjectFormat.CloudTrail ? new CloudTrailRecord() : null;
        var maxBytes = order.Trail.MaxObjectMegabytes * 1024 * 1024 ?? options.MaxObjectBytes;
        try
        {
            string? account = null;
            await foreach (var one in due.WithCancellation(cancellationToken))
            {
                if (account is not null && account != one.Account)
                    await WriteAllAsync(open, writer, cancellationToken);
                account = one.Account;
                var body = record?.Of(one.Body) ?? one.Body;
                if (!open.TryGetValue(one.Region, out var part))
                {
                    open[one.Region] = part = NewPart(one.Account, one.Region, number: 0, format);
                }
                else if (!part.Fits(body.Length, maxBytes))
                {
                    await writer.WriteAsync(part, cancellationToken);
                    part.Dispose();
                    open[one.Region] = part = NewPart(one.Account, one.Region, part.Number + 1, format);
                }

                part.Add(body.Span, one.Event.EventTimeMs);
            }

            await WriteAllAsync(open, writer, cancellationToken);
            return writer.Written;
        }
        finally
        {
            foreach (var part in open.Values)
                part.Dispose();
        }
    }

    public async Task<bool> HoldsAsync(DeliveryOrder order, IReadOnlyList<DeliveredObject> written, CancellationToken cancellationToken)
    {
        foreach (var one in written)
        {
            if (await objects.FindAsync(order.Trail.Container!, one.Name, cancellationToken) is null)
                return false;
        }

        return true;
    }

    private static async Task WriteAllAsync(SortedDictionary<string, ObjectPart> open, DestinationWriter writer, CancellationToken cancellationToken)
    {
        foreach (var part in open.Values)
            await writer.WriteAsync(part, cancellationToken);
        foreach (var part in open.Values)
            part.Dispose();
        open.Clear();
    }

    private ObjectPart NewPart(string account, string region, int number, ObjectFormat format) => new(account, region, number, format, new SpoolStream(options.SpoolMemoryBytes, openTemporary));
}
