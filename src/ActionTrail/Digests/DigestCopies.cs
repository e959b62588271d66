using System.Security.Cryptography;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Digests;

/// <summary>
/// The service's own copies of digests, in container <c>proofs</c>. A digest that is lost with its container can be made again only byte for byte: its hash is in the digest after it, and
/// what was signed is not signed again.
/// </summary>
internal sealed class DigestCopies(IObjectStore objects)
{
    /// <exception cref="StoreException">It may or may not have been written; repeating is safe.</exception>
    public async Task WriteAsync(string trailKey, DateTimeOffset end, WrittenDigest written, CancellationToken cancellationToken)
    {
        try
        {
            await objects.CreateAsync(Containers.Proofs, DigestKeys.Copy(trailKey, end, written.Hash), written.Content, new ObjectLabel("application/json"), cancellationToken);
        }
        catch (StoreException error) when (error.Kind == StoreErrorKind.Conflict)
        {
            // An earlier attempt wrote it: the name carries its hash.
        }
    }

    /// <summary>The content of a sealed digest, which has the hash that was recorded; null when there is no such copy.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<byte[]?> FindAsync(DigestRow row, CancellationToken cancellationToken)
    {
        var name = DigestKeys.Copy(row.TrailKey, row.Plan.EndTime, row.Hash!);
        if (await objects.FindAsync(Containers.Proofs, name, cancellationToken) is not { } found)
            return null;
        var content = await objects.ReadAsync(Containers.Proofs, name, 0, checked((int)found.Length), cancellationToken);
        return Convert.ToHexStringLower(SHA256.HashData(content)) == row.Hash ? content : null;
    }
}
