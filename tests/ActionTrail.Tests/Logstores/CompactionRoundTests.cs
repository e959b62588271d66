using ActionTrail.Compaction;
using ActionTrail.Layout;
using ActionTrail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Logstores;

public sealed class CompactionRoundTests
{
    [Fact]
    public async Task Every_store_has_its_turn_and_one_that_fails_keeps_none_waiting()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        await world.DeliverAsync();
        world.Bench.Clock.Advance(seconds: 3600);
        Assert.True(StoreName.TryParse("ls-damaged", out var damaged));
        await world.Bench.Tables.InsertAsync(Tables.Progress, new TableRow(damaged.ToString(), CompactionKeys.Head).With("Version", "none"), default);
        var options = new CompactionOptions { Settle = TimeSpan.Zero, Delay = TimeSpan.Zero };
        var compactor = new Compactor(world.Bench.Tables, world.Bench.Objects, world.Bench.Clock, options, NullLogger<Compactor>.Instance);
        var round = new CompactionRound(compactor, options, world.Bench.Clock, NullLogger<CompactionRound>.Instance);

        await Assert.ThrowsAsync<StoreException>(() => round.RunAsync([damaged, world.Store], default));

        foreach (var store in new[] { StoreName.History, world.Store })
            Assert.Equal(1, (await new CompactionLog(world.Bench.Tables).ReadHeadAsync(store, default)).Generation);
    }
}
