namespace ActionTrail.Segments.Compact;

/// <summary>A skeleton as a reader holds it.</summary>
/// <param name="Text">The event without its leaves.</param>
/// <param name="Holes">Where in the text the leaves belong.</param>
/// <param name="Columns">The leaves' columns.</param>
/// <param name="Parents">Per hole the earlier hole that foretells it, or -1.</param>
/// <param name="Place">Place in the row group's table; -1: spelt out in its block.</param>
internal sealed record SkeletonText(ReadOnlyMemory<byte> Text, int[] Holes, int[] Columns, int[] Parents, int Place)
{
    /// <summary>Reads one skeleton; <paramref name="source"/> is what <paramref name="reader"/> reads, from its beginning.</summary>
    public static SkeletonText Read(ref VarintReader reader, ReadOnlyMemory<byte> source, ColumnForecast[] forecasts, int place)
    {
        var length = reader.Number(reader.Left);
        var start = source.Length - reader.Left;
        reader.Take(length);
        var count = reader.Number(Math.Min(CompactFormat.MaxLeaves, reader.Left / 2));
        var (holes, columns) = (new int[count], new int[count]);
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            at += reader.Number(length - at);
            holes[i] = at;
            columns[i] = reader.Number(forecasts.Length - 1);
        }

        return new(source.Slice(start, length), holes, columns, ParentsOf(columns, forecasts), place);
    }

    private static int[] ParentsOf(int[] columns, ColumnForecast[] forecasts)
    {
        var latest = new Dictionary<int, int>(columns.Length);
        var parents = new int[columns.Length];
        for (var hole = 0; hole < columns.Length; hole++)
        {
            parents[hole] = latest.GetValueOrDefault(forecasts[columns[hole]].ParentColumn, -1);
            latest[columns[hole]] = hole;
        }

        return parents;
    }
}
