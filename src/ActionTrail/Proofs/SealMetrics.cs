using System.Diagnostics;
using ActionTrail.Layout;

namespace ActionTrail.Proofs;

/// <summary>Activities of the sealing of commits, source <c>ActionTrail</c>.</summary>
internal static class SealMetrics
{
    private static readonly ActivitySource Source = new("ActionTrail");

    /// <summary>The activity of one run; null while nobody listens.</summary>
    public static Activity? Start(StoreName store) => Source.StartActivity("checkpoint")?.SetTag("actiontrail.store", store.ToString());
}
