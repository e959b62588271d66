using System.Security.Cryptography;
using ActionTrail.Proofs;

namespace ActionTrail.Tests.Proofs;

public class MerkleTreeTests
{
    private const int MaxSize = 200;

    /// <summary>The leaves and roots that implementations of RFC 6962 test themselves with.</summary>
    private static readonly string[] KnownLeaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly byte[] Hashes = [.. Enumerable.Range(0, MaxSize).SelectMany(static n => MerkleTree.LeafHash([(byte)n, 7]))];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void The_known_trees_have_the_known_roots(int size, string root)
    {
        byte[] hashes = [.. KnownLeaves.Take(size).SelectMany(static leaf => MerkleTree.LeafHash(Convert.FromHexString(leaf)))];

        Assert.Equal(root, Convert.ToHexStringLower(MerkleTree.Root(hashes)));
    }

    [Fact]
    public void A_known_leaf_has_the_known_path()
    {
        byte[][] leaves = [.. KnownLeaves.Select(static leaf => MerkleTree.LeafHash(Convert.FromHexString(leaf)))];
        byte[] hashes = [.. leaves.SelectMany(static leaf => leaf)];
        string[] known =
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ];

        Assert.Equal(known, Path(MerkleTree.InclusionRanges(5, 8), hashes).Select(Convert.ToHexStringLower));
    }

    [Fact]
    public void Every_leaf_of_every_tree_is_proved_and_no_changed_proof_is_taken()
    {
        for (var size = 1; size <= MaxSize; size++)
        {
            var root = RootOf(size);
            for (var index = 0; index < size; index++)
            {
                var (leaf, path) = (Leaf(index), Path(MerkleTree.InclusionRanges(index, size)));
                Assert.Equal(root, MerkleTree.RootOf(index, size, leaf, path));
                foreach (var changed in Changes(path))
                    Assert.False(IsRoot(MerkleTree.RootOf(index, size, leaf, changed), root), $"{index} of {size}");
                Assert.False(IsRoot(MerkleTree.RootOf(index, size, Leaf((index + 1) % MaxSize), path), root));
                Assert.False(IsRoot(MerkleTree.RootOf(index + 1, size, leaf, path), root));
                Assert.False(IsRoot(MerkleTree.RootOf(index - 1, size, leaf, path), root));
            }
        }
    }

    [Fact]
    public void Every_tree_is_a_beginning_of_every_larger_one_and_no_changed_proof_is_taken()
    {
        for (var size = 1; size <= MaxSize; size++)
        {
            var root = RootOf(size);
            for (var larger = size; larger <= MaxSize; larger++)
            {
                var (largerRoot, path) = (RootOf(larger), Path(MerkleTree.ConsistencyRanges(size, larger)));
                Assert.True(MerkleTree.IsConsistent(size, root, larger, largerRoot, path), $"{size} of {larger}");
                foreach (var changed in Changes(path))
                    Assert.False(MerkleTree.IsConsistent(size, root, larger, largerRoot, changed), $"{size} of {larger}");
                Assert.False(MerkleTree.IsConsistent(size, Flip(root), larger, largerRoot, path));
                Assert.False(MerkleTree.IsConsistent(size, root, larger, Flip(largerRoot), path));
            }
        }
    }

    [Fact]
    public void A_tree_in_which_one_old_leaf_is_another_or_missing_continues_no_old_tree()
    {
        for (var size = 2; size <= 40; size++)
        {
            for (var bad = 0; bad < size; bad++)
            {
                byte[] rewritten = [.. Hashes[..(bad * 32)], .. MerkleTree.LeafHash("forged"u8), .. Hashes[((bad + 1) * 32)..]];
                byte[] shortened = [.. Hashes[..(bad * 32)], .. Hashes[((bad + 1) * 32)..]];
                foreach (var forged in new[] { rewritten, shortened })
                {
                    var root = MerkleTree.Root(forged.AsSpan(0, 50 * 32));
                    Assert.False(MerkleTree.IsConsistent(size, RootOf(size), 50, root, Path(MerkleTree.ConsistencyRanges(size, 50), forged)));
                }
            }
        }
    }

    [Fact]
    public void Impossible_places_and_sizes_are_refused()
    {
        Assert.Null(MerkleTree.RootOf(-1, 3, Leaf(0), []));
        Assert.Null(MerkleTree.RootOf(0, 0, Leaf(0), []));
        Assert.Null(MerkleTree.RootOf(0, 2, Leaf(0), [new byte[31]]));
        Assert.False(MerkleTree.IsConsistent(0, MerkleTree.EmptyRoot, 5, RootOf(5), []));
        Assert.False(MerkleTree.IsConsistent(6, RootOf(6), 5, RootOf(5), []));
        Assert.False(MerkleTree.IsConsistent(4, RootOf(4), 5, RootOf(5), [new byte[33]]));
    }

    internal static byte[] Path(byte[] hashes, (long From, long To) range) => MerkleTree.Root(hashes.AsSpan((int)range.From * 32, (int)(range.To - range.From) * 32));

    private static List<byte[]> Path(List<(long From, long To)> ranges, byte[]? hashes = null) => ranges.ConvertAll(range => Path(hashes ?? Hashes, range));

    private static byte[] RootOf(int size) => MerkleTree.Root(Hashes.AsSpan(0, size * 32));

    private static byte[] Leaf(int index) => Hashes.AsSpan(index * 32, 32).ToArray();

    private static bool IsRoot(byte[]? found, byte[] root) => found is not null && found.AsSpan().SequenceEqual(root);

    private static byte[] Flip(byte[] hash) => [(byte)(hash[0] ^ 1), .. hash[1..]];

    /// <summary>Each hash with another bit, each hash left out, one hash too many at either end, neighbours that differ exchanged.</summary>
    private static IEnumerable<List<byte[]>> Changes(List<byte[]> path)
    {
        for (var i = 0; i < path.Count; i++)
        {
            yield return [.. path[..i], Flip(path[i]), .. path[(i + 1)..]];
            yield return [.. path[..i], .. path[(i + 1)..]];
            if (i > 0)
                yield return [.. path[..(i - 1)], path[i], path[i - 1], .. path[(i + 1)..]];
        }

        yield return [.. path, SHA256.HashData([9])];
        yield return [SHA256.HashData([9]), .. path];
    }
}
