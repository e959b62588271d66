using System.Security.Cryptography;
using System.Text;

namespace ActionTrail.Access.Signatures;

/// <summary>
/// Signature of an RPC call in its parameters: <c>SignatureMethod</c> <c>HMAC-SHA1</c>, <c>SignatureVersion</c> <c>1.0</c>, <c>Timestamp</c>,
/// <c>SignatureNonce</c>, <c>AccessKeyId</c>, <c>Signature</c>. The latter is <c>base64(HMAC-SHA1(secret + "&amp;", METHOD + "&amp;%2F&amp;" +
/// escape(parameters)))</c> over all other parameters, query and form together, sorted by their decoded keys, keys and values escaped by RFC 3986.
/// It covers neither headers nor host: SHA-1 and that are what this way is; ACS3 is the better one.
/// </summary>
internal sealed class RpcSignIn(SignedKeys keys) : ISignInWay
{
    private const string Signature = "Signature";
    private const string SecurityToken = "SecurityToken";

    public string? Challenge => null;

    public SignInAttempt? Read(SignInRequest request)
    {
        if (request.Parameters is not { } parameters || !parameters.Any(static p => p.Key is Signature or "AccessKeyId" or "SignatureMethod"))
            return null;
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in parameters)
        {
            // Twice the same name would leave open which value counts.
            if (!named.TryAdd(name, value))
                return SignInAttempt.Unreadable;
        }

        return named.TryGetValue("AccessKeyId", out var accessKeyId)
            ? new SignInAttempt(accessKeyId, cancellationToken => ProveAsync(request.Method, accessKeyId, named, cancellationToken))
            : SignInAttempt.Unreadable;
    }

    private async Task<Authentication> ProveAsync(string method, string accessKeyId, Dictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        if (parameters.ContainsKey(SecurityToken))
            return Authentication.Refused with { NotOffered = SecurityToken };
        if (await keys.FindAsync(accessKeyId, cancellationToken) is not { } entry)
            return Authentication.Refused;
        var nonce = parameters.GetValueOrDefault("SignatureNonce");
        var isForm = parameters.GetValueOrDefault("SignatureMethod") == "HMAC-SHA1" && parameters.GetValueOrDefault("SignatureVersion") == "1.0"
            && parameters.GetValueOrDefault("SignatureType", "").Length == 0 && SignedKeys.IsNonce(nonce);
        if (!isForm || keys.ReadTime(parameters.GetValueOrDefault("Timestamp")) is not { } at || !parameters.TryGetValue(Signature, out var given))
            return entry.Outcome(isProven: false);
        var text = Encoding.UTF8.GetBytes(TextToSign(method, parameters));

        // Compared as text: Base64 has several spellings of the same bytes.
        var isSigned = keys.IsSigned(entry, Encoding.UTF8.GetBytes(given), secret => [Sign(secret, text)]);
        var outcome = entry.Outcome(isSigned);
        return outcome.Caller is null || keys.TakeNonce(accessKeyId, nonce!, at) ? outcome : entry.Outcome(isProven: false);
    }

    private static string TextToSign(string method, Dictionary<string, string> parameters)
    {
        var sorted = parameters.Where(static p => p.Key != Signature).OrderBy(static p => p.Key, StringComparer.Ordinal)
            .Select(static p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}");
        return $"{method}&%2F&{Uri.EscapeDataString(string.Join('&', sorted))}";
    }

    private static byte[] Sign(byte[] secret, byte[] text)
    {
        var key = new byte[secret.Length + 1];
        secret.CopyTo(key, 0);
        key[^1] = (byte)'&';
#pragma warning disable CA5350 // The protocol names HMAC-SHA1.
        var signature = HMACSHA1.HashData(key, text);
#pragma warning restore CA5350
        CryptographicOperations.ZeroMemory(key);
        return Encoding.ASCII.GetBytes(Convert.ToBase64String(signature));
    }
}
