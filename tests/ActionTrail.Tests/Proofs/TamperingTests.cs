using ActionTrail.Ingest;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Proofs;

/// <summary>
/// Somebody who can write to the store, and mends everything in it that would give the change away, against somebody who kept a checkpoint. Without the key of checkpoints
/// the verifier names what was changed; whoever has the key can seal a log of lies, which is no continuation of the checkpoint.
/// </summary>
public sealed class TamperingTests
{
    [Theory]
    [InlineData("an event removed")]
    [InlineData("an event changed")]
    [InlineData("the newest commits cut off")]
    [InlineData("a commit rewritten")]
    [InlineData("the newest commit rewritten")]
    public async Task What_was_done_to_a_sealed_commit_is_found_inside_and_outside(string deed)
    {
        var world = await ProofWorld.CreateAsync();
        for (var i = 0; i < 6; i++)
            await world.Compaction.CommitAsync(5);
        var kept = await world.SealAsync();
        var victim = (await world.EventsAsync())["e17"];
        var evidence = (await world.Finder.FindAsync(StoreName.History, victim.Partition, victim.Sequence, victim.Body, kept.Size, default)).Proof!;

        await DoAsync(world, deed);

        // 1. The store is consistent in itself, but for the log.
        var problem = await world.FirstProblemAsync();
        Assert.StartsWith("commits/", problem.Object, StringComparison.Ordinal);
        Assert.Contains("sealed", problem.What, StringComparison.Ordinal);

        // 2. Nothing is sealed on top of it.
        await world.Compaction.CommitAsync(1);
        var report = await world.NewRival().RunAsync(StoreName.History, default);
        Assert.Equal(world.Ingest.Partition, Assert.Single(report.Blocked).Partition);
        Assert.Equal(kept.Size, report.Size);

        // 3. The key of checkpoints makes a new log, which does not continue the one that somebody kept.
        await ForgetLogAsync(world);
        await world.Compaction.CommitAsync(1);
        var forged = await world.SealAsync();
        await world.AssertSoundAsync();
        Assert.False(await world.ContinuesAsync(kept, forged with { Size = Math.Max(forged.Size, kept.Size) }));
        Assert.False(await world.ContinuesAsync(kept, forged));

        // 4. Whoever kept event and proof has evidence that needs nobody's word.
        Assert.Null(evidence.FaultWith(victim.Body, kept));
        Assert.NotNull(evidence.FaultWith(victim.Body, forged));
    }

    [Fact]
    public async Task An_event_changed_in_a_compacted_segment_with_all_its_hashes_is_named()
    {
        var world = await ProofWorld.CreateAsync();
        for (var i = 0; i < 4; i++)
            await world.Compaction.CommitAsync(5);
        var checkpoint = await world.SealAsync();
        var before = await world.EventsAsync();
        await world.Compaction.CompactAsync();
        await world.AssertProvedAsync(checkpoint, 20);

        // The leaf hashes are what the verifier holds the segment against: with other ones every row of the commit is a stranger.
        var sealing = await FirstSealingAsync(world);
        var content = await world.Ingest.Objects.ReadAsync(Containers.Proofs, sealing.Leaves, 0, (int)sealing.Length, default);
        content[^1] ^= 1;
        await ReplaceAsync(world, Containers.Proofs, sealing.Leaves, content);

        Assert.Equal($"{Containers.Proofs}/{sealing.Leaves}", (await world.FirstProblemAsync()).Object);
        Assert.Equal(20, before.Count);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("gone")]
    [InlineData("head")]
    [InlineData("note")]
    [InlineData("sealing")]
    public async Task Damage_to_what_sealing_wrote_is_named(string damage)
    {
        var world = await ProofWorld.CreateAsync();
        for (var i = 0; i < 3; i++)
        {
            await world.Compaction.CommitAsync(2);
            await world.SealAsync();
        }

        var (tables, sealing) = (world.Ingest.Tables, await FirstSealingAsync(world));
        var store = StoreName.History.ToString();
        switch (damage)
        {
            case "list":
                var content = await world.Ingest.Objects.ReadAsync(Containers.Proofs, sealing.Leaves, 0, (int)sealing.Length, default);
                content[sealing.ListLength - 40] ^= 1;
                await ReplaceAsync(world, Containers.Proofs, sealing.Leaves, content);
                break;
            case "gone":
                await world.Ingest.Objects.DeleteAsync(Containers.Proofs, sealing.Leaves, default);
                break;
            case "head":
                var head = (await tables.FindAsync(Tables.Checkpoints, store, SealKeys.Head, default))!;
                var tile = (byte[])head["Tile0"];
                tile[0] ^= 1;
                await tables.UpsertAsync(Tables.Checkpoints, head.With("Tile0", tile), default);
                break;
            case "note":
                var row = (await tables.FindAsync(Tables.Checkpoints, store, SealKeys.Checkpoint(3), default))!;
                await tables.UpsertAsync(Tables.Checkpoints, row.With("Note", row.GetString("Note").Replace("\n3\n", "\n4\n", StringComparison.Ordinal)), default);
                break;
            default:
                await tables.DeleteAsync(Tables.Checkpoints, store, SealKeys.Sealing(2), etag: null, default);
                break;
        }

        var problem = await world.FirstProblemAsync();
        Assert.StartsWith(damage is "gone" or "list" ? $"{Containers.Proofs}/{sealing.Leaves}" : $"{Tables.Checkpoints}/history/", problem.Object, StringComparison.Ordinal);
    }

    private static async Task<Sealing> FirstSealingAsync(ProofWorld world)
    {
        await foreach (var sealing in world.Log.ReadSealingsAsync(StoreName.History, after: -1, default))
            return sealing;
        throw new InvalidOperationException("Nothing is sealed.");
    }

    private static async Task ReplaceAsync(ProofWorld world, string container, string name, byte[] content)
    {
        await world.Ingest.Objects.DeleteAsync(container, name, default);
        await world.Ingest.Objects.CreateAsync(container, name, content, ObjectLabel.Binary, default);
    }

    /// <summary>Changes the log of commits and makes every chain link behind it anew, up to the head.</summary>
    private static async Task DoAsync(ProofWorld world, string deed)
    {
        var commits = await world.Ingest.CommitsAsync();
        var (tables, key) = (world.Ingest.Tables, Keys.CommitPartition(StoreName.History, world.Ingest.Partition));
        if (deed == "the newest commits cut off")
        {
            foreach (var commit in commits[^2..])
                await tables.DeleteAsync(Tables.Commits, key, Keys.Commit(commit.Last), etag: null, default);
            commits.RemoveRange(commits.Count - 2, 2);
        }
        else
        {
            var at = deed == "the newest commit rewritten" ? commits.Count - 1 : 3;
            commits[at] = deed switch
            {
                "an event removed" => await RewriteAsync(world, commits[at], static id => id == "e17" ? null : id),
                "an event changed" => await RewriteAsync(world, commits[at], static id => id == "e17" ? "forged" : id),
                _ => commits[at] with { CommittedAt = commits[at].CommittedAt.AddTicks(1) },
            };
            for (var i = at; i < commits.Count; i++)
            {
                commits[i] = commits[i] with { PreviousHash = commits[i - 1].Hash };
                commits[i] = commits[i] with { Hash = Commit.ComputeHash(commits[i]) };
                await tables.UpsertAsync(Tables.Commits, commits[i].ToRow(), default);
            }
        }

        var head = PartitionHead.FromRow((await tables.FindAsync(Tables.Commits, key, Keys.Head, default))!);
        var last = commits[^1];
        await tables.UpsertAsync(Tables.Commits, (head with { Last = last.Last, Hash = last.Hash, CommittedAt = last.CommittedAt }).ToRow(StoreName.History, world.Ingest.Partition), default);
    }

    /// <summary>The commit with a segment whose events have other ids, or are left out.</summary>
    private static async Task<Commit> RewriteAsync(ProofWorld world, Commit commit, Func<string, string?> idOf)
    {
        using var bench = new IngestBench(world.Ingest.Options.Normalizer);
        for (var n = commit.First; n <= commit.Last; n++)
        {
            if (idOf($"e{n}") is not { } id)
                continue;
            var account = $"{1001 + (n % 5)}";
            var message = world.Ingest.Message(n, world.Ingest.EventJson(id, account, world.Compaction.Committed[$"e{n}"]));
            bench.Normalize(message.Body.Span, message.OriginAt(commit.Partition, n));
        }

        using var made = CommitObjects.Build(commit.Store, commit.Partition, commit.First, commit.Last, bench.Builder, []);
        await made.WriteAsync(world.Ingest.Objects, default);
        return commit with { Count = made.Count, Segment = made.Segment };
    }

    private static async Task ForgetLogAsync(ProofWorld world)
    {
        var rows = new List<TableRow>();
        await foreach (var row in world.Ingest.Tables.ScanAsync(Tables.Checkpoints, default))
            rows.Add(row);
        foreach (var row in rows)
            await world.Ingest.Tables.DeleteAsync(Tables.Checkpoints, row.PartitionKey, row.RowKey, etag: null, default);
        foreach (var name in await world.ObjectNamesAsync())
            await world.Ingest.Objects.DeleteAsync(Containers.Proofs, name, default);
    }
}
