namespace ActionTrail.Compaction;

/// <summary>What waits to be compacted. Counted as far as a run looked: with a large backlog more may wait.</summary>
/// <param name="Commits">Commits behind the positions.</param>
/// <param name="Events">Events in them.</param>
/// <param name="Bytes">Bytes of their segments.</param>
/// <param name="Age">Age of the oldest.</param>
public readonly record struct Backlog(long Commits, long Events, long Bytes, TimeSpan Age);

/// <summary>What a run did.</summary>
public sealed record CompactionReport
{
    /// <summary>The generation in force after the run.</summary>
    public long Generation { get; init; }

    /// <summary>Plans brought to effect.</summary>
    public int Plans { get; init; }

    public long RowsIn { get; init; }

    public long RowsOut { get; init; }

    /// <summary>Copies of events left out.</summary>
    public long Copies { get; init; }

    /// <summary>Commits passed over because their segments could not be read.</summary>
    public int Passed { get; init; }

    /// <summary>Objects deleted after their grace.</summary>
    public long Deleted { get; init; }

    public Backlog Backlog { get; init; }
}
