using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Access.Signatures;

/// <summary>
/// ACS3-HMAC-SHA256 with an access key: <c>hex(HMAC-SHA256(secret, "ACS3-HMAC-SHA256\n" + hex(SHA-256(canonical request))))</c>. Host, the content
/// type if there is one, and every <c>x-acs-</c> header must be signed; <c>x-acs-date</c>, <c>x-acs-signature-nonce</c> and
/// <c>x-acs-content-sha256</c> must be there. Other headers are protected only when the client signs them.
/// </summary>
internal sealed class HeaderSignIn(SignedKeys keys) : ISignInWay
{
    private const string Prefix = "x-acs-";
    private const string Date = "x-acs-date";
    private const string Nonce = "x-acs-signature-nonce";
    private const string BodyHash = "x-acs-content-sha256";
    private const string SecurityToken = "x-acs-security-token";

    private static readonly byte[] Head = Encoding.ASCII.GetBytes(SignatureHeader.Algorithm + "\n");

    public string? Challenge => SignatureHeader.Algorithm;

    public SignInAttempt? Read(SignInRequest request)
    {
        if (request.Header("Authorization") is not { } text || !text.StartsWith("ACS3-", StringComparison.OrdinalIgnoreCase))
            return null;
        if (!SignatureHeader.TryParse(text, out var header) || !CoversAll(request, header))
            return SignInAttempt.Unreadable;
        return new SignInAttempt(header.AccessKeyId, cancellationToken => ProveAsync(request, header, cancellationToken));
    }

    private static bool CoversAll(SignInRequest request, SignatureHeader header)
    {
        bool IsSigned(string name) => header.SignedHeaders.Contains(name, StringComparer.Ordinal);
        return IsSigned("host") && IsSigned(Date) && IsSigned(Nonce) && IsSigned(BodyHash)
            && request.Headers.Keys.All(name => IsSigned(name.ToLowerInvariant())
                || !(name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || name.Equals("content-type", StringComparison.OrdinalIgnoreCase)));
    }

    private async Task<Authentication> ProveAsync(SignInRequest request, SignatureHeader header, CancellationToken cancellationToken)
    {
        // 1 What is not offered, whoever asks.
        if (request.Headers.ContainsKey(SecurityToken))
            return Authentication.Refused with { NotOffered = SecurityToken };

        // 2 The key.
        if (await keys.FindAsync(header.AccessKeyId, cancellationToken) is not { } entry)
            return Authentication.Refused;

        // 3 Form and time, then the signature over all but the body, whose hash it covers.
        var nonce = request.Header(Nonce);
        var declared = request.Header(BodyHash);
        if (keys.ReadTime(request.Header(Date)) is not { } at || !SignedKeys.IsNonce(nonce) || !SignatureHeader.IsHash(declared))
            return entry.Outcome(isProven: false);
        var spellings = CanonicalRequest.Spellings(request, header.SignedHeaders, declared);
        if (!keys.IsSigned(entry, header.Signature, secret => spellings.Select(spelling => Sign(secret, spelling))))
            return entry.Outcome(isProven: false);

        // 4 The body. 5 The nonce, last: a request that was altered on its way must not use it up.
        var outcome = entry.Outcome(isProven: true);
        if (outcome.Caller is null)
            return outcome;
        var hash = await request.HashBodyAsync(cancellationToken);
        var isWhole = hash is not null && CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(declared));
        return isWhole && keys.TakeNonce(header.AccessKeyId, nonce!, at) ? outcome : entry.Outcome(isProven: false);
    }

    private static byte[] Sign(byte[] secret, byte[] canonicalRequest)
    {
        var text = new byte[Head.Length + 64];
        Head.CopyTo(text, 0);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(canonicalRequest)), text.AsSpan(Head.Length));
        return HMACSHA256.HashData(secret, text);
    }
}
