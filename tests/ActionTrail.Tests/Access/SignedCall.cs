using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Access;
using Microsoft.Extensions.Primitives;

namespace ActionTrail.Tests.Access;

/// <summary>A request and its ACS3 signature, made by the documented algorithm independently of the product; tests then change what they like.</summary>
internal sealed class SignedCall
{
    private static int nonces;

    public string Method { get; set; } = "GET";

    public string Path { get; set; } = "/v1/trails";

    /// <summary>Plain keys, values already escaped.</summary>
    public List<(string Key, string Value)> Query { get; set; } = [];

    public byte[] Body { get; set; } = [];

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public string RawQuery => string.Join('&', Query.Select(static p => $"{p.Key}={p.Value}"));

    public static SignedCall Make(DateTimeOffset at, string method = "GET", string path = "/v1/trails", string? json = null, params (string Key, string Value)[] query)
    {
        var call = new SignedCall { Method = method, Path = path, Query = [.. query], Body = Encoding.UTF8.GetBytes(json ?? "") };
        call.Headers["host"] = "localhost";
        call.Headers["x-acs-action"] = "Test";
        call.Headers["x-acs-date"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        call.Headers["x-acs-signature-nonce"] = string.Create(CultureInfo.InvariantCulture, $"nonce-{Interlocked.Increment(ref nonces)}");
        call.Headers["x-acs-content-sha256"] = Convert.ToHexStringLower(SHA256.HashData(call.Body));
        if (json is not null)
            call.Headers["content-type"] = "application/json; charset=utf-8";
        return call;
    }

    /// <summary>Signs all headers that are there but those named.</summary>
    public SignedCall Sign(string keyId, string secret, params string[] unsigned)
    {
        Headers.Remove("Authorization");
        var names = Headers.Keys.Select(static n => n.ToLowerInvariant()).Except(unsigned).Order(StringComparer.Ordinal).ToList();
        var query = string.Join('&', Query.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => $"{p.Key}={p.Value}"));
        var headers = string.Concat(names.Select(name => $"{name}:{Headers[name].Trim()}\n"));
        var canonical = $"{Method}\n{Path}\n{query}\n{headers}\n{string.Join(';', names)}\n{Headers.GetValueOrDefault("x-acs-content-sha256")}";
        var text = "ACS3-HMAC-SHA256\n" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));
        Headers["Authorization"] = $"ACS3-HMAC-SHA256 Credential={keyId},SignedHeaders={string.Join(';', names)},Signature={signature}";
        return this;
    }

    /// <summary>Changes the Authorization header.</summary>
    public SignedCall Change(string from, string to)
    {
        Assert.Contains(from, Headers["Authorization"], StringComparison.Ordinal);
        Headers["Authorization"] = Headers["Authorization"].Replace(from, to, StringComparison.Ordinal);
        return this;
    }

    public SignInRequest ToRequest(string address = "203.0.113.1") => new()
    {
        Method = Method,
        Path = Path,
        Query = RawQuery,
        Headers = Headers.ToDictionary(static h => h.Key, static h => new StringValues(h.Value), StringComparer.OrdinalIgnoreCase),
        Hosts = [Headers["host"]],
        ClientAddress = address,
        HashBodyAsync = _ => Task.FromResult<byte[]?>(SHA256.HashData(Body)),
    };

    public HttpRequestMessage ToMessage(string address)
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), Path + (Query.Count > 0 ? "?" + RawQuery : ""));
        if (Body.Length > 0)
            message.Content = new ByteArrayContent(Body);
        foreach (var (name, value) in Headers)
        {
            if (!name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
                message.Headers.TryAddWithoutValidation(name, value);
            else if (message.Content is not null)
                message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
        }

        message.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
        return message;
    }
}
