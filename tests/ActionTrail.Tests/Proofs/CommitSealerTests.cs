using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Proofs;
using ActionTrail.Retention;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Proofs;

public sealed class CommitSealerTests
{
    [Fact]
    public async Task Every_event_is_proved_against_old_and_new_checkpoints_through_compaction_and_purge()
    {
        var world = await ProofWorld.CreateAsync();
        var kept = new List<Checkpoint>();
        for (var i = 0; i < 12; i++)
        {
            await world.Compaction.CommitAsync(7);
            if (i % 3 == 2)
                kept.Add(await world.SealAsync());
        }

        var newest = kept[^1];
        Assert.Equal(12, newest.Size);
        await world.AssertProvedAsync(newest, 84);

        // Merged, spread over shards, and the fresh segments gone.
        await world.Compaction.SettleAsync();
        Assert.DoesNotContain(await world.Compaction.ObjectNamesAsync(), static name => name.Contains("/fresh/", StringComparison.Ordinal));
        await world.AssertProvedAsync(newest, 84);

        // More behind it, and the old ones purged.
        world.Ingest.Time.Advance(TimeSpan.FromDays(85));
        await world.Compaction.CommitAsync(9);
        var later = await world.SealAsync();
        await world.AssertProvedAsync(later, 93);
        for (var day = 0; day < 6; day++)
        {
            world.Ingest.Time.Advance(TimeSpan.FromDays(2));
            await world.NewPurge().RunAsync(dryRun: false, default);
            await world.Compaction.CompactAsync();
            await world.NewPruner().RunAsync(StoreName.History, default);
        }

        await world.AssertProvedAsync(later, 9);
        Assert.Single(await world.ObjectNamesAsync());
        foreach (var checkpoint in kept)
            Assert.True(await world.ContinuesAsync(checkpoint, later));
    }

    [Fact]
    public async Task What_is_not_sealed_yet_and_what_a_checkpoint_does_not_cover_are_told_apart()
    {
        var world = await ProofWorld.CreateAsync();
        Assert.Null(await world.Finder.FindLatestAsync(StoreName.History, default));
        await world.Compaction.CommitAsync(2);
        var (partition, body) = (world.Ingest.Partition, (await world.EventsAsync())["e0"].Body);
        Assert.Equal(ProofOutcome.NotSealed, (await FindAsync(0, body, size: null)).Outcome);
        var first = await world.SealAsync();
        await world.Compaction.CommitAsync(2);
        var newer = (await world.EventsAsync())["e2"].Body;
        Assert.Equal(ProofOutcome.NotSealed, (await FindAsync(2, newer, size: null)).Outcome);
        await world.SealAsync();

        Assert.Equal(ProofOutcome.NotInCheckpoint, (await FindAsync(2, newer, first.Size)).Outcome);
        Assert.Equal(ProofOutcome.NotInCheckpoint, (await FindAsync(2, newer, 3)).Outcome);
        Assert.Equal(2, (await FindAsync(2, newer, size: null)).Proof!.LogSize);
        var error = await Assert.ThrowsAsync<StoreException>(() => FindAsync(2, [.. newer, 1], size: null));
        Assert.Equal(StoreErrorKind.Corrupt, error.Kind);

        Task<ProofResult> FindAsync(long sequence, byte[] bytes, long? size) => world.Finder.FindAsync(StoreName.History, partition, sequence, bytes, size, default);
    }

    [Fact]
    public async Task A_commit_that_was_compacted_and_freed_before_there_was_a_log_is_sealed_without_its_events()
    {
        var world = await ProofWorld.CreateAsync();
        await world.Compaction.CommitAsync(4);
        await world.Compaction.SettleAsync();
        var old = (await world.EventsAsync())["e1"];
        await world.Compaction.CommitAsync(3);
        var checkpoint = await world.SealAsync();

        Assert.Equal(2, checkpoint.Size);
        Assert.Equal(ProofOutcome.SealedWithoutEvents, (await world.Finder.FindAsync(StoreName.History, old.Partition, old.Sequence, old.Body, size: null, default)).Outcome);
        var young = (await world.EventsAsync())["e5"];
        Assert.Equal(ProofOutcome.Found, (await world.Finder.FindAsync(StoreName.History, young.Partition, young.Sequence, young.Body, size: null, default)).Outcome);
        await world.AssertSoundAsync();
    }

    [Fact]
    public async Task Compaction_keeps_fresh_segments_until_they_are_sealed()
    {
        var world = await ProofWorld.CreateAsync();
        await world.Compaction.CommitAsync(2);
        await world.SealAsync();
        await world.Compaction.CommitAsync(5);
        await world.Compaction.CompactAsync();
        world.Ingest.Time.Advance(TimeSpan.FromDays(3));
        await world.Compaction.CompactAsync();

        var checkpoint = await world.SealAsync();
        await world.AssertProvedAsync(checkpoint, 7);

        await world.Compaction.SettleAsync();
        Assert.DoesNotContain(await world.Compaction.ObjectNamesAsync(), static name => name.Contains("/fresh/", StringComparison.Ordinal));
        await world.AssertProvedAsync(checkpoint, 7);
    }

    [Fact]
    public async Task A_log_nobody_seals_any_more_keeps_no_fresh_segments_for_ever()
    {
        var world = await ProofWorld.CreateAsync();
        await world.Compaction.CommitAsync(2);
        await world.SealAsync();
        world.Ingest.Time.Advance(TimeSpan.FromDays(8));
        await world.Compaction.CommitAsync(5);
        await world.Compaction.SettleAsync();
        Assert.DoesNotContain(await world.Compaction.ObjectNamesAsync(), static name => name.Contains("/fresh/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_of_more_than_one_tile_proves_every_commit_against_every_size_it_was_signed_at()
    {
        var world = await ProofWorld.CreateAsync();
        world.Options.MaxCommits = 100;
        var (log, kept) = (new CommitLog(world.Ingest.Tables, world.Ingest.Time), new List<Checkpoint>());
        for (var partition = 0; partition < 3; partition++)
        {
            for (var i = 0; i < 190; i++)
            {
                var name = PartitionName.Api(partition);
                var head = await log.ReadHeadAsync(StoreName.History, name, default);
                await log.AppendAsync(StoreName.History, name, head, new CommitDraft { First = i, Last = i, Count = 0 }, default);
                if (i % 61 == 0)
                    kept.Add(await world.SealAsync());
            }
        }

        var newest = await world.SealAsync();
        Assert.Equal(570, newest.Size);
        Assert.Equal(2, (await world.ObjectNamesAsync()).Count(static name => name.Contains("/tiles/0/", StringComparison.Ordinal)));
        foreach (var checkpoint in kept)
            Assert.True(await world.ContinuesAsync(checkpoint, newest));
        var tiles = new LogTiles(world.Ingest.Objects, StoreName.History, await world.Log.ReadHeadAsync(StoreName.History, default));
        for (var index = 0L; index < newest.Size; index += 7)
        {
            var path = await tiles.RangesAsync(MerkleTree.InclusionRanges(index, newest.Size), default);
            Assert.Equal(newest.Root, MerkleTree.RootOf(index, newest.Size, await tiles.LeafAsync(index, default), path));
        }

        await world.AssertSoundAsync();
    }

    [Fact]
    public async Task What_the_storage_forgot_is_written_again_as_it_was()
    {
        var world = await ProofWorld.CreateAsync();
        world.Options.MaxCommits = 100;
        var log = new CommitLog(world.Ingest.Tables, world.Ingest.Time);
        for (var i = 0; i < 300; i++)
        {
            var head = await log.ReadHeadAsync(StoreName.History, PartitionName.Api(0), default);
            await log.AppendAsync(StoreName.History, PartitionName.Api(0), head, new CommitDraft { First = i, Last = i, Count = 0 }, default);
        }

        for (var i = 0; i < 4; i++)
        {
            await world.Compaction.CommitAsync(3);
            await world.SealAsync();
        }

        var names = await world.ObjectNamesAsync();
        foreach (var name in names)
            await world.Ingest.Objects.DeleteAsync(Containers.Proofs, name, default);
        Assert.False((await world.Ingest.VerifyAsync()).IsSound);

        var restored = await world.NewRestore().RunAsync(StoreName.History, TimeSpan.FromHours(1), default);

        Assert.Equal(names, restored.Order(StringComparer.Ordinal));
        Assert.Contains(names, static name => name.Contains("/tiles/", StringComparison.Ordinal));
        Assert.Equal(names, await world.ObjectNamesAsync());
        await world.AssertSoundAsync();
        Assert.Empty(await world.NewRestore().RunAsync(StoreName.History, window: null, default));
    }

    [Fact]
    public async Task A_hold_keeps_leaf_hashes_and_orphans_of_the_day_before_go()
    {
        var world = await ProofWorld.CreateAsync();
        await world.Compaction.CommitAsync(2);
        await world.SealAsync();
        await world.Ingest.Objects.CreateAsync(Containers.Proofs, SealKeys.Leaves(StoreName.History, 0, 1, new byte[32]), new byte[1], ObjectLabel.Binary, default);
        Assert.Equal(0, await world.NewPruner().RunAsync(StoreName.History, default));
        world.Ingest.Time.Advance(TimeSpan.FromHours(30));
        var holds = new LegalHolds(world.Ingest.Tables, world.Ingest.Time);
        await holds.HoldAsync(LegalHolds.Everything, "a court", ifMatch: null, default);
        Assert.Equal(0, await world.NewPruner().RunAsync(StoreName.History, default));
        await holds.ReleaseAsync(LegalHolds.Everything, ifMatch: null, default);

        Assert.Equal(1, await world.NewPruner().RunAsync(StoreName.History, default));

        await world.AssertSoundAsync();
    }
}
