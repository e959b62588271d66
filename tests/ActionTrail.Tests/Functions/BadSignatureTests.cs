using System.Globalization;
using System.Net;
using ActionTrail.Tests.Access;

namespace ActionTrail.Tests.Functions;

/// <summary>Every kind of bad signature, through the running app: one answer that does not say why.</summary>
public class BadSignatureTests(SignInApp shared) : IClassFixture<SignInApp>
{
    private static readonly Dictionary<string, Func<string, string, SignedCall>> Kinds = new(StringComparer.Ordinal)
    {
        ["wrong secret"] = static (id, secret) => Post().Sign(id, secret[..^1] + "!"),
        ["empty secret"] = static (id, _) => Post().Sign(id, ""),
        ["the key's id as secret"] = static (id, _) => Post().Sign(id, id),
        ["unknown key"] = static (_, secret) => Post().Sign("ATAAAAAAAAAAAAAAAAAA", secret),
        ["key id in lower case"] = static (id, secret) => Post().Sign(id.ToLowerInvariant(), secret),
        ["key id of another form"] = static (_, secret) => Post().Sign("LTAI5tAAAAAAAAAAAAAAAAAA", secret),
        ["operator as key"] = static (_, _) => Post().Sign("operator", TestApp.OperatorKey),
        ["other method"] = static (id, secret) => After(id, secret, static call => call.Method = "GET"),
        ["other path"] = static (id, secret) => After(id, secret, static call => call.Path = "/v1/events"),
        ["added query"] = static (id, secret) => After(id, secret, static call => call.Query.Add(("more", "1"))),
        ["removed query"] = static (id, secret) => After(id, secret, static call => call.Query.Clear()),
        ["changed query"] = static (id, secret) => After(id, secret, static call => call.Query[0] = ("a", "2")),
        ["repeated query key"] = static (id, secret) => Post(static call => call.Query.Add(("a", "1"))).Sign(id, secret),
        ["other body"] = static (id, secret) => After(id, secret, static call => call.Body = "{\"name\":\"x\"}"u8.ToArray()),
        ["no body"] = static (id, secret) => After(id, secret, static call => call.Body = []),
        ["other hash of the body"] = static (id, secret) => After(id, secret, static call => call.Headers["x-acs-content-sha256"] = new string('0', 64)),
        ["signed hash of another body"] = static (id, secret) => Post(static call => call.Headers["x-acs-content-sha256"] = new string('0', 64)).Sign(id, secret),
        ["no hash of the body"] = static (id, secret) => Post(static call => call.Headers.Remove("x-acs-content-sha256")).Sign(id, secret),
        ["unsigned payload"] = static (id, secret) => Post(static call => call.Headers["x-acs-content-sha256"] = "UNSIGNED-PAYLOAD").Sign(id, secret),
        ["hash in upper case"] = static (id, secret) => Post(static call => call.Headers["x-acs-content-sha256"] = call.Headers["x-acs-content-sha256"].ToUpperInvariant()).Sign(id, secret),
        ["an hour old"] = static (id, secret) => Post(at: DateTimeOffset.UtcNow.AddHours(-1)).Sign(id, secret),
        ["an hour ahead"] = static (id, secret) => Post(at: DateTimeOffset.UtcNow.AddHours(1)).Sign(id, secret),
        ["date of another form"] = static (id, secret) => Post(static call => call.Headers["x-acs-date"] = DateTime.UtcNow.ToString("R", CultureInfo.InvariantCulture)).Sign(id, secret),
        ["no date"] = static (id, secret) => Post(static call => call.Headers.Remove("x-acs-date")).Sign(id, secret),
        ["other date"] = static (id, secret) => After(id, secret, static call => call.Headers["x-acs-date"] = DateTimeOffset.UtcNow.AddSeconds(-5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        ["no nonce"] = static (id, secret) => Post(static call => call.Headers.Remove("x-acs-signature-nonce")).Sign(id, secret),
        ["nonce too long"] = static (id, secret) => Post(static call => call.Headers["x-acs-signature-nonce"] = new string('n', 200)).Sign(id, secret),
        ["other nonce"] = static (id, secret) => After(id, secret, static call => call.Headers["x-acs-signature-nonce"] = "another"),
        ["host not signed"] = static (id, secret) => Post().Sign(id, secret, "host"),
        ["other host"] = static (id, secret) => After(id, secret, static call => call.Headers["host"] = "evil.example"),
        ["date not signed"] = static (id, secret) => Post().Sign(id, secret, "x-acs-date"),
        ["nonce not signed"] = static (id, secret) => Post().Sign(id, secret, "x-acs-signature-nonce"),
        ["content type not signed"] = static (id, secret) => Post().Sign(id, secret, "content-type"),
        ["other content type"] = static (id, secret) => After(id, secret, static call => call.Headers["content-type"] = "application/json"),
        ["header of the protocol not signed"] = static (id, secret) => After(id, secret, static call => call.Headers["x-acs-extra"] = "1"),
        ["signed header that is not there"] = static (id, secret) => After(id, secret, static call => call.Headers.Remove("x-acs-action")),
        ["signature in upper case"] = static (id, secret) => After(id, secret, static call => call.Headers["Authorization"] = call.Headers["Authorization"][..^64] + call.Headers["Authorization"][^64..].ToUpperInvariant() + "A"),
        ["signature cut short"] = static (id, secret) => After(id, secret, static call => call.Headers["Authorization"] = call.Headers["Authorization"][..^2]),
        ["no signature"] = static (id, secret) => After(id, secret, static call => call.Headers["Authorization"] = call.Headers["Authorization"][..^64]),
        ["two signatures"] = static (id, secret) => After(id, secret, static call => call.Headers["Authorization"] += ",Signature=" + new string('0', 64)),
        ["no signed headers"] = static (id, secret) => Post().Sign(id, secret).Change("SignedHeaders=", "Signed="),
        ["signed headers out of order"] = static (id, secret) => Post().Sign(id, secret).Change("content-type;host", "host;content-type"),
        ["signed header twice"] = static (id, secret) => Post().Sign(id, secret).Change("host;", "host;host;"),
        ["another algorithm of the family"] = static (id, secret) => Post().Sign(id, secret).Change("ACS3-HMAC-SHA256", "ACS3-HMAC-SM3"),
        ["another algorithm"] = static (id, secret) => Post().Sign(id, secret).Change("ACS3-HMAC-SHA256", "AWS4-HMAC-SHA256"),
        ["scheme in lower case"] = static (id, secret) => Post().Sign(id, secret).Change("ACS3-HMAC-SHA256", "acs3-hmac-sha256"),
        ["scheme alone"] = static (id, secret) => After(id, secret, static call => call.Headers["Authorization"] = "ACS3-HMAC-SHA256"),
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_bad_signature_is_refused_without_a_reason(string kind)
    {
        var key = await shared.App.IssueAsync("sign-" + Guid.NewGuid().ToString("N")[..8]);

        await shared.AssertRefusedAsync(await shared.SendAsync(Kinds[kind](key.KeyId, key.Secret)));
        var good = await shared.SendAsync(Post(static call => call.Query.Clear()).Sign(key.KeyId, key.Secret));

        Assert.Equal((HttpStatusCode.BadRequest, "InvalidParameter"), (good.Status, good.Code));
    }

    [Theory]
    [InlineData("Inactive")]
    [InlineData("Deleted")]
    [InlineData("Disabled")]
    [InlineData("Replayed")]
    public async Task A_good_signature_of_what_works_no_more_is_refused_likewise(string state)
    {
        var account = "gone-" + state.ToLowerInvariant();
        var key = await shared.App.IssueAsync(account);
        var call = Post(static call => call.Query.Clear()).Sign(key.KeyId, key.Secret);
        var change = state switch
        {
            "Inactive" => await shared.App.SendAsync("PATCH", $"/v1/accounts/{account}/access-keys/{key.KeyId}", """{"state":"Inactive"}"""),
            "Deleted" => await shared.App.SendAsync("DELETE", $"/v1/accounts/{account}/access-keys/{key.KeyId}"),
            "Disabled" => await shared.App.SendAsync("PATCH", $"/v1/accounts/{account}", """{"state":"Disabled"}"""),
            _ => await shared.SendAsync(call),
        };
        Assert.NotEqual(HttpStatusCode.Unauthorized, change.Status);

        await shared.AssertRefusedAsync(await shared.SendAsync(call));
    }

    [Fact]
    public async Task A_security_token_is_named_as_not_offered()
    {
        var key = await shared.App.IssueAsync("sts");

        var answer = await shared.SendAsync(Post(static call => call.Headers["x-acs-security-token"] = "t").Sign(key.KeyId, key.Secret));

        Assert.Equal((HttpStatusCode.BadRequest, "InvalidParameter", "x-acs-security-token"), (answer.Status, answer.Code, answer.Pointers.Single()));
    }

    [Fact]
    public async Task A_body_over_the_limit_is_too_large_when_the_rest_is_proven_and_unread_when_not()
    {
        var key = await shared.App.IssueAsync("large");
        var body = "{\"name\":\"" + new string('x', 300_000) + "\"}";

        var proven = await shared.SendAsync(SignedCall.Make(DateTimeOffset.UtcNow, "POST", "/v1/trails", body).Sign(key.KeyId, key.Secret));

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "BodyTooLarge"), (proven.Status, proven.Code));
        await shared.AssertRefusedAsync(await shared.SendAsync(SignedCall.Make(DateTimeOffset.UtcNow, "POST", "/v1/trails", body).Sign(key.KeyId, "wrong")));
    }

    private static SignedCall Post(Action<SignedCall>? change = null, DateTimeOffset? at = null)
    {
        var call = SignedCall.Make(at ?? DateTimeOffset.UtcNow, "POST", "/v1/trails", "{}", ("a", "1"));
        change?.Invoke(call);
        return call;
    }

    private static SignedCall After(string id, string secret, Action<SignedCall> change)
    {
        var call = Post().Sign(id, secret);
        change(call);
        return call;
    }
}
