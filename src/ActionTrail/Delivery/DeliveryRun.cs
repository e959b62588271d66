using System.Text.Json;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.Delivery;

/// <summary>
/// Makes one delivery: the due events of a window, written by the <see cref="IDestination"/> of its kind. Every end is a value; the queue message is done
/// with whatever it is, the delivery's row brings back what is not.
/// </summary>
/// <param name="tables">Windows, commits, deliveries.</param>
/// <param name="commits">The log.</param>
/// <param name="segments">The events.</param>
/// <param name="destinations">The kinds of destination, each once.</param>
/// <param name="queue">Takes the messages of deliveries that waited for this one.</param>
/// <param name="options">Settings.</param>
/// <param name="jitter">Numbers in [0, 1) that spread repeated attempts.</param>
/// <param name="time">The clock.</param>
/// <param name="logs">Loggers.</param>
public sealed class DeliveryRun(
    ITableStore tables,
    CommitLog commits,
    SegmentSource segments,
    IEnumerable<IDestination> destinations,
    IWorkQueue queue,
    DeliveryOptions options,
    Func<double> jitter,
    TimeProvider time,
    ILoggerFactory logs)
{
    private readonly ILogger log = logs.CreateLogger<DeliveryRun>();
    private readonly Dictionary<DestinationKind, IDestination> byKind = destinations.ToDictionary(static d => d.Kind);
    private readonly DeliveryRecords records = new(tables, options, time, logs.CreateLogger<DeliveryRecords>());
    private readonly DeliveryTurns turns = new(tables, queue, new(tables, options, time, logs.CreateLogger<DeliveryRecords>()), options, jitter, time);
    private readonly Dictionary<WindowLane, WindowLog> windows = WindowLanes.All.ToDictionary(static lane => lane, lane => new WindowLog(tables, commits, options, lane));
    private readonly DueEvents due = new(tables, commits, segments);

    public async Task<DeliveryOutcome> DeliverAsync(DeliveryMessage message, CancellationToken cancellationToken)
    {
        using var activity = DeliveryMetrics.Start(message);
        try
        {
            // 1. The row decides: a message may be late, doubled, or of a delivery that is settled.
            var record = await records.FindAsync(message.Key, message.Window, cancellationToken);
            if (record is not { State: DeliveryState.Pending })
                return new(DeliveryCategory.NothingToDo);
            if (record.NotBefore is { } notBefore && notBefore > time.GetUtcNow())
                return new(DeliveryCategory.NothingToDo, RetryAfter: notBefore - time.GetUtcNow());

            // 2. A destination that fails is tried by one delivery at a time.
            if (await turns.TakeAsync(record, cancellationToken) is not { } turn)
                return new(DeliveryCategory.NothingToDo, "Another delivery goes first.");

            // 3. The destination first, then the row, then (by the caller) the message.
            var tally = new DueTally();
            var (outcome, written) = await AttemptAsync(record, tally, cancellationToken);
            await RecordAsync(record, turn, outcome, written, tally.Events, cancellationToken);
            if (!outcome.IsRetryable)
                await turns.PassAsync(record, turn, cancellationToken);
            activity?.SetTag("actiontrail.destination", DestinationKinds.Text(record.Kind)).SetTag("actiontrail.outcome", outcome.Category.ToString());
            return outcome;
        }
        catch (StoreException e)
        {
            // The row stays pending, or was changed without our knowing; its open entry brings it back.
            var outcome = DeliveryOutcome.OfOwnStore(e);
            DeliveryLog.Unrecorded(log, message.Key, message.Window, outcome.Category, outcome.Detail);
            return outcome;
        }
    }

    private async Task<(DeliveryOutcome Outcome, IReadOnlyList<DeliveredObject> Written)> AttemptAsync(DeliveryRecord record, DueTally tally, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.AttemptDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (await windows[record.Trail.LaneOf(record.Kind)].FindAsync(record.Store, record.Window, cancellationToken) is not { } window)
                return Failed(new(DeliveryCategory.Expired, "The window is no longer known."));
            if (!byKind.TryGetValue(record.Kind, out var destination))
                return Failed(new(DeliveryCategory.Misconfigured, $"This deployment delivers to no {DestinationKinds.Text(record.Kind)}."));
            var events = tally.CountAsync(due.ReadAsync(window, record.Trail, record.Coverage, either.Token), either.Token);
            var written = await destination.WriteAsync(record.Order, events, either.Token);
            return (new(written.Count == 0 ? DeliveryCategory.NothingToDo : DeliveryCategory.Done), written);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Failed(DeliveryOutcome.TooSlow(options.AttemptDeadline));
        }
        catch (DestinationException e)
        {
            return Failed(DeliveryOutcome.OfDestination(e.Error, e.Place));
        }
        catch (DestinationConflictException e)
        {
            return Failed(new(DeliveryCategory.Conflict, e.Message));
        }
        catch (WindowExpiredException e)
        {
            return Failed(new(DeliveryCategory.Expired, e.Message));
        }
        catch (Exception e) when (e is SegmentFormatException or JsonException)
        {
            return Failed(new(DeliveryCategory.Corrupt, e.Message));
        }
        catch (StoreException e)
        {
            return Failed(DeliveryOutcome.OfOwnStore(e));
        }
    }

    private static (DeliveryOutcome Outcome, IReadOnlyList<DeliveredObject> Written) Failed(DeliveryOutcome outcome) => (outcome, []);

    private async Task RecordAsync(
        DeliveryRecord record, DeliveryTurn turn, DeliveryOutcome outcome, IReadOnlyList<DeliveredObject> written, long events, CancellationToken cancellationToken)
    {
        DeliveryMetrics.Attempted(record.Kind, outcome.Category, time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(record.Window), written.Sum(static o => (long)o.Events));
        if (outcome.IsSettled)
        {
            await records.DoneAsync(record, outcome, written, cancellationToken);
            DeliveryLog.Delivered(log, record.Key, record.Window, outcome.Category, written.Count, written.Sum(static o => (long)o.Events));
        }
        else if (outcome.IsRetryable)
        {
            var next = time.GetUtcNow() + options.Pause(Math.Max(record.Attempts, turn.Status.Failures), outcome.RetryAfter, jitter());
            await records.PostponeAsync(record, outcome, next, events, cancellationToken);
            DeliveryLog.Postponed(log, record.Key, record.Window, next, record.Attempts + 1, outcome.Category, outcome.Detail);
        }
        else
        {
            await records.ParkAsync(record, outcome, events, cancellationToken);
            DeliveryLog.Parked(log, record.Key, record.Window, outcome.Category, outcome.Detail);
        }
    }
}
