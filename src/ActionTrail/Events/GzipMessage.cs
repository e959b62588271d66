using System.IO.Compression;

namespace ActionTrail.Events;

internal enum GzipOutcome
{
    Inflated,
    Damaged,
    TooLarge,
}

/// <summary>Inflates gzip (RFC 1952, one or several members) into a pooled buffer and stops at the limits before the buffer passes them.</summary>
internal sealed class GzipMessage
{
    private const int FreeBytes = 1 << 20;
    private const int Step = 64 << 10;

    private readonly RecordBuffer inflated = new();

    public ReadOnlySpan<byte> Inflated => inflated.Written;

    public static bool IsGzip(ReadOnlySpan<byte> message) => message.Length >= 2 && message[0] == 0x1f && message[1] == 0x8b;

    public unsafe GzipOutcome Inflate(ReadOnlySpan<byte> message, NormalizerOptions options)
    {
        inflated.Clear();
        var limit = Math.Min(options.MaxInflatedBytes, Math.Max(FreeBytes, (long)message.Length * options.MaxInflationRatio));
        fixed (byte* start = message)
        {
            using var compressed = new UnmanagedMemoryStream(start, message.Length);
            using var stream = new GZipStream(compressed, CompressionMode.Decompress);
            try
            {
                while (stream.Read(inflated.GetSpan(Step)[..Step]) is var count and > 0)
                {
                    inflated.Advance(count);
                    if (inflated.Length > limit)
                    {
                        return GzipOutcome.TooLarge;
                    }
                }
            }
            catch (InvalidDataException)
            {
                return GzipOutcome.Damaged;
            }
        }

        return GzipOutcome.Inflated;
    }

    public void Shrink() => inflated.Shrink();
}
