using ActionTrail.Access.Signatures;
using ActionTrail.Access.Tokens;
using ActionTrail.Storage;

namespace ActionTrail.Access;

/// <summary>
/// Proves who calls. A request uses one way to sign in: HTTP Basic, a signature in the header (ACS3-HMAC-SHA256) or in RPC parameters
/// (HMAC-SHA1), or an Entra ID token. All end in the same <see cref="Caller"/>.
/// </summary>
public sealed class Authenticator
{
    private readonly KeyRing ring;
    private readonly SignInLimiter limiter;
    private readonly ISignInWay[] ways;

    /// <param name="keys">Access keys.</param>
    /// <param name="accounts">Accounts.</param>
    /// <param name="seal">Opens the secrets.</param>
    /// <param name="options">Operator key, limits, and how tokens are read.</param>
    /// <param name="issuer">Signing keys of the token issuer; null when tokens are not offered.</param>
    /// <param name="time">The clock.</param>
    public Authenticator(AccessKeyStore keys, AccountStore accounts, SecretSeal seal, AccessOptions options, IssuerKeys? issuer, TimeProvider time)
    {
        ring = new KeyRing(keys, accounts, seal, options, time);
        limiter = new SignInLimiter(options.FailuresPerMinute, time);
        var nonces = new NonceMemory(time);
        var signatures = new SignedKeys(ring, nonces, time);
        ways = options.Tokens is { } tokens && issuer is not null
            ? [new BasicSignIn(ring, options), new HeaderSignIn(signatures), new RpcSignIn(signatures), new TokenSignIn(tokens, issuer, ring, time)]
            : [new BasicSignIn(ring, options), new HeaderSignIn(signatures), new RpcSignIn(signatures)];
        Challenges = [.. ways.Select(static way => way.Challenge).OfType<string>()];
    }

    /// <summary>Values of <c>WWW-Authenticate</c>: the schemes that are offered.</summary>
    public IReadOnlyList<string> Challenges { get; }

    /// <summary>Looks at what the request shows. Throws <see cref="StoreException"/> when the store fails.</summary>
    public async Task<Authentication> AuthenticateAsync(SignInRequest request, CancellationToken cancellationToken)
    {
        // Two ways at once would leave open which of them the request is.
        SignInAttempt? attempt = null;
        foreach (var way in ways)
        {
            if (way.Read(request) is { } read)
                attempt = attempt is null ? read : SignInAttempt.Unreadable;
        }

        attempt ??= SignInAttempt.Unreadable;
        var origin = new SignInOrigin(request.ClientAddress, attempt.Credential);
        if (limiter.Wait(origin) is { } wait)
        {
            AccessMetrics.WasLimited();
            return Authentication.Refused with { RetryAfter = wait };
        }

        var authentication = await attempt.ProveAsync(cancellationToken);
        if (authentication.Caller is not null)
        {
            AccessMetrics.SignedIn();
            limiter.Succeeded(origin);
            return authentication;
        }

        AccessMetrics.WasRefused();
        if (limiter.Failed(origin, authentication.AccessKeyId) is { } pause)
            return authentication with { RetryAfter = pause };
        return authentication;
    }

    /// <summary>Makes this instance read the key again; others do within <see cref="AccessOptions.CacheTime"/>.</summary>
    public void Forget(string accessKeyId) => ring.Forget(accessKeyId);

    /// <summary>Makes this instance read the account and all its keys again.</summary>
    public void ForgetAccount(string accountId) => ring.ForgetAccount(accountId);
}
