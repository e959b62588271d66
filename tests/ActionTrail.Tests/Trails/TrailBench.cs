using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Trails;

/// <summary>A clock that stands still until a test moves it.</summary>
internal sealed class TrailClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;

    public void Advance(double seconds) => Now += TimeSpan.FromSeconds(seconds);
}

/// <summary>A trail store over memory twins with a container <c>audit-logs</c> and a second one, <c>other-logs</c>.</summary>
internal sealed class TrailBench
{
    public const string Account = "acme";

    public TrailClock Clock { get; } = new();

    public MemoryTableStore Tables { get; } = new();

    public MemoryObjectStore Objects { get; }

    public TrailStore Trails { get; }

    public TrailBench()
    {
        Objects = new(Clock);
        Trails = Open(Tables);
    }

    public static async Task<TrailBench> StartAsync()
    {
        var bench = new TrailBench();
        foreach (var table in Layout.Tables.All)
            await bench.Tables.CreateTableAsync(table, default);
        foreach (var container in (string[])["audit-logs", "other-logs", Containers.Events])
            await bench.Objects.CreateContainerAsync(container, default);
        return bench;
    }

    public TrailStore Open(ITableStore tables, TrailsOptions? options = null) =>
        new(tables, Objects, options ?? new TrailsOptions(), Clock, NullLogger<TrailStore>.Instance);

    public static TrailDraft Draft(string name = "trail-one") => new() { Name = name, Container = "audit-logs" };

    public async Task<Trail> CreateAsync(TrailDraft? draft = null)
    {
        var outcome = await Trails.CreateAsync(Account, draft ?? Draft(), default);
        Assert.Equal(TrailOutcomeKind.Created, outcome.Kind);
        return outcome.Trail!;
    }

    public async Task<List<string>> DumpAsync()
    {
        var rows = new List<string>();
        await foreach (var row in Tables.ScanAsync(Layout.Tables.Trails, default))
            rows.Add($"{row.PartitionKey}/{row.RowKey} {row.ETag}");
        return rows;
    }
}
