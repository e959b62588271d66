using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ActionTrail.Query;

/// <summary>Instruments and activities of lookups and counts under the name <c>ActionTrail</c>: what they cost in reads of the store.</summary>
internal static class LookupMetrics
{
    private static readonly ActivitySource Source = new("ActionTrail");
    private static readonly Meter Meter = new("ActionTrail");
    private static readonly Counter<long> Reads = Meter.CreateCounter<long>("actiontrail.lookup.reads", "{request}", "Requests for bytes of segments that lookups and counts made, by kind.");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("actiontrail.lookup.bytes", "By", "Bytes of segments that lookups and counts read, by kind.");
    private static readonly Histogram<int> ReadsEach = Meter.CreateHistogram<int>("actiontrail.lookup.reads_each", "{request}", "Requests for bytes of segments that one lookup or count made, by kind.");

    private static readonly KeyValuePair<string, object?> Lookup = new("kind", "lookup");
    private static readonly KeyValuePair<string, object?> Count = new("kind", "count");

    /// <summary>The activity of one lookup; null while nobody listens.</summary>
    public static Activity? Start() => Source.StartActivity("lookup");

    public static void LookedUp(Activity? activity, LookupStatistics statistics)
    {
        activity?.SetTag("actiontrail.reads", statistics.Reads).SetTag("actiontrail.bytes", statistics.Bytes);
        Record(statistics, Lookup);
    }

    public static void Counted(LookupStatistics statistics) => Record(statistics, Count);

    private static void Record(LookupStatistics statistics, KeyValuePair<string, object?> kind)
    {
        Reads.Add(statistics.Reads, kind);
        Bytes.Add(statistics.Bytes, kind);
        ReadsEach.Record(statistics.Reads, kind);
    }
}
