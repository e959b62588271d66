using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Digests;

/// <summary>A delivered object as a digest proves it.</summary>
/// <param name="Container">Where it was written.</param>
/// <param name="Object">Its name.</param>
/// <param name="Events">How many events it holds.</param>
/// <param name="Bytes">Its length before compression.</param>
/// <param name="Hash">SHA-256 of its uncompressed content, hexadecimal: what CloudTrail proves.</param>
public sealed record DigestedFile(string Container, string Object, int Events, long Bytes, string Hash)
{
    /// <summary>SHA-256 of the object as it is stored, hexadecimal: every bit of it, and no need to decompress. Null for objects that were written before it was known.</summary>
    public string? StoredHash { get; init; }

    /// <summary>Its length as it is stored.</summary>
    public long? StoredBytes { get; init; }

    public DateTimeOffset? OldestEventTime { get; init; }

    public DateTimeOffset? NewestEventTime { get; init; }
}

/// <summary>The digest before, as the next one names it. Hash and signature in lower-case hexadecimal.</summary>
public sealed record PreviousDigest(string Container, string Object, string Hash, string Signature);

/// <summary>
/// What a trail delivered in an hour, by CloudTrail's recipe: every object with its hash, chained to the digest before by its place, hash and signature. Also
/// made when nothing was delivered. <see cref="DigestJson"/> is its stored form.
/// </summary>
public sealed record Digest
{
    public required string AccountId { get; init; }

    public required string TrailName { get; init; }

    public required string TrailId { get; init; }

    public required string HomeRegion { get; init; }

    /// <summary>From the end of the digest before on, or later when the trail did not log meanwhile.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>Up to, not including.</summary>
    public required DateTimeOffset EndTime { get; init; }

    public required string Container { get; init; }

    /// <summary>Where the digest lies: one that lies elsewhere was moved.</summary>
    public required string Object { get; init; }

    public required string KeyFingerprint { get; init; }

    public required SigningAlgorithm Algorithm { get; init; }

    /// <summary>Whether the trail logged at the end: then the next digest begins there. Else it may begin later.</summary>
    public required bool IsLogging { get; init; }

    /// <summary>Null for the first one.</summary>
    public PreviousDigest? Previous { get; init; }

    public required IReadOnlyList<DigestedFile> Files { get; init; }

    /// <summary>Key of the trail, which its objects' names have in them.</summary>
    public string TrailKey => Layout.DeliveryKeys.Trail(AccountId, TrailId);
}

/// <summary>A signature as it lies beside its digest: <c>{algorithm}:{signature in hexadecimal}</c> and a line feed.</summary>
public sealed record DigestSignature(SigningAlgorithm Algorithm, string Value)
{
    public byte[] ToBytes() => Encoding.ASCII.GetBytes($"{SigningKey.NameOf(Algorithm)}:{Value}\n");

    /// <summary>Null when the bytes are not exactly what <see cref="ToBytes"/> makes.</summary>
    public static DigestSignature? Parse(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.Length > 2048 ? "" : Encoding.ASCII.GetString(bytes);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || SigningKey.ParseAlgorithm(text[..colon]) is not { } algorithm)
            return null;
        var signature = new DigestSignature(algorithm, text[(colon + 1)..].TrimEnd('\n'));
        return DigestText.IsHex(signature.Value) && bytes.SequenceEqual(signature.ToBytes()) ? signature : null;
    }
}

/// <summary>What is hashed and signed.</summary>
public static class DigestText
{
    /// <summary>CloudTrail's string to sign: end, place, hash of the digest, signature of the one before (or <c>null</c>), joined by line feeds.</summary>
    public static byte[] ToSign(Digest digest, ReadOnlySpan<byte> content) => Encoding.UTF8.GetBytes(
        $"{DigestTimes.Format(digest.EndTime)}\n{digest.Container}/{digest.Object}\n{Convert.ToHexStringLower(SHA256.HashData(content))}\n{digest.Previous?.Signature ?? "null"}");

    public static bool IsHex(string text) => text.Length > 0 && text.Length % 2 == 0 && text.All(static c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'f');

    public static bool IsSha256(string text) => text.Length == 64 && IsHex(text);
}
