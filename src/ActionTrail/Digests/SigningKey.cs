using System.Security.Cryptography;

namespace ActionTrail.Digests;

/// <summary>How digests are signed: SHA-256 with RSA (PKCS#1 v1.5) as CloudTrail does, or with ECDSA on P-256 (r and s, 32 bytes each).</summary>
public enum SigningAlgorithm
{
    Rsa,
    Ecdsa,
}

/// <summary>
/// The public half of a key that signs digests. Its fingerprint is the SHA-256 of <see cref="PublicKey"/> in lower-case hexadecimal: a name that nobody can
/// give to another key.
/// </summary>
public sealed record SigningKey
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 4096;

    private SigningKey(SigningAlgorithm algorithm, byte[] publicKey, DateTimeOffset validFrom, DateTimeOffset? validUntil) =>
        (Algorithm, PublicKey, ValidFrom, ValidUntil, Fingerprint) = (algorithm, publicKey, validFrom, validUntil, Convert.ToHexStringLower(SHA256.HashData(publicKey)));

    public SigningAlgorithm Algorithm { get; }

    /// <summary>SubjectPublicKeyInfo in DER.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Digests that end before this are not signed with the key.</summary>
    public DateTimeOffset ValidFrom { get; }

    /// <summary>Nor those that end at or after this; null: no end is known. What it signed stays signed for ever.</summary>
    public DateTimeOffset? ValidUntil { get; }

    public string Fingerprint { get; }

    public bool IsValidAt(DateTimeOffset time) => ValidFrom <= time && (ValidUntil is not { } until || time < until);

    /// <exception cref="CryptographicException">It is no public key in DER, or neither RSA with 2048 to 4096 bits nor ECDSA on P-256.</exception>
    public static SigningKey Of(byte[] subjectPublicKeyInfo, DateTimeOffset validFrom, DateTimeOffset? validUntil)
    {
        using var key = PublicKeys.Open(subjectPublicKeyInfo);
        switch (key)
        {
            case RSA rsa when rsa.KeySize is < MinRsaBits or > MaxRsaBits:
                throw new CryptographicException($"An RSA key of {rsa.KeySize} bits cannot sign digests: 2048 to 4096 bits.");
            case RSA rsa:
                return new(SigningAlgorithm.Rsa, rsa.ExportSubjectPublicKeyInfo(), validFrom, validUntil);
            case ECDsa ecdsa when ecdsa.KeySize != 256:
                throw new CryptographicException($"An ECDSA key of {ecdsa.KeySize} bits cannot sign digests: P-256 only.");
            default:
                return new(SigningAlgorithm.Ecdsa, ((ECDsa)key).ExportSubjectPublicKeyInfo(), validFrom, validUntil);
        }
    }

    public bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var key = PublicKeys.Open(PublicKey);
        return key is RSA rsa
            ? rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ((ECDsa)key).VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>As digests and signatures write it.</summary>
    public static string NameOf(SigningAlgorithm algorithm) => algorithm == SigningAlgorithm.Rsa ? "SHA256withRSA" : "SHA256withECDSA";

    public static SigningAlgorithm? ParseAlgorithm(string text) => text switch
    {
        "SHA256withRSA" => SigningAlgorithm.Rsa,
        "SHA256withECDSA" => SigningAlgorithm.Ecdsa,
        _ => null,
    };
}

/// <summary>Opens public keys of either kind.</summary>
internal static class PublicKeys
{
    /// <exception cref="CryptographicException">It is neither an RSA nor an ECDSA key.</exception>
    public static AsymmetricAlgorithm Open(byte[] subjectPublicKeyInfo)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out var read);
            return read == subjectPublicKeyInfo.Length ? rsa : throw new CryptographicException("Something follows the public key.");
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
        }

        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out var read);
            return read == subjectPublicKeyInfo.Length ? ecdsa : throw new CryptographicException("Something follows the public key.");
        }
        catch
        {
            ecdsa.Dispose();
            throw;
        }
    }
}
