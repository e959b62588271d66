using ActionTrail.Layout;
using ActionTrail.Segments;

namespace ActionTrail.Verify;

/// <summary>One event as <see cref="StoreVerifier"/> found it. The body is valid only during the visit.</summary>
public readonly record struct VerifiedEvent(PartitionName Partition, EventCoordinates At, string AccountId, long EventTimeMs, ReadOnlyMemory<byte> Body);

/// <summary>How <see cref="StoreVerifier"/> goes about it.</summary>
public sealed record VerifyOptions
{
    /// <summary>
    /// Called for every event as readers find it: those of fresh segments that are not compacted, in log order of the segments and row order within, then
    /// those of the compacted segments in force; twice for a partition that was purged meanwhile.
    /// </summary>
    public Action<VerifiedEvent>? Visit { get; init; }

    /// <summary>False reads only rows: chain, order, gaps and counts, no objects. Default true.</summary>
    public bool ReadObjects { get; init; } = true;

    /// <summary>
    /// Goes on behind this position of an earlier part, without the rows, which the first part proved. An event that compaction moves from behind the position to
    /// before it is not read in this run. Null: from the beginning.
    /// </summary>
    public VerifyPosition? After { get; init; }

    /// <summary>No further object is begun after this time; the rows and one object are read in any case. Null: until the end.</summary>
    public TimeSpan? TimeLimit { get; init; }
}

/// <summary>Something that is not as it was written.</summary>
/// <param name="Object">Which row or object, as <c>table/partition/row</c> or <c>container/name</c>.</param>
/// <param name="What">One sentence that says what is wrong.</param>
public sealed record VerifyProblem(string Object, string What);

/// <summary>Sequence numbers <paramref name="First"/>..<paramref name="Last"/> that the hub no longer had when the log came to them.</summary>
public sealed record VerifyGap(PartitionName Partition, long First, long Last);

/// <summary>A commit whose segment is gone, which an operator has acknowledged.</summary>
public sealed record VerifyLoss(PartitionName Partition, long First, long Last, int Events, DateTimeOffset LostAt);

/// <summary>A compacted segment that is gone, which an operator has acknowledged.</summary>
/// <param name="Name">The object in container <c>events</c>.</param>
/// <param name="Events">Events that were in it.</param>
/// <param name="LostAt">When it was acknowledged.</param>
public sealed record VerifyLostSegment(string Name, int Events, DateTimeOffset LostAt);

/// <summary>What <see cref="StoreVerifier"/> found.</summary>
public sealed class VerifyReport
{
    /// <summary>Most problems that are listed; <see cref="ProblemCount"/> counts on.</summary>
    public const int MaxListed = 1000;

    private readonly List<VerifyProblem> problems = [];
    private readonly List<VerifyGap> gaps = [];
    private readonly List<VerifyLoss> losses = [];
    private readonly List<VerifyLostSegment> lostSegments = [];

    public int Partitions { get; internal set; }

    public long Commits { get; internal set; }

    /// <summary>Events by the commit rows, lost ones left out.</summary>
    public long Events { get; internal set; }

    public long Quarantined { get; internal set; }

    /// <summary>Plans of compaction that are in effect.</summary>
    public long Plans { get; internal set; }

    /// <summary>Compacted segments that were read.</summary>
    public long Segments { get; internal set; }

    /// <summary>Events in them.</summary>
    public long CompactedEvents { get; internal set; }

    /// <summary>Bytes of segments and quarantine objects that were read.</summary>
    public long Bytes { get; internal set; }

    public long ProblemCount { get; private set; }

    /// <summary>In the order found; the first one is where to look first.</summary>
    public IReadOnlyList<VerifyProblem> Problems => problems;

    /// <summary>Not errors of the store: the hub's retention passed the consumer.</summary>
    public IReadOnlyList<VerifyGap> Gaps => gaps;

    public IReadOnlyList<VerifyLoss> Losses => losses;

    /// <summary>Until retention comes to them.</summary>
    public IReadOnlyList<VerifyLostSegment> LostSegments => lostSegments;

    /// <summary>Where the next part goes on; null when everything was read.</summary>
    public VerifyPosition? Next { get; internal set; }

    public bool IsSound => ProblemCount == 0;

    internal void Add(string @object, string what)
    {
        ProblemCount++;
        if (problems.Count < MaxListed)
            problems.Add(new VerifyProblem(@object, what));
    }

    internal void Add(VerifyReport part)
    {
        Partitions += part.Partitions;
        Commits += part.Commits;
        Events += part.Events;
        Quarantined += part.Quarantined;
        Plans += part.Plans;
        Segments += part.Segments;
        CompactedEvents += part.CompactedEvents;
        Bytes += part.Bytes;
        ProblemCount += part.ProblemCount;
        problems.AddRange(part.problems.Take(MaxListed - problems.Count));
        gaps.AddRange(part.gaps);
        losses.AddRange(part.losses);
        lostSegments.AddRange(part.lostSegments);
    }

    internal void Add(VerifyGap gap) => gaps.Add(gap);

    internal void Add(VerifyLoss loss) => losses.Add(loss);

    internal void Add(VerifyLostSegment loss) => lostSegments.Add(loss);
}
