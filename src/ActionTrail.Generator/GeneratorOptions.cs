namespace ActionTrail.Generator;

/// <summary>What the generated events look like. The same options and seed give the same bytes.</summary>
public sealed record GeneratorOptions
{
    /// <summary>Accounts that receive events, the first most often (Zipf). At least one.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = ["demo"];

    /// <summary>Users per account, met with a Zipf distribution.</summary>
    public int Users { get; init; } = 200;

    /// <summary>Resources per account over all resource types.</summary>
    public int Resources { get; init; } = 20_000;

    /// <summary>Mean size of an event in bytes. Events have about 1,100 bytes of their own; the rest is tags in the request parameters.</summary>
    public int MeanBytes { get; init; } = 1_300;

    /// <summary>Share of events that carry an error code, 0 to 1.</summary>
    public double ErrorShare { get; init; } = 0.08;

    /// <summary>Start of the time span, inclusive.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Length of the time span that event times fall into; at most 90 days are kept by the service.</summary>
    public TimeSpan Span { get; init; } = TimeSpan.FromDays(1);

    /// <summary>When set, this many events fill the span in order of time, give or take a minute; else every event falls anywhere in it.</summary>
    public long? EventsInSpan { get; init; }

    /// <summary>The profile of benchmarks: one account with 2,000 users over 90 days.</summary>
    public static GeneratorOptions Benchmark(DateTimeOffset start) => new() { Start = start, Span = TimeSpan.FromDays(90), Users = 2_000 };

    /// <summary>Account ids of 16 digits, the same for the same count.</summary>
    public static IReadOnlyList<string> ManyAccounts(int count) =>
        [.. Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"1{Chance.Mix((ulong)i + 1) % 1_000_000_000_000_000:D15}"))];

    internal string? Fault() => this switch
    {
        { Accounts.Count: 0 } => "at least one account is needed",
        { Users: <= 0 } or { Resources: <= 0 } or { EventsInSpan: <= 0 } => "counts must be positive",
        _ when Span < TimeSpan.Zero => "the span must not be negative",
        _ => null,
    };
}
