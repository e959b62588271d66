using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ActionTrail.Compaction;
using ActionTrail.Events;
using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;
using ActionTrail.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Ingest;

/// <summary>A store in memory behind a fault switch, instances that write to it, a hub to read from, and the verifier as oracle.</summary>
internal sealed class IngestWorld
{
    public const string Namespace = "test.servicebus.windows.net";

    private IngestWorld()
    {
        Objects = new MemoryObjectStore(Time);
        FaultyTables = new FaultyTableStore(Tables, Faults);
        FaultyObjects = new FaultyObjectStore(Objects, Faults);
    }

    public static async Task<IngestWorld> CreateAsync()
    {
        var world = new IngestWorld();
        foreach (var table in Layout.Tables.All)
            await world.Tables.CreateTableAsync(table, default);
        foreach (var container in Containers.All)
            await world.Objects.CreateContainerAsync(container, default);
        return world;
    }

    public SettableTime Time { get; } = new();

    public MemoryTableStore Tables { get; } = new();

    public MemoryObjectStore Objects { get; }

    public StorageFaults Faults { get; } = new();

    public FaultyTableStore FaultyTables { get; }

    public FaultyObjectStore FaultyObjects { get; }

    public KnownAccounts Accounts { get; } = new();

    public IngestOptions Options { get; } = new();

    public PartitionName Partition { get; } = PartitionName.Hub(Namespace, "audit", "0");

    /// <summary>A new process: nothing is remembered from an earlier one.</summary>
    public HubIngest NewHubIngest() =>
        new(new CommitLog(FaultyTables, Time), FaultyObjects, Accounts, Options, NullLogger<HubIngest>.Instance);

    /// <summary>As <see cref="NewHubIngest"/>, past the fault switch: a rival.</summary>
    public HubIngest NewRival() =>
        new(new CommitLog(Tables, Time), Objects, Accounts, Options, NullLogger<HubIngest>.Instance);

    public ApiIngest NewApiIngest() =>
        new(new CommitLog(FaultyTables, Time), FaultyObjects, Accounts, Options, Time, NullLogger<ApiIngest>.Instance);

    public static Compactor NewCompactor(ITableStore tables, IObjectStore objects, TimeProvider time) =>
        new(tables, objects, time, new CompactionOptions { Settle = TimeSpan.Zero, Delay = TimeSpan.Zero }, NullLogger<Compactor>.Instance);

    public string EventJson(string id, string account = "1001", DateTimeOffset? at = null) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"eventId":"{{id}}","eventTime":"{{at ?? Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}}","eventName":"CreateThing","serviceName":"Things","eventVersion":"1","eventSource":"things.example","eventType":"ApiCall","eventRW":"Write","requestId":"r-{{id}}","userIdentity":{"type":"root-account","accountId":"{{account}}","principalId":"{{account}}","userName":"u"},"recipientAccountId":"{{account}}"}""");

    public HubMessage Message(long sequence, string text) => Message(sequence, Encoding.UTF8.GetBytes(text));

    public HubMessage Message(long sequence, byte[] body) => new(sequence, Time.GetUtcNow().ToUnixTimeMilliseconds() + sequence, body, ContentType: null);

    /// <summary>Messages <paramref name="first"/>..<paramref name="last"/>, one event each with id <c>e{sequence}</c>.</summary>
    public HubMessage[] Messages(long first, long last) => [.. Sequence(first, last).Select(n => Message(n, EventJson($"e{n}")))];

    public HubBatch Batch(params HubMessage[] messages) => new()
    {
        FullyQualifiedNamespace = Namespace,
        EventHubName = "audit",
        PartitionId = "0",
        Messages = messages,
    };

    public async Task<VerifyReport> VerifyAsync(Action<VerifiedEvent>? visit = null) =>
        await new StoreVerifier(Tables, Objects, Time).VerifyAsync(StoreName.History, new VerifyOptions { Visit = visit }, default);

    /// <summary>Ids of all stored events, after the verifier found nothing wrong.</summary>
    public async Task<List<string>> StoredIdsAsync()
    {
        var ids = new List<string>();
        var report = await VerifyAsync(e => ids.Add(EventMatcher.EventId(e.Body.Span)!));
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        return ids;
    }

    /// <summary>The events with ids <c>e{first}</c>..<c>e{last}</c> are stored, each once, and nothing else is.</summary>
    public async Task AssertStoredOnceAsync(long first, long last) =>
        Assert.Equal(Sequence(first, last).Select(n => $"e{n}").Order(StringComparer.Ordinal), (await StoredIdsAsync()).Order(StringComparer.Ordinal));

    public async Task<List<Commit>> CommitsAsync(PartitionName? partition = null)
    {
        var commits = new List<Commit>();
        await foreach (var commit in new CommitLog(Tables, Time).ReadCommitsAsync(StoreName.History, partition ?? Partition, -1, default))
            commits.Add(commit);
        return commits;
    }

    public static IEnumerable<long> Sequence(long first, long last) => Enumerable.Range(0, (int)(last - first + 1)).Select(i => first + i);
}

/// <summary>Accounts in memory: well-formed ids come into being when that is allowed.</summary>
internal sealed class KnownAccounts : IAccountAdmission
{
    private readonly ConcurrentDictionary<string, bool> known = new(StringComparer.Ordinal);

    public void Add(string account) => known[account] = true;

    public Task<IReadOnlySet<string>> AdmitAsync(IReadOnlyCollection<string> accountIds, bool createOnSight, CancellationToken cancellationToken)
    {
        foreach (var account in accountIds.Where(_ => createOnSight))
            Add(account);
        return Task.FromResult<IReadOnlySet<string>>(accountIds.Where(known.ContainsKey).ToHashSet(StringComparer.Ordinal));
    }
}
