using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.HistoryJobs;

/// <summary>The row that guards an account's jobs: every transaction that makes, runs, ends or deletes one replaces it.</summary>
/// <param name="Account">The account.</param>
/// <param name="Next">Number of the next job.</param>
/// <param name="Running">Number of the job that runs; 0 when none does.</param>
/// <param name="Count">Jobs that are kept.</param>
/// <param name="ETag">Version of the stored row; null when there is none.</param>
internal sealed record JobHead(string Account, long Next, long Running, int Count, string? ETag)
{
    private const int Version = 1;

    public TableAction ToAction()
    {
        var row = new TableRow(Account, JobKeys.Head).With("Next", Next).With("Running", Running).With("Count", Count).With("HeadVersion", Version);
        return ETag is null ? TableAction.Insert(row) : TableAction.Replace(row, ETag);
    }

    public JobHead Ended(long job) => Running == job ? this with { Running = 0 } : this;

    public static async Task<JobHead> ReadAsync(ITableStore tables, string account, CancellationToken cancellationToken) =>
        await tables.FindAsync(Tables.Jobs, account, JobKeys.Head, cancellationToken) is { } row
            ? FromRow(row)
            : new(account, 1, 0, 0, null);

    /// <exception cref="StoreException">Corrupt: the row is not one that <see cref="ToAction"/> makes.</exception>
    public static JobHead FromRow(TableRow row) => row.GetInt32("HeadVersion") > Version
        ? throw new StoreException(StoreErrorKind.Corrupt, $"Jobs {row.PartitionKey} / {row.RowKey} were written by a newer version.")
        : new(row.PartitionKey, row.GetInt64("Next"), row.GetInt64("Running"), row.GetInt32("Count"), row.ETag);
}
