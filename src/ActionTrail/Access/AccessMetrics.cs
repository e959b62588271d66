using System.Diagnostics.Metrics;

namespace ActionTrail.Access;

/// <summary>Instruments of signing in on meter <c>ActionTrail</c>. No names of keys or accounts: strangers choose them.</summary>
internal static class AccessMetrics
{
    private static readonly Meter Meter = new("ActionTrail");
    private static readonly Counter<long> SignIns = Meter.CreateCounter<long>("actiontrail.access.sign_ins", "{attempt}", "Attempts to sign in, by outcome: ok, refused, or limited (too many failures before).");

    private static readonly KeyValuePair<string, object?> Ok = new("outcome", "ok");
    private static readonly KeyValuePair<string, object?> Refused = new("outcome", "refused");
    private static readonly KeyValuePair<string, object?> Limited = new("outcome", "limited");

    public static void SignedIn() => SignIns.Add(1, Ok);

    public static void WasRefused() => SignIns.Add(1, Refused);

    public static void WasLimited() => SignIns.Add(1, Limited);
}
