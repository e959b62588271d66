using System.Runtime.CompilerServices;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.HistoryJobs;

/// <summary>
/// Reads and guarded writes of table <c>jobs</c>. A job whose work is not at its end always has an entry under <see cref="JobKeys.Open"/>: it is written before the
/// job and deleted after the job let go of it, so that a death in between leaves an entry too many, never one too few.
/// </summary>
internal sealed class JobRows(ITableStore tables, TimeProvider time)
{
    private const int RowsPerTransaction = 100;

    public Task<JobHead> ReadHeadAsync(string account, CancellationToken cancellationToken) => JobHead.ReadAsync(tables, account, cancellationToken);

    /// <summary>The job, also one that is being deleted; null when there is none.</summary>
    public async Task<HistoryJob?> FindAsync(string account, long job, CancellationToken cancellationToken) =>
        job > 0 && await tables.FindAsync(Tables.Jobs, account, JobKeys.Job(job), cancellationToken) is { } row ? HistoryJob.FromRow(row) : null;

    /// <summary>The job that a client token made, or null.</summary>
    public async Task<HistoryJob?> FindByTokenAsync(string account, string tokenKey, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Jobs, account, tokenKey, cancellationToken) is { } row ? await FindAsync(account, row.GetInt64("Job"), cancellationToken) : null;

    /// <summary>The account's jobs in the order of their making, without those being deleted.</summary>
    public async Task<List<HistoryJob>> ListAsync(string account, CancellationToken cancellationToken)
    {
        var jobs = new List<HistoryJob>();
        await foreach (var row in tables.QueryAsync(Tables.Jobs, account, JobKeys.FirstJob, JobKeys.AfterJobs, cancellationToken))
        {
            if (HistoryJob.FromRow(row) is { State: not HistoryJobState.Deleting } job)
                jobs.Add(job);
        }

        return jobs;
    }

    public async Task<HistoryItem?> FindItemAsync(HistoryMessage message, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Jobs, message.Account, JobKeys.Item(message.JobId, message.Day, message.Kind), cancellationToken) is { } row ? HistoryItem.FromRow(row) : null;

    /// <summary>The items of a job by day, then destination.</summary>
    public async Task<List<HistoryItem>> ReadItemsAsync(string account, long job, CancellationToken cancellationToken)
    {
        var items = new List<HistoryItem>();
        var (from, to) = JobKeys.Items(job);
        await foreach (var row in tables.QueryAsync(Tables.Jobs, account, from, to, cancellationToken))
            items.Add(HistoryItem.FromRow(row));
        return items;
    }

    /// <summary>Replaces an item; null when somebody else changed it or it is gone.</summary>
    public async Task<HistoryItem?> ReplaceAsync(HistoryItem item, CancellationToken cancellationToken)
    {
        try
        {
            return item with { ETag = await tables.ReplaceAsync(Tables.Jobs, item.ToRow(), item.ETag, cancellationToken) };
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            return null;
        }
    }

    public async Task DeleteItemsAsync(string account, long job, CancellationToken cancellationToken)
    {
        foreach (var chunk in (await ReadItemsAsync(account, job, cancellationToken)).Chunk(RowsPerTransaction))
        {
            try
            {
                await tables.SubmitAsync(Tables.Jobs, [.. chunk.Select(static i => TableAction.Delete(i.Account, JobKeys.Item(i.JobId, i.Day, i.Kind)))], cancellationToken);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
            {
                foreach (var item in chunk)
                    await tables.DeleteAsync(Tables.Jobs, account, JobKeys.Item(job, item.Day, item.Kind), etag: null, cancellationToken);
            }
        }
    }

    public Task DeleteAsync(HistoryJob job, CancellationToken cancellationToken) => tables.DeleteAsync(Tables.Jobs, job.Account, JobKeys.Job(job.JobId), etag: null, cancellationToken);

    /// <summary>Replaces a job, and the head beside it when given, in one transaction; null when either moved.</summary>
    public async Task<HistoryJob?> ReplaceAsync(HistoryJob job, JobHead? head, CancellationToken cancellationToken, params TableAction[] beside)
    {
        var actions = new List<TableAction> { TableAction.Replace(job.ToRow(), job.ETag) };
        if (head is not null)
            actions.Add(head.ToAction());
        return await TryAsync([.. actions, .. beside], cancellationToken) ? await FindAsync(job.Account, job.JobId, cancellationToken) ?? job : null;
    }

    /// <summary>One transaction; false when a row moved.</summary>
    public async Task<bool> TryAsync(IReadOnlyList<TableAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            await tables.SubmitAsync(Tables.Jobs, actions, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Conflict or StoreErrorKind.NotFound)
        {
            return false;
        }
    }

    public Task OpenAsync(string account, long job, CancellationToken cancellationToken) =>
        tables.UpsertAsync(Tables.Jobs, new TableRow(JobKeys.Open, JobKeys.OpenJob(account, job)).With("At", time.GetUtcNow()), cancellationToken);

    public Task CloseAsync(string account, long job, CancellationToken cancellationToken) =>
        tables.DeleteAsync(Tables.Jobs, JobKeys.Open, JobKeys.OpenJob(account, job), etag: null, cancellationToken);

    /// <summary>Every job that is to be looked at, and since when.</summary>
    public async IAsyncEnumerable<(string Account, long Job, DateTimeOffset At)> ReadOpenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.QueryAsync(Tables.Jobs, JobKeys.Open, fromRowKey: null, toRowKey: null, cancellationToken))
        {
            if (!JobKeys.TryParseOpen(row.RowKey, out var account, out var job))
                throw new StoreException(StoreErrorKind.Corrupt, $"'{row.RowKey}' is no entry of an open job.");
            yield return (account, job, row.GetTime("At"));
        }
    }
}
