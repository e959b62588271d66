namespace ActionTrail.Segments;

/// <summary>What was read is no segment that this version can read: corrupt, truncated, foreign, or of a newer major version.</summary>
public sealed class SegmentFormatException : Exception
{
    public SegmentFormatException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
