namespace ActionTrail.Segments.Compact;

/// <summary>Per hole of each skeleton the earlier hole of the row that foretells it, which the skeleton alone decides; -1 for none.</summary>
internal sealed class LeafParents : IDisposable
{
    private readonly PooledArray<int> parents = new();
    private readonly PooledArray<int> latest = new();

    public void Resolve(SkeletonTable skeletons, Predictors predictors)
    {
        latest.Resize(predictors.Columns).Fill(-1);
        parents.Clear();
        foreach (ref readonly var skeleton in skeletons.Entries)
        {
            var from = parents.Count;
            var columns = skeletons.Columns(skeleton);
            var own = parents.Resize(from + columns.Length)[from..];
            for (var hole = 0; hole < columns.Length; hole++)
            {
                var column = columns[hole];
                var parent = Predictors.ParentColumn(predictors.Kind(column), predictors.Context(column));
                own[hole] = parent < 0 ? -1 : latest[parent];
                latest[column] = hole;
            }

            foreach (var column in columns)
                latest[column] = -1;
        }
    }

    public int Of(in SkeletonEntry skeleton, int hole) => parents.Span[skeleton.FirstHole + hole];

    public long HeldBytes => parents.HeldBytes + latest.HeldBytes;

    public void Dispose()
    {
        parents.Dispose();
        latest.Dispose();
    }
}
