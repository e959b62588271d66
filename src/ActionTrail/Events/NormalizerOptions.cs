using ActionTrail.Events.Redaction;

namespace ActionTrail.Events;

/// <summary>Limits and rules of <see cref="MessageNormalizer"/>.</summary>
public sealed class NormalizerOptions
{
    /// <summary>Events older than this many days before the receive time are refused. Default 90.</summary>
    public int RetentionDays { get; set; } = 90;

    /// <summary>Events dated later than this after the receive time are refused. Default one day.</summary>
    public TimeSpan FutureTolerance { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Most bytes of one event. Default 1 MiB.</summary>
    public int MaxEventBytes { get; set; } = 1 << 20;

    /// <summary>Deepest nesting of objects and arrays in one event, the event itself being 1. Default 60: a page of events, two levels deeper, is still read by JSON parsers that stop at 64.</summary>
    public int MaxDepth { get; set; } = 60;

    /// <summary>Most bytes that a gzip message may inflate to. Default 64 MiB.</summary>
    public int MaxInflatedBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Most bytes inflated per byte of gzip, once beyond the first MiB. Default 250: audit records reach 10 to 60, a bomb of zeros
    /// 1,030. A bomb is refused long before it fills <see cref="MaxInflatedBytes"/>.
    /// </summary>
    public int MaxInflationRatio { get; set; } = 250;

    /// <summary>After this many records of one message that are not even JSON objects, the rest of the message is refused as one record. Default 1,000.</summary>
    public int MaxBrokenRecords { get; set; } = 1000;

    /// <summary>Which secrets are masked before anything is stored; null masks nothing. Default: the built-in table.</summary>
    public RedactionRules? Redaction { get; set; } = RedactionRules.Default;
}
