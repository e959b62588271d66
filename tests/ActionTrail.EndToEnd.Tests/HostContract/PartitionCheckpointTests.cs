using ActionTrail.LocalRunner.Triggers.EventHub;

namespace ActionTrail.EndToEnd.Tests.HostContract;

public class PartitionCheckpointTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Boundaries_older_than_a_minute_are_dropped_and_open_ones_never()
    {
        var checkpoint = PartitionCheckpoint.At("n", 0).Begin(0, 4).Complete(0, 4, Noon).Begin(5, 9).Begin(10, 14).Complete(10, 14, Noon.AddSeconds(61));
        Assert.Equal([new DeliveredBatch(5, 9, CompletedOn: null), new DeliveredBatch(10, 14, Noon.AddSeconds(61))], checkpoint.Recent);
        Assert.Equal(15, checkpoint.Next);
    }

    [Fact]
    public void Only_what_was_completed_in_the_last_20_seconds_of_any_partition_is_opened_again()
    {
        var (one, other) = (new MemoryCheckpoint(), new MemoryCheckpoint());
        one.Save(PartitionCheckpoint.At("n", 0).Complete(0, 4, Noon).Complete(5, 9, Noon.AddSeconds(19)));
        other.Save(PartitionCheckpoint.At("n", 0).Complete(0, 2, Noon.AddSeconds(21)));
        Assert.Equal(2, UncleanStop.Reopen([one, other, new MemoryCheckpoint()]));
        Assert.Equal([new DeliveredBatch(5, 9, CompletedOn: null)], one.Load()!.Open);
        Assert.Equal([new DeliveredBatch(0, 2, CompletedOn: null)], other.Load()!.Open);
        Assert.Equal(10, one.Load()!.Next);
    }

    [Fact]
    public void A_second_kill_during_the_repair_finds_the_rest_still_open()
    {
        var store = new MemoryCheckpoint();
        store.Save(PartitionCheckpoint.At("n", 0).Complete(0, 4, Noon).Complete(5, 9, Noon));
        UncleanStop.Reopen([store]);
        store.Save(store.Load()!.Begin(0, 4).Complete(0, 4, Noon.AddMinutes(10)));
        UncleanStop.Reopen([store]);
        Assert.Equal([0, 5], store.Load()!.Open.Select(batch => batch.First));
    }

    [Fact]
    public void The_file_gives_back_what_was_saved()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("checkpoint").FullName, "0.json");
        var file = new CheckpointFile(path);
        Assert.Null(file.Load());
        var saved = PartitionCheckpoint.At("local-1.localhost", 3).Complete(3, 8, Noon.AddTicks(1)).Begin(9, 11);
        file.Save(saved);
        var loaded = new CheckpointFile(path).Load()!;
        Assert.Equal((saved.Namespace, saved.Next), (loaded.Namespace, loaded.Next));
        Assert.Equal(saved.Recent, loaded.Recent);
    }
}
