using ActionTrail.Layout;

namespace ActionTrail.Ingest;

/// <summary>What a writer wants to append: everything of a commit that does not depend on the moment of appending.</summary>
public sealed record CommitDraft
{
    /// <summary>First sequence number covered; greater than the head's last.</summary>
    public required long First { get; init; }

    /// <summary>Last sequence number covered, inclusive.</summary>
    public required long Last { get; init; }

    /// <summary>Number of events in <see cref="Segment"/>.</summary>
    public required int Count { get; init; }

    /// <summary>The segment, written already; null when every record was quarantined.</summary>
    public SegmentReference? Segment { get; init; }

    /// <summary>The quarantined records, written already; null when there are none.</summary>
    public QuarantineReference? Quarantine { get; init; }

    /// <summary>What makes the append happen once; null for writers whose sequence numbers do.</summary>
    public AppendMark? Mark { get; init; }

    /// <summary>New value of <see cref="PartitionHead.HubBase"/>; null keeps the head's.</summary>
    public long? HubBase { get; init; }

    /// <summary>Newest enqueued time of the messages covered; the head never goes back.</summary>
    public long LastEnqueuedMs { get; init; } = long.MinValue;

    /// <summary>True when <see cref="CommitLog.AnnounceAsync"/> has been awaited for <see cref="Last"/>; else the append does it first.</summary>
    public bool IsAnnounced { get; init; }
}
