using System.Security.Cryptography;

namespace ActionTrail.Proofs;

/// <summary>A private key of ECDSA P-256 that signs checkpoints, wherever it is kept.</summary>
public interface ICheckpointKey
{
    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    byte[] PublicKey { get; }

    /// <summary>Signs a SHA-256; the signature is a DER sequence (RFC 3279).</summary>
    Task<byte[]> SignAsync(byte[] sha256, CancellationToken cancellationToken);
}

/// <summary>A signing key that the process holds.</summary>
public sealed class LocalCheckpointKey : ICheckpointKey, IDisposable
{
    private readonly ECDsa key;

    private LocalCheckpointKey(ECDsa key) => this.key = key;

    public byte[] PublicKey => key.ExportSubjectPublicKeyInfo();

    /// <summary>Reads a private key: PEM, or the base64 of its PKCS#8 form.</summary>
    /// <exception cref="FormatException">It is no such key.</exception>
    public static LocalCheckpointKey Parse(string text)
    {
        var parsed = ECDsa.Create();
        try
        {
            if (text.Contains("-----", StringComparison.Ordinal))
                parsed.ImportFromPem(text.Replace("\\n", "\n", StringComparison.Ordinal));
            else
                parsed.ImportPkcs8PrivateKey(Convert.FromBase64String(text), out _);
            _ = new NoteKey("key", parsed.ExportSubjectPublicKeyInfo());
            _ = parsed.SignHash(new byte[32]);
            return new LocalCheckpointKey(parsed);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            parsed.Dispose();
            throw new FormatException("It is no private key of ECDSA P-256 as PEM or base64 of PKCS#8.", e);
        }
    }

    public Task<byte[]> SignAsync(byte[] sha256, CancellationToken cancellationToken) => Task.FromResult(key.SignHash(sha256, DSASignatureFormat.Rfc3279DerSequence));

    public void Dispose() => key.Dispose();
}
