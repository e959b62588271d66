namespace ActionTrail.Query;

/// <summary>Limits of lookups.</summary>
public sealed class LookupOptions
{
    /// <summary>How far back lookups reach, in days. ActionTrail and CloudTrail both keep 90.</summary>
    public int RetentionDays { get; set; } = 90;

    /// <summary>Range of a lookup that names no times, in days before now. 7 as in ActionTrail's LookupEvents.</summary>
    public int DefaultRangeDays { get; set; } = 7;

    /// <summary>Largest page. Default page is 50.</summary>
    public int MaxPageSize { get; set; } = 1000;

    /// <summary>A page ends with the event that reaches this many bytes, however few its events are: 1,000 events of 1 MiB fit no process. 16 MiB.</summary>
    public long MaxPageBytes { get; set; } = 16L << 20;

    /// <summary>Lookups per second and account; ActionTrail allows 2.</summary>
    public double RatePerSecond { get; set; } = 50;

    /// <summary>Lookups that an account which was idle may make at once.</summary>
    public int Burst { get; set; } = 100;

    /// <summary>Distinct values that one count by value holds at once, 48 bytes each; with more, counts become approximate.</summary>
    public int MaxDistinctValues { get; set; } = 200_000;

    /// <summary>Exports that one account may have under way in one process.</summary>
    public int MaxExports { get; set; } = 2;

    /// <summary>Whether sieves are asked before heads that are not cached are read; they only spare reads.</summary>
    public bool AsksSieves { get; set; } = true;

    /// <summary>Segment heads that one lookup opens at the same time.</summary>
    public int ParallelHeads { get; set; } = 16;
}
