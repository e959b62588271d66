using System.Security.Cryptography;

namespace ActionTrail.Digests.Validation;

/// <summary>A digest that was read: proved when <paramref name="Digest"/> is there.</summary>
/// <param name="Digest">What it says, believed; null when it must not be.</param>
/// <param name="Faults">What is wrong with it, or with the signature beside it.</param>
internal sealed record DigestReading(Digest? Digest, IReadOnlyList<Finding> Faults);

/// <summary>
/// Reads digests and believes none before its signature is proved with a key from outside. What the digest says of itself only chooses among these keys.
/// </summary>
internal sealed class DigestReader(IDeliveredFiles files, IReadOnlyList<SigningKey> keys)
{
    /// <param name="name">Where it lies.</param>
    /// <param name="expected">What a newer digest, proved already, says of it; null when none does.</param>
    /// <param name="cancellationToken">Stops the reads.</param>
    public async Task<DigestReading> ReadAsync(string name, PreviousDigest? expected, CancellationToken cancellationToken)
    {
        if (await ReadWholeAsync(name, DigestJson.MaxBytes, cancellationToken) is not { } content)
            return Refuse(FindingKind.NotFound, name, "The digest is not there.");
        if (expected is not null && Convert.ToHexStringLower(SHA256.HashData(content)) != expected.Hash)
            return Refuse(FindingKind.Altered, name, "The digest has not the hash that the next one says.");
        if (!DigestJson.TryParse(content, out var digest, out var fault))
            return Refuse(FindingKind.Altered, name, "The digest cannot be read: " + fault);
        var (signature, unsigned) = await ReadSignatureAsync(name, expected, cancellationToken);
        if (signature is null)
            return new(null, [unsigned!]);

        var key = keys.FirstOrDefault(k => k.Fingerprint == digest.KeyFingerprint);
        if (key is null || key.Algorithm != digest.Algorithm)
            return Refuse(FindingKind.UnknownKey, name, $"The digest names the key {digest.KeyFingerprint}, which is not among the keys given.");
        if (!key.IsValidAt(digest.EndTime))
            return Refuse(FindingKind.UnknownKey, name, $"The digest is signed with the key {digest.KeyFingerprint}, which is not valid at its time.");
        if (signature.Algorithm != digest.Algorithm || !key.Verifies(DigestText.ToSign(digest, content), Convert.FromHexString(signature.Value)))
            return Refuse(FindingKind.BadSignature, name, "The signature is not that of the key which the digest names: it was altered, or somebody else made it.");
        if (digest.Object != name || (files.Container is { } container && digest.Container != container))
            return Refuse(FindingKind.Moved, name, $"The digest belongs at {digest.Container}/{digest.Object}.");
        return new(digest, unsigned is null ? [] : [unsigned]);
    }

    /// <summary>The signature: the one that the next digest proves, else the one beside the digest. Says what is wrong with that one in both cases.</summary>
    private async Task<(DigestSignature? Signature, Finding? Fault)> ReadSignatureAsync(string digest, PreviousDigest? expected, CancellationToken cancellationToken)
    {
        var name = digest + Layout.DigestObjectName.SignatureSuffix;
        var bytes = await ReadWholeAsync(name, 4096, cancellationToken);
        var beside = bytes is null ? null : DigestSignature.Parse(bytes);
        var fault = bytes is null ? new Finding(FindingKind.NotFound, name, "The signature of the digest is not there.")
            : beside is null ? new Finding(FindingKind.Altered, name, "The signature of the digest cannot be read.")
            : null;
        if (expected is null)
            return (beside, fault);
        if (beside is not null && beside.Value != expected.Signature)
            fault = new(FindingKind.Altered, name, "It is not the signature that the next digest says.");
        var algorithm = beside?.Algorithm ?? (expected.Signature.Length > 128 ? SigningAlgorithm.Rsa : SigningAlgorithm.Ecdsa);
        return (new DigestSignature(algorithm, expected.Signature), fault);
    }

    private async Task<byte[]?> ReadWholeAsync(string name, int limit, CancellationToken cancellationToken)
    {
        await using var stream = await files.OpenAsync(name, cancellationToken);
        if (stream is null)
            return null;
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            // One that is too large cannot be one of ours: what was read of it will not prove.
            if (whole.Length + read > limit)
                break;
            whole.Write(buffer, 0, read);
        }

        return whole.ToArray();
    }

    private static DigestReading Refuse(FindingKind kind, string name, string detail) => new(null, [new(kind, name, detail)]);
}
