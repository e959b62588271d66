namespace ActionTrail.Retention;

/// <summary>
/// Whether the clock can be trusted with deleting. A purge that believes a wrong clock deletes what cannot be brought back, so it
/// is held against two others: the newest commit's time and the time of the purge's own last run.
/// </summary>
/// <param name="Now">The time to reckon with: the clock's, or the newest commit's when the clock is too far ahead.</param>
/// <param name="Refusal">Why the purge must not run; null when it may.</param>
/// <param name="Warning">Why <paramref name="Now"/> is not the clock's; null when it is.</param>
internal sealed record PurgeClock(DateTimeOffset Now, string? Refusal, string? Warning)
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FarAhead = TimeSpan.FromDays(7);
    private static readonly TimeSpan FarBehind = TimeSpan.FromDays(1);

    /// <param name="clock">What the clock says.</param>
    /// <param name="newestCommit">When the newest commit of the store was made; null when there is none.</param>
    /// <param name="lastRun">When the purge ran last by a clock that was trusted; null when it never did.</param>
    /// <param name="force">An operator says that a jump ahead is right.</param>
    public static PurgeClock Judge(DateTimeOffset clock, DateTimeOffset? newestCommit, DateTimeOffset? lastRun, bool force)
    {
        if (newestCommit > clock + FarBehind)
            return new PurgeClock(clock, $"The newest commit was made at {newestCommit:u}, more than a day after the clock's {clock:u}.", Warning: null);
        if (lastRun > clock + Skew)
            return new PurgeClock(clock, $"The clock says {clock:u}, and the last run was at {lastRun:u}: it went back.", Warning: null);

        // A store that nobody wrote to for weeks is no reason for mistrust as long as the purge itself kept running.
        var isAheadOfRuns = lastRun is null || clock > lastRun + FarAhead;
        if (!force && newestCommit is { } newest && isAheadOfRuns && clock > newest + FarAhead)
            return new PurgeClock(newest, Refusal: null, $"The clock says {clock:u}, more than 7 days after the newest commit and the last run; retention is reckoned from {newest:u} until an operator forces a run.");
        return new PurgeClock(clock, Refusal: null, Warning: null);
    }
}
