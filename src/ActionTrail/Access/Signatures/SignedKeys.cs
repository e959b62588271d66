using System.Globalization;
using System.Security.Cryptography;

namespace ActionTrail.Access.Signatures;

/// <summary>What both kinds of signature share: the key and its secret, the time, the nonce.</summary>
internal sealed class SignedKeys(KeyRing ring, NonceMemory nonces, TimeProvider time)
{
    private const int MaxNonce = 128;

    public Task<KeyRing.Entry?> FindAsync(string accessKeyId, CancellationToken cancellationToken) => ring.FindAsync(accessKeyId, cancellationToken);

    /// <summary>Whether one of the signatures that the secret makes is the one given. Every one is compared, in the same time.</summary>
    public bool IsSigned(KeyRing.Entry entry, ReadOnlyMemory<byte> given, Func<byte[], IEnumerable<byte[]>> sign) => ring.WithSecret(entry, secret =>
    {
        var isSigned = false;
        foreach (var signature in sign(secret))
            isSigned |= CryptographicOperations.FixedTimeEquals(given.Span, signature);
        return isSigned;
    });

    /// <summary>The time of a request, <c>yyyy-MM-ddTHH:mm:ssZ</c>; null when it is none or too far from ours.</summary>
    public DateTimeOffset? ReadTime(string? text) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            && (time.GetUtcNow() - at).Duration() <= NonceMemory.Leeway
            ? at
            : null;

    /// <summary>Takes the nonce of a proven request; false when it was used before.</summary>
    public bool TakeNonce(string accessKeyId, string nonce, DateTimeOffset at) => nonces.TryRemember(accessKeyId, nonce, at);

    public static bool IsNonce(string? nonce) => nonce is { Length: > 0 and <= MaxNonce };
}
