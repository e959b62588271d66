namespace ActionTrail.Segments;

/// <summary>A decoded block: the bodies of the rows <see cref="FirstRow"/> to before <see cref="EndRow"/>. Safe for many readers at once.</summary>
public abstract class SegmentBlock
{
    private protected SegmentBlock(int firstRow, int endRow)
    {
        FirstRow = firstRow;
        EndRow = endRow;
    }

    public int FirstRow { get; }

    public int EndRow { get; }

    /// <summary>Bytes that holding the block costs, for caches.</summary>
    internal abstract int Length { get; }

    /// <summary>The body of a row, byte for byte as it was stored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The row is not in this block.</exception>
    /// <exception cref="SegmentFormatException">The body cannot be put together (levels 1 and 2).</exception>
    public ReadOnlyMemory<byte> Event(int row)
    {
        if (row < FirstRow || row >= EndRow)
            throw new ArgumentOutOfRangeException(nameof(row), row, "The row is not in this block.");
        return Body(row);
    }

    private protected abstract ReadOnlyMemory<byte> Body(int row);
}

/// <summary>A block of level 0: bodies one after another.</summary>
internal sealed class RowBlock(PackedColumn ends, int firstRow, int endRow, ReadOnlyMemory<byte> raw) : SegmentBlock(firstRow, endRow)
{
    internal override int Length => raw.Length;

    private protected override ReadOnlyMemory<byte> Body(int row)
    {
        var from = row == FirstRow ? 0 : (int)ends[row - 1];
        return raw[from..(int)ends[row]];
    }
}
