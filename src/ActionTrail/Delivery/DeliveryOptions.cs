using System.ComponentModel.DataAnnotations;

namespace ActionTrail.Delivery;

/// <summary>Settings of the delivery slice, section <c>ActionTrail:Delivery</c>.</summary>
public sealed class DeliveryOptions : IValidatableObject
{
    /// <summary>Time between two window boundaries, whole seconds. Default 30 s: with <see cref="Settle"/> and a timer every 10 s an object comes at most 45 s after the commit.</summary>
    public TimeSpan WindowLength { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a window waits after its boundary for commits and changes of trails that are under way, and for clocks that differ. Default 5 s.</summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>As <see cref="Settle"/>, for the windows of Logstores and streams, which are cut at every run of the scheduler. Default 1 s.</summary>
    public TimeSpan FastSettle { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Most bytes of events that one commit of a Logstore has; a single larger event still gets its own. Default 16 MiB. Changing it while deliveries wait makes them conflict with what they wrote before.</summary>
    [Range(1, 256 * 1024 * 1024)]
    public int MaxAppendBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>When a delivery that no message brought to an end gets another one. Default 2 min, longer than one delivery takes.</summary>
    public TimeSpan RequeueAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause before the second attempt; it doubles up to <see cref="LongestPause"/>. Default 5 s.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 1 h.</summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long one attempt may take, less than the host gives an invocation. Default 8 min.</summary>
    public TimeSpan AttemptDeadline { get; set; } = TimeSpan.FromMinutes(8);

    /// <summary>How long the rows of settled deliveries and of windows are kept; longer than events are. Default 91 days.</summary>
    public TimeSpan Kept { get; set; } = TimeSpan.FromDays(91);

    /// <summary>Most trails that one window is handed to at a time. Default 16.</summary>
    [Range(1, 256)]
    public int FanOutParallelism { get; set; } = 16;

    /// <summary>Most bytes of one object before gzip; a single larger event still gets its own. Default 64 MiB. Changing it while deliveries wait makes them conflict with what they wrote before.</summary>
    [Range(1, 1024 * 1024 * 1024)]
    public int MaxObjectBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Compressed bytes of an object that are held in memory; what is larger goes to a temporary file. Default 1 MiB.</summary>
    [Range(0, 64 * 1024 * 1024)]
    public int SpoolMemoryBytes { get; set; } = 1024 * 1024;

    /// <summary>Length of the time that one digest covers; null when no digests are made. Default null.</summary>
    public TimeSpan? DigestInterval { get; set; }

    /// <summary>How long to wait after a failure: doubles from the first pause to the longest, half of it by chance (0 to 1), and is never less than what the store asked for.</summary>
    internal TimeSpan Pause(int failedBefore, TimeSpan? retryAfter, double chance)
    {
        var full = Math.Min(FirstPause.TotalSeconds * Math.Pow(2, Math.Min(failedBefore, 30)), LongestPause.TotalSeconds);
        var pause = TimeSpan.FromSeconds(full * (0.5 + (0.5 * chance)));
        return retryAfter is { } asked && asked > pause ? asked : pause;
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (WindowLength < TimeSpan.FromSeconds(1) || WindowLength > TimeSpan.FromHours(1) || WindowLength.Ticks % TimeSpan.TicksPerSecond != 0)
            yield return new("A window is 1 s to 1 h long, in whole seconds.", [nameof(WindowLength)]);
        if (Settle < TimeSpan.Zero || Settle > TimeSpan.FromMinutes(10))
            yield return new("A window settles in 0 s to 10 min.", [nameof(Settle)]);
        if (FastSettle < TimeSpan.Zero || FastSettle > TimeSpan.FromMinutes(10))
            yield return new("A window of the fast lane settles in 0 s to 10 min.", [nameof(FastSettle)]);
        if (RequeueAfter < TimeSpan.FromSeconds(1) || RequeueAfter > TimeSpan.FromDays(1))
            yield return new("A delivery is looked at again after 1 s to 1 day.", [nameof(RequeueAfter)]);
        if (AttemptDeadline < TimeSpan.FromSeconds(1) || AttemptDeadline > TimeSpan.FromMinutes(9))
            yield return new("An attempt takes at most 1 s to 9 min.", [nameof(AttemptDeadline)]);
        if (FirstPause <= TimeSpan.Zero || LongestPause < FirstPause || LongestPause > TimeSpan.FromDays(1))
            yield return new("The first pause is longer than nothing, the longest is at least the first and at most 1 day.", [nameof(FirstPause), nameof(LongestPause)]);
    }
}
