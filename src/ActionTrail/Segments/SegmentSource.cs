using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Segments;

/// <summary>
/// Reads segments from container <c>events</c>: a head by one ranged read, cached; then only the blocks asked for. Safe for many
/// threads. All methods throw <see cref="StoreException"/> as the store does (NotFound: the object is gone) and with
/// Corrupt, naming the segment, when the bytes are not the segment that its reference describes.
/// </summary>
public sealed class SegmentSource
{
    /// <summary>A longer object is hashed while it streams and read again by blocks.</summary>
    private const long MaxWholeBytes = 16 * 1024 * 1024;

    /// <summary>Most blocks that are decoded ahead of whoever enumerates events.</summary>
    private const int BlocksAhead = 32;

    private readonly IObjectStore objects;
    private readonly SegmentCacheOptions options;
    private readonly HeadCache heads;
    private readonly SieveSource sieves;
    private readonly ByteLru<(string Segment, int Block), SegmentBlock> blockCache;

    public SegmentSource(IObjectStore objects, SegmentCacheOptions options)
    {
        this.objects = objects;
        this.options = options;
        heads = new(options.HeadBytes, ReadHeadAsync);
        blockCache = new(options.BlockBytes);
        sieves = new(objects, options.SieveBytes);
    }

    /// <summary>Bytes that kept heads and kept blocks cost, as they are counted against <see cref="SegmentCacheOptions"/>.</summary>
    internal (long Heads, long Blocks) Held => (heads.Bytes, blockCache.Bytes);

    /// <summary>The head of a segment, from the cache or by one read that readers at the same time share.</summary>
    public Task<SegmentHead> OpenAsync(SegmentReference segment, CancellationToken cancellationToken) => OpenAsync(segment, reads: null, cancellationToken);

    /// <summary>As <see cref="OpenAsync(SegmentReference, CancellationToken)"/>; a read that this call had to begin is counted.</summary>
    public Task<SegmentHead> OpenAsync(SegmentReference segment, SegmentReads? reads, CancellationToken cancellationToken) => heads.GetAsync(segment, reads, cancellationToken);

    /// <summary>
    /// False when the segment's sieve proves that no row meets all the conditions. A head says more but costs a thousand times the bytes: the sieve is asked while the head
    /// is not cached, a few times; then the head is worth reading, as long as it displaces no other one.
    /// </summary>
    public Task<bool> MayHoldAsync(SegmentReference segment, IReadOnlyList<AttributeFilter> filters, SegmentReads? reads, CancellationToken cancellationToken)
    {
        if (segment.Sieve is not { } sieve || filters.Count == 0 || heads.Holds(segment.Name))
            return Task.FromResult(true);
        return heads.HasRoomFor(segment) && sieves.GivesWay(sieve)
            ? Task.FromResult(true)
            : sieves.MayHoldAsync(segment, sieve, filters, reads, cancellationToken);
    }

    /// <summary>The blocks asked for, in that order: one parallel wave of reads, neighbours in one read.</summary>
    public Task<SegmentBlock[]> ReadBlocksAsync(SegmentReference segment, SegmentHead head, IReadOnlyList<int> blocks, CancellationToken cancellationToken) =>
        ReadBlocksAsync(segment, head, blocks, reads: null, cancellationToken);

    /// <summary>As <see cref="ReadBlocksAsync(SegmentReference, SegmentHead, IReadOnlyList{int}, CancellationToken)"/>, its reads counted.</summary>
    public async Task<SegmentBlock[]> ReadBlocksAsync(
        SegmentReference segment, SegmentHead head, IReadOnlyList<int> blocks, SegmentReads? reads, CancellationToken cancellationToken)
    {
        var found = new Dictionary<int, SegmentBlock>();
        var missing = new SortedSet<int>();
        foreach (var block in blocks)
        {
            if (blockCache.TryGet((segment.Name, block), out var known))
                found[block] = known;
            else
                missing.Add(block);
        }

        var decoded = await OrDamaged(segment, BlockWave.ReadAsync(objects, segment.Name, head, missing, options.ParallelReads, reads, cancellationToken));
        foreach (var (block, content) in decoded)
        {
            blockCache.Add((segment.Name, block), content, content.Length);
            found[block] = content;
        }

        var asked = new SegmentBlock[blocks.Count];
        for (var i = 0; i < asked.Length; i++)
            asked[i] = found[blocks[i]];
        return asked;
    }

    /// <summary>All events of an account, in row order; none when the segment does not have the account. Memory is bounded whatever the segment's size.</summary>
    public async IAsyncEnumerable<StoredEvent> ReadAccountAsync(SegmentReference segment, string accountId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in ReadRunsAsync(segment, accountId, cancellationToken))
        {
            for (var i = 0; i < run.Count; i++)
                yield return run[i];
        }
    }

    /// <summary>As <see cref="ReadAccountAsync"/>, a block at a time: whoever reads many events waits for blocks, not for each event.</summary>
    public async IAsyncEnumerable<EventRun> ReadRunsAsync(SegmentReference segment, string accountId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var head = await OpenAsync(segment, cancellationToken);
        if (!head.TryFindAccount(accountId, out var rows))
            yield break;
        await foreach (var run in ReadRowsAsync(segment, head, rows, whole: null, cancellationToken))
            yield return run;
    }

    /// <summary>All events in row order, after the whole object proved to have the SHA-256 of its reference.</summary>
    public async IAsyncEnumerable<StoredEvent> ReadAllAsync(SegmentReference segment, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (whole, head) = await OrDamaged(segment, ProveAsync(segment, cancellationToken));
        foreach (var account in head.Accounts)
        {
            await foreach (var run in ReadRowsAsync(segment, head, account, whole, cancellationToken))
            {
                for (var i = 0; i < run.Count; i++)
                    yield return run[i];
            }
        }
    }

    private async IAsyncEnumerable<EventRun> ReadRowsAsync(SegmentReference segment, SegmentHead head, AccountRows rows, byte[]? whole, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = rows.First + rows.Count;
        var lastBlock = head.BlockOf(end - 1);
        var row = rows.First;
        while (row < end)
        {
            var firstBlock = head.BlockOf(row);
            var wave = Enumerable.Range(firstBlock, Math.Min(BlocksAhead, lastBlock - firstBlock + 1)).ToArray();
            var blocks = whole is null ? await ReadBlocksAsync(segment, head, wave, cancellationToken) : DecodeFrom(segment, whole, head, wave);
            foreach (var block in blocks)
            {
                var first = row;
                row = Math.Min(end, block.EndRow);
                yield return new(head, rows.AccountId, block, first, row);
            }
        }
    }

    private static SegmentBlock[] DecodeFrom(SegmentReference segment, byte[] whole, SegmentHead head, int[] blocks)
    {
        try
        {
            return Array.ConvertAll(blocks, block =>
            {
                var range = head.Block(block);
                return head.Decode(block, whole.AsMemory((int)range.Offset, range.Length));
            });
        }
        catch (SegmentFormatException error)
        {
            throw Damaged(segment, error);
        }
    }

    private Task<SegmentHead> ReadHeadAsync(SegmentReference segment, CancellationToken cancellationToken) => OrDamaged(segment, ReadOwnHeadAsync(segment, cancellationToken));

    private async Task<SegmentHead> ReadOwnHeadAsync(SegmentReference segment, CancellationToken cancellationToken)
    {
        CheckLengths(segment);
        var bytes = await objects.ReadAsync(Containers.Events, segment.Name, segment.HeadOffset, (int)(segment.Length - segment.HeadOffset), cancellationToken);
        return ParseOwn(segment, bytes);
    }

    /// <summary>The head, after what it says was held against the catalog row: a sound segment under another's name would answer with events that are not there.</summary>
    private static SegmentHead ParseOwn(SegmentReference segment, ReadOnlyMemory<byte> bytes)
    {
        var head = SegmentHead.Parse(bytes, segment.HeadOffset, segment.Length);
        var isOwn = head.MinEventTimeMs == segment.MinEventTimeMs && head.MaxEventTimeMs == segment.MaxEventTimeMs
            && segment.Accounts.MayHold(Hash64.Of(head.Accounts[0].AccountId)) && segment.Accounts.MayHold(Hash64.Of(head.Accounts[^1].AccountId));
        return isOwn ? head : throw new SegmentFormatException("It is a segment, but not the one that its catalog row describes.");
    }

    /// <summary>The whole object (null when there is too much to hold) and its head, once its length, SHA-256 and header are those of the reference.</summary>
    private async Task<(byte[]? Whole, SegmentHead Head)> ProveAsync(SegmentReference segment, CancellationToken cancellationToken)
    {
        var whole = await ReadWholeAsync(segment, cancellationToken);
        var head = whole is null ? await OpenAsync(segment, cancellationToken) : ParseOwn(segment, whole.AsMemory((int)segment.HeadOffset));
        var header = whole ?? await objects.ReadAsync(Containers.Events, segment.Name, 0, SegmentFormat.HeaderBytes, cancellationToken);
        SegmentFormat.CheckHeader(header.AsSpan(0, SegmentFormat.HeaderBytes), head.Count, segment.HeadOffset);
        return (whole, head);
    }

    /// <summary>The result of a read, or the store's word for bytes that are not the segment's.</summary>
    private static async Task<T> OrDamaged<T>(SegmentReference segment, Task<T> read)
    {
        try
        {
            return await read;
        }
        catch (SegmentFormatException error)
        {
            throw Damaged(segment, error);
        }
    }

    private static StoreException Damaged(SegmentReference segment, SegmentFormatException error) =>
        new(StoreErrorKind.Corrupt, $"Segment {segment.Name} cannot be read: {error.Message}", error);

    /// <summary>Streams the object and checks its length and SHA-256; returns its bytes unless there are too many to hold.</summary>
    private async Task<byte[]?> ReadWholeAsync(SegmentReference segment, CancellationToken cancellationToken)
    {
        CheckLengths(segment);
        await using var stream = await objects.OpenReadAsync(Containers.Events, segment.Name, cancellationToken);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var kept = segment.Length <= MaxWholeBytes ? new MemoryStream() : null;
        var buffer = new byte[64 * 1024];
        long length = 0;
        int read;
        while (length <= segment.Length && (read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            kept?.Write(buffer, 0, read);
            length += read;
        }

        if (length != segment.Length || !hash.GetHashAndReset().AsSpan().SequenceEqual(segment.Sha256))
            throw new SegmentFormatException("It does not have the length and SHA-256 of its catalog row.");
        return kept?.ToArray();
    }

    private static void CheckLengths(SegmentReference segment)
    {
        var headLength = segment.Length - segment.HeadOffset;
        if (segment.HeadOffset < SegmentFormat.HeaderBytes || headLength is < SegmentFormat.TrailerBytes or > SegmentFormat.MaxHeadBytes)
            throw new SegmentFormatException("Its catalog row has impossible lengths.");
    }
}
