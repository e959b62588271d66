namespace ActionTrail.Generator.Formats;

/// <summary>What traffic in all formats looks like. The same options and seed give the same bytes.</summary>
public sealed record TrafficOptions
{
    /// <summary>Whose events these are.</summary>
    public Organisation Organisation { get; init; } = Organisation.Default;

    /// <summary>Start of the time span, inclusive.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Length of the time span that event times fall into.</summary>
    public TimeSpan Span { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Share of calls that were refused, 0 to 1. Of real records about a tenth.</summary>
    public double ErrorShare { get; init; } = 0.1;

    /// <summary>
    /// Share of records, and of messages, that are odd in a way that real producers are: other time forms, properties as text, a byte-order mark, gzip,
    /// JSON text inside a string. Every oddity is one that the service promises to survive. 0 to 1.
    /// </summary>
    public double Quirks { get; init; }

    /// <summary>Most records in a message of the formats that wrap several.</summary>
    public int RecordsPerMessage { get; init; } = 20;

    /// <summary>People of the organisation, met with a Zipf distribution.</summary>
    public int People { get; init; } = 200;

    internal string? Fault() => this switch
    {
        { RecordsPerMessage: <= 0 } or { People: <= 0 } => "counts must be positive",
        { ErrorShare: < 0 or > 1 } or { Quirks: < 0 or > 1 } => "shares must be from 0 to 1",
        { Span.Ticks: < 0 } => "the span must not be negative",
        _ => Organisation.Fault(),
    };
}
