using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ActionTrail.Access;
using ActionTrail.Access.Tokens;
using ActionTrail.Benchmarks.Segments;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Primitives;

namespace ActionTrail.Benchmarks.Access;

/// <summary>What each way to sign in costs a request whose key is known, on one thread. Target: 100 us.</summary>
internal static class AuthLoad
{
    private const int Batch = 100;
    private const int WarmUp = 10;
    private const string Issuer = "https://login.example/v2.0";

    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 50;
        using var rsa = RSA.Create(2048);
        var key = rsa.ExportParameters(includePrivateParameters: false);
        var jwks = $$"""{"keys":[{"kty":"RSA","kid":"1","n":"{{Encode(key.Modulus!)}}","e":"{{Encode(key.Exponent!)}}"}]}""";
        var tokens = new TokenOptions
        {
            Issuers = [Issuer],
            Audiences = ["api://actiontrail"],
            Tenants = ["tenant"],
            KeysAddress = new Uri("https://login.example/keys"),
            IsMetadata = false,
            Roles = [new("read", Role.Auditor)],
            Accounts = new Dictionary<string, string>(StringComparer.Ordinal) { ["tenant"] = "demo" },
        };
        var tables = new MemoryTableStore();
        await tables.CreateTableAsync(Tables.Accounts, default);
        await tables.CreateTableAsync(Tables.AccessKeys, default);
        var random = new SystemRandomSource();
        var options = new AccessOptions { OperatorKey = "operator-key-of-the-benchmark", EncryptionKey = new byte[32], Tokens = tokens };
        using var seal = new SecretSeal(options.EncryptionKey, random);
        var accounts = new AccountStore(tables, TimeProvider.System);
        var keys = new AccessKeyStore(tables, seal, random, TimeProvider.System);
        using var http = new HttpMessageInvoker(new FixedAnswer(jwks));
        using var issuerKeys = new IssuerKeys(tokens, http, TimeProvider.System, NullLogger<IssuerKeys>.Instance);
        var authenticator = new Authenticator(keys, accounts, seal, options, issuerKeys, TimeProvider.System);
        await accounts.CreateAsync("demo", "demo", AccountSource.Operator, default);
        var issued = (await keys.CreateAsync("demo", Role.Administrator, default))!;

        var basic = Request("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{issued.Key.AccessKeyId}:{issued.Secret}")));
        var bearer = Request("Bearer " + Token(rsa));
        Console.WriteLine("| way | requests/s per core | us/request | allocated B/request | |");
        Console.WriteLine("| --- | ---: | ---: | ---: | --- |");
        Measure(authenticator, "Basic", rounds, _ => basic);
        Measure(authenticator, "ACS3-HMAC-SHA256", rounds, number => Acs3(issued, number));
        Measure(authenticator, "RPC HMAC-SHA1", rounds, number => Rpc(issued, number));
        Measure(authenticator, "Bearer, RS256", rounds, _ => bearer);
        return 0;
    }

    private static void Measure(Authenticator authenticator, string name, int rounds, Func<int, SignInRequest> make)
    {
        // Each signed request counts once, so they are all made beforehand.
        var requests = Enumerable.Range(0, (rounds + WarmUp) * Batch).Select(make).ToArray();
        var next = 0;
        var measure = ThreadClock.Best(
            rounds,
            () =>
            {
                for (var i = 0; i < Batch; i++)
                {
                    var signIn = authenticator.AuthenticateAsync(requests[next++], default);
                    if (!signIn.IsCompleted || signIn.GetAwaiter().GetResult().Caller is null)
                        throw new InvalidOperationException($"{name}: refused, or it waited.");
                }
            },
            WarmUp);
        Console.WriteLine(ThreadClock.Row(name, measure, Batch));
    }

    private static SignInRequest Request(string? authorization, params (string Name, string Value)[] headers)
    {
        var all = headers.ToDictionary(static h => h.Name, static h => new StringValues(h.Value), StringComparer.OrdinalIgnoreCase);
        if (authorization is not null)
            all["Authorization"] = authorization;
        all["User-Agent"] = "bench";
        all["Accept"] = "application/json";
        return new SignInRequest
        {
            Method = "GET",
            Path = "/v1/events",
            Query = "eventName=RunInstances&pageSize=50",
            Headers = all,
            Hosts = ["localhost"],
            ClientAddress = "192.0.2.1",
            HashBodyAsync = static _ => Task.FromResult<byte[]?>(SHA256.HashData([])),
        };
    }

    private static SignInRequest Acs3(IssuedAccessKey key, int number)
    {
        (string Name, string Value)[] headers =
        [
            ("host", "localhost"), ("x-acs-action", "LookupEvents"), ("x-acs-content-sha256", Convert.ToHexStringLower(SHA256.HashData([]))),
            ("x-acs-date", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
            ("x-acs-signature-nonce", number.ToString(CultureInfo.InvariantCulture)), ("x-acs-version", "2020-07-06"),
        ];
        var names = string.Join(';', headers.Select(static h => h.Name));
        var canonical = $"GET\n/v1/events\neventName=RunInstances&pageSize=50\n{string.Concat(headers.Select(static h => $"{h.Name}:{h.Value}\n"))}\n{names}\n{headers[2].Value}";
        var text = "ACS3-HMAC-SHA256\n" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.Secret), Encoding.UTF8.GetBytes(text)));
        return Request($"ACS3-HMAC-SHA256 Credential={key.Key.AccessKeyId},SignedHeaders={names},Signature={signature}", headers);
    }

    private static SignInRequest Rpc(IssuedAccessKey key, int number)
    {
        SortedDictionary<string, string> parameters = new(StringComparer.Ordinal)
        {
            ["Action"] = "LookupEvents",
            ["Version"] = "2020-07-06",
            ["Format"] = "JSON",
            ["LookupAttribute.1.Key"] = "EventName",
            ["LookupAttribute.1.Value"] = "RunInstances",
            ["AccessKeyId"] = key.Key.AccessKeyId,
            ["SignatureMethod"] = "HMAC-SHA1",
            ["SignatureVersion"] = "1.0",
            ["SignatureNonce"] = number.ToString(CultureInfo.InvariantCulture),
            ["Timestamp"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        var text = "GET&%2F&" + Uri.EscapeDataString(string.Join('&', parameters.Select(static p => $"{p.Key}={Uri.EscapeDataString(p.Value)}")));
#pragma warning disable CA5350 // The protocol names HMAC-SHA1.
        parameters["Signature"] = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(key.Secret + "&"), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
        return Request(authorization: null) with { Parameters = [.. parameters] };
    }

    private static string Token(RSA rsa)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var text = Encode("""{"alg":"RS256","typ":"JWT","kid":"1"}"""u8.ToArray()) + "." + Encode(Encoding.UTF8.GetBytes(
            $$"""{"iss":"{{Issuer}}","aud":"api://actiontrail","tid":"tenant","oid":"subject","nbf":{{now}},"exp":{{now + 3600}},"roles":["read"]}"""));
        return text + "." + Encode(rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private sealed class FixedAnswer(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body) });
    }
}
