using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging;

namespace ActionTrail.HistoryJobs;

/// <summary>
/// Takes jobs from state to state: makes their work items, sends messages for some of them at a time, and ends them. Each step is a guarded write and may be made
/// twice, at once, or not at all: the timer comes back for whatever is not at its end.
/// </summary>
public sealed class HistorySteps(ITableStore tables, IWorkQueue queue, HistoryOptions options, DeliveryOptions delivery, TimeProvider time, ILogger<HistorySteps> log)
{
    /// <summary>An entry whose job is not there may belong to a creation under way; it is one left behind when nobody can work that long.</summary>
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(15);

    /// <summary>Beside the job.</summary>
    private const int ItemsPerTransaction = 99;

    private readonly JobRows rows = new(tables, time);

    /// <summary>The timer's work: a step for every job that is not at its end. Returns how many there are.</summary>
    /// <exception cref="StoreException">The open jobs could not be read, or the work on all of them failed; the next run goes on.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var open = new List<(string Account, long Job, DateTimeOffset At)>();
        await foreach (var one in rows.ReadOpenAsync(cancellationToken))
            open.Add(one);
        foreach (var (account, job, at) in open)
        {
            if (await rows.FindAsync(account, job, cancellationToken) is not null)
                await TryAdvanceAsync(account, job, cancellationToken);
            else if (at + StaleAfter < time.GetUtcNow())
                await rows.CloseAsync(account, job, cancellationToken);
        }

        return open.Count;
    }

    /// <summary>As <see cref="AdvanceAsync"/>; what a store refuses is left to the timer.</summary>
    internal async Task TryAdvanceAsync(string account, long jobId, CancellationToken cancellationToken)
    {
        try
        {
            await AdvanceAsync(account, jobId, cancellationToken);
        }
        catch (StoreException e)
        {
            HistoryLog.Unfinished(log, account, jobId, e.Message);
        }
    }

    /// <summary>Does whatever the job waits for.</summary>
    internal async Task AdvanceAsync(string account, long jobId, CancellationToken cancellationToken)
    {
        if (await rows.FindAsync(account, jobId, cancellationToken) is not { } job)
            return;
        if (!job.IsRunning && job.State != HistoryJobState.Deleting)
        {
            await rows.CloseAsync(account, jobId, cancellationToken);
            return;
        }

        var items = await rows.ReadItemsAsync(account, jobId, cancellationToken);
        if (job.State == HistoryJobState.Initializing)
        {
            if (await InitializeAsync(job, items, cancellationToken) is not { } delivering)
                return;
            job = delivering;
            items = await rows.ReadItemsAsync(account, jobId, cancellationToken);
        }

        items = job.State is HistoryJobState.Cancelling or HistoryJobState.Deleting ? await CancelAsync(items, cancellationToken) : items;
        if (items.Exists(static i => i.State == HistoryItemState.Pending))
            await SendAsync(items, cancellationToken);
        else if (job.State == HistoryJobState.Deleting)
            await EraseAsync(job, cancellationToken);
        else
            await EndAsync(job, items, cancellationToken);
    }

    /// <summary>Makes the items that are missing. The job is replaced with them, so that one which was cancelled or deleted meanwhile gets none; null then.</summary>
    private async Task<HistoryJob?> InitializeAsync(HistoryJob job, List<HistoryItem> made, CancellationToken cancellationToken)
    {
        var missing = Items(job).Where(item => !made.Exists(m => m.Day == item.Day && m.Kind == item.Kind)).Chunk(ItemsPerTransaction).ToList();
        for (var i = 0; i < missing.Count - 1; i++)
        {
            if (await rows.ReplaceAsync(job, head: null, cancellationToken, Inserts(missing[i])) is not { State: HistoryJobState.Initializing } same)
                return null;
            job = same;
        }

        return await rows.ReplaceAsync(With(job, HistoryJobState.Delivering), head: null, cancellationToken, Inserts(missing.Count == 0 ? [] : missing[^1]));
    }

    private static TableAction[] Inserts(HistoryItem[] items) => [.. items.Select(static i => TableAction.Insert(i.ToRow()))];

    /// <summary>A function of the job alone: the days, in UTC, of which the job takes anything. The newest waits for commits under way.</summary>
    private IEnumerable<HistoryItem> Items(HistoryJob job)
    {
        foreach (var target in job.Targets)
        {
            for (var day = new DateTimeOffset(job.From.UtcDateTime.Date, TimeSpan.Zero); day < job.Until; day += TimeSpan.FromDays(1))
            {
                var (from, to) = (day > job.From ? day : job.From, day.AddDays(1) < job.Until ? day.AddDays(1) : job.Until);
                if (TimeRanges.Cut(target.Takes, from, to).Count == 0)
                    continue;
                yield return new()
                {
                    Account = job.Account,
                    JobId = job.JobId,
                    Kind = target.Kind,
                    From = from,
                    To = to,
                    At = from,
                    NotBefore = to == job.Until ? to + (3 * delivery.Settle) : null,
                };
            }
        }
    }

    /// <summary>Ends the items of which nothing is begun beyond what is delivered.</summary>
    private async Task<List<HistoryItem>> CancelAsync(List<HistoryItem> items, CancellationToken cancellationToken)
    {
        var after = new List<HistoryItem>(items.Count);
        foreach (var item in items)
        {
            var isIdle = item is { State: HistoryItemState.Pending, PieceTo: null };
            var cancelled = isIdle ? await rows.ReplaceAsync(item with { State = HistoryItemState.Cancelled, ChangedAt = time.GetUtcNow() }, cancellationToken) : null;
            after.Add(cancelled ?? item);
        }

        return after;
    }

    private async Task EndAsync(HistoryJob job, List<HistoryItem> items, CancellationToken cancellationToken)
    {
        var state = job.State == HistoryJobState.Cancelling ? HistoryJobState.Cancelled
            : items.Exists(static i => i.State == HistoryItemState.Undelivered) ? HistoryJobState.Failed
            : HistoryJobState.Complete;
        var head = (await rows.ReadHeadAsync(job.Account, cancellationToken)).Ended(job.JobId);
        if (await rows.ReplaceAsync(With(job, state) with { EndedAt = time.GetUtcNow() }, head, cancellationToken) is null)
            return;
        HistoryLog.Changed(log, job.Account, job.JobId, state);
        await rows.CloseAsync(job.Account, job.JobId, cancellationToken);
    }

    /// <summary>Sends messages for the oldest items that are due, so many that no more are under way than allowed.</summary>
    private async Task SendAsync(List<HistoryItem> items, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        bool IsUnderWay(HistoryItem item) => item.SentAt is { } sent && now < sent + delivery.RequeueAfter;
        var pending = items.Where(static i => i.State == HistoryItemState.Pending).ToList();
        var free = options.Parallelism - pending.Count(IsUnderWay);
        foreach (var item in pending.Where(i => !IsUnderWay(i) && (i.NotBefore is not { } due || due <= now)).Take(Math.Max(0, free)))
        {
            if (await rows.ReplaceAsync(item with { SentAt = now }, cancellationToken) is not null)
                await queue.SendAsync(Queues.DeliverHistory, item.ToMessage().ToJson(), TimeSpan.Zero, cancellationToken);
        }
    }

    private async Task EraseAsync(HistoryJob job, CancellationToken cancellationToken)
    {
        await rows.DeleteItemsAsync(job.Account, job.JobId, cancellationToken);
        if (job.TokenKey is { } token && await rows.FindByTokenAsync(job.Account, token, cancellationToken) is { } named && named.JobId == job.JobId)
            await tables.DeleteAsync(Tables.Jobs, job.Account, token, etag: null, cancellationToken);
        await rows.DeleteAsync(job, cancellationToken);
        await rows.CloseAsync(job.Account, job.JobId, cancellationToken);
    }

    private HistoryJob With(HistoryJob job, HistoryJobState state) => job with { State = state, UpdatedAt = time.GetUtcNow() };
}
