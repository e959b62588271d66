namespace ActionTrail.HistoryJobs;

/// <summary>Settings of history delivery jobs.</summary>
public sealed class HistoryOptions
{
    /// <summary>How far back a job reaches: as long as events are kept. Default 90 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Most events, of all accounts, in the commits that are delivered as one piece; what one commit holds stays together. Default 500,000.</summary>
    public int EventsPerPiece { get; set; } = 500_000;

    /// <summary>Most work items of a job that are under way at a time. Default 4.</summary>
    public int Parallelism { get; set; } = 4;

    /// <summary>Most jobs that an account keeps. Default 100.</summary>
    public int JobsPerAccount { get; set; } = 100;

    /// <summary>How long one invocation goes on with the pieces of its day before it hands over to the next. Default 4 min.</summary>
    public TimeSpan RunFor { get; set; } = TimeSpan.FromMinutes(4);
}
