using ActionTrail.Storage;

namespace ActionTrail.Digests;

/// <summary>For an app without signing keys, which makes no digests.</summary>
public sealed class NoSigningKeys : ISigningKeys
{
    public Task<IReadOnlyList<SigningKey>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SigningKey>>([]);

    public Task<byte[]> SignAsync(string fingerprint, ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        throw new StoreException(StoreErrorKind.NotFound, "There are no signing keys.");
}
