namespace ActionTrail.Segments.Compact;

/// <summary>The leaves of some rows by column, ascending, in each column in row order.</summary>
internal sealed class ColumnOrder : IDisposable
{
    private readonly PooledArray<int> counts = new();
    private readonly PooledArray<int> starts = new();
    private readonly PooledArray<bool> hasCodes = new();
    private readonly PooledArray<int> present = new();
    private readonly PooledArray<int> leaves = new();

    /// <summary>The columns that have leaves.</summary>
    public ReadOnlySpan<int> Present => present.Span;

    /// <summary>Whether any leaf of the column is not foretold.</summary>
    public bool HasCodes(int column) => hasCodes.Span[column];

    public ReadOnlySpan<int> Leaves(int column) => leaves.Span.Slice(starts[column] - counts[column], counts[column]);

    public void Gather(RowGroup group, int first, int end)
    {
        var size = group.Skeletons.Paths.Count;
        counts.Resize(size).Clear();
        hasCodes.Resize(size).Clear();
        starts.Resize(size);
        present.Clear();
        var skeletons = group.Skeletons;
        for (var row = first; row < end; row++)
        {
            foreach (var column in skeletons.Columns(skeletons.Entries[group.Rows[row].Skeleton]))
            {
                if (counts[column]++ == 0)
                    present.Add(column);
            }
        }

        present.Span.Sort();
        var total = 0;
        foreach (var column in present.Span)
        {
            starts[column] = total;
            total += counts[column];
        }

        leaves.Resize(total);
        for (var row = first; row < end; row++)
        {
            var columns = skeletons.Columns(skeletons.Entries[group.Rows[row].Skeleton]);
            var own = group.Leaves.Slice(group.Rows[row].FirstLeaf, columns.Length);
            for (var i = 0; i < own.Length; i++)
            {
                leaves[starts[columns[i]]++] = own[i];
                hasCodes[columns[i]] |= own[i] >= 0;
            }
        }
    }

    public long HeldBytes => counts.HeldBytes + starts.HeldBytes + hasCodes.HeldBytes + present.HeldBytes + leaves.HeldBytes;

    public void Dispose()
    {
        counts.Dispose();
        starts.Dispose();
        hasCodes.Dispose();
        present.Dispose();
        leaves.Dispose();
    }
}
