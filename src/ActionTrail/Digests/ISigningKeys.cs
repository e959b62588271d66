using ActionTrail.Storage;

namespace ActionTrail.Digests;

/// <summary>The keys that digests are signed with. Private halves stay behind this port.</summary>
public interface ISigningKeys
{
    /// <summary>Every key that ever signed or will, oldest first.</summary>
    /// <exception cref="StoreException">The place where they are kept does not answer.</exception>
    Task<IReadOnlyList<SigningKey>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Signs; of one digest two signatures may differ.</summary>
    /// <param name="fingerprint">A key that <see cref="ListAsync"/> lists.</param>
    /// <param name="sha256">SHA-256 of what is signed.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <exception cref="StoreException">NotFound or Denied: the private half is not there or not ours to use; Unavailable, Throttled: later.</exception>
    Task<byte[]> SignAsync(string fingerprint, ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken);
}

public static class SigningKeyChoice
{
    /// <summary>The key to sign a digest with that ends at a time: of those that are valid then the one that became so last; null when there is none.</summary>
    public static SigningKey? At(this IEnumerable<SigningKey> keys, DateTimeOffset end) =>
        keys.Where(k => k.IsValidAt(end)).OrderBy(static k => k.ValidFrom).ThenBy(static k => k.Fingerprint, StringComparer.Ordinal).LastOrDefault();
}
