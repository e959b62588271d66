using System.Security.Cryptography;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Digests;

/// <summary>Something that we did not write lies where a digest belongs. An alarm: a person must look at it.</summary>
internal sealed class DigestConflictException(string message) : Exception(message);

/// <summary>The trail's container failed; tells its errors from those of our own stores.</summary>
internal sealed class DigestDestinationException(StoreException error) : Exception(error.Message, error)
{
    public StoreException Error => error;
}

/// <summary>What was written. Hash and signature in hexadecimal.</summary>
internal sealed record WrittenDigest(byte[] Content, string Hash, string Signature);

/// <summary>
/// Writes digests create-only. Content and name are fixed before; a signature may come out differently each time, so the one that was stored with the content, as
/// metadata of the same object, is the digest's: whoever comes second takes that. The file with the signature beside it follows from it.
/// </summary>
internal sealed class DigestWriter(IObjectStore objects, ISigningKeys keys)
{
    private const string SignatureLabel = "signature";
    private const string AlgorithmLabel = "signaturealgorithm";

    /// <exception cref="DigestDestinationException">The container is gone, closed, or does not answer.</exception>
    /// <exception cref="DigestConflictException">Another object lies there.</exception>
    /// <exception cref="StoreException">The keys do not answer.</exception>
    public async Task<WrittenDigest> WriteAsync(Digest digest, SigningKey key, CancellationToken cancellationToken)
    {
        var content = DigestJson.Format(digest);
        var text = DigestText.ToSign(digest, content);
        var signed = await keys.SignAsync(key.Fingerprint, SHA256.HashData(text), cancellationToken);
        var signature = Convert.ToHexStringLower(signed);
        if (!key.Verifies(text, signed))
            throw new StoreException(StoreErrorKind.Corrupt, $"The key {key.Fingerprint} made a signature that its public half does not prove.");
        try
        {
            if (!await TryCreateAsync(digest, content, signature, cancellationToken))
                signature = await AdoptAsync(digest, content, text, key, cancellationToken);
            await WriteSignatureAsync(digest, signature, cancellationToken);
        }
        catch (StoreException e)
        {
            throw new DigestDestinationException(e);
        }

        return new(content, Convert.ToHexStringLower(SHA256.HashData(content)), signature);
    }

    /// <summary>Writes a digest of before once more, with the signature that it was given then. Nothing is signed.</summary>
    /// <exception cref="DigestDestinationException">The container is gone, closed, or does not answer.</exception>
    /// <exception cref="DigestConflictException">Another object lies there.</exception>
    public async Task RestoreAsync(Digest digest, byte[] content, string signature, CancellationToken cancellationToken)
    {
        try
        {
            if (!await TryCreateAsync(digest, content, signature, cancellationToken)
                && (await objects.FindAsync(digest.Container, digest.Object, cancellationToken) is not { } found || !await HoldsAsync(digest, digest.Object, found, content, cancellationToken)))
                throw new DigestConflictException($"{digest.Container}/{digest.Object} is not the digest that belongs there.");
            await WriteSignatureAsync(digest, signature, cancellationToken);
        }
        catch (StoreException e)
        {
            throw new DigestDestinationException(e);
        }
    }

    private async Task<bool> TryCreateAsync(Digest digest, byte[] content, string signature, CancellationToken cancellationToken)
    {
        var label = new ObjectLabel("application/json")
        {
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [SignatureLabel] = signature, [AlgorithmLabel] = SigningKey.NameOf(digest.Algorithm) },
        };
        try
        {
            await objects.CreateAsync(digest.Container, digest.Object, content, label, cancellationToken);
            return true;
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            return false;
        }
    }

    /// <summary>The signature of the digest that lies there, when it is this digest and was signed with this key.</summary>
    private async Task<string> AdoptAsync(Digest digest, byte[] content, byte[] text, SigningKey key, CancellationToken cancellationToken)
    {
        var found = await objects.FindAsync(digest.Container, digest.Object, cancellationToken)
            ?? throw new StoreException(StoreErrorKind.Unavailable, $"{digest.Container}/{digest.Object} came and went.");
        var isOurs = await HoldsAsync(digest, digest.Object, found, content, cancellationToken)
            && found.Metadata.TryGetValue(SignatureLabel, out var signature) && DigestText.IsHex(signature) && key.Verifies(text, Convert.FromHexString(signature));
        return isOurs ? found.Metadata[SignatureLabel] : throw new DigestConflictException($"{digest.Container}/{digest.Object} is not the digest that belongs there.");
    }

    private async Task<bool> HoldsAsync(Digest digest, string name, ObjectInfo found, byte[] content, CancellationToken cancellationToken)
    {
        if (found.Length != content.Length)
            return false;
        var stored = await objects.ReadAsync(digest.Container, name, 0, content.Length, cancellationToken);
        return stored.AsSpan().SequenceEqual(content);
    }

    private async Task WriteSignatureAsync(Digest digest, string signature, CancellationToken cancellationToken)
    {
        var (name, bytes) = (digest.Object + DigestObjectName.SignatureSuffix, new DigestSignature(digest.Algorithm, signature).ToBytes());
        try
        {
            await objects.CreateAsync(digest.Container, name, bytes, new ObjectLabel("text/plain"), cancellationToken);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Conflict)
        {
            var found = await objects.FindAsync(digest.Container, name, cancellationToken);
            if (found is null || !await HoldsAsync(digest, name, found, bytes, cancellationToken))
                throw new DigestConflictException($"{digest.Container}/{name} is not the signature that belongs there.");
        }
    }
}
