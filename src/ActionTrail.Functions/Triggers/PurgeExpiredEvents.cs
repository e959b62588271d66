using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Functions.Audit;
using ActionTrail.Functions.Rest;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Proofs;
using ActionTrail.Retention;
using ActionTrail.Storage;

namespace ActionTrail.Functions.Triggers;

/// <summary>
/// The retention timer. Its report becomes an audit event of the operator's account when there is something to report. A hold is somebody's will; a clock that is
/// not trusted needs a person and is told.
/// </summary>
internal sealed partial class PurgeExpiredEvents(RetentionPurge purge, SealPruner pruner, LogstoreRegistry logstores, StoreErasure erasure, TimeProvider time, AuditTrail audit, IRandomSource random, ILogger<PurgeExpiredEvents> log) : ITrigger
{
    /// <summary>What erasing may take of a run, whose deadline is ten minutes.</summary>
    private static readonly TimeSpan EraseTime = TimeSpan.FromMinutes(3);

    public string Function => "PurgeExpiredEvents";

    /// <exception cref="StoreException">What the first store that failed met; all had their turn.</exception>
    public async Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken)
    {
        var failures = new List<StoreException>();
        await TryAsync(StoreName.History, failures, async () => await EndAsync(StoreName.History, await purge.RunAsync(dryRun: false, cancellationToken), cancellationToken));
        await foreach (var logstore in logstores.ScanAsync(cancellationToken))
        {
            await TryAsync(logstore.Store, failures, async () =>
                await EndAsync(logstore.Store, await purge.RunAsync(logstore.Store, logstore.RetentionDays, dryRun: false, force: false, cancellationToken), cancellationToken));
        }

        var until = time.GetUtcNow() + EraseTime;
        await foreach (var deleted in logstores.ScanDeletedAsync(cancellationToken))
            await TryAsync(deleted.Store, failures, () => EraseAsync(deleted, until, cancellationToken));
        if (failures is [var first, ..])
            throw new StoreException(first.Kind, first.Message, first, first.RetryAfter);
    }

    /// <summary>One store that fails, such as one with a damaged row, keeps neither other accounts' from being purged nor the deleted ones from being erased.</summary>
    private async Task TryAsync(StoreName store, List<StoreException> failures, Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (StoreException error)
        {
            Failed(log, store, error);
            failures.Add(error);
        }
    }

    /// <summary>Erases the store of a Logstore that was deleted a grace ago. What one run does not get done the next one does; the event comes with the last.</summary>
    private async Task EraseAsync(DeletedLogstore deleted, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now < deleted.DeletedAt + erasure.Grace || now >= until)
            return;
        var report = await erasure.RunAsync(deleted.Store, deleted.Account, until - now, cancellationToken);
        if (!report.IsDone)
            return;

        // The event before the row: a death in between makes it twice rather than never.
        await audit.RecordServiceEventAsync("EraseLogstore", random, json => Write(json, deleted, report), cancellationToken);
        await logstores.ForgetAsync(deleted, cancellationToken);
    }

    private static void Write(Utf8JsonWriter json, DeletedLogstore deleted, ErasureReport report)
    {
        json.WriteString("accountId"u8, deleted.Account);
        json.WriteString("logstore"u8, deleted.Name.ToString());
        json.WriteString("store"u8, deleted.Store.ToString());
        json.WriteString("deletedAt"u8, deleted.DeletedAt.UtcDateTime);
        json.WriteNumber("objects"u8, report.Objects);
        json.WriteNumber("bytes"u8, report.Bytes);
        json.WriteNumber("rows"u8, report.Rows);
    }

    private async Task EndAsync(StoreName store, PurgeReport report, CancellationToken cancellationToken)
    {
        if (report.Doubt is { } doubt)
            ClockDoubted(log, store, doubt);
        if (PurgeJson.IsNews(report))
            await audit.RecordServiceEventAsync("PurgeExpiredEvents", random, json => PurgeJson.Write(json, report), cancellationToken);
        if (report.Refusal is null)
            await pruner.RunAsync(store, cancellationToken);
    }

    [LoggerMessage(9120, LogLevel.Warning, "the purge of {Store} does not trust the clock and keeps what it may: {Doubt}")]
    private static partial void ClockDoubted(ILogger log, StoreName store, string doubt);

    [LoggerMessage(9121, LogLevel.Error, "the purge of {Store} failed")]
    private static partial void Failed(ILogger log, StoreName store, Exception error);
}
