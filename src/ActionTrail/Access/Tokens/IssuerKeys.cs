using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace ActionTrail.Access.Tokens;

/// <summary>
/// The issuer's signing keys, by key id. Asked for when first needed, when a token names a key that is not there, and when they are 12 hours old; never
/// more often than <see cref="TokenOptions.MinRefresh"/>, or every ten seconds as long as none is known. While the issuer does not answer the keys of the last answer stay good. Bounded: 5 s,
/// 256 KiB and 100 keys per answer, no redirects (that is up to the client given), addresses as <see cref="IsAllowed"/> says.
/// </summary>
public sealed class IssuerKeys(TokenOptions options, HttpMessageInvoker http, TimeProvider time, ILogger<IssuerKeys> log) : IDisposable
{
    private const int MaxBytes = 256 * 1024;
    private const int MaxKeys = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstRefresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(12);

    private readonly SemaphoreSlim gate = new(1);
    private volatile Snapshot known = new(new Dictionary<string, SecurityKey>(StringComparer.Ordinal), DateTimeOffset.MinValue);
    private DateTimeOffset askedAt = DateTimeOffset.MinValue;

    /// <summary>https, or http to this machine itself.</summary>
    public static bool IsAllowed(Uri address) => address.IsAbsoluteUri && address.UserInfo.Length == 0 && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback));

    /// <summary>The key; null when the issuer does not name it, as far as is known.</summary>
    public async Task<SecurityKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var snapshot = known;
        if (snapshot.Keys.TryGetValue(keyId, out var key) && now - snapshot.ReadAt < MaxAge)
            return key;

        // Who has a key, though an old one, does not wait for another's question; who has none does.
        if (!await gate.WaitAsync(key is null ? Patience : TimeSpan.Zero, cancellationToken))
            return key;
        try
        {
            var pause = known.Keys.Count == 0 && FirstRefresh < options.MinRefresh ? FirstRefresh : options.MinRefresh;
            if (known == snapshot && (askedAt == DateTimeOffset.MinValue || now - askedAt >= pause))
            {
                // Not under the request's own token: who hangs up shall not spoil the question for all.
                askedAt = now;
                await RefreshAsync(now);
            }
        }
        finally
        {
            gate.Release();
        }

        return known.Keys.GetValueOrDefault(keyId);
    }

    public void Dispose() => gate.Dispose();

    private async Task RefreshAsync(DateTimeOffset now)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var address = options.KeysAddress;
            if (options.IsMetadata)
                address = ReadKeysAddress(await GetAsync(address, patience.Token));
            known = new Snapshot(ReadKeys(await GetAsync(address, patience.Token)), now);
            TokenLog.Refreshed(log, known.Keys.Count);
        }
        catch (Exception e) when (e is HttpRequestException or InvalidDataException or JsonException or IOException or ArgumentException or OperationCanceledException)
        {
            TokenLog.NotRefreshed(log, known.Keys.Count, e.GetType().Name, e.Message);
        }
    }

    private async Task<byte[]> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new InvalidDataException($"Status {(int)response.StatusCode}.");
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = new byte[MaxBytes + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxBytes ? bytes[..length] : throw new InvalidDataException($"More than {MaxBytes} bytes.");
    }

    private static Uri ReadKeysAddress(byte[] metadata)
    {
        using var document = JsonDocument.Parse(metadata);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("jwks_uri", out var member) && member.ValueKind == JsonValueKind.String
            && Uri.TryCreate(member.GetString(), UriKind.Absolute, out var address) && IsAllowed(address)
            ? address
            : throw new InvalidDataException("The metadata name no usable jwks_uri.");
    }

    /// <summary>RSA keys of 2048 bits and more and P-256 keys that are for signatures and have an id; others are left out.</summary>
    private static Dictionary<string, SecurityKey> ReadKeys(byte[] jwks)
    {
        var keys = new Dictionary<string, SecurityKey>(StringComparer.Ordinal);
        var all = new JsonWebKeySet(System.Text.Encoding.UTF8.GetString(jwks)).Keys;
        if (all.Count > MaxKeys)
            throw new InvalidDataException($"More than {MaxKeys} keys.");
        foreach (var key in all)
        {
            var isUsable = key.Use is null or "" or "sig" && !string.IsNullOrEmpty(key.Kid) && !key.HasPrivateKey
                && (key is { Kty: "RSA", KeySize: >= 2048 } || key is { Kty: "EC", Crv: "P-256" });
            if (isUsable)
                keys.TryAdd(key.Kid, key);
        }

        return keys.Count > 0 ? keys : throw new InvalidDataException("No usable key.");
    }

    private sealed record Snapshot(IReadOnlyDictionary<string, SecurityKey> Keys, DateTimeOffset ReadAt);
}
