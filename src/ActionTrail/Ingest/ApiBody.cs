using ActionTrail.Events;

namespace ActionTrail.Ingest;

/// <summary>The limits of a posted body, and its gzip, which is recognised by its first two bytes because some hosts drop Content-Encoding.</summary>
internal static class ApiBody
{
    public const int MaxBytes = 16 << 20;

    public const int MaxInflatedBytes = 64 << 20;

    private static readonly NormalizerOptions Limits = new() { MaxInflatedBytes = MaxInflatedBytes, MaxInflationRatio = int.MaxValue };

    public static ApiError Empty { get; } = new("", RejectCode.Malformed, "A body holds at least one event.");

    /// <summary>The plain bytes, or the fault of the body as a whole.</summary>
    public static (ReadOnlyMemory<byte> Plain, ApiError? Fault) Open(ReadOnlyMemory<byte> body)
    {
        if (body.Length > MaxBytes)
            return (default, new ApiError("", RejectCode.TooLarge, "A body has at most 16 MiB."));
        if (body.IsEmpty)
            return (default, Empty);
        if (body.Span is not [0x1F, 0x8B, ..])
            return (body, null);
        return Inflate(body.Span);
    }

    private static (ReadOnlyMemory<byte>, ApiError?) Inflate(ReadOnlySpan<byte> body)
    {
        var gzip = new GzipMessage();
        try
        {
            return gzip.Inflate(body, Limits) switch
            {
                GzipOutcome.Inflated => (gzip.Inflated.ToArray(), null),
                GzipOutcome.Damaged => (default, new ApiError("", RejectCode.Malformed, "A body that starts like gzip is whole and valid gzip.")),
                GzipOutcome.TooLarge => (default, new ApiError("", RejectCode.TooLarge, "A body has at most 64 MiB once it is inflated.")),
                var other => throw new InvalidOperationException($"There is no outcome {other}."),
            };
        }
        finally
        {
            gzip.Shrink();
        }
    }
}
