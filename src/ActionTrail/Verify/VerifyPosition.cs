using System.Globalization;
using ActionTrail.Layout;

namespace ActionTrail.Verify;

/// <summary>
/// The object up to which a store is verified. Objects come in one order: those of commits by partition and sequence number, then compacted segments by shard
/// and id. Text: <c>commits/PARTITION/LAST</c> or <c>segments/SHARD/ID</c>, numbers in decimal.
/// </summary>
public sealed record VerifyPosition
{
    private VerifyPosition()
    {
    }

    /// <summary>The partition whose commits up to <see cref="Last"/> are done; null when all commits are.</summary>
    public PartitionName? Partition { get; private init; }

    public long Last { get; private init; }

    /// <summary>The last compacted segment that is done; null while commits are not.</summary>
    public SegmentKey? Segment { get; private init; }

    public static VerifyPosition After(PartitionName partition, long last) => new() { Partition = partition, Last = last };

    public static VerifyPosition After(SegmentKey segment) => new() { Segment = segment };

    /// <summary>Null when the text is no position.</summary>
    public static VerifyPosition? TryParse(string text)
    {
        if (text.Split('/') is not [var kind, var place, var end] || end.Length == 0)
            return null;
        if (kind == "commits" && PartitionName.TryParse(place, out var partition) && long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            return After(partition, last);
        return kind == "segments" && int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var shard) ? After(new SegmentKey(shard, end)) : null;
    }

    public override string ToString() => Segment is { } segment
        ? string.Create(CultureInfo.InvariantCulture, $"segments/{segment.Shard}/{segment.Id}")
        : string.Create(CultureInfo.InvariantCulture, $"commits/{Partition}/{Last}");

    /// <summary>The last sequence number of the partition that is done: -1 for none, <see cref="long.MaxValue"/> for all.</summary>
    internal long DoneOf(PartitionName partition) =>
        Segment is not null ? long.MaxValue : string.CompareOrdinal(partition.ToString(), Partition!.Value.ToString()) switch
        {
            < 0 => long.MaxValue,
            0 => Last,
            _ => -1,
        };

    internal bool IsDone(CompactedSegment segment) =>
        Segment is { } done && (segment.Shard < done.Shard || (segment.Shard == done.Shard && string.CompareOrdinal(segment.Id, done.Id) <= 0));
}
