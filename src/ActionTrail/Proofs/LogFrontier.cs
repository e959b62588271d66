using ActionTrail.Layout;

namespace ActionTrail.Proofs;

/// <summary>A tile that became full: 256 hashes of one level, from <paramref name="Number"/> * 256 on.</summary>
internal sealed record FullTile(int Level, long Number, byte[] Hashes, byte[] Root);

/// <summary>The right edge of a log: appends leaf hashes and gives the root, from nothing but the tiles that are not full.</summary>
internal sealed class LogFrontier
{
    private readonly List<byte[]> tiles;

    public LogFrontier(long size, IEnumerable<byte[]> tiles)
    {
        Size = size;
        this.tiles = [.. tiles];
    }

    public long Size { get; private set; }

    /// <summary>Per level, from the leaves up, the hashes of the tile that is not full.</summary>
    public IReadOnlyList<byte[]> Tiles => tiles;

    /// <summary>Tiles that became full since the beginning, in that order.</summary>
    public List<FullTile> Full { get; } = [];

    public void Append(byte[] leafHash)
    {
        var hash = leafHash;
        for (var level = 0; ; level++)
        {
            if (level == tiles.Count)
                tiles.Add([]);
            tiles[level] = [.. tiles[level], .. hash];
            if (tiles[level].Length < SealHead.TileBytes)
                break;
            hash = MerkleTree.Root(tiles[level]);
            Full.Add(new FullTile(level, Size >> (8 * (level + 1)), tiles[level], hash));
            tiles[level] = [];
        }

        Size++;
    }

    public byte[] Root()
    {
        // The tiles hold the roots of the largest full trees side by side, the largest in the highest tile; each joins what lies right of it.
        byte[]? root = null;
        foreach (var tile in tiles)
        {
            for (var (end, width) = (tile.Length / MerkleTree.HashBytes, 1); end > 0; width *= 2)
            {
                if ((end & width) == 0)
                    continue;
                var peak = MerkleTree.Root(tile.AsSpan((end - width) * MerkleTree.HashBytes, width * MerkleTree.HashBytes));
                root = root is null ? peak : MerkleTree.NodeHash(peak, root);
                end -= width;
            }
        }

        return root ?? MerkleTree.EmptyRoot;
    }
}
