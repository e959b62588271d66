using ActionTrail.Access;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Tests.Ingest;

namespace ActionTrail.Tests.Access;

/// <summary>The access slice over memory, with faults on demand and a clock that is put.</summary>
internal sealed class AccessBench
{
    public const string OperatorKey = "operator-key-for-tests";

    public AccessBench(int seed = 1)
    {
        Memory = new MemoryTableStore();
        Memory.CreateTableAsync(Tables.Accounts, default).Wait();
        Memory.CreateTableAsync(Tables.AccessKeys, default).Wait();
        Faults = new StorageFaults();
        var store = new FaultyTableStore(Memory, Faults);
        var random = new SeededRandom(seed);
        Accounts = new AccountStore(store, Time);
        Keys = new AccessKeyStore(store, new SecretSeal(EncryptionKey, random), random, Time);
        Authenticator = new Authenticator(Keys, Accounts, new AccessOptions { OperatorKey = OperatorKey, EncryptionKey = EncryptionKey }, Time);
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
