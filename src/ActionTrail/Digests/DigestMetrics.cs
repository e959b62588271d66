using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace ActionTrail.Digests;

/// <summary>Instruments and activities of digests under the name <c>ActionTrail</c>. Gauges show what the last run of this process saw. Alarm: overdue above an hour.</summary>
internal static class DigestMetrics
{
    private static readonly ActivitySource Source = new("ActionTrail");
    private static readonly Meter Meter = new("ActionTrail");
    private static readonly Gauge<double> Age = Meter.CreateGauge<double>("actiontrail.digest.age", "s", "Time since the end of the newest digest, of the logging trail that is furthest behind.");
    private static readonly Gauge<double> Overdue = Meter.CreateGauge<double>("actiontrail.digest.overdue", "s", "Time since the oldest digest that is not sealed was due; 0 while none is missing.");

    /// <summary>The activity of one digest; null while nobody listens.</summary>
    public static Activity? Start(string trailKey, DateTimeOffset end) =>
        Source.StartActivity("digest")?.SetTag("actiontrail.trail", trailKey).SetTag("actiontrail.end", end.ToString("u", CultureInfo.InvariantCulture));

    public static void Newest(TimeSpan age) => Age.Record(age.TotalSeconds);

    public static void Missing(TimeSpan overdue) => Overdue.Record(overdue.TotalSeconds);
}
