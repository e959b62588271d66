using System.ComponentModel.DataAnnotations;

namespace ActionTrail.Segments;

/// <summary>What a <see cref="SegmentSource"/> may keep in memory and ask for at once.</summary>
public sealed class SegmentCacheOptions
{
    /// <summary>Most bytes of cached heads; 0 keeps none. Default 128 MiB.</summary>
    [Range(0L, long.MaxValue)]
    public long HeadBytes { get; set; } = 128L * 1024 * 1024;

    /// <summary>Most bytes of cached decoded blocks; 0 keeps none. Default 32 MiB.</summary>
    [Range(0L, long.MaxValue)]
    public long BlockBytes { get; set; } = 32L * 1024 * 1024;

    /// <summary>Most bytes of cached pages of sieves; 0 keeps none. Default 8 MiB, some 13,000 values of one segment each.</summary>
    [Range(0L, long.MaxValue)]
    public long SieveBytes { get; set; } = 8L * 1024 * 1024;

    /// <summary>Most ranged reads that one call has under way. Default 16.</summary>
    [Range(1, 256)]
    public int ParallelReads { get; set; } = 16;
}
