using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ActionTrail.Tests.Access;

namespace ActionTrail.Tests.Functions;

/// <summary>Every kind of bad token, through the running app with a local issuer: one answer that does not say why.</summary>
public class BadTokenTests(SignInApp shared) : IClassFixture<SignInApp>
{
    private static readonly Dictionary<string, Func<string>> Kinds = new(StringComparer.Ordinal)
    {
        ["empty"] = static () => "",
        ["no token"] = static () => "garbage",
        ["dots"] = static () => "..",
        ["not Base64"] = static () => "a!.b!.c!",
        ["not JSON"] = static () => $"{TokenIssuer.Encode("x"u8.ToArray())}.{TokenIssuer.Encode("y"u8.ToArray())}.{TokenIssuer.Encode("z"u8.ToArray())}",
        ["header no object"] = static () => $"{TokenIssuer.Encode("[]"u8.ToArray())}.{Good().Split('.')[1]}.{Good().Split('.')[2]}",
        ["two parts"] = static () => string.Join('.', Good().Split('.')[..2]),
        ["five parts"] = static () => Good() + ".a.b",
        ["too long"] = static () => Payload(p => p["filler"] = new string('x', 20_000)),
        ["no signature"] = static () => string.Join('.', Good().Split('.')[..2]) + ".",
        ["signature cut short"] = static () => Good()[..^4],
        ["signature of another token"] = static () => string.Join('.', [.. Payload(static p => p["oid"] = "x").Split('.')[..2], Good().Split('.')[2]]),
        ["role raised after signing"] = static () => string.Join('.', [Good().Split('.')[0], Payload(static p => p["roles"] = new JsonArray("Trail.Admin")).Split('.')[1], Good().Split('.')[2]]),
        ["algorithm none"] = static () => TokenIssuer.Make(Now, static h => h["alg"] = "none", sign: static _ => []),
        ["algorithm none, signed"] = static () => TokenIssuer.Make(Now, static h => h["alg"] = "none"),
        ["no algorithm"] = static () => TokenIssuer.Make(Now, static h => h.Remove("alg")),
        ["HMAC with the public key"] = static () => TokenIssuer.Make(Now, static h => h["alg"] = "HS256", sign: static bytes => HMACSHA256.HashData(Encoding.ASCII.GetBytes(TokenIssuer.PublicKeyPem), bytes)),
        ["HMAC with a published secret"] = static () => TokenIssuer.Make(Now, static h => (h["alg"], h["kid"]) = ("HS256", "oct-1"), sign: static bytes => HMACSHA256.HashData("secret"u8, bytes)),
        ["RS384"] = static () => TokenIssuer.Make(Now, static h => h["alg"] = "RS384"),
        ["RS512"] = static () => TokenIssuer.Make(Now, static h => h["alg"] = "RS512"),
        ["PS384"] = static () => TokenIssuer.Make(Now, static h => h["alg"] = "PS384"),
        ["ES256 under an RSA key"] = static () => TokenIssuer.Make(Now, static h => h["alg"] = "ES256"),
        ["RS256 under an EC key"] = static () => TokenIssuer.Make(Now, static h => h["kid"] = "ec-1"),
        ["no key id"] = static () => TokenIssuer.Make(Now, static h => h.Remove("kid")),
        ["unknown key id"] = static () => TokenIssuer.Make(Now, static h => h["kid"] = "rsa-9"),
        ["key of a stranger under our id"] = static () => TokenIssuer.Make(Now, sign: static bytes => RSA.Create(2048).SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ["key in the header"] = static () => TokenIssuer.Make(Now, h => (h["kid"], h["jwk"]) = ("rsa-9", new JsonObject { ["kty"] = "RSA" })),
        ["critical extension"] = static () => TokenIssuer.Make(Now, static h => (h["crit"], h["ext"]) = (new JsonArray("ext"), true)),
        ["other issuer"] = static () => Payload(static p => p["iss"] = "https://evil.example/"),
        ["issuer with a slash more"] = static () => Payload(static p => p["iss"] = TokenIssuer.Issuer + "/"),
        ["no issuer"] = static () => Payload(static p => p.Remove("iss")),
        ["other audience"] = static () => Payload(static p => p["aud"] = "api://other"),
        ["audience with a slash more"] = static () => Payload(static p => p["aud"] = TokenIssuer.Audience + "/"),
        ["no audience"] = static () => Payload(static p => p.Remove("aud")),
        ["other tenant"] = static () => Payload(static p => p["tid"] = "00000000-0000-0000-0000-000000000000"),
        ["tenant that the issuer is not"] = static () => Payload(static p => p["tid"] = TokenIssuer.OtherTenant),
        ["no tenant"] = static () => Payload(static p => p.Remove("tid")),
        ["tenant as a list"] = static () => Payload(static p => p["tid"] = new JsonArray(TokenIssuer.Tenant)),
        ["expired"] = static () => Payload(static p => p["exp"] = Now.AddMinutes(-6).ToUnixTimeSeconds()),
        ["no expiry"] = static () => Payload(static p => p.Remove("exp")),
        ["expiry as text"] = static () => Payload(static p => p["exp"] = "tomorrow"),
        ["not valid yet"] = static () => Payload(static p => p["nbf"] = Now.AddMinutes(6).ToUnixTimeSeconds()),
        ["no subject"] = static () => Payload(static p => p.Remove("oid")),
        ["subject too long"] = static () => Payload(static p => p["oid"] = new string('s', 200)),
        ["subject with a line break"] = static () => Payload(static p => p["oid"] = "a\nb"),
        ["no role"] = static () => Payload(static p => p.Remove("roles")),
        ["unknown role"] = static () => Payload(static p => p["roles"] = new JsonArray("Administrator")),
        ["role in lower case"] = static () => Payload(static p => p["roles"] = new JsonArray("trail.read")),
        ["role as number"] = static () => Payload(static p => p["roles"] = 1),
    };

    private static DateTimeOffset Now => DateTimeOffset.UtcNow;

    public static TheoryData<string> Names => [.. Kinds.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_bad_token_is_refused_without_a_reason(string kind) =>
        await shared.AssertRefusedAsync(await shared.SendTokenAsync("Bearer " + Kinds[kind]()));

    [Theory]
    [InlineData("RS256", "rsa-1")]
    [InlineData("PS256", "rsa-1")]
    [InlineData("ES256", "ec-1")]
    public async Task A_good_token_is_its_role_in_its_account(string algorithm, string keyId)
    {
        var token = TokenIssuer.Make(Now, h => (h["alg"], h["kid"]) = (algorithm, keyId));

        Assert.Equal(HttpStatusCode.OK, (await shared.SendTokenAsync("Bearer " + token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await shared.SendTokenAsync("bearer " + token, "/v1/accounts/demo")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await shared.SendTokenAsync("Bearer " + token, "/v1/accounts/demo/access-keys")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await shared.SendTokenAsync("Bearer " + token, "/v1/accounts/other")).Status);
    }

    [Fact]
    public async Task Of_several_roles_the_first_of_the_setting_counts_and_audiences_may_be_several()
    {
        var token = Payload(static p => (p["roles"], p["aud"]) = (new JsonArray("x", "Trail.Read", "Trail.Admin"), new JsonArray("api://x", TokenIssuer.Audience)));

        Assert.Equal(HttpStatusCode.OK, (await shared.SendTokenAsync("Bearer " + token, "/v1/accounts/demo/access-keys")).Status);
    }

    [Fact]
    public async Task The_clock_of_the_issuer_may_differ_by_five_minutes()
    {
        Assert.Equal(HttpStatusCode.OK, (await shared.SendTokenAsync("Bearer " + Payload(static p => p["exp"] = Now.AddMinutes(-4).ToUnixTimeSeconds()))).Status);
        Assert.Equal(HttpStatusCode.OK, (await shared.SendTokenAsync("Bearer " + Payload(static p => p["nbf"] = Now.AddMinutes(4).ToUnixTimeSeconds()))).Status);
    }

    [Fact]
    public async Task The_audit_event_of_a_token_names_role_and_subject_as_of_an_assumed_role()
    {
        var subject = "subject-of-the-audit";
        var answer = await shared.SendTokenAsync("Bearer " + Payload(p => p["oid"] = subject));

        var id = answer.Headers.GetValues("ActionTrail-Request-Id").Single();
        List<System.Text.Json.JsonElement> found;
        var attempts = 0;
        do
        {
            // Records of reads are queued for a moment.
            await Task.Delay(20);
            found = [.. (await shared.App.StoredEventsAsync(1)).Where(e => e.GetProperty("requestId").GetString() == id)];
        }
        while (found.Count == 0 && ++attempts < 200);
        var made = Assert.Single(found).GetProperty("userIdentity");
        Assert.Equal(("assumed-role", "demo", subject, "Auditor:" + subject), (Text(made, "type"), Text(made, "accountId"), Text(made, "principalId"), Text(made, "userName")));
    }

    [Fact]
    public async Task A_refusal_names_the_schemes()
    {
        var answer = await shared.SendTokenAsync("Digest x");

        Assert.Equal(["Basic", "ACS3-HMAC-SHA256", "Bearer"], answer.Headers.WwwAuthenticate.Select(static challenge => challenge.Scheme));
    }

    private static string Good() => TokenIssuer.Make(Now);

    private static string Payload(Action<JsonObject> change) => TokenIssuer.Make(Now, payload: change);

    private static string Text(System.Text.Json.JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
