using System.Diagnostics.Metrics;

namespace ActionTrail.Retention;

/// <summary>Instruments of the purge on meter <c>ActionTrail</c>. Gauges show what the last run of this process saw.</summary>
internal static class PurgeMetrics
{
    private static readonly Meter Meter = new("ActionTrail");
    private static readonly Gauge<long> Backlog = Meter.CreateGauge<long>("actiontrail.purge.backlog", "{message}", "Messages past their retention that are marked and wait to be deleted.");
    private static readonly Gauge<int> Refused = Meter.CreateGauge<int>("actiontrail.purge.refused", "1", "1 while a legal hold or a doubtful clock stops the purge.");
    private static readonly Counter<long> Deleted = Meter.CreateCounter<long>("actiontrail.purge.events", "{event}", "Events deleted with their commits, or retired with their segments.");

    public static void Ran(PurgeReport report)
    {
        Refused.Record(report.Refusal is null ? 0 : 1);
        if (report.Refusal is not null)
            return;
        Backlog.Record(report.Partitions.Sum(static one => one.Waiting));
        Deleted.Add(report.Partitions.Sum(static one => one.DeletedEvents) + report.Segments.RetiredEvents);
    }
}
