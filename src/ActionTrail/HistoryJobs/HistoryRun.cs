using System.Text.Json;
using ActionTrail.Delivery;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.HistoryJobs;

/// <summary>
/// Goes on with one work item, piece by piece. A piece is fixed before anything of it is written, and its names and contents are functions of (job, piece, log) alone, so that
/// any number of attempts, at once or after any death, leave each event in the destination once. Every end is a value; the queue message is done with whatever it is, the item's row brings back
/// what is not.
/// </summary>
/// <param name="tables">Jobs, windows, commits.</param>
/// <param name="commits">The log.</param>
/// <param name="segments">The events.</param>
/// <param name="destinations">The kinds of destination, each once.</param>
/// <param name="steps">What comes after an item.</param>
/// <param name="options">Settings.</param>
/// <param name="delivery">Settings of windows and repeated attempts.</param>
/// <param name="jitter">Numbers in [0, 1) that spread repeated attempts.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Logger.</param>
public sealed class HistoryRun(
    ITableStore tables,
    CommitLog commits,
    SegmentSource segments,
    IEnumerable<IDestination> destinations,
    HistorySteps steps,
    HistoryOptions options,
    DeliveryOptions delivery,
    Func<double> jitter,
    TimeProvider time,
    ILogger<HistoryRun> log)
{
    /// <summary>What a commit counts for beside its events: its row is held while the piece is read.</summary>
    private const int CommitWeight = 20;

    private readonly JobRows rows = new(tables, time);
    private readonly HistoryCommits history = new(tables, commits, new WindowLog(tables, commits, delivery, WindowLane.Regular));
    private readonly PieceNotes notes = new(tables, delivery, time);
    private readonly DueEvents due = new(tables, commits, segments);
    private readonly Dictionary<DestinationKind, IDestination> byKind = destinations.ToDictionary(static d => d.Kind);

    public async Task<DeliveryOutcome> DeliverAsync(HistoryMessage message, CancellationToken cancellationToken)
    {
        DeliveryOutcome outcome;
        try
        {
            outcome = await GoOnAsync(message, cancellationToken);
        }
        catch (StoreException e)
        {
            // The row is as it was, or was changed without our knowing; the timer comes back for it.
            outcome = DeliveryOutcome.OfOwnStore(e);
            HistoryLog.Unfinished(log, message.Account, message.JobId, e.Message);
        }

        await steps.TryAdvanceAsync(message.Account, message.JobId, cancellationToken);
        return outcome;
    }

    private async Task<DeliveryOutcome> GoOnAsync(HistoryMessage message, CancellationToken cancellationToken)
    {
        var end = time.GetUtcNow() + options.RunFor;
        using var deadline = new CancellationTokenSource(delivery.AttemptDeadline, time);
        var outcome = new DeliveryOutcome(DeliveryCategory.NothingToDo);
        var item = await rows.FindItemAsync(message, cancellationToken);
        while (item is { State: HistoryItemState.Pending } && !(item.NotBefore > time.GetUtcNow()) && time.GetUtcNow() < end)
        {
            // Read anew for every piece: a job that was cancelled or deleted begins none.
            if (await rows.FindAsync(message.Account, message.JobId, cancellationToken) is not { State: HistoryJobState.Delivering or HistoryJobState.Cancelling or HistoryJobState.Deleting } job
                || (job.State != HistoryJobState.Delivering && item.PieceTo is null))
                return outcome;
            (outcome, item) = await DeliverPieceAsync(job, item, deadline.Token, cancellationToken);
        }

        // Out of time: the item wants another message.
        if (item is { State: HistoryItemState.Pending, SentAt: not null })
            await rows.ReplaceAsync(item with { SentAt = null }, cancellationToken);
        return outcome;
    }

    /// <summary>Returns the item as it is afterwards; null when somebody else changed it and goes on.</summary>
    private async Task<(DeliveryOutcome Outcome, HistoryItem? Item)> DeliverPieceAsync(HistoryJob job, HistoryItem item, CancellationToken deadline, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline, cancellationToken);
        try
        {
            // 1. What is due, up to the end of the piece that is begun or of a new one.
            var (piece, to) = await ReadPieceAsync(job, item, cancellationToken);
            if (piece.Count == 0)
                return (new(DeliveryCategory.NothingToDo), await DoneAsync(item, to, [], cancellationToken));

            // 2. From here on the piece is this item's, whatever happens.
            if (item.PieceTo is null)
            {
                if (await rows.ReplaceAsync(item with { PieceTo = to }, cancellationToken) is not { } begun)
                    return (new(DeliveryCategory.NothingToDo), null);
                item = begun;
            }

            // 3. The destination first, then the note for the digests, then the row, then (by the caller) the message.
            if (!byKind.TryGetValue(item.Kind, out var destination))
                return await FailAsync(item, new(DeliveryCategory.Misconfigured, $"This deployment delivers to no {DestinationKinds.Text(item.Kind)}."), cancellationToken);
            var order = new DeliveryOrder(item.Kind, job.Trail, item.At.ToUnixTimeMilliseconds()) { Job = job.JobId };
            var written = await destination.WriteAsync(order, due.ReadAsync(piece, job.Trail, Coverage.Own, either.Token), either.Token);
            await notes.WriteAsync(order, written, cancellationToken);
            return (new(written.Count == 0 ? DeliveryCategory.NothingToDo : DeliveryCategory.Done), await DoneAsync(item, to, written, cancellationToken));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return await FailAsync(item, DeliveryOutcome.TooSlow(delivery.AttemptDeadline), cancellationToken);
        }
        catch (DestinationException e)
        {
            return await FailAsync(item, DeliveryOutcome.OfDestination(e.Error, e.Place), cancellationToken);
        }
        catch (DestinationConflictException e)
        {
            return await FailAsync(item, new(DeliveryCategory.Conflict, e.Message), cancellationToken);
        }
        catch (WindowExpiredException e)
        {
            return await FailAsync(item, new(DeliveryCategory.Expired, e.Message), cancellationToken);
        }
        catch (Exception e) when (e is SegmentFormatException or JsonException)
        {
            return await FailAsync(item, new(DeliveryCategory.Corrupt, e.Message), cancellationToken);
        }
        catch (StoreException e)
        {
            return await FailAsync(item, DeliveryOutcome.OfOwnStore(e), cancellationToken);
        }
    }

    private async Task<(List<Commit> Piece, DateTimeOffset To)> ReadPieceAsync(HistoryJob job, HistoryItem item, CancellationToken cancellationToken)
    {
        var takes = TimeRanges.Cut(job.TakesFor(item.Kind), item.At, item.PieceTo ?? item.To);
        if (takes.Count == 0)
            return ([], item.PieceTo ?? item.To);
        var (hash, size, bySecond) = (Hash64.Of(job.Account), 0L, new SortedDictionary<long, long>());
        Task<List<Commit>> ReadAsync(DateTimeOffset to, Func<Commit, bool> isDue) =>
            history.ReadAsync(StoreName.History, takes[0].Start, to, commit => commit.MayHold(hash) && TimeIntervals.Hold(takes, commit.CommittedAt) && isDue(commit), cancellationToken);
        if (item.PieceTo is { } begun)
            return (await ReadAsync(takes[^1].Stop!.Value, static _ => true), begun);

        // No more commits are held than a piece may have; how the rest lies in time is enough to find its end.
        var found = await ReadAsync(takes[^1].Stop!.Value, commit =>
        {
            var (second, weight) = (commit.CommittedAt.UtcTicks / TimeSpan.TicksPerSecond, commit.Count + CommitWeight);
            bySecond[second] = bySecond.GetValueOrDefault(second) + weight;
            return (size += weight) <= options.EventsPerPiece;
        });
        if (size <= options.EventsPerPiece)
            return (found, item.To);
        var end = PieceEnd(bySecond);
        return end < item.To ? (await ReadAsync(end, static _ => true), end) : (await ReadAsync(takes[^1].Stop!.Value, static _ => true), item.To);
    }

    /// <summary>The whole second before which lie as many commits as one piece takes, those of at least one second.</summary>
    private DateTimeOffset PieceEnd(SortedDictionary<long, long> bySecond)
    {
        var (size, end) = (0L, 0L);
        foreach (var (second, weight) in bySecond)
        {
            size += weight;
            if (size > options.EventsPerPiece && end > 0)
                break;
            end = second + 1;
        }

        return new(end * TimeSpan.TicksPerSecond, TimeSpan.Zero);
    }

    private async Task<HistoryItem?> DoneAsync(HistoryItem item, DateTimeOffset to, IReadOnlyList<DeliveredObject> written, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var events = written.Sum(static o => (long)o.Events);
        var done = await rows.ReplaceAsync(
            item with
            {
                At = to,
                PieceTo = null,
                State = to >= item.To ? HistoryItemState.Done : HistoryItemState.Pending,
                Attempts = 0,
                NotBefore = null,
                SentAt = to >= item.To ? null : now,
                ChangedAt = now,
                LastCategory = written.Count == 0 ? DeliveryCategory.NothingToDo : DeliveryCategory.Done,
                LastDetail = null,
                Events = item.Events + events,
                Bytes = item.Bytes + written.Sum(static o => o.Bytes),
                Objects = item.Objects + written.Count,
            },
            cancellationToken);
        if (done is not null)
            HistoryLog.Delivered(log, item.Account, item.JobId, item.At, to, item.Kind, written.Count, events);
        return done;
    }

    private async Task<(DeliveryOutcome Outcome, HistoryItem? Item)> FailAsync(HistoryItem item, DeliveryOutcome outcome, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var failed = item with { Attempts = item.Attempts + 1, SentAt = null, ChangedAt = now, LastCategory = outcome.Category, LastDetail = outcome.Detail };
        if (outcome.IsRetryable)
        {
            var next = now + delivery.Pause(item.Attempts, outcome.RetryAfter, jitter());
            failed = await rows.ReplaceAsync(failed with { NotBefore = next }, cancellationToken);
            HistoryLog.Postponed(log, item.Account, item.JobId, item.Day, item.Kind, next, item.Attempts + 1, outcome.Category, outcome.Detail);
        }
        else
        {
            // Where there is no destination nothing of the piece lies in it: a later job may take the piece.
            var pieceTo = outcome.Category == DeliveryCategory.Misconfigured ? null : failed.PieceTo;
            failed = await rows.ReplaceAsync(failed with { State = HistoryItemState.Undelivered, NotBefore = null, PieceTo = pieceTo }, cancellationToken);
            HistoryLog.Parked(log, item.Account, item.JobId, item.Day, item.Kind, outcome.Category, outcome.Detail);
        }

        return (outcome, failed);
    }
}
