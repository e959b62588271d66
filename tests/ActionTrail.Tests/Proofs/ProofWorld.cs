using System.Security.Cryptography;
using ActionTrail.Events;
using ActionTrail.Layout;
using ActionTrail.Proofs;
using ActionTrail.Retention;
using ActionTrail.Tests.Compaction;
using ActionTrail.Tests.Ingest;
using ActionTrail.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionTrail.Tests.Proofs;

/// <summary>A store in memory behind a fault switch with sealers, and somebody outside who keeps checkpoints and events and trusts nothing else.</summary>
internal sealed class ProofWorld
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private ProofWorld(CompactionWorld compaction)
    {
        Compaction = compaction;
        SigningKey = LocalCheckpointKey.Parse(Key.ExportPkcs8PrivateKeyPem());
        PublicKey = new NoteKey(Options.Origin, SigningKey.PublicKey);
        Finder = new ProofFinder(Ingest.Tables, Ingest.Objects);
        Log = new SealLog(Ingest.Tables, Ingest.Objects);
    }

    public static async Task<ProofWorld> CreateAsync() => new(await CompactionWorld.CreateAsync());

    public CompactionWorld Compaction { get; }

    public IngestWorld Ingest => Compaction.Ingest;

    public SealOptions Options { get; } = new() { Origin = "audit.example/history", MaxCommits = 5, Settle = TimeSpan.Zero };

    public LocalCheckpointKey SigningKey { get; }

    public NoteKey PublicKey { get; }

    public ProofFinder Finder { get; }

    public SealLog Log { get; }

    /// <summary>A new process.</summary>
    public CommitSealer NewSealer() => new(Ingest.FaultyTables, Ingest.FaultyObjects, Ingest.Time, Options, SigningKey, NullLogger<CommitSealer>.Instance);

    /// <summary>As <see cref="NewSealer"/>, past the fault switch.</summary>
    public CommitSealer NewRival() => new(Ingest.Tables, Ingest.Objects, Ingest.Time, Options, SigningKey, NullLogger<CommitSealer>.Instance);

    public SealPruner NewPruner() => new(Ingest.FaultyTables, Ingest.FaultyObjects, Ingest.Time);

    public SealRestore NewRestore() => new(Ingest.FaultyTables, Ingest.FaultyObjects, Ingest.Time, NullLogger<SealRestore>.Instance);

    public RetentionPurge NewPurge() => new(Ingest.Tables, Ingest.Objects, Ingest.Time, new RetentionOptions(), Compaction.NewRival());

    /// <summary>Seals everything; the checkpoint as somebody outside reads it.</summary>
    public async Task<Checkpoint> SealAsync()
    {
        var report = await NewRival().RunAsync(StoreName.History, default);
        Assert.Empty(report.Blocked);
        return Open(report.Checkpoint!);
    }

    public Checkpoint Open(StoredCheckpoint stored)
    {
        var checkpoint = Checkpoint.Open(stored.Note, [PublicKey], out var fault);
        Assert.True(checkpoint is not null, fault);
        Assert.Equal(stored.Size, checkpoint.Size);
        return checkpoint;
    }

    /// <summary>Every event as a reader finds it, with its place in the log.</summary>
    public async Task<Dictionary<string, (PartitionName Partition, long Sequence, byte[] Body)>> EventsAsync()
    {
        var events = new Dictionary<string, (PartitionName, long, byte[])>(StringComparer.Ordinal);
        var report = await Ingest.VerifyAsync(e => events.Add(EventMatcher.EventId(e.Body.Span)!, (e.Partition, e.At.SequenceNumber, e.Body.ToArray())));
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        return events;
    }

    /// <summary>Every event has a proof, by way of JSON, that leads to the checkpoint; and to no other one.</summary>
    public async Task AssertProvedAsync(Checkpoint checkpoint, int count)
    {
        var events = await EventsAsync();
        Assert.Equal(count, events.Count);
        foreach (var (id, one) in events)
        {
            var result = await Finder.FindAsync(StoreName.History, one.Partition, one.Sequence, one.Body, checkpoint.Size, default);
            Assert.True(result.Outcome == ProofOutcome.Found, $"{id} {result.Outcome}");
            var (proof, _) = ProofJson.Read(ProofJson.ToBytes(result.Proof!, result.Checkpoint?.Note));
            Assert.Null(proof.FaultWith(one.Body, checkpoint));
            Assert.NotNull(proof.FaultWith([.. one.Body, (byte)' '], checkpoint));
            Assert.NotNull(proof.FaultWith(one.Body, checkpoint with { Root = SHA256.HashData(checkpoint.Root) }));
        }
    }

    /// <summary>Whether the store can show that it continues the log of a checkpoint that somebody kept.</summary>
    public async Task<bool> ContinuesAsync(Checkpoint kept, Checkpoint now) =>
        await Finder.FindConsistencyAsync(StoreName.History, kept.Size, now.Size, default) is { } path
        && MerkleTree.IsConsistent(kept.Size, kept.Root, now.Size, now.Root, path);

    /// <summary>The verifier finds nothing, and every checkpoint that is stored is one of the log as it is now.</summary>
    public async Task AssertSoundAsync()
    {
        var report = await Ingest.VerifyAsync();
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        var head = await Log.ReadHeadAsync(StoreName.History, default);
        await foreach (var stored in Log.ReadCheckpointsAsync(StoreName.History, head.Size, default))
            Assert.Equal(stored.Root, await new LogTiles(Ingest.Objects, StoreName.History, head).RootAsync(stored.Size, default));
    }

    public async Task<List<string>> ObjectNamesAsync()
    {
        var names = new List<string>();
        await foreach (var item in Ingest.Objects.ListAsync(Containers.Proofs, "", default))
            names.Add(item.Name);
        return names;
    }

    public async Task<VerifyProblem> FirstProblemAsync() => (await Ingest.VerifyAsync()).Problems[0];
}
