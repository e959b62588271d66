using System.Buffers.Binary;

namespace ActionTrail.Segments;

/// <summary>
/// The head of a segment: everything but the bodies. Immutable, safe for many readers at once, read in place from the bytes it was
/// parsed from. Rows are sorted by account (ordinal); those of one account by (event time, event id hash, sequence number, index).
/// </summary>
public sealed class SegmentHead
{
    private readonly HeadColumns columns;
    private readonly BlockDirectory blocks;
    private readonly AttributeIndex?[] attributes;
    private readonly AccountRows[] accounts;

    internal SegmentHead(HeadColumns columns, BlockDirectory blocks, AttributeIndex?[] attributes, AccountRows[] accounts)
    {
        this.columns = columns;
        this.blocks = blocks;
        this.attributes = attributes;
        this.accounts = accounts;
    }

    /// <summary>Number of rows, at least 1.</summary>
    public required int Count { get; init; }

    /// <summary>Bytes that holding this head costs, for caches.</summary>
    public required int MemoryBytes { get; init; }

    /// <summary>Where the head starts in the object.</summary>
    public required long HeadOffset { get; init; }

    /// <summary>Oldest event, Unix milliseconds.</summary>
    public required long MinEventTimeMs { get; init; }

    /// <summary>Newest event, Unix milliseconds, inclusive.</summary>
    public required long MaxEventTimeMs { get; init; }

    /// <summary>All accounts, sorted ordinally; their rows follow one another.</summary>
    public IReadOnlyList<AccountRows> Accounts => accounts;

    public int BlockCount => blocks.Count;

    /// <param name="head">The bytes from <paramref name="headOffset"/> to the end of the object; kept, not copied: they must not change.</param>
    /// <param name="headOffset">Where they start in the object.</param>
    /// <param name="segmentLength">Bytes of the whole object.</param>
    /// <exception cref="SegmentFormatException">They are no head of a readable segment.</exception>
    public static SegmentHead Parse(ReadOnlyMemory<byte> head, long headOffset, long segmentLength) =>
        HeadReader.Parse(head, headOffset, segmentLength);

    public bool TryFindAccount(string accountId, out AccountRows rows)
    {
        int low = 0, high = accounts.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(accounts[middle].AccountId, accountId);
            if (order == 0)
            {
                rows = accounts[middle];
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        rows = default;
        return false;
    }

    /// <summary>Event time of a row, Unix milliseconds.</summary>
    public long EventTimeMs(int row) => columns.EventTimes[Checked(row)];

    /// <summary><see cref="Layout.Hash64"/> of the event id, 0 when the event has none.</summary>
    public ulong EventIdHash(int row) => columns.EventId(Checked(row));

    public EventCoordinates At(int row) => new(columns.SequenceNumbers[Checked(row)], (int)columns.Indexes[row], columns.ReceiveTimes[row]);

    /// <summary>
    /// Adds to <paramref name="matches"/> the rows of an account with <paramref name="fromMs"/> ≤ event time &lt; <paramref name="toMs"/>
    /// for which every filter holds by hash, ascending. The caller verifies the values on the bodies.
    /// </summary>
    public void Select(in AccountRows rows, long fromMs, long toMs, ReadOnlySpan<AttributeFilter> filters, List<int> matches)
    {
        if (rows.First < 0 || rows.Count < 0 || rows.First > Count - rows.Count)
            throw new ArgumentException("These rows are not of this segment.", nameof(rows));
        var first = FirstAtOrAfter(rows, fromMs);
        var end = FirstAtOrAfter(rows, toMs);
        if (first >= end)
            return;
        if (filters.IsEmpty)
        {
            for (var row = first; row < end; row++)
                matches.Add(row);
            return;
        }

        // The first filter's rows are found, then thinned out by each further one in place.
        var start = matches.Count;
        for (var i = 0; i < filters.Length; i++)
        {
            var index = (int)filters[i].Attribute < attributes.Length ? attributes[(int)filters[i].Attribute] : null;
            if (index is null)
            {
                matches.RemoveRange(start, matches.Count - start);
                return;
            }

            if (i == 0)
                index.Find(filters[i].Hash, first, end, matches);
            else
                index.Keep(filters[i].Hash, start, matches);
        }
    }

    /// <summary>The block with the body of a row.</summary>
    public int BlockOf(int row) => blocks.BlockOf(Checked(row));

    /// <summary>Bytes of the body of a row.</summary>
    public int BodyLength(int row) => (int)(columns.Ends[Checked(row)] - (row == blocks.Rows(blocks.BlockOf(row)).First ? 0 : columns.Ends[row - 1]));

    public BlockRange Block(int block) => blocks.Range(block);

    /// <summary>Decodes a block from the bytes of its range, which are not kept.</summary>
    /// <exception cref="SegmentFormatException">The bytes are not that block.</exception>
    public SegmentBlock Decode(int block, ReadOnlyMemory<byte> stored)
    {
        var raw = blocks.Decode(block, stored);
        var (firstRow, endRow) = blocks.Rows(block);
        return new SegmentBlock(columns.Ends, firstRow, endRow, raw);
    }

    private int Checked(int row) => (uint)row < (uint)Count ? row : throw new ArgumentOutOfRangeException(nameof(row), row, "No such row.");

    private int FirstAtOrAfter(in AccountRows rows, long timeMs)
    {
        int low = rows.First, high = rows.First + rows.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (columns.EventTimes[middle] < timeMs)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

/// <summary>The columns that every row has, read in place.</summary>
internal sealed class HeadColumns
{
    public required PackedColumn EventTimes { get; init; }

    public required PackedColumn ReceiveTimes { get; init; }

    public required PackedColumn SequenceNumbers { get; init; }

    public required PackedColumn Indexes { get; init; }

    /// <summary>Where each row's body ends in its raw block.</summary>
    public required PackedColumn Ends { get; init; }

    public required ReadOnlyMemory<byte> EventIds { get; init; }

    public ulong EventId(int row) => BinaryPrimitives.ReadUInt64LittleEndian(EventIds.Span[(8 * row)..]);
}
