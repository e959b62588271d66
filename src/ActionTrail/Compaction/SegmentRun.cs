using System.Security.Cryptography;
using ActionTrail.Layout;
using ActionTrail.Segments;
using ActionTrail.Storage;

namespace ActionTrail.Compaction;

/// <summary>Decoded blocks that may still be kept by all runs of a plan together.</summary>
internal sealed class KeptBlocks(long bytes)
{
    private long left = bytes;

    public bool TryKeep(int length)
    {
        if (length > left)
            return false;
        left -= length;
        return true;
    }
}

/// <summary>
/// A segment that a plan reads in row order. A small one is read whole and proved by its SHA-256; of a large one the head, then its blocks in
/// windows, each proved by its checksum.
/// </summary>
internal sealed class SegmentRun
{
    private const long WholeBytes = 4L * 1024 * 1024;
    private const int WindowBytes = 1024 * 1024;

    private readonly IObjectStore objects;
    private readonly string name;
    private readonly KeptBlocks? keep;
    private readonly SegmentBlock?[]? kept;
    private ReadOnlyMemory<byte> window;
    private long windowStart;
    private SegmentBlock? current;

    private SegmentRun(IObjectStore objects, string name, SegmentHead head, CommitOrigin? origin, KeptBlocks? keep)
    {
        (this.objects, this.name, this.keep) = (objects, name, keep);
        (Head, Origin) = (head, origin);
        kept = keep is null ? null : new SegmentBlock?[head.BlockCount];
    }

    public SegmentHead Head { get; }

    /// <summary>The commit of a fresh segment; null for a compacted one, whose rows say it.</summary>
    public CommitOrigin? Origin { get; }

    /// <param name="objects">The store.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="origin">Its commit; null when it is compacted.</param>
    /// <param name="keep">Where decoded blocks are charged when the run is read more than once; null when it is read once.</param>
    /// <param name="cancellationToken">Stops the reads.</param>
    /// <exception cref="StoreException">NotFound: it is not there. Corrupt: it is shorter than it should be.</exception>
    /// <exception cref="SegmentFormatException">It is not that segment.</exception>
    public static async Task<SegmentRun> OpenAsync(IObjectStore objects, SegmentReference segment, CommitOrigin? origin, KeptBlocks? keep, CancellationToken cancellationToken)
    {
        var headLength = segment.Length - segment.HeadOffset;
        if (segment.HeadOffset < 0 || headLength is <= 0 or > int.MaxValue)
            throw new SegmentFormatException($"The reference of segment {segment.Name} has impossible lengths.");
        if (segment.Length > WholeBytes)
        {
            var bytes = await objects.ReadAsync(Containers.Events, segment.Name, segment.HeadOffset, (int)headLength, cancellationToken);
            return new(objects, segment.Name, SegmentHead.Parse(bytes, segment.HeadOffset, segment.Length), origin, keep);
        }

        var whole = await objects.ReadAsync(Containers.Events, segment.Name, 0, (int)segment.Length, cancellationToken);
        if (!SHA256.HashData(whole).AsSpan().SequenceEqual(segment.Sha256))
            throw new SegmentFormatException($"Segment {segment.Name} does not have the SHA-256 of its catalog row.");
        var head = SegmentHead.Parse(whole.AsMemory((int)segment.HeadOffset), segment.HeadOffset, whole.Length);
        return new(objects, segment.Name, head, origin, keep) { window = whole };
    }

    /// <summary>The block of a row when it is at hand; else <see cref="LoadAsync"/>.</summary>
    public bool TryBlock(int row, out SegmentBlock block)
    {
        block = current!;
        return current is not null && row >= current.FirstRow && row < current.EndRow;
    }

    public async Task<SegmentBlock> LoadAsync(int row, CancellationToken cancellationToken)
    {
        var number = Head.BlockOf(row);
        if (kept?[number] is { } known)
            return current = known;
        var range = Head.Block(number);
        if (range.Offset < windowStart || range.Offset + range.Length > windowStart + window.Length)
            await FillAsync(number, cancellationToken);
        current = Head.Decode(number, window.Slice((int)(range.Offset - windowStart), range.Length));
        if (keep is not null && keep.TryKeep(current.Length))
            kept![number] = current;
        return current;
    }

    private async Task FillAsync(int block, CancellationToken cancellationToken)
    {
        var start = Head.Block(block).Offset;
        var end = start;
        for (; block < Head.BlockCount && (Head.Block(block) is var next) && (end == start || next.Offset + next.Length - start <= WindowBytes); block++)
            end = next.Offset + next.Length;
        window = await objects.ReadAsync(Containers.Events, name, start, (int)(end - start), cancellationToken);
        windowStart = start;
    }
}
