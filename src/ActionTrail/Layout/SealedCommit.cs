using System.Globalization;
using System.Text;

namespace ActionTrail.Layout;

/// <summary>A commit as the log holds it.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="First">First sequence number.</param>
/// <param name="Last">Last sequence number, inclusive.</param>
/// <param name="CommittedAt">When it was made, UTC.</param>
/// <param name="Link">Its chain link, which covers partition, sequence numbers and the hashes of its objects.</param>
/// <param name="Count">Its events.</param>
/// <param name="Root">Root of the Merkle tree over its events; null when its segment was not there any more, or given up, when it was sealed.</param>
public sealed record SealedCommit(PartitionName Partition, long First, long Last, DateTimeOffset CommittedAt, byte[] Link, int Count, byte[]? Root)
{
    /// <summary>Bytes of its leaf hashes in the object of its sealing.</summary>
    public long LeavesLength => Root is null ? 0 : 32L * Count;

    /// <summary>The leaf of the log, see <see cref="LeafOf"/>.</summary>
    public byte[] ToLeaf() => LeafOf(CommittedAt, Link, Count, Root);

    /// <summary>
    /// What is hashed into the log: UTF-8 lines, each ended by LF: <c>ActionTrail commit v1</c>, commit time as <c>yyyy-MM-ddTHH:mm:ss.fffffffZ</c>, chain link (lower hex), number of events, root (lower hex; empty
    /// for none). Neither partition nor sequence numbers: a proof is shown to others.
    /// </summary>
    public static byte[] LeafOf(DateTimeOffset committedAt, byte[] link, int count, byte[]? root) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"ActionTrail commit v1\n{committedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}\n{Convert.ToHexStringLower(link)}\n{count}\n{(root is null ? "" : Convert.ToHexStringLower(root))}\n"));
}
