using System.Security.Cryptography;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Logstores;
using ActionTrail.Proofs;
using ActionTrail.Retention;
using ActionTrail.Storage;
using ActionTrail.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Logstores;

/// <summary>A Logstore has a log, checkpoints and proofs of its own, by the code that the history has: whoever kept one of its checkpoints sees what was done to it.</summary>
public sealed class LogstoreProofTests : IDisposable
{
    private static readonly SealOptions Options = new() { Origin = "audit.example/history", MaxCommits = 3, Settle = TimeSpan.Zero };
    private readonly LocalCheckpointKey key;

    public LogstoreProofTests()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        key = LocalCheckpointKey.Parse(pair.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => key.Dispose();

    [Fact]
    public async Task Every_store_has_a_log_of_its_own_under_a_name_of_its_own()
    {
        var world = await FilledAsync();
        var history = await SealAsync(world, StoreName.History);
        var logstore = await SealAsync(world, world.Store);

        Assert.Equal(("audit.example/history", "audit.example/history/" + world.Store), (history.Origin, logstore.Origin));
        Assert.Equal(7, logstore.Size);
        Assert.Null(Checkpoint.Open((await StoredAsync(world)).Note, [new NoteKey("audit.example/history", key.PublicKey)], out var fault));
        Assert.Contains("No key", fault, StringComparison.Ordinal);
        foreach (var (_, at, body) in await EventsAsync(world))
            Assert.Null((await FindAsync(world, at, body, logstore.Size))!.FaultWith(body, logstore));
    }

    [Fact]
    public async Task Proofs_outlive_compaction_and_the_purge_and_the_log_goes_on()
    {
        var world = await FilledAsync();
        var kept = await SealAsync(world, world.Store);
        var events = await EventsAsync(world);
        var evidence = (await FindAsync(world, events[0].At, events[0].Body, kept.Size))!;
        world.Bench.Clock.Advance(seconds: 3 * 86_400);
        await world.Compactor().RunAsync(world.Store, default);
        Assert.NotEmpty(await EventsAsync(world));
        await world.VerifyAsync();
        foreach (var (_, at, body) in events)
            Assert.Null((await FindAsync(world, at, body, kept.Size))!.FaultWith(body, kept));

        // Retention takes everything, and with it the leaf hashes; a hold keeps them. The log goes on where it was.
        var pruner = new SealPruner(world.Bench.Tables, world.Bench.Objects, world.Bench.Clock);
        for (var day = 0; day < 10; day++)
        {
            world.Bench.Clock.Advance(seconds: 86_400);
            await world.Compactor().RunAsync(world.Store, default);
            await world.Purge().RunAsync(world.Store, days: 1, dryRun: false, force: true, default);
        }

        await world.Holds.HoldAsync(LegalHolds.Everything, "case 7", ifMatch: null, default);
        Assert.Equal(0, await pruner.RunAsync(world.Store, default));
        await world.Holds.ReleaseAsync(LegalHolds.Everything, ifMatch: null, default);
        Assert.True(await pruner.RunAsync(world.Store, default) > 0);
        await world.VerifyAsync();
        await AppendAsync(world, 100);
        var now = await SealAsync(world, world.Store);
        Assert.Equal(8, now.Size);
        Assert.True(await ContinuesAsync(world, kept, now));
        Assert.Null(evidence.FaultWith(events[0].Body, kept));
    }

    [Theory]
    [InlineData("the newest commits cut off")]
    [InlineData("a commit rewritten")]
    [InlineData("a commit taken out")]
    [InlineData("an event changed")]
    public async Task What_is_done_to_a_logstore_is_found_inside_and_outside(string deed)
    {
        var world = await FilledAsync();
        var kept = await SealAsync(world, world.Store);
        var victim = (await EventsAsync(world))[^1];
        var evidence = (await FindAsync(world, victim.At, victim.Body, kept.Size))!;

        await DoAsync(world, deed);
        world.Bench.Clock.Advance(seconds: 1);

        // 1. The store is consistent in itself, but for the log.
        var problems = (await VerifyAsync(world)).Problems;
        Assert.Contains(problems, static p => p.Object.StartsWith("commits/ls-", StringComparison.Ordinal) && p.What.Contains("sealed", StringComparison.Ordinal));

        // 2. Nothing is sealed on top of it; other stores go on.
        await AppendAsync(world, 100);
        Assert.Equal(LogstoreAppender.Partition, Assert.Single((await Sealer(world).RunAsync(world.Store, default)).Blocked).Partition);
        await new SealRound(Sealer(world), Options, world.Bench.Clock, NullLogger<SealRound>.Instance).RunAsync([world.Store], default);

        // 3. The key of checkpoints makes a new log, which does not continue the one that somebody kept.
        var rows = new List<string>();
        await foreach (var row in world.Bench.Tables.QueryAsync(Tables.Checkpoints, world.Store.ToString(), null, null, default))
            rows.Add(row.RowKey);
        foreach (var row in rows)
            await world.Bench.Tables.DeleteAsync(Tables.Checkpoints, world.Store.ToString(), row, etag: null, default);
        for (var i = 0; i < 4; i++)
            await AppendAsync(world, 101 + i);
        var forged = await SealAsync(world, world.Store);
        Assert.True(forged.Size > kept.Size);
        Assert.False(await ContinuesAsync(world, kept, forged));
        Assert.Null(evidence.FaultWith(victim.Body, kept));
    }

    /// <summary>Seven commits of two events each.</summary>
    private static async Task<LogstoreWorld> FilledAsync()
    {
        var world = await LogstoreWorld.StartAsync();
        await world.Bench.CommitAsync(world.Bench.Event());
        for (var i = 0; i < 7; i++)
            await AppendAsync(world, i);
        return world;
    }

    private static Task AppendAsync(LogstoreWorld world, int window) =>
        world.AppendAsync(Keys.WindowPart(1_790_000_000_000 + window, world.Trail.TrailId, 0), world.Bench.Event(), world.Bench.Event("other"));

    private CommitSealer Sealer(LogstoreWorld world) => new(world.Bench.Tables, world.Bench.Objects, world.Bench.Clock, Options, key, NullLogger<CommitSealer>.Instance);

    private async Task<Checkpoint> SealAsync(LogstoreWorld world, StoreName store)
    {
        var report = await Sealer(world).RunAsync(store, default);
        Assert.Empty(report.Blocked);
        var checkpoint = Checkpoint.Open(report.Checkpoint!.Note, [new NoteKey(Options.OriginOf(store), key.PublicKey)], out var fault);
        Assert.True(checkpoint is not null, fault);
        return checkpoint;
    }

    private static async Task<StoredCheckpoint> StoredAsync(LogstoreWorld world) => (await new ProofFinder(world.Bench.Tables, world.Bench.Objects).FindLatestAsync(world.Store, default))!;

    private static async Task<EventProof?> FindAsync(LogstoreWorld world, long at, byte[] body, long size) =>
        (await new ProofFinder(world.Bench.Tables, world.Bench.Objects).FindAsync(world.Store, LogstoreAppender.Partition, at, body, size, default)).Proof;

    private static async Task<bool> ContinuesAsync(LogstoreWorld world, Checkpoint kept, Checkpoint now) =>
        await new ProofFinder(world.Bench.Tables, world.Bench.Objects).FindConsistencyAsync(world.Store, kept.Size, now.Size, default) is { } path
        && MerkleTree.IsConsistent(kept.Size, kept.Root, now.Size, now.Root, path);

    private static async Task<List<(string Id, long At, byte[] Body)>> EventsAsync(LogstoreWorld world)
    {
        var events = new List<(string, long, byte[])>();
        await VerifyAsync(world, e => events.Add((EventMatcher.EventId(e.Body.Span)!, e.At.SequenceNumber, e.Body.ToArray())));
        return events;
    }

    private static Task<VerifyReport> VerifyAsync(LogstoreWorld world, Action<VerifiedEvent>? visit = null) =>
        new StoreVerifier(world.Bench.Tables, world.Bench.Objects, world.Bench.Clock).VerifyAsync(world.Store, new VerifyOptions { Visit = visit }, default);

    /// <summary>Changes the log of the Logstore and makes every chain link behind it anew, up to the head.</summary>
    private static async Task DoAsync(LogstoreWorld world, string deed)
    {
        var (tables, rowKey, commits) = (world.Bench.Tables, Keys.CommitPartition(world.Store, LogstoreAppender.Partition), await world.LogAsync());
        switch (deed)
        {
            case "the newest commits cut off":
                foreach (var commit in commits[^2..])
                    await RemoveAsync(commit);
                commits.RemoveRange(5, 2);
                break;
            case "a commit taken out":
                await RemoveAsync(commits[2]);
                commits.RemoveAt(2);
                break;
            case "a commit rewritten":
                commits[2] = commits[2] with { CommittedAt = commits[2].CommittedAt.AddTicks(1) };
                break;
            default:
                var spare = await LogstoreWorld.StartAsync();
                for (var i = 0; i < 3; i++)
                    await AppendAsync(spare, i);
                var other = (await spare.LogAsync())[2];
                var content = await world.Bench.Objects.FindAsync(Containers.Events, other.Segment!.Name, default) is null
                    ? await spare.Bench.Objects.ReadAsync(Containers.Events, other.Segment.Name, 0, (int)other.Segment.Length, default)
                    : throw new InvalidOperationException("The events are the same.");
                await world.Bench.Objects.CreateAsync(Containers.Events, other.Segment.Name, content, ObjectLabel.Binary, default);
                commits[2] = commits[2] with { Segment = other.Segment };
                break;
        }

        for (var i = 0; i < commits.Count; i++)
        {
            commits[i] = commits[i] with { Previous = i == 0 ? -1 : commits[i - 1].Last, PreviousHash = i == 0 ? new byte[32] : commits[i - 1].Hash };
            commits[i] = commits[i] with { Hash = Commit.ComputeHash(commits[i]) };
            await tables.UpsertAsync(Tables.Commits, commits[i].ToRow(), default);
        }

        var (head, last) = (PartitionHead.FromRow((await tables.FindAsync(Tables.Commits, rowKey, Keys.Head, default))!), commits[^1]);
        await tables.UpsertAsync(Tables.Commits, (head with { Last = last.Last, Hash = last.Hash, CommittedAt = last.CommittedAt }).ToRow(world.Store, LogstoreAppender.Partition), default);

        async Task RemoveAsync(Commit commit)
        {
            await tables.DeleteAsync(Tables.Commits, rowKey, Keys.Commit(commit.Last), etag: null, default);
            await tables.DeleteAsync(Tables.Commits, rowKey, Keys.Appended(commit.Mark!.Key), etag: null, default);
        }
    }
}
