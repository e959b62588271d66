using ActionTrail.Layout;

namespace ActionTrail.Segments;

/// <summary>The commit that brought an event. With the event's <see cref="EventCoordinates"/> it says where the event stands in the log for good.</summary>
/// <param name="Partition">Partition of the log.</param>
/// <param name="First">First sequence number of the commit.</param>
/// <param name="Last">Last sequence number of the commit, inclusive.</param>
/// <param name="CommittedAt">When it was made, UTC.</param>
public readonly record struct CommitOrigin(PartitionName Partition, long First, long Last, DateTimeOffset CommittedAt) : IComparable<CommitOrigin>
{
    /// <summary>The order in which copies of one event are preferred (ADR 0008): commit time, partition, sequence number.</summary>
    public int CompareTo(CommitOrigin other)
    {
        var order = CommittedAt.CompareTo(other.CommittedAt);
        order = order != 0 ? order : string.CompareOrdinal(Partition.ToString(), other.Partition.ToString());
        order = order != 0 ? order : First.CompareTo(other.First);
        return order != 0 ? order : Last.CompareTo(other.Last);
    }

    public static bool operator <(CommitOrigin left, CommitOrigin right) => left.CompareTo(right) < 0;

    public static bool operator >(CommitOrigin left, CommitOrigin right) => left.CompareTo(right) > 0;

    public static bool operator <=(CommitOrigin left, CommitOrigin right) => left.CompareTo(right) <= 0;

    public static bool operator >=(CommitOrigin left, CommitOrigin right) => left.CompareTo(right) >= 0;
}
