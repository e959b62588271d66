using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActionTrail.Layout;

namespace ActionTrail.Ingest;

/// <summary>Instruments and activities of ingestion under the name <c>ActionTrail</c>. One measurement per commit, none per event.</summary>
internal static class IngestMetrics
{
    private static readonly ActivitySource Source = new("ActionTrail");
    private static readonly Meter Meter = new("ActionTrail");
    private static readonly Counter<long> Events = Meter.CreateCounter<long>("actiontrail.ingest.events", "{event}", "Events committed, by source: hub or api.");
    private static readonly Counter<long> Quarantined = Meter.CreateCounter<long>("actiontrail.ingest.quarantined", "{record}", "Records that went to quarantine.");
    private static readonly Histogram<double> Lag = Meter.CreateHistogram<double>("actiontrail.ingest.lag", "s", "Time from the hub taking the oldest message of a commit up to the commit.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("actiontrail.ingest.commit.duration", "s", "Time of one commit: objects, announcement and transaction, by source.");

    private static readonly KeyValuePair<string, object?> FromHub = new("source", "hub");
    private static readonly KeyValuePair<string, object?> FromApi = new("source", "api");

    /// <summary>The activity of one commit, or null while nobody listens. <paramref name="callers"/>: whose events it takes along, when they are not its parent.</summary>
    public static Activity? Start(PartitionName partition, IEnumerable<ActivityContext> callers)
    {
        if (!Source.HasListeners())
            return null;
        var links = callers.Where(static context => context.TraceId != default).Select(static context => new ActivityLink(context)).ToList();
        return Source.StartActivity(ActivityKind.Internal, links: links, name: "commit")?.SetTag("actiontrail.partition", partition.ToString());
    }

    public static void Committed(Commit commit, bool isHub, TimeSpan duration)
    {
        var source = isHub ? FromHub : FromApi;
        Events.Add(commit.Count, source);
        Duration.Record(duration.TotalSeconds, source);
        if (commit.Quarantine is { Count: > 0 } quarantine)
            Quarantined.Add(quarantine.Count);
    }

    public static void Behind(TimeSpan lag) => Lag.Record(Math.Max(0, lag.TotalSeconds));
}
