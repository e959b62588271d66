using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Access.Signatures;
using Microsoft.Extensions.Primitives;

namespace ActionTrail.Tests.Access;

public class SignatureTests
{
    private static readonly JsonElement Recorded = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Access/signatures/requests.json"))).RootElement;

    private readonly AccessBench bench = new();

    public static TheoryData<string> Names => [.. Recorded.GetProperty("requests").EnumerateArray().Select(static r => r.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_the_official_clients_sign_is_proven_once_and_only_unchanged(string name)
    {
        var keyId = Recorded.GetProperty("accessKeyId").GetString()!;
        await bench.InsertAsync("demo", keyId, Recorded.GetProperty("accessKeySecret").GetString()!);
        var request = Request(Recorded.GetProperty("requests").EnumerateArray().Single(r => r.GetProperty("name").GetString() == name));

        Assert.Null((await bench.Authenticator.AuthenticateAsync(request with { Method = "PUT" }, default)).Caller);
        var first = await bench.Authenticator.AuthenticateAsync(request, default);
        var second = await bench.Authenticator.AuthenticateAsync(request, default);

        Assert.Equal(new Caller(Role.Administrator, "demo", keyId), first.Caller);
        Assert.Equal(new Authentication(Caller: null, "demo", keyId), second);
    }

    [Fact]
    public async Task A_request_with_any_byte_changed_is_refused()
    {
        var key = await bench.IssueAsync("demo");
        var random = new Random(20261122);
        for (var round = 0; round < 3000; round++)
        {
            var call = SignedCall.Make(bench.Time.GetUtcNow(), "POST", "/v1/trails/my-trail", """{"name":"my-trail"}""", ("alpha", "1"), ("beta", "x%20y")).Sign(key.Key.AccessKeyId, key.Secret);
            var place = Spoil(call, random);

            var result = await bench.Authenticator.AuthenticateAsync(call.ToRequest($"10.0.{round / 256}.{round % 256}"), default);

            Assert.True(result.Caller is null, $"round {round}: {place} was accepted");
        }
    }

    [Fact]
    public async Task The_order_of_the_query_does_not_matter()
    {
        var key = await bench.IssueAsync("demo");
        var random = new Random(7);
        for (var round = 0; round < 50; round++)
        {
            var call = SignedCall.Make(bench.Time.GetUtcNow(), "GET", "/v1/events", json: null, ("a", "1"), ("b", ""), ("A", "2"), ("a.1", "%C3%A4"), ("z", "~")).Sign(key.Key.AccessKeyId, key.Secret);
            call.Query = [.. call.Query.OrderBy(_ => random.Next())];

            Assert.NotNull((await bench.Authenticator.AuthenticateAsync(call.ToRequest(), default)).Caller);
        }
    }

    [Fact]
    public async Task A_request_that_was_altered_on_its_way_does_not_use_up_its_nonce()
    {
        var key = await bench.IssueAsync("demo");
        var call = SignedCall.Make(bench.Time.GetUtcNow(), "POST", "/v1/trails", "{}").Sign(key.Key.AccessKeyId, key.Secret);
        var body = call.Body;

        call.Body = [1];
        Assert.Null((await bench.Authenticator.AuthenticateAsync(call.ToRequest(), default)).Caller);
        call.Body = body;
        Assert.NotNull((await bench.Authenticator.AuthenticateAsync(call.ToRequest(), default)).Caller);
    }

    [Theory]
    [InlineData(-901, false)]
    [InlineData(-900, true)]
    [InlineData(900, true)]
    [InlineData(901, false)]
    public async Task A_clock_may_differ_by_fifteen_minutes(int seconds, bool isAccepted)
    {
        var key = await bench.IssueAsync("demo");
        var call = SignedCall.Make(bench.Time.GetUtcNow().AddSeconds(seconds)).Sign(key.Key.AccessKeyId, key.Secret);

        Assert.Equal(isAccepted, (await bench.Authenticator.AuthenticateAsync(call.ToRequest(), default)).Caller is not null);
    }

    [Fact]
    public async Task The_body_of_a_stranger_is_not_read()
    {
        var key = await bench.IssueAsync("demo");
        var call = SignedCall.Make(bench.Time.GetUtcNow(), "POST", "/v1/trails", "{}").Sign(key.Key.AccessKeyId, "wrong");

        var result = await bench.Authenticator.AuthenticateAsync(call.ToRequest() with { HashBodyAsync = static _ => throw new InvalidOperationException("read") }, default);

        Assert.Null(result.Caller);
    }

    [Fact]
    public async Task Two_ways_to_sign_in_at_once_are_none()
    {
        var key = await bench.IssueAsync("demo");
        var basic = AccessBench.Request(AccessBench.Basic(key.Key.AccessKeyId, key.Secret));
        Assert.NotNull((await bench.Authenticator.AuthenticateAsync(basic with { Parameters = [new("Action", "LookupEvents")] }, default)).Caller);

        Assert.Null((await bench.Authenticator.AuthenticateAsync(basic with { Parameters = [new("AccessKeyId", key.Key.AccessKeyId)] }, default)).Caller);
    }

    [Theory]
    [InlineData("Signature", "")]
    [InlineData("SignatureMethod", "HMAC-SHA256")]
    [InlineData("SignatureMethod", null)]
    [InlineData("SignatureVersion", "1.1")]
    [InlineData("SignatureType", "BEARERTOKEN")]
    [InlineData("SignatureNonce", "")]
    [InlineData("SignatureNonce", null)]
    [InlineData("Timestamp", "2026-11-22T22:40:15")]
    [InlineData("Timestamp", null)]
    [InlineData("AccessKeyId", "ATAAAAAAAAAAAAAAAAAA")]
    [InlineData("AccessKeyId", null)]
    [InlineData("Action", "DeleteTrail")]
    [InlineData("Added", "x")]
    public async Task Rpc_parameters_that_are_not_what_was_signed_are_refused(string name, string? value)
    {
        await bench.InsertAsync("demo", Recorded.GetProperty("accessKeyId").GetString()!, Recorded.GetProperty("accessKeySecret").GetString()!);
        var request = Request(Recorded.GetProperty("requests").EnumerateArray().First(static r => r.GetProperty("name").GetString()!.Contains("v2 rpc get", StringComparison.Ordinal)));
        var changed = request.Parameters!.Where(p => p.Key != name);
        if (value is not null)
            changed = changed.Append(new(name, value));

        Assert.Null((await bench.Authenticator.AuthenticateAsync(request with { Parameters = [.. changed] }, default)).Caller);
        Assert.Null((await bench.Authenticator.AuthenticateAsync(request with { Parameters = [.. request.Parameters!, request.Parameters![0]] }, default)).Caller);
        Assert.NotNull((await bench.Authenticator.AuthenticateAsync(request, default)).Caller);
    }

    [Fact]
    public async Task Temporary_credentials_are_named_as_not_offered()
    {
        var key = await bench.IssueAsync("demo");
        var call = SignedCall.Make(bench.Time.GetUtcNow());
        call.Headers["x-acs-security-token"] = "token";

        Assert.Equal("x-acs-security-token", (await bench.Authenticator.AuthenticateAsync(call.Sign(key.Key.AccessKeyId, key.Secret).ToRequest(), default)).NotOffered);
        var rpc = AccessBench.Request(authorization: null) with { Parameters = [new("AccessKeyId", key.Key.AccessKeyId), new("SecurityToken", "x")] };
        Assert.Equal("SecurityToken", (await bench.Authenticator.AuthenticateAsync(rpc, default)).NotOffered);
    }

    [Fact]
    public void A_full_memory_of_nonces_narrows_the_time_and_forgets_no_replay()
    {
        var memory = new NonceMemory(bench.Time, capacity: 100);
        var start = bench.Time.GetUtcNow();
        for (var i = 0; i < 500; i++)
            Assert.True(memory.TryRemember("busy", $"n{i}", start.AddSeconds(i)));

        Assert.InRange(memory.Count, 50, 100);
        for (var i = 0; i < 500; i++)
            Assert.False(memory.TryRemember("busy", $"n{i}", start.AddSeconds(i)));
        Assert.False(memory.TryRemember("busy", "new", start));
        Assert.True(memory.TryRemember("busy", "new", start.AddSeconds(500)));
        Assert.True(memory.TryRemember("other", "n0", start));
    }

    [Fact]
    public void Nonces_whose_time_is_past_are_forgotten()
    {
        var memory = new NonceMemory(bench.Time);
        memory.TryRemember("key", "a", bench.Time.GetUtcNow());
        bench.Time.Advance(TimeSpan.FromMinutes(16));
        memory.TryRemember("key", "b", bench.Time.GetUtcNow());

        Assert.Equal(1, memory.Count);
    }

    /// <summary>Changes one byte somewhere to another letter or digit.</summary>
    private static string Spoil(SignedCall call, Random random)
    {
        var headers = call.Headers.Keys.Order(StringComparer.Ordinal).ToList();
        var place = random.Next(headers.Count + 4);
        switch (place)
        {
            case 0:
                call.Method = Spoil(call.Method, random);
                return call.Method;
            case 1:
                call.Path = "/" + Spoil(call.Path[1..], random);
                return call.Path;
            case 2:
                var i = random.Next(call.Query.Count);
                call.Query[i] = random.Next(2) == 0 ? (Spoil(call.Query[i].Key, random), call.Query[i].Value) : (call.Query[i].Key, Spoil(call.Query[i].Value, random));
                return call.RawQuery;
            case 3:
                var at = random.Next(call.Body.Length);
                call.Body[at] ^= (byte)random.Next(1, 256);
                return "body";
            default:
                var name = headers[place - 4];
                call.Headers[name] = Spoil(call.Headers[name], random);
                return $"{name}: {call.Headers[name]}";
        }
    }

    private static string Spoil(string text, Random random)
    {
        const string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        var at = random.Next(text.Length);
        char other;
        do
        {
            other = letters[random.Next(letters.Length)];
        }
        while (other == text[at]);
        return string.Concat(text.AsSpan(0, at), [other], text.AsSpan(at + 1));
    }

    private SignInRequest Request(JsonElement recorded)
    {
        var headers = recorded.GetProperty("headers").EnumerateObject().ToDictionary(static h => h.Name, static h => new StringValues(h.Value.GetString()), StringComparer.OrdinalIgnoreCase);
        var target = recorded.GetProperty("target").GetString()!.Split('?', 2);
        var body = recorded.GetProperty("body").GetBytesFromBase64();
        var parameters = new List<KeyValuePair<string, string>>();
        if (!headers.ContainsKey("Authorization"))
        {
            foreach (var part in new[] { target[1], Encoding.UTF8.GetString(body) })
                parameters.AddRange(ParameterText.Read(part));
        }

        var date = headers.TryGetValue("x-acs-date", out var sent) ? sent.ToString() : parameters.First(static p => p.Key == "Timestamp").Value;
        bench.Time.Set(DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture));
        return new SignInRequest
        {
            Method = recorded.GetProperty("method").GetString()!,
            Path = target[0],
            Query = target.Length > 1 ? target[1] : "",
            Headers = headers,
            Hosts = [headers["host"].ToString()],
            ClientAddress = "203.0.113.1",
            Parameters = parameters.Count > 0 ? parameters : null,
            HashBodyAsync = _ => Task.FromResult<byte[]?>(SHA256.HashData(body)),
        };
    }
}
