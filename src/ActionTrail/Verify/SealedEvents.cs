using System.Buffers.Binary;
using ActionTrail.Layout;
using ActionTrail.Proofs;
using ActionTrail.Storage;

namespace ActionTrail.Verify;

/// <summary>
/// Holds the events of a segment against what was sealed of their commits. (A fresh one is covered by its commit's chain link, which is in the log; with it the leaf hashes are held
/// against their root, from which proofs are made.)
/// </summary>
internal sealed class SealedEvents(ITableStore tables, IObjectStore objects, StoreName store, VerifyReport report)
{
    private readonly SealLog log = new(tables, objects);
    private readonly Dictionary<PartitionName, SortedDictionary<long, List<(ulong Hash, int Row)>>> found = [];

    /// <param name="partition">The partition of the event's commit.</param>
    /// <param name="last">The last sequence number of the commit.</param>
    /// <param name="row">Its row in the segment.</param>
    /// <param name="body">Its bytes.</param>
    public void Add(PartitionName partition, long last, int row, ReadOnlySpan<byte> body)
    {
        if (!found.TryGetValue(partition, out var commits))
            found[partition] = commits = [];
        if (!commits.TryGetValue(last, out var rows))
            commits[last] = rows = [];
        rows.Add((Short(MerkleTree.LeafHash(body)), row));
    }

    /// <summary>Reads what was sealed of the commits seen, and names the rows that are not in it.</summary>
    public async Task CheckAsync(string segment, CancellationToken cancellationToken)
    {
        // The commits of a partition by the sealing they are in; one row of the index tells it for all up to its number.
        var bySealing = new SortedDictionary<long, List<(PartitionName Partition, long Last)>>();
        foreach (var (partition, commits) in found)
        {
            var place = (To: -1L, Through: -1L);
            foreach (var last in commits.Keys)
            {
                if (last > place.Through)
                {
                    if (await log.FindAsync(store, partition, last, cancellationToken) is not { } next)
                        break;
                    place = next;
                }

                if (!bySealing.TryGetValue(place.To, out var list))
                    bySealing[place.To] = list = [];
                list.Add((partition, last));
            }
        }

        foreach (var (to, commits) in bySealing)
        {
            // One that was pruned meanwhile had nothing but purged commits.
            if (await log.FindSealingAsync(store, to, cancellationToken) is { } sealing)
                await CheckAsync(segment, sealing, commits, cancellationToken);
        }
    }

    private async Task CheckAsync(string segment, Sealing sealing, List<(PartitionName Partition, long Last)> commits, CancellationToken cancellationToken)
    {
        var name = $"{Containers.Proofs}/{sealing.Leaves}";
        try
        {
            var list = await log.ReadCommitsAsync(sealing, cancellationToken);
            foreach (var (partition, last) in commits)
            {
                var number = list.FindIndex(c => c.Partition == partition && c.Last == last);
                if (number < 0 || list[number].Root is not { } root)
                    continue;
                var leaves = await log.ReadLeavesAsync(sealing, list, number, cancellationToken);
                report.Bytes += leaves.Length;
                if (!MerkleTree.Root(leaves).AsSpan().SequenceEqual(root))
                    report.Add(name, $"The leaf hashes of {partition} {last} are not those that its root was made of.");
                else
                    CheckRows(segment, partition, last, leaves);
            }
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.NotFound or StoreErrorKind.Corrupt)
        {
            if (await log.FindSealingAsync(store, sealing.To, cancellationToken) is not null)
                report.Add(name, error.Kind == StoreErrorKind.NotFound ? "The object is missing." : error.Message);
        }
    }

    private void CheckRows(string segment, PartitionName partition, long last, byte[] leaves)
    {
        var known = new HashSet<ulong>();
        for (var at = 0; at < leaves.Length; at += MerkleTree.HashBytes)
            known.Add(Short(leaves.AsSpan(at)));
        foreach (var (_, row) in found[partition][last].Where(one => !known.Contains(one.Hash)))
            report.Add(segment, $"Row {row} is no event that was sealed with its commit {partition} {last}: it was changed.");
    }

    private static ulong Short(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}
