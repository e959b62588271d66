namespace ActionTrail.Segments;

/// <summary>Counts the ranged reads that were made for somebody. Safe for many threads.</summary>
public sealed class SegmentReads
{
    private long bytes;
    private int requests;

    /// <summary>Reads that were begun.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>Bytes that they asked for.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    internal void Add(long length)
    {
        Interlocked.Increment(ref requests);
        Interlocked.Add(ref bytes, length);
    }
}
