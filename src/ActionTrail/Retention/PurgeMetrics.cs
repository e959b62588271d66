using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActionTrail.Layout;

namespace ActionTrail.Retention;

/// <summary>Instruments and activities of the purge under the name <c>ActionTrail</c>. Gauges show what the last run of this process saw.</summary>
internal static class PurgeMetrics
{
    private static readonly ActivitySource Source = new("ActionTrail");
    private static readonly Meter Meter = new("ActionTrail");
    private static readonly Gauge<long> Backlog = Meter.CreateGauge<long>("actiontrail.purge.backlog", "{message}", "Messages past their retention that are marked and wait to be deleted.");
    private static readonly Gauge<int> Refused = Meter.CreateGauge<int>("actiontrail.purge.refused", "1", "1 while a legal hold or a doubtful clock stops the purge.");
    private static readonly Counter<long> Deleted = Meter.CreateCounter<long>("actiontrail.purge.events", "{event}", "Events deleted with their commits, or retired with their segments.");

    /// <summary>The activity of one run; null while nobody listens.</summary>
    public static Activity? Start(StoreName store, bool dryRun) => Source.StartActivity("purge")?.SetTag("actiontrail.store", store.ToString()).SetTag("actiontrail.dry_run", dryRun);

    /// <summary>Events deleted with their commits, or retired with their segments.</summary>
    public static long DeletedEvents(PurgeReport report) => report.Partitions.Sum(static one => one.DeletedEvents) + report.Segments.RetiredEvents;

    public static void Ran(PurgeReport report)
    {
        Refused.Record(report.Refusal is null ? 0 : 1);
        if (report.Refusal is not null)
            return;
        Backlog.Record(report.Partitions.Sum(static one => one.Waiting));
        Deleted.Add(DeletedEvents(report));
    }
}
