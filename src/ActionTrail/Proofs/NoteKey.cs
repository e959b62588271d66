using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Proofs;

/// <summary>
/// A public key that signs notes: ECDSA P-256 with SHA-256, type 0x02 of the C2SP signed-note specification. Its text is
/// <c>{name}+{key id: 8 hex digits}+{base64 of 0x02 and the SubjectPublicKeyInfo}</c>; the key id is the beginning of the SHA-256 of the SubjectPublicKeyInfo.
/// </summary>
public sealed class NoteKey
{
    private const byte Ecdsa = 2;

    private readonly byte[] publicKey;

    /// <param name="name">Name of the key: not empty, no blanks, no plus sign.</param>
    /// <param name="publicKey">SubjectPublicKeyInfo, DER.</param>
    /// <exception cref="FormatException">The name or the key breaks a rule.</exception>
    public NoteKey(string name, byte[] publicKey)
    {
        if (!IsName(name))
            throw new FormatException($"'{name}' is no name of a key: it is not empty and has no blanks and no plus sign.");
        using var key = Open(publicKey);
        Name = name;
        this.publicKey = publicKey;
        Id = Convert.ToHexStringLower(SHA256.HashData(publicKey).AsSpan(0, 4));
    }

    public string Name { get; }

    /// <summary>8 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlyMemory<byte> PublicKey => publicKey;

    public static bool IsName([NotNullWhen(true)] string? name) => name is { Length: > 0 and <= 240 } && !name.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NoteKey? key)
    {
        key = null;
        try
        {
            if (text.Trim().Split('+', 3) is [var name, var id, var encoded] && Convert.FromBase64String(encoded) is [Ecdsa, .. var publicKey])
                key = new NoteKey(name, publicKey) is var read && read.Id == id ? read : null;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            // No such key.
        }

        return key is not null;
    }

    public override string ToString() => $"{Name}+{Id}+{Convert.ToBase64String([Ecdsa, .. publicKey])}";

    internal bool Verifies(string text, ReadOnlySpan<byte> signature)
    {
        using var key = Open(publicKey);
        return key.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static ECDsa Open(byte[] publicKey)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out var read);
            if (read == publicKey.Length && key.ExportParameters(includePrivateParameters: false).Curve.Oid is { FriendlyName: "nistP256" or "ECDSA_P256" } or { Value: "1.2.840.10045.3.1.7" })
                return key;
        }
        catch (CryptographicException e)
        {
            key.Dispose();
            throw new FormatException("It is no public key.", e);
        }

        key.Dispose();
        throw new FormatException("It is no public key of ECDSA P-256.");
    }
}
