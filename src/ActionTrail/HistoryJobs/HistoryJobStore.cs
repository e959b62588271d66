using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging;

namespace ActionTrail.HistoryJobs;

/// <summary>
/// The history delivery jobs of all accounts: made, watched, cancelled, tried again, deleted. At most one of an account runs. Every change is one guarded write, so that
/// callers may race and repeat. Expected ends are <see cref="HistoryOutcome"/> values; <see cref="StoreException"/> only tells of storage (Unavailable: the
/// change may have happened; a client token makes a repeated creation safe).
/// </summary>
public sealed class HistoryJobStore(ITableStore tables, TrailStore trails, HistorySteps steps, HistoryOptions options, TimeProvider time, ILogger<HistoryJobStore> log)
{
    // A conflict means that somebody else made progress on the same account.
    private const int MaxTries = 20;

    /// <summary>Beside the job and the head. What is more than that stays given up, and the job fails again.</summary>
    private const int ItemsPerTransaction = 98;

    private readonly JobRows rows = new(tables, time);

    /// <summary>Makes a job that delivers what the trail did not.</summary>
    /// <param name="account">Owner of the trail.</param>
    /// <param name="trailName">A single-account trail.</param>
    /// <param name="clientToken">A creation that is repeated under the same token makes one job; null for none.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public async Task<HistoryOutcome> CreateAsync(string account, string trailName, string? clientToken, CancellationToken cancellationToken)
    {
        if (await trails.ResolveAsync(account, trailName, isOrganization: false, cancellationToken) is not { } seen)
            return new(HistoryOutcomeKind.TrailNotFound);
        if (seen.Access == TrailAccess.Shadow)
            return new(HistoryOutcomeKind.NotPermitted);
        if (seen.Trail.IsOrganizationTrail)
            return new(HistoryOutcomeKind.SeveralAccounts);
        var tokenKey = clientToken is null ? null : JobKeys.Token(clientToken);
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            // 1. What was answered before under this token is answered again.
            if (tokenKey is not null && await rows.FindByTokenAsync(account, tokenKey, cancellationToken) is { State: not HistoryJobState.Deleting } made)
                return new(made.Trail.Name == trailName ? HistoryOutcomeKind.Ok : HistoryOutcomeKind.TokenReused, made);
            var head = await rows.ReadHeadAsync(account, cancellationToken);
            if (head.Running != 0)
                return new(HistoryOutcomeKind.AlreadyRunning, await rows.FindAsync(account, head.Running, cancellationToken));
            if (head.Count >= options.JobsPerAccount)
                return new(HistoryOutcomeKind.QuotaExceeded);

            // 2. From here on the trail starts and stops no earlier than the job ends.
            var marked = await trails.MarkHistoryAsync(account, trailName, cancellationToken);
            if (marked.Trail is not { } trail)
                return new(marked.Kind == TrailOutcomeKind.NotFound ? HistoryOutcomeKind.TrailNotFound : HistoryOutcomeKind.TooManyChanges);
            if (!trail.Destinations.Any(IsTarget))
                return new(HistoryOutcomeKind.NoDestination);
            var job = await MakeAsync(account, head.Next, trail, tokenKey, cancellationToken);

            // 3. The head guards everything that was read of other jobs.
            await rows.OpenAsync(account, job.JobId, cancellationToken);
            var actions = new List<TableAction> { TableAction.Insert(job.ToRow()), (head with { Next = head.Next + 1, Running = job.JobId, Count = head.Count + 1 }).ToAction() };
            if (tokenKey is not null)
                actions.Add(TableAction.Upsert(new TableRow(account, tokenKey).With("Job", job.JobId)));
            if (!await rows.TryAsync(actions, cancellationToken))
                continue;
            HistoryLog.Created(log, account, job.JobId, trailName);
            await steps.TryAdvanceAsync(account, job.JobId, cancellationToken);
            return new(HistoryOutcomeKind.Created, await rows.FindAsync(account, job.JobId, cancellationToken) ?? job);
        }

        return new(HistoryOutcomeKind.TooManyChanges);
    }

    /// <summary>The account's jobs, newest first.</summary>
    public async Task<IReadOnlyList<HistoryJob>> ListAsync(string account, CancellationToken cancellationToken)
    {
        var jobs = await rows.ListAsync(account, cancellationToken);
        jobs.Reverse();
        return jobs;
    }

    /// <summary>The job and how far it is, or null.</summary>
    public async Task<HistoryProgress?> FindAsync(string account, long jobId, CancellationToken cancellationToken) =>
        await rows.FindAsync(account, jobId, cancellationToken) is { State: not HistoryJobState.Deleting } job
            ? new(job, await rows.ReadItemsAsync(account, jobId, cancellationToken))
            : null;

    /// <summary>Begins nothing more. What was begun is brought to its end, so that nothing lies half delivered; then the job is cancelled.</summary>
    public Task<HistoryOutcome> CancelAsync(string account, long jobId, string? ifMatch, CancellationToken cancellationToken) => ChangeAsync(
        account,
        jobId,
        ifMatch,
        async job => job.State switch
        {
            HistoryJobState.Cancelling or HistoryJobState.Cancelled => new(HistoryOutcomeKind.Ok, job),
            HistoryJobState.Initializing or HistoryJobState.Delivering => await rows.ReplaceAsync(With(job, HistoryJobState.Cancelling), head: null, cancellationToken) is { } cancelling
                ? new(HistoryOutcomeKind.Ok, cancelling)
                : null,
            _ => new(HistoryOutcomeKind.WrongState, job),
        },
        cancellationToken);

    /// <summary>Has a failed job try again what it gave up, unless a later job of the trail may have taken that.</summary>
    public Task<HistoryOutcome> RetryAsync(string account, long jobId, string? ifMatch, CancellationToken cancellationToken) => ChangeAsync(
        account,
        jobId,
        ifMatch,
        async job =>
        {
            if (job.State != HistoryJobState.Failed)
                return new(HistoryOutcomeKind.WrongState, job);
            var head = await rows.ReadHeadAsync(account, cancellationToken);
            if (head.Running != 0)
                return new(HistoryOutcomeKind.AlreadyRunning, await rows.FindAsync(account, head.Running, cancellationToken));
            if ((await rows.ListAsync(account, cancellationToken)).Exists(other => other.JobId > jobId && other.Trail.TrailId == job.Trail.TrailId))
                return new(HistoryOutcomeKind.Superseded, job);
            await rows.OpenAsync(account, jobId, cancellationToken);
            var again = (await rows.ReadItemsAsync(account, jobId, cancellationToken)).Where(static i => i.State == HistoryItemState.Undelivered).Take(ItemsPerTransaction)
                .Select(i => TableAction.Replace((i with { State = HistoryItemState.Pending, Attempts = 0, NotBefore = null, SentAt = null, ChangedAt = time.GetUtcNow() }).ToRow(), i.ETag));
            return await rows.ReplaceAsync(With(job, HistoryJobState.Delivering) with { EndedAt = null }, head with { Running = jobId }, cancellationToken, [.. again]) is { } running
                ? new(HistoryOutcomeKind.Ok, running)
                : null;
        },
        cancellationToken);

    /// <summary>
    /// Deletes the job, never what it delivered. One that runs begins nothing more. A later job of the trail takes everything again that this one took.
    /// </summary>
    public Task<HistoryOutcome> DeleteAsync(string account, long jobId, string? ifMatch, CancellationToken cancellationToken) => ChangeAsync(
        account,
        jobId,
        ifMatch,
        async job =>
        {
            await rows.OpenAsync(account, jobId, cancellationToken);
            var head = (await rows.ReadHeadAsync(account, cancellationToken)).Ended(jobId);
            var deleting = With(job, HistoryJobState.Deleting);
            return await rows.ReplaceAsync(deleting, head with { Count = head.Count - 1 }, cancellationToken) is not null ? new(HistoryOutcomeKind.Ok, job) : null;
        },
        cancellationToken);

    /// <param name="account">Owner of the job.</param>
    /// <param name="jobId">Its number.</param>
    /// <param name="ifMatch">The version that the caller saw, or null for any.</param>
    /// <param name="change">Makes the change; null when it lost a race and must look again.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    private async Task<HistoryOutcome> ChangeAsync(string account, long jobId, string? ifMatch, Func<HistoryJob, Task<HistoryOutcome?>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxTries; attempt++)
        {
            if (await rows.FindAsync(account, jobId, cancellationToken) is not { State: not HistoryJobState.Deleting } job)
                return new(HistoryOutcomeKind.NotFound);
            if (ifMatch is not null && ifMatch != job.ETag)
                return new(HistoryOutcomeKind.PreconditionFailed);
            if (await change(job) is not { } outcome)
                continue;
            if (outcome.Kind != HistoryOutcomeKind.Ok)
                return outcome;
            HistoryLog.Changed(log, account, jobId, outcome.Job!.State);
            await steps.TryAdvanceAsync(account, jobId, cancellationToken);
            return outcome with { Job = await rows.FindAsync(account, jobId, cancellationToken) ?? outcome.Job };
        }

        return new(HistoryOutcomeKind.TooManyChanges);
    }

    private async Task<HistoryJob> MakeAsync(string account, long number, Trail trail, string? tokenKey, CancellationToken cancellationToken)
    {
        var until = trail.HistoryUntil!.Value;

        // Whole seconds: pieces begin at them, and names of objects tell them apart by them.
        var from = new DateTimeOffset((until - options.Retention).UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
        var earlier = new List<HistoryProgress>();
        foreach (var job in (await rows.ListAsync(account, cancellationToken)).Where(job => job.Trail.TrailId == trail.TrailId))
            earlier.Add(new(job, await rows.ReadItemsAsync(account, job.JobId, cancellationToken)));
        var madeAt = await LogstoreMadeAtAsync(trail, cancellationToken);
        return new()
        {
            Account = account,
            JobId = number,
            State = HistoryJobState.Initializing,
            Trail = trail with { Intervals = [], FormerIntervals = [], Places = [], ETag = "" },
            Targets = [.. trail.Destinations.Where(IsTarget).Select(kind => new HistoryTarget(kind, Takes(trail, kind, from, until, earlier, kind == DestinationKind.Logstore ? madeAt : DateTimeOffset.MinValue)))],
            From = from,
            Until = until,
            CreatedAt = time.GetUtcNow(),
            UpdatedAt = time.GetUtcNow(),
            TokenKey = tokenKey,
        };
    }

    /// <summary>The times of <c>[from, until)</c> in which the trail did not log to where it delivers now and that no earlier job delivers there.</summary>
    private static IReadOnlyList<TimeInterval> Takes(Trail trail, DestinationKind kind, DateTimeOffset from, DateTimeOffset until, IEnumerable<HistoryProgress> earlier, DateTimeOffset madeAt)
    {
        var present = TrailPlaces.Present(trail, kind, madeAt);
        var logged = present.SelectMany(time => TimeRanges.Cut(trail.FormerIntervals.Concat(trail.Intervals), time.Start, time.Stop!.Value));
        var here = earlier.Where(progress => TrailPlaces.NameOf(progress.Job.Trail, kind) == TrailPlaces.NameOf(trail, kind) && !(progress.Job.EndedAt < madeAt));
        var owned = here.SelectMany(progress => progress.Items.Where(i => i.Kind == kind)
            .SelectMany(item => TimeRanges.Cut(progress.Job.TakesFor(kind), item.From, item.OwnedTo)));
        return TimeRanges.Subtract([new(from, until)], logged.Concat(owned));
    }

    /// <summary>When the trail's Logstore came into being: what went to one that was deleted before is not there. No job runs while one is deleted.</summary>
    private async Task<DateTimeOffset> LogstoreMadeAtAsync(Trail trail, CancellationToken cancellationToken) =>
        trail.Logstore is { } name && await tables.FindAsync(Tables.Logstores, trail.Account, LogstoreKeys.Logstore(name.Project, name.Name), cancellationToken) is { } row
            ? row.GetTime("CreateTime")
            : DateTimeOffset.MinValue;

    private static bool IsTarget(DestinationKind kind) => kind is DestinationKind.Blob or DestinationKind.Logstore;

    private HistoryJob With(HistoryJob job, HistoryJobState state) => job with { State = state, UpdatedAt = time.GetUtcNow() };
}
