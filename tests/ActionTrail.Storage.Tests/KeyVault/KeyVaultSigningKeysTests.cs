using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.Azure.KeyVault;
using ActionTrail.Digests;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ActionTrail.Storage.Tests.KeyVault;

/// <summary>Against a local server that speaks Key Vault's REST form, checks what it is sent, and fails on demand.</summary>
public sealed class KeyVaultSigningKeysTests : IDisposable
{
    private const string Vault = "https://vault.example/keys/digest-key";

    private static readonly DateTimeOffset Made = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HttpListener listener = new();
    private readonly RSA rsa = RSA.Create(2048);
    private readonly ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<string> calls = [];
    private readonly int port = FreePort();

    /// <summary>Answers the first call with these, one after the other.</summary>
    private readonly Queue<int> failures = new();

    public KeyVaultSigningKeysTests()
    {
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        _ = ServeAsync();
    }

    [Fact]
    public async Task Versions_are_keys_with_their_validity_and_each_signs_in_the_vault()
    {
        var keys = Open();
        var list = await keys.ListAsync(default);
        Assert.Equal([SigningAlgorithm.Rsa, SigningAlgorithm.Ecdsa], list.Select(static k => k.Algorithm));
        Assert.Equal([Made, Made.AddDays(100)], list.Select(static k => k.ValidFrom));
        Assert.Equal([Made.AddDays(200), null], list.Select(static k => k.ValidUntil));
        foreach (var key in list)
        {
            var signature = await keys.SignAsync(key.Fingerprint, SHA256.HashData("text"u8), default);
            Assert.True(key.Verifies("text"u8, signature));
        }

        Assert.Equal(
            ["GET /keys/digest-key/versions", "GET /keys/digest-key/v2", "GET /keys/digest-key/versions", "GET /keys/digest-key/v1", "POST /keys/digest-key/v1/sign RS256", "POST /keys/digest-key/v2/sign ES256"],
            calls);
    }

    [Fact]
    public async Task A_vault_that_pauses_or_stumbles_is_asked_again()
    {
        failures.Enqueue(429);
        failures.Enqueue(503);
        Assert.Equal(2, (await Open().ListAsync(default)).Count);
    }

    [Theory]
    [InlineData(403, StoreErrorKind.Denied)]
    [InlineData(404, StoreErrorKind.NotFound)]
    [InlineData(400, StoreErrorKind.Unavailable)]
    public async Task A_refusal_is_told_by_its_kind(int status, StoreErrorKind kind)
    {
        failures.Enqueue(status);
        Assert.Equal(kind, (await Assert.ThrowsAsync<StoreException>(() => Open().ListAsync(default))).Kind);
    }

    [Fact]
    public async Task A_key_that_the_vault_does_not_have_cannot_sign() =>
        Assert.Equal(StoreErrorKind.NotFound, (await Assert.ThrowsAsync<StoreException>(() => Open().SignAsync(new string('a', 64), new byte[32], default))).Kind);

    [Fact]
    public void An_address_of_a_key_has_no_version()
    {
        Assert.True(KeyVaultSigningKeys.IsKeyAddress(Vault));
        Assert.False(KeyVaultSigningKeys.IsKeyAddress(Vault + "/v1"));
        Assert.False(KeyVaultSigningKeys.IsKeyAddress("http://vault.example/keys/x"));
        Assert.False(KeyVaultSigningKeys.IsKeyAddress("keys.pem"));
    }

    public void Dispose()
    {
        listener.Close();
        rsa.Dispose();
        ecdsa.Dispose();
    }

    private KeyVaultSigningKeys Open() =>
        new(new Uri(Vault), new FixedCredential(), TimeProvider.System, new HttpClientTransport(new HttpClient(new ToLoopback(port) { InnerHandler = new SocketsHttpHandler() })));

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await AnswerAsync(await listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var request = context.Request;
        var (status, json) = failures.TryDequeue(out var failure) ? (failure, "{}") : (200, await ReplyAsync(request));
        if (json is null || request.Headers["Authorization"] != "Bearer token-of-the-test" || request.QueryString["api-version"] != "7.4")
            (status, json) = (418, "{}");
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(json));
        context.Response.Close();
    }

    private async Task<string?> ReplyAsync(HttpListenerRequest request)
    {
        var path = request.Url!.AbsolutePath;
        var call = $"{request.HttpMethod} {path}";
        string? reply = null;
        switch (call)
        {
            case "GET /keys/digest-key/versions" when request.QueryString["page"] is null:
                reply = $$"""{"value":[{"kid":"{{Vault}}/v2"}],"nextLink":"{{Vault}}/versions?api-version=7.4&page=2"}""";
                break;
            case "GET /keys/digest-key/versions":
                reply = $$"""{"value":[{"kid":"{{Vault}}/v1"}],"nextLink":null}""";
                break;
            case "GET /keys/digest-key/v1":
                var key = rsa.ExportParameters(includePrivateParameters: false);
                reply = $$$"""{"key":{"kid":"{{{Vault}}}/v1","kty":"RSA","n":"{{{Url(key.Modulus!)}}}","e":"{{{Url(key.Exponent!)}}}"},"attributes":{"enabled":true,"created":{{{Made.ToUnixTimeSeconds()}}},"exp":{{{Made.AddDays(200).ToUnixTimeSeconds()}}}}}""";
                break;
            case "GET /keys/digest-key/v2":
                var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
                reply = $$$"""{"key":{"kid":"{{{Vault}}}/v2","kty":"EC","crv":"P-256","x":"{{{Url(point.X!)}}}","y":"{{{Url(point.Y!)}}}"},"attributes":{"enabled":true,"created":{{{Made.ToUnixTimeSeconds()}}},"nbf":{{{Made.AddDays(100).ToUnixTimeSeconds()}}}}}""";
                break;
            case "POST /keys/digest-key/v1/sign" or "POST /keys/digest-key/v2/sign":
                using (var body = await JsonDocument.ParseAsync(request.InputStream))
                {
                    var hash = System.Buffers.Text.Base64Url.DecodeFromChars(body.RootElement.GetProperty("value").GetString());
                    var algorithm = body.RootElement.GetProperty("alg").GetString();
                    call += " " + algorithm;
                    if (request.ContentType == "application/json" && hash.Length == 32 && body.RootElement.EnumerateObject().Count() == 2)
                    {
                        var signature = algorithm == "RS256" ? rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : ecdsa.SignHash(hash);
                        reply = $$"""{"kid":"{{Vault}}","value":"{{Url(signature)}}"}""";
                    }
                }

                break;
        }

        calls.Add(call);
        return reply;
    }

    private static string Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>The client will not send a token without TLS; only behind it the call goes to the local server.</summary>
    private sealed class ToLoopback(int port) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("https://vault.example", request.RequestUri!.GetLeftPart(UriPartial.Authority));
            request.RequestUri = new Uri($"http://127.0.0.1:{port}{request.RequestUri.PathAndQuery}");
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class FixedCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.Equal(["https://vault.azure.net/.default"], requestContext.Scopes);
            return new AccessToken("token-of-the-test", DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
