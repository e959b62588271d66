namespace ActionTrail.Segments;

/// <summary>How many rows of a segment have a value, and the last of them; rows of one account ascend in time, so that is the newest.</summary>
public readonly record struct ValueTally(int Count, int LastRow)
{
    /// <summary>With one more row.</summary>
    internal ValueTally With(int row) => new(Count + 1, Math.Max(LastRow, row));

    /// <summary>Both together.</summary>
    internal ValueTally With(ValueTally other) => new(Count + other.Count, Math.Max(LastRow, other.LastRow));
}
