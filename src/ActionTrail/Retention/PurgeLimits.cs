using ActionTrail.Layout;

namespace ActionTrail.Retention;

/// <summary>What one run of the purge must not delete, whatever its age.</summary>
internal sealed record PurgeLimits(AccountHolds Holds, PurgeFloor? Floor)
{
    public bool Keep(Commit commit) => Holds.Keep(commit) || commit.CommittedAt >= Floor?.Time;

    /// <summary>A segment does not say when its events were committed: while the floor lies before the cut-off every one may hold some from behind it.</summary>
    public bool Keep(CompactedSegment segment, DateTimeOffset cutoff) => Holds.Keep(segment) || Floor?.Time < cutoff;
}
