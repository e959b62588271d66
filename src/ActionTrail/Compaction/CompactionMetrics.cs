using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActionTrail.Layout;

namespace ActionTrail.Compaction;

/// <summary>Instruments and activities of compaction under the name <c>ActionTrail</c>. Gauges show what the last run of this process saw.</summary>
internal static class CompactionMetrics
{
    private static readonly ActivitySource Source = new("ActionTrail");
    private static readonly Meter Meter = new("ActionTrail");
    private static readonly Gauge<long> BacklogCommits = Meter.CreateGauge<long>("actiontrail.compaction.backlog.commits", "{commit}", "Commits that wait to be compacted.");
    private static readonly Gauge<long> BacklogBytes = Meter.CreateGauge<long>("actiontrail.compaction.backlog.bytes", "By", "Bytes of fresh segments that wait to be compacted.");
    private static readonly Gauge<double> BacklogAge = Meter.CreateGauge<double>("actiontrail.compaction.backlog.age", "s", "Age of the oldest commit that waits to be compacted.");
    private static readonly Gauge<int> Behind = Meter.CreateGauge<int>("actiontrail.compaction.behind", "1", "1 while the backlog is older than its bound.");
    private static readonly Gauge<long> Segments = Meter.CreateGauge<long>("actiontrail.compaction.segments", "{segment}", "Compacted segments in force, by level.");
    private static readonly Counter<long> Rows = Meter.CreateCounter<long>("actiontrail.compaction.events", "{event}", "Events written by compaction, by kind of plan.");
    private static readonly Histogram<double> Held = Meter.CreateHistogram<double>("actiontrail.ingest.held_back", "s", "Time for which the answer to a batch was kept back because compaction is behind.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("actiontrail.compaction.duration", "s", "Time from taking a plan up to its effect, by kind.");

    /// <summary>The activity of one plan; null while nobody listens.</summary>
    public static Activity? Start(CompactionPlan plan) =>
        Source.StartActivity("compaction")?.SetTag("actiontrail.store", plan.Store.ToString()).SetTag("actiontrail.kind", plan.Kind.ToString()).SetTag("actiontrail.generation", plan.Generation);

    public static void Waiting(Backlog backlog, bool isBehind)
    {
        BacklogCommits.Record(backlog.Commits);
        BacklogBytes.Record(backlog.Bytes);
        BacklogAge.Record(backlog.Age.TotalSeconds);
        Behind.Record(isBehind ? 1 : 0);
    }

    public static void HeldBack(TimeSpan delay) => Held.Record(delay.TotalSeconds);

    public static void InForce(int level, long segments) => Segments.Record(segments, new KeyValuePair<string, object?>("level", level));

    public static void Done(CompactionKind kind, long rows, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>("kind", kind.ToString());
        Rows.Add(rows, tag);
        Duration.Record(duration.TotalSeconds, tag);
    }
}
