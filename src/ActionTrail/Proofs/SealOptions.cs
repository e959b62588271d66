namespace ActionTrail.Proofs;

/// <summary>Settings of sealing.</summary>
public sealed class SealOptions
{
    /// <summary>First line of every checkpoint and name of the keys: what the log is called, for ever.</summary>
    public string Origin { get; set; } = "localhost/actiontrail";

    /// <summary>Most characters of <see cref="Origin"/>: with the name of a store behind it, it is still a name of a key.</summary>
    public const int MaxOrigin = 200;

    /// <summary>What the log of a store is called: of the history <see cref="Origin"/>, of a Logstore <c>{Origin}/{store}</c>. No two logs have one name, so that no checkpoint passes for one of another log.</summary>
    public string OriginOf(Layout.StoreName store) => store == Layout.StoreName.History ? Origin : $"{Origin}/{store}";

    /// <summary>How old a commit is before it is sealed: longer than what a killed emulator forgets of its segment. Default 10 seconds.</summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Commits that one sealing takes at most: a proof reads the list of them.</summary>
    public int MaxCommits { get; set; } = 1000;

    /// <summary>Events at which a sealing takes no further commit: bounds its memory.</summary>
    public int MaxEvents { get; set; } = 500_000;

    /// <summary>When a run begins no further sealing, over all stores; the next run goes on.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMinutes(4);
}

/// <summary>A partition of the log that cannot be sealed beyond a point, and why.</summary>
public sealed record BlockedPartition(Layout.PartitionName Partition, string Reason);

/// <summary>What a run of sealing did.</summary>
/// <param name="Size">Commits in the log now.</param>
/// <param name="Commits">Commits put into it by this run.</param>
/// <param name="Events">Their events.</param>
/// <param name="Checkpoint">The newest checkpoint; null when nothing was ever sealed.</param>
/// <param name="Blocked">Partitions that a person must look at.</param>
public sealed record SealReport(long Size, long Commits, long Events, Layout.StoredCheckpoint? Checkpoint, IReadOnlyList<BlockedPartition> Blocked);
