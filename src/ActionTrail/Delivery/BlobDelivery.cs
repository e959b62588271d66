using System.Text.Json;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>
/// Makes one delivery: the due events of a window as objects in the trail's container. Names and contents are functions of (frozen
/// trail, window, log) alone and objects are create-only, so that any number of attempts, at once or after any death, write each
/// event once. Every end is a value; the queue message is done with whatever it is, the delivery's row brings back what is not.
/// </summary>
/// <param name="tables">Windows, commits, deliveries.</param>
/// <param name="objects">The destination containers.</param>
/// <param name="commits">The log.</param>
/// <param name="segments">The events.</param>
/// <param name="options">Settings.</param>
/// <param name="openTemporary">Opens a temporary stream for objects too large for memory; gone when it is closed.</param>
/// <param name="jitter">Numbers in [0, 1) that spread repeated attempts.</param>
/// <param name="time">The clock.</param>
/// <param name="logs">Loggers.</param>
public sealed class BlobDelivery(
    ITableStore tables,
    IObjectStore objects,
    CommitLog commits,
    SegmentSource segments,
    DeliveryOptions options,
    Func<Stream> openTemporary,
    Func<double> jitter,
    TimeProvider time,
    ILoggerFactory logs)
{
    private readonly ILogger log = logs.CreateLogger<BlobDelivery>();
    private readonly DeliveryRecords records = new(tables, options, time, logs.CreateLogger<DeliveryRecords>());
    private readonly WindowLog windows = new(tables, commits, options);
    private readonly DueEvents due = new(tables, commits, segments);

    public async Task<DeliveryOutcome> DeliverAsync(DeliveryMessage message, CancellationToken cancellationToken)
    {
        try
        {
            // 1. The row decides: a message may be late, doubled, or of a delivery that is settled.
            var record = await records.FindAsync(message.TrailKey, message.Window, cancellationToken);
            if (record is not { State: DeliveryState.Pending })
                return new(DeliveryCategory.NothingToDo);
            if (record.NotBefore is { } notBefore && notBefore > time.GetUtcNow())
                return new(DeliveryCategory.NothingToDo, RetryAfter: notBefore - time.GetUtcNow());

            // 2. Objects first, then the row, then (by the caller) the message.
            var destination = new DestinationWriter(objects, record);
            var outcome = await AttemptAsync(record, destination, cancellationToken);
            await RecordAsync(record, outcome, destination.Written, cancellationToken);
            return outcome;
        }
        catch (StoreException e)
        {
            // The row stays pending, or was changed without our knowing; its open entry brings it back.
            var outcome = DeliveryOutcome.OfOwnStore(e);
            DeliveryLog.Unrecorded(log, message.TrailKey, message.Window, outcome.Category, outcome.Detail);
            return outcome;
        }
    }

    private async Task<DeliveryOutcome> AttemptAsync(DeliveryRecord record, DestinationWriter destination, CancellationToken cancellationToken)
    {
        try
        {
            if (await windows.FindAsync(record.Store, record.Window, cancellationToken) is not { } window)
                return new(DeliveryCategory.Expired, "The window is no longer known.");
            await WriteAsync(record, window, destination, cancellationToken);
            return new(destination.Written.Count == 0 ? DeliveryCategory.NothingToDo : DeliveryCategory.Done);
        }
        catch (DestinationException e)
        {
            return DeliveryOutcome.OfDestination(e.Error, record.Trail.Container);
        }
        catch (DestinationConflictException e)
        {
            return new(DeliveryCategory.Conflict, e.Message);
        }
        catch (WindowExpiredException e)
        {
            return new(DeliveryCategory.Expired, e.Message);
        }
        catch (Exception e) when (e is SegmentFormatException or JsonException)
        {
            return new(DeliveryCategory.Corrupt, e.Message);
        }
        catch (StoreException e)
        {
            return DeliveryOutcome.OfOwnStore(e);
        }
    }

    /// <summary>One object at a time per region grows; it is written as soon as it is full, the last ones at the end of their account.</summary>
    private async Task WriteAsync(DeliveryRecord record, DeliveryWindow window, DestinationWriter destination, CancellationToken cancellationToken)
    {
        var open = new SortedDictionary<string, ObjectPart>(StringComparer.Ordinal);
        var format = record.Trail.Format;
        var maxBytes = record.Trail.MaxObjectMegabytes * 1024 * 1024 ?? options.MaxObjectBytes;
        try
        {
            string? account = null;
            await foreach (var one in due.ReadAsync(window, record.Trail, record.Coverage, cancellationToken))
            {
                if (account is not null && account != one.Account)
                    await WriteAllAsync(open, destination, cancellationToken);
                account = one.Account;
                var body = ObjectFraming.Event(format, one.Body);
                if (!open.TryGetValue(one.Region, out var part))
                {
                    open[one.Region] = part = NewPart(one.Account, one.Region, number: 0, format);
                }
                else if (!part.Fits(body.Length, maxBytes))
                {
                    await destination.WriteAsync(part, cancellationToken);
                    part.Dispose();
                    open[one.Region] = part = NewPart(one.Account, one.Region, part.Number + 1, format);
                }

                part.Add(body.Span);
            }

            await WriteAllAsync(open, destination, cancellationToken);
        }
        finally
        {
            foreach (var part in open.Values)
                part.Dispose();
        }
    }

    private static async Task WriteAllAsync(SortedDictionary<string, ObjectPart> open, DestinationWriter destination, CancellationToken cancellationToken)
    {
        foreach (var part in open.Values)
            await destination.WriteAsync(part, cancellationToken);
        foreach (var part in open.Values)
            part.Dispose();
        open.Clear();
    }

    private ObjectPart NewPart(string account, string region, int number, ObjectFormat format) => new(account, region, number, format, new SpoolStream(options.SpoolMemoryBytes, openTemporary));

    private async Task RecordAsync(DeliveryRecord record, DeliveryOutcome outcome, IReadOnlyList<DeliveredObject> written, CancellationToken cancellationToken)
    {
        if (outcome.IsSettled)
        {
            await records.DoneAsync(record, outcome, written, cancellationToken);
            DeliveryLog.Delivered(log, record.Trail.Key, record.Window, outcome.Category, written.Count, written.Sum(static o => (long)o.Events));
        }
        else if (outcome.IsRetryable)
        {
            var next = time.GetUtcNow() + Pause(record.Attempts, outcome.RetryAfter);
            await records.PostponeAsync(record, outcome, next, cancellationToken);
            DeliveryLog.Postponed(log, record.Trail.Key, record.Window, next, record.Attempts + 1, outcome.Category, outcome.Detail);
        }
        else
        {
            await records.ParkAsync(record, outcome, cancellationToken);
            DeliveryLog.Parked(log, record.Trail.Key, record.Window, outcome.Category, outcome.Detail);
        }
    }

    /// <summary>Doubles from the first pause to the longest, half of it by chance, and never less than what the store asked for.</summary>
    private TimeSpan Pause(int failedBefore, TimeSpan? retryAfter)
    {
        var full = Math.Min(options.FirstPause.TotalSeconds * Math.Pow(2, Math.Min(failedBefore, 30)), options.LongestPause.TotalSeconds);
        var pause = TimeSpan.FromSeconds(full * (0.5 + (0.5 * jitter())));
        return retryAfter is { } asked && asked > pause ? asked : pause;
    }
}
