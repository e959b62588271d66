using System.IO.Compression;

namespace ActionTrail.Events;

internal enum GzipOutcome
{
    Inflated,
    Damaged,
    TooLarge,
}

/// <summary>
/// Inflates gzip (RFC 1952, one or several members) into a pooled buffer and stops at the limits before the buffer passes them.
/// The framework's stream ends quietly where gzip is cut off, and ignores what trails a member; so a small member of our own is
/// put behind the message, and only when its text comes out last was the message complete.
/// </summary>
internal sealed class GzipMessage
{
    private const int FreeBytes = 1 << 20;
    private const int Step = 64 << 10;

    private static readonly byte[] EndMember = MakeEndMember();

    private readonly RecordBuffer compressed = new();
    private readonly RecordBuffer inflated = new();

    public ReadOnlySpan<byte> Inflated => inflated.Written[..^EndText.Length];

    private static ReadOnlySpan<byte> EndText => "the-message-was-complete:5f0c2e91"u8;

    public static bool IsGzip(ReadOnlySpan<byte> message) => message.Length >= 2 && message[0] == 0x1f && message[1] == 0x8b;

    public GzipOutcome Inflate(ReadOnlySpan<byte> message, NormalizerOptions options)
    {
        var limit = EndText.Length + Math.Min(options.MaxInflatedBytes, Math.Max(FreeBytes, (long)message.Length * options.MaxInflationRatio));
        compressed.Clear();
        compressed.Append(message);
        compressed.Append(EndMember);
        inflated.Clear();
        using var source = compressed.OpenRead();
        using var stream = new GZipStream(source, CompressionMode.Decompress);
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

        return inflated.Written.EndsWith(EndText) ? GzipOutcome.Inflated : GzipOutcome.Damaged;
    }

    public void Shrink()
    {
        compressed.Shrink();
        inflated.Shrink();
    }

    private static byte[] MakeEndMember()
    {
        using var member = new MemoryStream();
        using (var stream = new GZipStream(member, CompressionLevel.Optimal))
        {
            stream.Write(EndText);
        }

        return member.ToArray();
    }
}
