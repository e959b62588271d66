using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Query;

/// <summary>Reads heads and single events of one view of a store, and counts what that cost.</summary>
internal sealed class RowBodies(CommitCatalog catalog, SegmentSource segments, StoreName store, long generation, SegmentReads reads)
{
    private readonly HashSet<(LookupSource Source, int Block)> decoded = [];

    /// <summary>Of the view.</summary>
    public long Generation => generation;

    /// <summary>Blocks whose events were decoded.</summary>
    public int Blocks => decoded.Count;

    /// <summary>The head of a segment; null when retention took the segment, or it was marked lost, since the view was taken.</summary>
    /// <exception cref="ViewOutdatedException">Compaction freed the segment.</exception>
    public async Task<SegmentHead?> OpenAsync(LookupSource source, CancellationToken cancellationToken)
    {
        try
        {
            return await segments.OpenAsync(source.Segment, reads, cancellationToken);
        }
        catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
        {
            await catalog.ForgetAsync(store, generation, source, cancellationToken);
            return null;
        }
    }

    /// <summary>False when the segment's sieve rules the conditions out. One that cannot be read hides nothing.</summary>
    public async Task<bool> MayHoldAsync(LookupSource source, IReadOnlyList<AttributeFilter> filters, CancellationToken cancellationToken)
    {
        try
        {
            return await segments.MayHoldAsync(source.Segment, filters, reads, cancellationToken);
        }
        catch (StoreException error) when (error.Kind is StoreErrorKind.NotFound or StoreErrorKind.Corrupt)
        {
            return true;
        }
    }

    /// <summary>The bodies of rows of one segment, in their order; null when the segment went as in <see cref="OpenAsync"/>.</summary>
    public async Task<ReadOnlyMemory<byte>[]?> ReadAsync(LookupSource source, SegmentHead head, IReadOnlyList<int> rows, CancellationToken cancellationToken)
    {
        var blocks = rows.Select(head.BlockOf).Distinct().Order().ToArray();
        try
        {
            var read = await segments.ReadBlocksAsync(source.Segment, head, blocks, reads, cancellationToken);
            lock (decoded)
            {
                decoded.UnionWith(blocks.Select(block => (source, block)));
            }

            return [.. rows.Select(row => read[Array.BinarySearch(blocks, head.BlockOf(row))].Event(row))];
        }
        catch (StoreException missing) when (missing.Kind == StoreErrorKind.NotFound)
        {
            await catalog.ForgetAsync(store, generation, source, cancellationToken);
            return null;
        }
    }
}
