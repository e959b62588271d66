using ActionTrail.Layout;

namespace ActionTrail.Retention;

/// <summary>What one run did, or would do as a dry run, to one partition.</summary>
public sealed record PartitionPurge(PartitionName Partition)
{
    /// <summary>Commits newly found past their retention; deleted after the grace period.</summary>
    public long Marked { get; init; }

    public long MarkedEvents { get; init; }

    /// <summary>Last sequence number marked; -1 when none ever was.</summary>
    public long MarkedThrough { get; init; } = -1;

    /// <summary>Sequence numbers that are marked and wait for their grace to end.</summary>
    public long Waiting { get; init; }

    /// <summary>Commits deleted with their objects.</summary>
    public long Deleted { get; init; }

    public long DeletedEvents { get; init; }

    /// <summary>Bytes of segments deleted.</summary>
    public long DeletedBytes { get; init; }

    /// <summary>Quarantined records deleted with their commits.</summary>
    public long DeletedQuarantined { get; init; }

    /// <summary>Objects deleted that no commit names.</summary>
    public long Orphans { get; init; }

    public long OrphanBytes { get; init; }

    /// <summary>A commit past its retention, and all that follow it, stay: a hold on an account, or a digest that is not sealed.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Another run was at work on the partition, which this one then left to it.</summary>
    public bool IsContended { get; init; }
}

/// <summary>What one run did, or would do as a dry run, to the compacted segments.</summary>
public sealed record SegmentPurge
{
    /// <summary>Segments newly found past their retention; retired after the grace period.</summary>
    public long Marked { get; init; }

    public long MarkedEvents { get; init; }

    /// <summary>Segments retired: no lookup sees them any more.</summary>
    public long Retired { get; init; }

    public long RetiredEvents { get; init; }

    /// <summary>Segments past their retention that stay: a hold on an account, or a digest that is not sealed.</summary>
    public long Held { get; init; }

    /// <summary>Bytes that compaction's sweep deletes after its grace.</summary>
    public long RetiredBytes { get; init; }

    /// <summary>Compaction was at work; a later run retires what this one did not.</summary>
    public bool IsContended { get; init; }
}

/// <summary>What a run of the purge did. The caller records it as an audit event.</summary>
public sealed record PurgeReport
{
    public required bool IsDryRun { get; init; }

    public StoreName Store { get; init; } = StoreName.History;

    /// <summary>When it ran, by the clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Commits whose newest event is before this are past their retention; null: the store is kept for ever.</summary>
    public required DateTimeOffset? Cutoff { get; init; }

    /// <summary>Why nothing was done; null when the run was not refused.</summary>
    public string? Refusal { get; init; }

    /// <summary>What a person should look at, such as a clock that jumped ahead.</summary>
    public string? Warning { get; init; }

    /// <summary>Why the clock is not trusted, as <see cref="Refusal"/> or <see cref="Warning"/> says it; null when it is.</summary>
    public string? Doubt { get; init; }

    /// <summary>Accounts under a legal hold.</summary>
    public IReadOnlyList<string> HeldAccounts { get; init; } = [];

    /// <summary>Which digest that is not sealed keeps commits; null when none does.</summary>
    public string? Unsealed { get; init; }

    public IReadOnlyList<PartitionPurge> Partitions { get; init; } = [];

    public SegmentPurge Segments { get; init; } = new();

    /// <summary>Objects that were passed over because their names say nothing about what they are; the first 100.</summary>
    public IReadOnlyList<string> Undatable { get; init; } = [];
}
