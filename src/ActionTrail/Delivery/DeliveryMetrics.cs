using System.Diagnostics.Metrics;

namespace ActionTrail.Delivery;

/// <summary>Instruments of delivery on meter <c>ActionTrail</c>.</summary>
internal static class DeliveryMetrics
{
    private static readonly Meter Meter = new("ActionTrail");
    private static readonly Gauge<int> PoisonMessages = Meter.CreateGauge<int>("actiontrail.delivery.poison", "{message}", "Messages in a poison queue, by queue.");

    public static void Poison(string queue, int messages) => PoisonMessages.Record(messages, new KeyValuePair<string, object?>("queue", queue));
}
