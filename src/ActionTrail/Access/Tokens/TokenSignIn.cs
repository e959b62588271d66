using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ActionTrail.Access.Tokens;

/// <summary>
/// <c>Authorization: Bearer</c> with a signed JWT of Entra ID (RFC 7519; RS256, PS256 or ES256, with a key id). Issuer, audience, tenant and lifetime
/// must fit (5 minutes of leeway), and its claims must map to an active account and a role.
/// </summary>
internal sealed class TokenSignIn(TokenOptions options, IssuerKeys keys, KeyRing ring, TimeProvider time) : ISignInWay
{
    /// <summary>Most characters of a token; Entra ID's are a few thousand.</summary>
    private const int MaxLength = 16 * 1024;

    private const int MaxSubject = 128;

    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(5);

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxLength };

    public string? Challenge => "Bearer";

    public SignInAttempt? Read(SignInRequest request)
    {
        const string scheme = "Bearer ";
        if (request.Header("Authorization") is not { } header || !header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var text = header[scheme.Length..];
        if (text.Length > MaxLength)
            return SignInAttempt.Unreadable;

        // The hash is who it is until it is proven: a token that worked keeps working while others fail from the same address.
        var name = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
        return new SignInAttempt(name, cancellationToken => ProveAsync(text, cancellationToken));
    }

    private async Task<Authentication> ProveAsync(string text, CancellationToken cancellationToken)
    {
        // 1 Form and header; 2 the key it names; 3 signature, issuer, audience, lifetime; 4 tenant; 5 whom it stands for.
        if (ReadToken(text) is not { } token || await keys.FindAsync(token.Kid, cancellationToken) is not { } key || !Fits(key, token.Alg))
            return Authentication.Refused;
        var result = await handler.ValidateTokenAsync(token, Parameters(key));
        if (!result.IsValid || !IsOfTenant(token) || (Text(token, "oid") ?? Text(token, "sub")) is not { Length: <= MaxSubject } subject)
            return Authentication.Refused;
        if (Text(token, options.AccountClaim) is not { } named || !options.Accounts.TryGetValue(named, out var accountId))
            return Authentication.Refused;
        return ReadRole(token) is { } role && await ring.IsActiveAsync(accountId, cancellationToken)
            ? new Authentication(new Caller(role, accountId, AccessKeyId: null) { Subject = subject }, accountId, AccessKeyId: null)
            : Authentication.Refused;
    }

    private static JsonWebToken? ReadToken(string text)
    {
        JsonWebToken token;
        try
        {
            token = new JsonWebToken(text);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or FormatException or System.Text.Json.JsonException)
        {
            return null;
        }

        // No extension of the header is understood, so one that must be (RFC 7515, crit) refuses the token.
        return token.IsSigned && !token.IsEncrypted && !string.IsNullOrEmpty(token.Kid) && !token.TryGetHeaderValue<object>("crit", out _) ? token : null;
    }

    /// <summary>The algorithm is pinned by the key's kind too: no key serves another algorithm than it was made for.</summary>
    private static bool Fits(SecurityKey key, string algorithm) => key is JsonWebKey web && (string.IsNullOrEmpty(web.Alg) || web.Alg == algorithm) && web.Kty switch
    {
        "RSA" => algorithm is SecurityAlgorithms.RsaSha256 or SecurityAlgorithms.RsaSsaPssSha256,
        "EC" => algorithm == SecurityAlgorithms.EcdsaSha256,
        _ => false,
    };

    private TokenValidationParameters Parameters(SecurityKey key) => new()
    {
        ValidIssuers = options.Issuers,
        ValidAudiences = options.Audiences,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256],
        IssuerSigningKey = key,
        TryAllIssuerSigningKeys = false,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        LifetimeValidator = IsAlive,
        LogValidationExceptions = false,
    };

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + Leeway && (notBefore is not { } start || now >= start - Leeway);
    }

    private bool IsOfTenant(JsonWebToken token)
    {
        if (Text(token, "tid") is not { } tenant || !options.Tenants.Contains(tenant, StringComparer.Ordinal))
            return false;
        return !options.Tenants.Any(other => other != tenant && token.Issuer.Contains(other, StringComparison.OrdinalIgnoreCase));
    }

    private Role? ReadRole(JsonWebToken token)
    {
        if (!token.TryGetPayloadValue<object>(options.RoleClaim, out _))
            return null;
        var values = token.Claims.Where(claim => claim.Type == options.RoleClaim).Select(static claim => claim.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var (value, role) in options.Roles)
        {
            if (values.Contains(value))
                return role;
        }

        return null;
    }

    private static string? Text(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue<object>(claim, out var value) && value is string { Length: > 0 } text && !text.Any(char.IsControl) ? text : null;
}
