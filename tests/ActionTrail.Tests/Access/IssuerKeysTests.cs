using System.Net;
using System.Security.Cryptography;
using ActionTrail.Access.Tokens;
using ActionTrail.Tests.Ingest;

namespace ActionTrail.Tests.Access;

public sealed class IssuerKeysTests : IDisposable
{
    private readonly SettableTime time = new();
    private readonly TokenIssuer issuer = new();

    public void Dispose() => issuer.Dispose();

    [Fact]
    public async Task Keys_are_asked_for_once_and_an_unknown_id_no_more_often_than_allowed()
    {
        using var keys = issuer.Keys(time);

        Assert.NotNull(await keys.FindAsync("rsa-1", default));
        Assert.NotNull(await keys.FindAsync("ec-1", default));
        Assert.Null(await keys.FindAsync("oct-1", default));
        for (var i = 0; i < 100; i++)
            Assert.Null(await keys.FindAsync($"unknown{i}", default));
        Assert.Single(issuer.Asked);

        time.Advance(TimeSpan.FromMinutes(5));
        for (var i = 0; i < 100; i++)
            Assert.Null(await keys.FindAsync($"unknown{i}", default));
        Assert.Equal(2, issuer.Asked.Count);
    }

    [Fact]
    public async Task A_new_key_is_found_and_a_withdrawn_one_forgotten()
    {
        using var keys = issuer.Keys(time);
        using var next = RSA.Create(2048);
        await keys.FindAsync("rsa-1", default);
        issuer.Answers = _ => (HttpStatusCode.OK, $$"""{"keys":[{{TokenIssuer.RsaJwk(next, "rsa-2")}}]}""");
        time.Advance(TimeSpan.FromMinutes(5));

        Assert.NotNull(await keys.FindAsync("rsa-2", default));
        Assert.Null(await keys.FindAsync("rsa-1", default));
    }

    [Fact]
    public async Task Old_keys_stay_good_while_the_issuer_does_not_answer_as_it_should()
    {
        using var keys = issuer.Keys(time);
        await keys.FindAsync("rsa-1", default);
        using var weak = RSA.Create(1024);
        var many = string.Join(',', Enumerable.Range(0, 101).Select(static i => $$"""{"kty":"RSA","kid":"k{{i}}","n":"AQAB","e":"AQAB"}"""));
        foreach (var (status, body) in new[]
        {
            (HttpStatusCode.InternalServerError, TokenIssuer.Jwks), (HttpStatusCode.Found, TokenIssuer.Jwks), (HttpStatusCode.OK, ""), (HttpStatusCode.OK, "[]"), (HttpStatusCode.OK, "{"),
            (HttpStatusCode.OK, "{}"), (HttpStatusCode.OK, new string(' ', 300_000) + TokenIssuer.Jwks), (HttpStatusCode.OK, $$"""{"keys":[{{many}}]}"""),
            (HttpStatusCode.OK, $$"""{"keys":[{{TokenIssuer.RsaJwk(weak, "weak")}}]}"""),
        })
        {
            issuer.Answers = _ => (status, body);
            time.Advance(TimeSpan.FromHours(13));
            Assert.NotNull(await keys.FindAsync("rsa-1", default));
        }

        issuer.Answers = static _ => throw new HttpRequestException("no route");
        time.Advance(TimeSpan.FromDays(30));
        Assert.NotNull(await keys.FindAsync("rsa-1", default));
        Assert.Equal(11, issuer.Asked.Count);
    }

    [Fact]
    public async Task While_no_key_is_known_the_issuer_is_asked_every_ten_seconds_and_who_hangs_up_spoils_nothing()
    {
        using var keys = issuer.Keys(time);
        using var hungUp = new CancellationTokenSource();
        issuer.Answers = _ =>
        {
            hungUp.Cancel();
            return (HttpStatusCode.OK, TokenIssuer.Jwks);
        };
        Assert.NotNull(await keys.FindAsync("rsa-1", hungUp.Token));

        using var cold = issuer.Keys(time);
        issuer.Answers = static _ => (HttpStatusCode.BadGateway, "");
        Assert.Null(await cold.FindAsync("rsa-1", default));
        issuer.Answers = static _ => (HttpStatusCode.OK, TokenIssuer.Jwks);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Null(await cold.FindAsync("rsa-1", default));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await cold.FindAsync("rsa-1", default));
    }

    [Fact]
    public async Task The_metadata_name_the_keys_only_where_they_may_be()
    {
        using var keys = issuer.Keys(time, TokenIssuer.Options with { IsMetadata = true, KeysAddress = new Uri("https://login.example/meta") });
        issuer.Answers = static path => (HttpStatusCode.OK, path == "/meta" ? """{"jwks_uri":"http://169.254.169.254/keys"}""" : TokenIssuer.Jwks);
        Assert.Null(await keys.FindAsync("rsa-1", default));

        issuer.Answers = static path => (HttpStatusCode.OK, path == "/meta" ? """{"jwks_uri":"https://login.example/keys"}""" : TokenIssuer.Jwks);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull(await keys.FindAsync("rsa-1", default));
        Assert.Equal(["https://login.example/meta", "https://login.example/meta", "https://login.example/keys"], issuer.Asked);
    }

    [Theory]
    [InlineData("https://login.example/keys", true)]
    [InlineData("http://127.0.0.1:1/keys", true)]
    [InlineData("http://localhost/keys", true)]
    [InlineData("http://login.example/keys", false)]
    [InlineData("https://user@login.example/keys", false)]
    [InlineData("file:///etc/passwd", false)]
    public void Keys_come_over_https_or_from_this_machine(string address, bool isAllowed) => Assert.Equal(isAllowed, IssuerKeys.IsAllowed(new Uri(address)));
}
