namespace ActionTrail.Benchmarks.Report;

/// <summary>Order statistics of times.</summary>
internal static class Percentile
{
    /// <summary>The value below which <paramref name="percent"/> of the sorted values lie; the nearest rank, no interpolation.</summary>
    public static double Of(IReadOnlyList<double> sorted, int percent) => sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
}
