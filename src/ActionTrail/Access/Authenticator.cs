using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Storage;

namespace ActionTrail.Access;

/// <summary>The outcome of a look at credentials.</summary>
/// <param name="Caller">Who calls; null when the credentials do not prove it. The answer never says why.</param>
/// <param name="AuditAccountId">The account whose audit trail shows the attempt: the key's own when the key exists, else the operator's.</param>
/// <param name="AccessKeyId">The access key that was named, if it exists.</param>
public sealed record Authentication(Caller? Caller, string AuditAccountId, string? AccessKeyId);

/// <summary>Proves who calls from HTTP Basic credentials: <c>operator</c> and the operator key, or an access key id and its secret.</summary>
public sealed class Authenticator(AccessKeyStore keys, AccountStore accounts, AccessOptions options, TimeProvider time)
{
    private const int MaxCached = 10_000;

    private readonly ConcurrentDictionary<string, Entry> cache = new(StringComparer.Ordinal);
    private readonly byte[] operatorHash = Hash(options.OperatorKey);

    /// <summary>Looks at the value of the <c>Authorization</c> header. Throws <see cref="StoreException"/> when the store fails.</summary>
    public async Task<Authentication> AuthenticateAsync(string? authorization, CancellationToken cancellationToken)
    {
        var refused = new Authentication(Caller: null, Account.Operator, AccessKeyId: null);
        if (!BasicCredentials.TryParse(authorization, out var credentials))
            return refused;
        var given = Hash(credentials.Password);
        if (credentials.UserName == Account.Operator)
            return CryptographicOperations.FixedTimeEquals(given, operatorHash) ? new Authentication(Caller.Operator, Account.Operator, AccessKeyId: null) : refused;
        if (!CredentialText.IsAccessKeyId(credentials.UserName) || await FindAsync(credentials.UserName, cancellationToken) is not { } entry)
            return refused;
        var key = entry.Key;
        var proven = CryptographicOperations.FixedTimeEquals(given, entry.SecretHash) & key.State == AccessKeyState.Active & entry.AccountActive;
        return new Authentication(proven ? new Caller(key.Role, key.AccountId, key.AccessKeyId) : null, key.AccountId, key.AccessKeyId);
    }

    /// <summary>Makes this instance read the key again; others do within <see cref="AccessOptions.CacheTime"/>.</summary>
    public void Forget(string accessKeyId) => cache.TryRemove(accessKeyId, out _);

    /// <summary>Makes this instance read all keys of the account again.</summary>
    public void ForgetAccount(string accountId)
    {
        foreach (var (id, entry) in cache)
        {
            if (entry.Key.AccountId == accountId)
                Forget(id);
        }
    }

    private async Task<Entry?> FindAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (cache.TryGetValue(accessKeyId, out var known) && now - known.ReadAt < options.CacheTime)
            return known;
        if (await keys.FindWithSecretAsync(accessKeyId, cancellationToken) is not { } found)
        {
            Forget(accessKeyId);
            return null;
        }

        var account = await accounts.FindAsync(found.Key.AccountId, cancellationToken);
        var entry = new Entry(found.Key, Hash(found.Secret), account is { State: AccountState.Active }, now);
        if (cache.Count >= MaxCached)
            cache.Clear();
        cache[accessKeyId] = entry;
        return entry;
    }

    /// <summary>Hashing first makes both sides equally long, so that the comparison takes the same time for every password.</summary>
    private static byte[] Hash(string password) => SHA256.HashData(Encoding.UTF8.GetBytes(password));

    private sealed record Entry(AccessKey Key, byte[] SecretHash, bool AccountActive, DateTimeOffset ReadAt);
}
