namespace ActionTrail.Segments;

/// <summary>A decoded block: the bodies of the rows <see cref="FirstRow"/> to before <see cref="EndRow"/>.</summary>
public sealed class SegmentBlock
{
    private readonly PackedColumn ends;
    private readonly ReadOnlyMemory<byte> raw;

    internal SegmentBlock(PackedColumn ends, int firstRow, int endRow, ReadOnlyMemory<byte> raw)
    {
        this.ends = ends;
        this.raw = raw;
        FirstRow = firstRow;
        EndRow = endRow;
    }

    public int FirstRow { get; }

    public int EndRow { get; }

    internal int Length => raw.Length;

    /// <summary>The body of a row, byte for byte as it was stored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The row is not in this block.</exception>
    public ReadOnlyMemory<byte> Event(int row)
    {
        if (row < FirstRow || row >= EndRow)
            throw new ArgumentOutOfRangeException(nameof(row), row, "The row is not in this block.");
        var from = row == FirstRow ? 0 : (int)ends[row - 1];
        return raw[from..(int)ends[row]];
    }
}
