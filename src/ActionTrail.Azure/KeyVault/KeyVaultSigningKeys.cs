using System.Security.Cryptography;
using System.Text.Json;
using ActionTrail.Digests;
using ActionTrail.Storage;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Azure.KeyVault;

/// <summary>
/// The versions of one Key Vault key as signing keys. A version is valid from its <c>nbf</c>, else from when it was made, to its <c>exp</c>; rotating the key in the
/// vault makes the next one. Private halves never leave the vault. Speaks REST, API version 7.4: list versions, get a version, sign (rights list, get, sign).
/// </summary>
public sealed class KeyVaultSigningKeys : ISigningKeys
{
    private const string ApiVersion = "7.4";
    private const string Scope = "https://vault.azure.net/.default";

    /// <summary>How long a list of versions is used: a new one is noticed after this.</summary>
    private static readonly TimeSpan ListLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpPipeline pipeline;
    private readonly TimeProvider time;
    private readonly Uri address;
    private volatile Versions? cached;

    /// <param name="key">The key without a version: <c>https://{vault}.vault.azure.net/keys/{name}</c>.</param>
    /// <param name="credential">Who we are to the vault.</param>
    /// <param name="time">The clock.</param>
    /// <param name="transport">For tests; null: the usual one.</param>
    public KeyVaultSigningKeys(Uri key, TokenCredential credential, TimeProvider time, HttpPipelineTransport? transport = null)
    {
        var options = new Options();
        options.Retry.MaxRetries = 4;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(30);
        if (transport is not null)
            options.Transport = transport;
        pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, Scope));
        address = new Uri(key.GetLeftPart(UriPartial.Path).TrimEnd('/'));
        this.time = time;
    }

    /// <summary>Whether the text is the address of a key without a version.</summary>
    public static bool IsKeyAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.Query.Length == 0
        && uri.AbsolutePath.Trim('/').Split('/') is ["keys", { Length: > 0 }];

    public async Task<IReadOnlyList<SigningKey>> ListAsync(CancellationToken cancellationToken) => [.. (await ReadAsync(cancellationToken)).Select(static k => k.Key)];

    public async Task<byte[]> SignAsync(string fingerprint, ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        var (key, id) = (await ReadAsync(cancellationToken)).FirstOrDefault(k => k.Key.Fingerprint == fingerprint);
        if (key is null)
            throw new StoreException(StoreErrorKind.NotFound, $"Key Vault has no version {fingerprint} of {address}.");
        var algorithm = key.Algorithm == SigningAlgorithm.Rsa ? "RS256" : "ES256";
        var body = $$"""{"alg":"{{algorithm}}","value":"{{Base64Url(sha256.Span)}}"}""";
        using var answer = await SendAsync(RequestMethod.Post, new Uri(id.AbsoluteUri + "/sign"), body, cancellationToken);
        return FromBase64Url(answer.RootElement.GetProperty("value"u8).GetString()!);
    }

    private async Task<IReadOnlyList<(SigningKey Key, Uri Id)>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (cached is { } known && time.GetElapsedTime(known.At) < ListLifetime)
                return known.Keys;
            var keys = new List<(SigningKey Key, Uri Id)>();
            for (var page = new Uri(address.AbsoluteUri + "/versions"); page is not null;)
            {
                using var list = await SendAsync(RequestMethod.Get, page, body: null, cancellationToken);
                foreach (var item in list.RootElement.GetProperty("value"u8).EnumerateArray())
                {
                    var id = Own(item.GetProperty("kid"u8).GetString());
                    using var version = await SendAsync(RequestMethod.Get, id, body: null, cancellationToken);
                    keys.Add((Parse(version.RootElement), id));
                }

                page = list.RootElement.TryGetProperty("nextLink"u8, out var next) && next.GetString() is { Length: > 0 } link ? Own(link) : null;
            }

            keys.Sort(static (a, b) => a.Key.ValidFrom.CompareTo(b.Key.ValidFrom));
            cached = new(keys, time.GetTimestamp());
            return keys;
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or CryptographicException)
        {
            throw new StoreException(StoreErrorKind.Corrupt, $"Key Vault does not say of {address} what a signing key needs: RSA of 2048 to 4096 bits or EC on P-256.", e);
        }
    }

    /// <summary>The token goes to the vault that the settings name and nowhere else.</summary>
    private Uri Own(string? link) => Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Scheme == address.Scheme && uri.Authority == address.Authority
        ? uri
        : throw new FormatException("A link leads out of the vault.");

    private static SigningKey Parse(JsonElement answer)
    {
        var (key, attributes) = (answer.GetProperty("key"u8), answer.GetProperty("attributes"u8));
        var from = DateTimeOffset.FromUnixTimeSeconds(attributes.TryGetProperty("nbf"u8, out var nbf) ? nbf.GetInt64() : attributes.GetProperty("created"u8).GetInt64());
        DateTimeOffset? until = attributes.TryGetProperty("exp"u8, out var exp) ? DateTimeOffset.FromUnixTimeSeconds(exp.GetInt64()) : null;
        return SigningKey.Of(PublicKey(key), from, until);
    }

    private static byte[] PublicKey(JsonElement key)
    {
        byte[] Part(string name) => FromBase64Url(key.GetProperty(name).GetString()!);
        if (key.GetProperty("kty"u8).GetString()!.StartsWith("RSA", StringComparison.Ordinal))
        {
            using var rsa = RSA.Create(new RSAParameters { Modulus = Part("n"), Exponent = Part("e") });
            return rsa.ExportSubjectPublicKeyInfo();
        }

        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Part("x"), Y = Part("y") } });
        return ecdsa.ExportSubjectPublicKeyInfo();
    }

    private async Task<JsonDocument> SendAsync(RequestMethod method, Uri target, string? body, CancellationToken cancellationToken)
    {
        using var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(target);
        if (!target.Query.Contains("api-version=", StringComparison.Ordinal))
            message.Request.Uri.AppendQuery("api-version", ApiVersion);
        message.Request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(BinaryData.FromString(body));
        }

        try
        {
            await pipeline.SendAsync(message, cancellationToken);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new StoreException(StoreErrorKind.Unavailable, $"Key Vault does not answer: {e.Message}", e);
        }

        return message.Response.Status switch
        {
            200 => JsonDocument.Parse(message.Response.Content),
            401 or 403 => throw new StoreException(StoreErrorKind.Denied, $"Key Vault does not let us use {address}: the identity needs list, get and sign."),
            404 => throw new StoreException(StoreErrorKind.NotFound, $"Key Vault has no {target.AbsolutePath}."),
            429 => throw new StoreException(StoreErrorKind.Throttled, "Key Vault asks for a pause."),
            var status => throw new StoreException(StoreErrorKind.Unavailable, FormattableString.Invariant($"Key Vault answered {status}.")),
        };
    }

    private static string Base64Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static byte[] FromBase64Url(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);

    private sealed record Versions(IReadOnlyList<(SigningKey Key, Uri Id)> Keys, long At);

    private sealed class Options : ClientOptions;
}
