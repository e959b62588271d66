using ActionTrail.Access;
using ActionTrail.Functions.Audit;
using ActionTrail.Functions.Rest;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Proofs;
using ActionTrail.Retention;

namespace ActionTrail.Functions.Triggers;

/// <summary>The retention timer. Its report becomes an audit event of the operator's account when there is something to report.</summary>
internal sealed class PurgeExpiredEvents(RetentionPurge purge, SealPruner pruner, LogstoreRegistry logstores, AuditTrail audit, IRandomSource random) : ITrigger
{
    public string Function => "PurgeExpiredEvents";

    public async Task RunAsync(ReadOnlyMemory<byte> invocation, CancellationToken cancellationToken)
    {
        await EndAsync(StoreName.History, await purge.RunAsync(dryRun: false, cancellationToken), cancellationToken);
        await foreach (var logstore in logstores.ScanAsync(cancellationToken))
            await EndAsync(logstore.Store, await purge.RunAsync(logstore.Store, logstore.RetentionDays, dryRun: false, force: false, cancellationToken), cancellationToken);
    }

    private async Task EndAsync(StoreName store, PurgeReport report, CancellationToken cancellationToken)
    {
        if (PurgeJson.IsNews(report))
            await audit.RecordServiceEventAsync("PurgeExpiredEvents", random, json => PurgeJson.Write(json, report), cancellationToken);
        if (report.Refusal is null)
            await pruner.RunAsync(store, cancellationToken);
    }
}
