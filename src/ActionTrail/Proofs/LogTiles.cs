using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Proofs;

/// <summary>
/// The nodes of a log as of one head. A tile that is full is an object named by its root, which is a hash of the tile above: what is read was proved by what it was
/// found through, up to the head's own hashes.
/// </summary>
public sealed class LogTiles(IObjectStore objects, StoreName store, SealHead head)
{
    private readonly Dictionary<(int Level, long Number), byte[]> read = [];

    public SealHead Head => head;

    /// <summary>The root of the log when it had <paramref name="size"/> commits.</summary>
    public async Task<byte[]> RootAsync(long size, CancellationToken cancellationToken) =>
        size == 0 ? MerkleTree.EmptyRoot : await RangeAsync(0, size, cancellationToken);

    /// <summary>The roots of ranges of leaves as <see cref="MerkleTree.InclusionRanges"/> and <see cref="MerkleTree.ConsistencyRanges"/> name them.</summary>
    /// <exception cref="StoreException">Corrupt or NotFound: a tile is not as it was written, or missing.</exception>
    public async Task<List<byte[]>> RangesAsync(IReadOnlyList<(long From, long To)> ranges, CancellationToken cancellationToken)
    {
        var hashes = new List<byte[]>(ranges.Count);
        foreach (var (from, to) in ranges)
            hashes.Add(await RangeAsync(from, to, cancellationToken));
        return hashes;
    }

    /// <summary>The hash of a leaf.</summary>
    public Task<byte[]> LeafAsync(long index, CancellationToken cancellationToken) => RangeAsync(index, index + 1, cancellationToken);

    /// <summary>The right edge of the log when it had <paramref name="size"/> commits.</summary>
    internal async Task<LogFrontier> FrontierAsync(long size, CancellationToken cancellationToken)
    {
        var tiles = new List<byte[]>();
        for (var level = 0; size >> (8 * level) > 0; level++)
        {
            var hashes = (int)((size >> (8 * level)) & 255);
            tiles.Add(hashes == 0 ? [] : (await TileAsync(level, size >> (8 * (level + 1)), cancellationToken))[..(hashes * MerkleTree.HashBytes)]);
        }

        return new LogFrontier(size, tiles);
    }

    /// <summary>A hash of a level, which is the root of a full tile of the level below (of a commit, on level 0).</summary>
    internal async Task<byte[]> NodeAsync(int level, long number, CancellationToken cancellationToken)
    {
        var tile = await TileAsync(level, number >> 8, cancellationToken);
        return tile.AsSpan((int)(number & 255) * MerkleTree.HashBytes, MerkleTree.HashBytes).ToArray();
    }

    private async Task<byte[]> RangeAsync(long from, long to, CancellationToken cancellationToken)
    {
        if (from < 0 || to > head.Size || from >= to)
            throw new ArgumentOutOfRangeException(nameof(to), $"{from} to {to} is no range of a log of {head.Size}.");
        var width = to - from;
        if (!long.IsPow2(width))
        {
            var middle = from + MerkleTree.Split(width);
            var left = await RangeAsync(from, middle, cancellationToken);
            var right = await RangeAsync(middle, to, cancellationToken);
            return MerkleTree.NodeHash(left, right);
        }

        // A full tree of 2^height leaves is the root of 2^(height mod 8) hashes of one tile.
        var height = (int)long.Log2(width);
        var (level, hashes) = (height / 8, 1 << (height % 8));
        var first = from >> (8 * level);
        var tile = await TileAsync(level, first >> 8, cancellationToken);
        return MerkleTree.Root(tile.AsSpan((int)(first & 255) * MerkleTree.HashBytes, hashes * MerkleTree.HashBytes));
    }

    private async Task<byte[]> TileAsync(int level, long number, CancellationToken cancellationToken)
    {
        if (number == head.Size >> (8 * (level + 1)))
            return head.Tiles[level];
        if (read.TryGetValue((level, number), out var known))
            return known;
        var root = await NodeAsync(level + 1, number, cancellationToken);
        var name = SealKeys.Tile(store, level, number, root);
        var tile = await objects.ReadAsync(Containers.Proofs, name, 0, SealHead.TileBytes, cancellationToken);
        if (!MerkleTree.Root(tile).AsSpan().SequenceEqual(root))
            throw new StoreException(StoreErrorKind.Corrupt, $"{Containers.Proofs}/{name} does not hold the hashes that its name and the tile above say.");
        read[(level, number)] = tile;
        return tile;
    }
}
