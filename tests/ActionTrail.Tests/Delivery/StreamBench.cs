using ActionTrail.Delivery;
using ActionTrail.Layout;
using ActionTrail.Trails;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Delivery;

/// <summary>A delivery bench with a stream and a Log Analytics table, both named <c>siem</c>, both in memory.</summary>
internal sealed class StreamBench
{
    private StreamBench(DeliveryBench bench, MemoryTarget stream, MemoryTarget table) => (Bench, Stream, Table) = (bench, stream, table);

    public DeliveryBench Bench { get; }

    public MemoryTarget Stream { get; }

    public MemoryTarget Table { get; }

    public TrailStore Trails => new(Bench.Tables, Bench.Objects, new TrailsOptions { TrailsPerAccount = 50 }, Bench.Clock, NullLogger<TrailStore>.Instance, new OneOfEach(Stream));

    public static async Task<StreamBench> StartAsync(DeliveryOptions? options = null)
    {
        var (stream, table) = (new MemoryTarget(), new MemoryTarget());
        DeliveryBench? bench = null;
        bench = await DeliveryBench.StartAsync(options, (tables, _) =>
        [
            new BatchDestination(DestinationKind.Stream, new Dictionary<string, IBatchTarget>(StringComparer.Ordinal) { ["siem"] = new FaultyTarget(stream, bench!.Faults) }, tables),
            new BatchDestination(DestinationKind.LogAnalytics, new Dictionary<string, IBatchTarget>(StringComparer.Ordinal) { ["siem"] = new FaultyTarget(table, bench!.Faults) }, tables),
        ]);
        return new(bench, stream, table);
    }

    public async Task<Trail> StartTrailAsync(string name = "trail-one", bool toStream = true, bool toTable = false, string account = "acme")
    {
        var created = await Trails.CreateAsync(account, new TrailDraft { Name = name, Stream = toStream ? "siem" : null, LogAnalytics = toTable ? "siem" : null }, default);
        Assert.Equal(TrailOutcomeKind.Created, created.Kind);
        return (await Trails.StartAsync(account, name, default)).Trail!;
    }

    public async Task<List<DeliveryOutcome>> DeliverAsync()
    {
        await Bench.CloseWindowAsync();
        return await DrainAsync();
    }

    public Task<List<DeliveryOutcome>> DrainAsync() => Bench.DrainAsync(Queues.DeliverStream);

    /// <summary>Lets time pass, with what the timer does in it, until nothing is pending.</summary>
    public async Task SettleAsync(int rounds = 8)
    {
        for (var round = 0; round < rounds; round++)
        {
            Bench.Clock.Advance(seconds: 1800);
            await Bench.Scheduler().RunAsync(default);
            await DrainAsync();
        }

        Assert.All(await Bench.RecordsAsync(), static r => Assert.Equal(DeliveryState.Done, r.State));
    }

    /// <summary>What was committed, as it was stored, in the order of the log.</summary>
    public IReadOnlyList<string> Committed(string account = "acme") =>
        [.. Bench.Committed.SelectMany(static c => c.Events).Where(e => e.Account == account).Select(static e => System.Text.Encoding.UTF8.GetString(e.ToBytes()))];
}
