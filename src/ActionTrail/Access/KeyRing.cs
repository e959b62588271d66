using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Storage;

namespace ActionTrail.Access;

/// <summary>
/// Access keys and the state of accounts, remembered for <see cref="AccessOptions.CacheTime"/>. Secrets stay sealed in memory: Basic needs only
/// their hash, and a signature opens its secret for the moment it is checked.
/// </summary>
internal sealed class KeyRing(AccessKeyStore keys, AccountStore accounts, SecretSeal seal, AccessOptions options, TimeProvider time)
{
    private const int MaxCached = 10_000;

    private readonly ConcurrentDictionary<string, Entry> known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (bool IsActive, DateTimeOffset ReadAt)> knownAccounts = new(StringComparer.Ordinal);

    /// <summary>The key, active or not; null when there is none. Throws <see cref="StoreException"/>.</summary>
    public async Task<Entry?> FindAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        if (!CredentialText.IsAccessKeyId(accessKeyId))
            return null;
        var now = time.GetUtcNow();
        if (known.TryGetValue(accessKeyId, out var entry) && now - entry.ReadAt < options.CacheTime)
            return entry;
        if (await keys.FindSealedAsync(accessKeyId, cancellationToken) is not var (key, box))
        {
            Forget(accessKeyId);
            return null;
        }

        var account = await accounts.FindAsync(key.AccountId, cancellationToken);
        var secret = seal.OpenBytes(key.AccountId, key.AccessKeyId, box);
        entry = new Entry(key, SHA256.HashData(secret), box, account is { State: AccountState.Active }, now);
        CryptographicOperations.ZeroMemory(secret);
        if (known.Count >= MaxCached)
            known.Clear();
        known[accessKeyId] = entry;
        return entry;
    }

    /// <summary>Calls <paramref name="use"/> with the UTF-8 of the secret, which is wiped afterwards.</summary>
    public T WithSecret<T>(Entry entry, Func<byte[], T> use)
    {
        var secret = seal.OpenBytes(entry.Key.AccountId, entry.Key.AccessKeyId, entry.SealedSecret);
        try
        {
            return use(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Whether the account exists and is active. Throws <see cref="StoreException"/>.</summary>
    public async Task<bool> IsActiveAsync(string accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (knownAccounts.TryGetValue(accountId, out var read) && now - read.ReadAt < options.CacheTime)
            return read.IsActive;
        var isActive = await accounts.FindAsync(accountId, cancellationToken) is { State: AccountState.Active };
        if (knownAccounts.Count >= MaxCached)
            knownAccounts.Clear();
        knownAccounts[accountId] = (isActive, now);
        return isActive;
    }

    public void Forget(string accessKeyId) => known.TryRemove(accessKeyId, out _);

    public void ForgetAccount(string accountId)
    {
        knownAccounts.TryRemove(accountId, out _);
        foreach (var (id, entry) in known)
        {
            if (entry.Key.AccountId == accountId)
                Forget(id);
        }
    }

    /// <summary>SHA-256 of a secret. Hashing makes both sides equally long, so that a comparison takes the same time for every password.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>A key as it was read.</summary>
    internal sealed record Entry(AccessKey Key, byte[] SecretHash, byte[] SealedSecret, bool AccountActive, DateTimeOffset ReadAt)
    {
        /// <summary>The outcome for this key; <paramref name="isProven"/>: whether the secret was shown to be known.</summary>
        public Authentication Outcome(bool isProven)
        {
            var works = isProven & Key.State == AccessKeyState.Active & AccountActive;
            return new Authentication(works ? new Caller(Key.Role, Key.AccountId, Key.AccessKeyId) : null, Key.AccountId, Key.AccessKeyId);
        }
    }
}
