using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ActionTrail.Access;
using ActionTrail.Access.Tokens;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Access;

/// <summary>An issuer of tokens for tests, with an RSA and an EC key, that makes any token it is told to.</summary>
internal sealed class TokenIssuer : HttpMessageHandler
{
    public const string Tenant = "11111111-2222-3333-4444-555555555555";
    public const string OtherTenant = "99999999-2222-3333-4444-555555555555";
    public const string Issuer = "https://login.example/" + Tenant + "/v2.0";
    public const string Audience = "api://actiontrail";

    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string Jwks { get; } = $$$"""{"keys":[{{{RsaJwk(Rsa, "rsa-1")}}},{{{EcJwk()}}},{"kty":"oct","kid":"oct-1","k":"c2VjcmV0"}]}""";

    public static string PublicKeyPem { get; } = Rsa.ExportSubjectPublicKeyInfoPem();

    public Func<string, (HttpStatusCode Status, string Body)> Answers { get; set; } = static _ => (HttpStatusCode.OK, Jwks);

    public List<string> Asked { get; } = [];

    public static TokenOptions Options { get; } = new()
    {
        Issuers = [Issuer],
        Audiences = [Audience],
        Tenants = [Tenant, OtherTenant],
        KeysAddress = new Uri("https://login.example/keys"),
        IsMetadata = false,
        Roles = [new("Trail.Admin", Role.Administrator), new("Trail.Read", Role.Auditor)],
        Accounts = new Dictionary<string, string>(StringComparer.Ordinal) { [Tenant] = "demo", [OtherTenant] = "none-such" },
    };

    public IssuerKeys Keys(TimeProvider time, TokenOptions? options = null) => new(options ?? Options, new HttpMessageInvoker(this), time, NullLogger<IssuerKeys>.Instance);

    /// <summary>A good token of now, changed in header and payload as told.</summary>
    public static string Make(DateTimeOffset now, Action<JsonObject>? header = null, Action<JsonObject>? payload = null, Func<byte[], byte[]>? sign = null)
    {
        var head = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = "rsa-1" };
        header?.Invoke(head);
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = Audience,
            ["tid"] = Tenant,
            ["oid"] = "subject-1",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.ToUnixTimeSeconds() + 3600,
            ["roles"] = new JsonArray("Trail.Read"),
        };
        payload?.Invoke(claims);
        var text = $"{Encode(Encoding.UTF8.GetBytes(head.ToJsonString()))}.{Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        sign ??= (string?)head["alg"] switch
        {
            "PS256" => static bytes => Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            "PS384" => static bytes => Rsa.SignData(bytes, HashAlgorithmName.SHA384, RSASignaturePadding.Pss),
            "RS384" => static bytes => Rsa.SignData(bytes, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
            "RS512" => static bytes => Rsa.SignData(bytes, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            "ES256" => static bytes => Ec.SignData(bytes, HashAlgorithmName.SHA256),
            _ => static bytes => Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{text}.{Encode(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    public static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static string RsaJwk(RSA rsa, string kid)
    {
        var key = rsa.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"RSA","use":"sig","kid":"{{kid}}","n":"{{Encode(key.Modulus!)}}","e":"{{Encode(key.Exponent!)}}"}""";
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Add(request.RequestUri!.ToString());
        var (status, body) = Answers(request.RequestUri.AbsolutePath);
        return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });
    }

    private static string EcJwk()
    {
        var key = Ec.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"EC","crv":"P-256","kid":"ec-1","x":"{{Encode(key.Q.X!)}}","y":"{{Encode(key.Q.Y!)}}"}""";
    }
}
