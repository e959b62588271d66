using System.Security.Cryptography;
using ActionTrail.Access;
using ActionTrail.Access.Tokens;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Ingest;
using Microsoft.Extensions.Primitives;

namespace ActionTrail.Tests.Access;

/// <summary>The access slice over memory, with faults on demand and a clock that is put.</summary>
internal sealed class AccessBench
{
    public const string OperatorKey = "operator-key-for-tests";

    private readonly Func<string, string, string, byte[]> sealSecret;

    public AccessBench(int seed = 1, Func<TimeProvider, (TokenOptions Options, IssuerKeys Keys)>? tokens = null)
    {
        Memory = new MemoryTableStore();
        Memory.CreateTableAsync(Tables.Accounts, default).Wait();
        Memory.CreateTableAsync(Tables.AccessKeys, default).Wait();
        Faults = new StorageFaults();
        var store = new FaultyTableStore(Memory, Faults);
        var random = new SeededRandom(seed);
        Accounts = new AccountStore(store, Time);
        var seal = new SecretSeal(EncryptionKey, random);
        sealSecret = seal.Seal;
        Keys = new AccessKeyStore(store, seal, random, Time);
        var issuer = tokens?.Invoke(Time);
        var options = new AccessOptions { OperatorKey = OperatorKey, EncryptionKey = EncryptionKey, Tokens = issuer?.Options };
        Authenticator = new Authenticator(Keys, Accounts, seal, options, issuer?.Keys, Time);
        Admission = new AccountAdmission(Accounts);
    }

    public static byte[] EncryptionKey { get; } = [.. Enumerable.Range(1, 32).Select(static n => (byte)n)];

    public MemoryTableStore Memory { get; }

    public StorageFaults Faults { get; }

    public SettableTime Time { get; } = new();

    public AccountStore Accounts { get; }

    public AccessKeyStore Keys { get; }

    public Authenticator Authenticator { get; }

    public AccountAdmission Admission { get; }

    public static string Basic(string user, string password) =>
        "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{password}"));

    /// <summary>Looks at the value of an <c>Authorization</c> header.</summary>
    public Task<Authentication> SignInAsync(string? authorization, string address = "203.0.113.1") =>
        Authenticator.AuthenticateAsync(Request(authorization, address), default);

    public static SignInRequest Request(string? authorization, string address = "203.0.113.1") => new()
    {
        Method = "GET",
        Path = "/v1/trails",
        Query = "",
        Headers = authorization is null
            ? new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase)
            : new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = authorization },
        Hosts = ["localhost"],
        ClientAddress = address,
        HashBodyAsync = static _ => Task.FromResult<byte[]?>(SHA256.HashData([])),
    };

    /// <summary>An access key with an id and a secret of our choice.</summary>
    public async Task InsertAsync(string accountId, string accessKeyId, string secret)
    {
        await Accounts.CreateAsync(accountId, accountId, AccountSource.Operator, default);
        var key = new AccessKey(accessKeyId, accountId, Role.Administrator, AccessKeyState.Active, Time.GetUtcNow());
        await Memory.InsertAsync(Tables.AccessKeys, key.ToRow(sealSecret(accountId, accessKeyId, secret)), default);
    }

    public async Task<IssuedAccessKey> IssueAsync(string accountId, Role role = Role.Administrator)
    {
        await Accounts.CreateAsync(accountId, accountId, AccountSource.Operator, default);
        return (await Keys.CreateAsync(accountId, role, default))!;
    }
}

/// <summary>Chance that repeats itself: the same seed gives the same bytes.</summary>
internal sealed class SeededRandom(int seed) : IRandomSource
{
    private readonly Random random = new(seed);
    private readonly Lock gate = new();

    public void Fill(Span<byte> bytes)
    {
        lock (gate)
            random.NextBytes(bytes);
    }
}
