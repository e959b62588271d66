using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ActionTrail.Layout;
using ActionTrail.Proofs;

namespace ActionTrail.Tests.Proofs;

/// <summary>Files of version 1, made by another implementation from the documents alone. They are read for ever.</summary>
public class ProofFixtureTests
{
    private static readonly byte[] Object = Read("sealed-leaves-v1.ats");

    [Fact]
    public void The_object_of_a_sealing_is_read_and_written_as_it_was()
    {
        var commits = SealedLeaves.ReadList(Object);

        Assert.Equal(7, commits.Count);
        Assert.Equal(["api-00", "api-01", "api-00", "api-01", "api-00", "api-01", "api-00"], commits.Select(static c => c.Partition.ToString()));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], commits.Select(static c => c.Count));
        Assert.Equal((60L, 69L, 639000000000000000L + (6 * 12345678)), (commits[6].First, commits[6].Last, commits[6].CommittedAt.UtcTicks));
        Assert.Null(commits[5].Root);
        Assert.Equal(MerkleTree.EmptyRoot, commits[0].Root);
        var list = (int)(Object.Length - commits.Sum(static c => c.LeavesLength));
        var leaves = Object.AsSpan(list);
        foreach (var commit in commits.Where(static c => c.Root is not null))
        {
            Assert.Equal(commit.Root, MerkleTree.Root(leaves[..(int)commit.LeavesLength]));
            leaves = leaves[(int)commit.LeavesLength..];
        }

        var (written, length) = SealedLeaves.Write(3, commits, Object.AsSpan(list));
        Assert.Equal(list, length);
        Assert.Equal(Object, written);
    }

    [Fact]
    public void The_log_of_these_commits_is_the_one_that_was_signed()
    {
        var (checkpoint, old) = (Open("checkpoint-v1.txt"), Open("checkpoint-old-v1.txt"));
        var frontier = new LogFrontier(0, []);
        foreach (var commit in SealedLeaves.ReadList(Object))
        {
            frontier.Append(MerkleTree.LeafHash(commit.ToLeaf()));
            if (frontier.Size == old.Size)
                Assert.Equal(old.Root, frontier.Root());
        }

        Assert.Equal(checkpoint.Size, frontier.Size);
        Assert.Equal(checkpoint.Root, frontier.Root());
        var (from, to, path) = ProofJson.ReadConsistency(Read("consistency-v1.json"));
        Assert.Equal((4, 7), (from, to));
        Assert.True(MerkleTree.IsConsistent(from, old.Root, to, checkpoint.Root, path));
    }

    [Fact]
    public void The_proof_is_read_verified_and_written_as_it_was()
    {
        var (proof, note) = ProofJson.Read(Read("proof-v1.json"));

        Assert.Null(proof.FaultWith(Read("proof-event-v1.json"), Open("checkpoint-v1.txt")));
        Assert.Equal(Encoding.UTF8.GetString(Read("checkpoint-v1.txt")), note);
        using var frozen = JsonDocument.Parse(Read("proof-v1.json"));
        using var written = JsonDocument.Parse(ProofJson.ToBytes(proof, note));
        Assert.True(JsonElement.DeepEquals(frozen.RootElement, written.RootElement));
    }

    [Fact]
    public void No_proof_with_one_changed_value_is_taken()
    {
        var (proof, _) = ProofJson.Read(Read("proof-v1.json"));
        var (body, checkpoint) = (Read("proof-event-v1.json"), Open("checkpoint-v1.txt"));
        var other = new byte[32];
        EventProof[] changed =
        [
            proof with { Index = 3 }, proof with { Count = 7 }, proof with { Path = [.. proof.Path.Skip(1)] }, proof with { CommittedAt = proof.CommittedAt.AddTicks(1) },
            proof with { Link = other }, proof with { LogIndex = 5 }, proof with { LogSize = 6 }, proof with { LogPath = [other, .. proof.LogPath.Skip(1)] }, proof with { LeafHash = other },
            proof with { Path = [.. proof.Path, other] }, proof with { LogPath = [] }, proof with { Index = -1 }, proof with { Count = 0 }, proof with { Link = [] },
        ];
        Assert.All(changed, one => Assert.NotNull(one.FaultWith(body, checkpoint)));
        Assert.NotNull(proof.FaultWith(body, Open("checkpoint-old-v1.txt")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":2}""")]
    [InlineData("""{"version":1,"leafHash":"AAAA"}""")]
    [InlineData("""{"version":"1"}""")]
    public void What_is_no_proof_is_refused(string text)
    {
        Assert.Throws<FormatException>(() => ProofJson.Read(Encoding.UTF8.GetBytes(text)));
        Assert.Throws<FormatException>(() => ProofJson.ReadConsistency(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void A_cut_or_changed_list_is_refused_or_read_and_never_crashes()
    {
        var list = (int)(Object.Length - SealedLeaves.ReadList(Object).Sum(static c => c.LeavesLength));
        for (var length = 0; length < list; length++)
            Assert.Throws<FormatException>(() => SealedLeaves.ReadList(Object.AsSpan(0, length)));
        for (var at = 0; at < list; at++)
        {
            var changed = Object.ToArray();
            changed[at] ^= 0xFF;
            try
            {
                _ = SealedLeaves.ReadList(changed);
            }
            catch (FormatException)
            {
                // As it should be.
            }
        }
    }

    private static Checkpoint Open(string name)
    {
        Assert.True(NoteKey.TryParse(Encoding.UTF8.GetString(Read("checkpoint-v1.pub")), out var key));
        var checkpoint = Checkpoint.Open(Encoding.UTF8.GetString(Read(name)), [key], out var fault);
        Assert.True(checkpoint is not null, fault);
        return checkpoint;
    }

    private static byte[] Read(string name, [CallerFilePath] string here = "") => File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "formats", "v1", name));
}
