using ActionTrail.Events;

namespace ActionTrail.Ingest;

/// <summary>A quarantined record as it is listed.</summary>
public sealed record QuarantineEntry
{
    public required QuarantineId Id { get; init; }

    /// <summary>Sequence number of its message in the partition of the commit log.</summary>
    public required long SequenceNumber { get; init; }

    /// <summary>Position in the message, from 0, counting good and bad records.</summary>
    public required int Index { get; init; }

    /// <summary>When the hub took the message.</summary>
    public required DateTimeOffset EnqueuedTime { get; init; }

    public required DateTimeOffset QuarantinedAt { get; init; }

    public required Rejection Reason { get; init; }

    /// <summary>Size of the record's bytes.</summary>
    public required int Bytes { get; init; }

    /// <summary>When it was first replayed with success; null when it never was.</summary>
    public DateTimeOffset? ReplayedAt { get; init; }
}

/// <summary>A quarantined record with its bytes.</summary>
public sealed record QuarantineContent(QuarantineEntry Entry, ReadOnlyMemory<byte> Raw);

/// <summary>Which records to list.</summary>
public sealed record QuarantineQuery
{
    /// <summary>Only this partition; null: all, in ordinal order of their names.</summary>
    public Layout.PartitionName? Partition { get; init; }

    /// <summary>Order within a partition. Default true.</summary>
    public bool NewestFirst { get; init; } = true;

    /// <summary>1 to 1,000; default 50.</summary>
    public int Limit { get; init; } = 50;

    /// <summary><see cref="QuarantinePage.Next"/> of the page before; null for the first page. Use it with the same query.</summary>
    public QuarantineId? After { get; init; }
}

/// <param name="Entries">The records.</param>
/// <param name="Next">Where the next page starts; null when this is the last one.</param>
public sealed record QuarantinePage(IReadOnlyList<QuarantineEntry> Entries, QuarantineId? Next);
