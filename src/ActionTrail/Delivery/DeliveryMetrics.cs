using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActionTrail.Layout;

namespace ActionTrail.Delivery;

/// <summary>Instruments of delivery on meter <c>ActionTrail</c>, by kind of destination. Alarms: undelivered or poison above 0, age of the oldest pending delivery.</summary>
internal static class DeliveryMetrics
{
    private static readonly ActivitySource Source = new("ActionTrail");
    private static readonly Meter Meter = new("ActionTrail");
    private static readonly Gauge<int> PoisonMessages = Meter.CreateGauge<int>("actiontrail.delivery.poison", "{message}", "Messages in a poison queue, by queue.");
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("actiontrail.delivery.attempts", "{attempt}", "Attempts at deliveries, by how they ended.");
    private static readonly Counter<long> Events = Meter.CreateCounter<long>("actiontrail.delivery.events", "{event}", "Events delivered.");
    private static readonly Histogram<double> Delay = Meter.CreateHistogram<double>("actiontrail.delivery.delay", "s", "Time from the end of a window to the delivery of its events.");
    private static readonly Gauge<long> Undelivered = Meter.CreateGauge<long>("actiontrail.delivery.undelivered", "{delivery}", "Deliveries that wait for a person, of each trail counted to 1,000; looked at every 5 minutes.");
    private static readonly Gauge<double> OldestPending = Meter.CreateGauge<double>("actiontrail.delivery.pending.age", "s", "Age of the oldest delivery that is not made yet; looked at every 5 minutes.");

    /// <summary>The activity of one attempt; null while nobody listens.</summary>
    public static Activity? Start(DeliveryMessage message) =>
        Source.StartActivity("delivery")?.SetTag("actiontrail.trail", message.Key).SetTag("actiontrail.window", message.Window);

    public static void Attempted(DestinationKind kind, DeliveryCategory category, TimeSpan sinceWindow, long events)
    {
        var destination = new KeyValuePair<string, object?>("destination", DestinationKinds.Text(kind));
        Attempts.Add(1, destination, new("category", category.ToString()));
        if (category != DeliveryCategory.Done)
            return;
        Events.Add(events, destination);
        Delay.Record(sinceWindow.TotalSeconds, destination);
    }

    public static void Show(DestinationKind kind, long undelivered, TimeSpan oldestPending)
    {
        var destination = new KeyValuePair<string, object?>("destination", DestinationKinds.Text(kind));
        Undelivered.Record(undelivered, destination);
        OldestPending.Record(oldestPending.TotalSeconds, destination);
    }

    public static void Poison(string queue, int messages) => PoisonMessages.Record(messages, new KeyValuePair<string, object?>("queue", queue));
}
