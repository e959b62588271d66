using System.Security.Cryptography;

namespace ActionTrail.Proofs;

/// <summary>
/// The Merkle tree of RFC 6962 (and RFC 9162) over SHA-256. A leaf hashes as <c>0x00 data</c>, a node as <c>0x01 left right</c>; a tree of n leaves splits
/// at the largest power of two below n. Hashes lie one after another, 32 bytes each.
/// </summary>
public static class MerkleTree
{
    public const int HashBytes = 32;

    /// <summary>Longest path in a tree whose size is a positive 64-bit number.</summary>
    public const int MaxPath = 64;

    /// <summary>Root of the tree without leaves.</summary>
    public static byte[] EmptyRoot => SHA256.HashData([]);

    public static byte[] LeafHash(ReadOnlySpan<byte> data)
    {
        var hash = new byte[HashBytes];
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(data.Length + 1);
        buffer[0] = 0;
        data.CopyTo(buffer.AsSpan(1));
        SHA256.HashData(buffer.AsSpan(0, data.Length + 1), hash);
        System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        return hash;
    }

    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> both = stackalloc byte[1 + (2 * HashBytes)];
        both[0] = 1;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + HashBytes)..]);
        return SHA256.HashData(both);
    }

    /// <summary>Root of the tree with these leaf hashes.</summary>
    public static byte[] Root(ReadOnlySpan<byte> hashes)
    {
        var count = hashes.Length / HashBytes;
        if (count == 0)
            return EmptyRoot;
        if (count == 1)
            return hashes.ToArray();
        var split = (int)Split(count) * HashBytes;
        return NodeHash(Root(hashes[..split]), Root(hashes[split..]));
    }

    /// <summary>The ranges of leaves whose roots are the inclusion proof of a leaf, from the leaf up (RFC 6962, 2.1.1).</summary>
    public static List<(long From, long To)> InclusionRanges(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var ranges = new List<(long From, long To)>();
        for (var (from, to) = (0L, size); to - from > 1;)
        {
            var middle = from + Split(to - from);
            ranges.Add(index < middle ? (middle, to) : (from, middle));
            (from, to) = index < middle ? (from, middle) : (middle, to);
        }

        ranges.Reverse();
        return ranges;
    }

    /// <summary>The ranges of leaves whose roots prove that the tree of the first <paramref name="size"/> leaves is a beginning of the larger one (RFC 6962, 2.1.2).</summary>
    public static List<(long From, long To)> ConsistencyRanges(long size, long larger)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, larger);
        var ranges = new List<(long From, long To)>();
        var isWhole = true;
        for (var (from, to) = (0L, larger); ;)
        {
            if (to == size)
            {
                if (!isWhole)
                    ranges.Add((from, to));
                break;
            }

            var middle = from + Split(to - from);
            if (size <= middle)
            {
                ranges.Add((middle, to));
                to = middle;
            }
            else
            {
                ranges.Add((from, middle));
                (from, isWhole) = (middle, false);
            }
        }

        ranges.Reverse();
        return ranges;
    }

    /// <summary>The root that a leaf and its path lead to; null when the path does not have the length that place and size want (RFC 9162, 2.1.3.2).</summary>
    public static byte[]? RootOf(long index, long size, ReadOnlySpan<byte> leafHash, IReadOnlyList<byte[]> path)
    {
        if (index < 0 || index >= size)
            return null;
        var (at, last, root) = (index, size - 1, leafHash.ToArray());
        foreach (var hash in path)
        {
            if (last == 0 || hash.Length != HashBytes)
                return null;
            if ((at & 1) == 1 || at == last)
            {
                root = NodeHash(hash, root);
                while ((at & 1) == 0 && at != 0)
                    (at, last) = (at >> 1, last >> 1);
            }
            else
            {
                root = NodeHash(root, hash);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 ? root : null;
    }

    /// <summary>Whether the path proves that the tree of <paramref name="size"/> leaves is a beginning of the larger one (RFC 9162, 2.1.4.2).</summary>
    public static bool IsConsistent(long size, ReadOnlySpan<byte> root, long larger, ReadOnlySpan<byte> largerRoot, IReadOnlyList<byte[]> path)
    {
        if (size <= 0 || size > larger || path.Any(static hash => hash.Length != HashBytes))
            return false;
        if (size == larger)
            return path.Count == 0 && root.SequenceEqual(largerRoot);
        if (path.Count == 0)
            return false;
        var hashes = long.IsPow2(size) ? [root.ToArray(), .. path] : path;
        var (at, last) = (size - 1, larger - 1);
        while ((at & 1) == 1)
            (at, last) = (at >> 1, last >> 1);
        var (old, now) = (hashes[0], hashes[0]);
        foreach (var hash in hashes.Skip(1))
        {
            if (last == 0)
                return false;
            if ((at & 1) == 1 || at == last)
            {
                (old, now) = (NodeHash(hash, old), NodeHash(hash, now));
                while ((at & 1) == 0 && at != 0)
                    (at, last) = (at >> 1, last >> 1);
            }
            else
            {
                now = NodeHash(now, hash);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && root.SequenceEqual(old) && largerRoot.SequenceEqual(now);
    }

    /// <summary>The largest power of two below <paramref name="count"/>, which is 2 or more.</summary>
    internal static long Split(long count) => 1L << (63 - (int)long.LeadingZeroCount(count - 1));
}
