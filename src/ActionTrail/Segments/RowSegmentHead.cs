using System.Buffers.Binary;
using ActionTrail.Events;

namespace ActionTrail.Segments;

/// <summary>The head of a level 0 segment: rows of one commit, bodies whole.</summary>
internal sealed class RowSegmentHead : SegmentHead
{
    private readonly HeadColumns columns;
    private readonly BlockDirectory blocks;
    private readonly AttributeIndex?[] attributes;

    public RowSegmentHead(HeadColumns columns, BlockDirectory blocks, AttributeIndex?[] attributes, AccountRows[] accounts)
        : base(accounts)
    {
        this.columns = columns;
        this.blocks = blocks;
        this.attributes = attributes;
    }

    public override int Level => 0;

    public override int BlockCount => blocks.Count;

    public override long EventTimeMs(int row) => columns.EventTimes[Checked(row)];

    public override ulong EventIdHash(int row) => columns.EventId(Checked(row));

    public override EventCoordinates At(int row) => new(columns.SequenceNumbers[Checked(row)], (int)columns.Indexes[row], columns.ReceiveTimes[row]);

    public override CommitOrigin? OriginOf(int row) => null;

    public override int CountValues(EventAttribute attribute, int first, int end, Dictionary<uint, ValueTally> tallies)
    {
        var counted = 0;
        if (Find(attribute) is not { } index)
            return counted;
        var hashes = new List<ulong>();
        for (var row = Checked(first); row < Math.Min(end, Count); row++)
            counted += index.Count(row, hashes, tallies) ? 1 : 0;
        return counted;
    }

    public override int CountValues(EventAttribute attribute, IReadOnlyList<int> rows, Dictionary<uint, ValueTally> tallies)
    {
        var counted = 0;
        if (Find(attribute) is not { } index)
            return counted;
        var hashes = new List<ulong>();
        for (var i = 0; i < rows.Count; i++)
            counted += index.Count(Checked(rows[i]), hashes, tallies) ? 1 : 0;
        return counted;
    }

    public override void ReadValues(EventAttribute attribute, int row, List<uint> prefixes)
    {
        if (Find(attribute) is not { } index)
            return;
        var hashes = new List<ulong>(4);
        index.Append(Checked(row), hashes);
        foreach (var hash in hashes)
            prefixes.Add((uint)(hash >> 32));
    }

    public override void ReadFacts(int row, EventFacts facts)
    {
        facts.Clear();
        facts.AccountId = AccountId(row);
        facts.EventTimeMs = EventTimeMs(row);
        var hashes = new List<ulong>();
        for (var attribute = 0; attribute < attributes.Length; attribute++)
        {
            hashes.Clear();
            attributes[attribute]?.Append(row, hashes);
            foreach (var hash in hashes)
                facts.Add((EventAttribute)attribute, hash);
        }
    }

    public override int BlockOf(int row) => blocks.BlockOf(Checked(row));

    public override int BodyLength(int row) => (int)(columns.Ends[Checked(row)] - (row == blocks.Rows(blocks.BlockOf(row)).First ? 0 : columns.Ends[row - 1]));

    public override BlockRange Block(int block) => blocks.Range(block);

    public override SegmentBlock Decode(int block, ReadOnlyMemory<byte> stored)
    {
        var raw = blocks.Decode(block, stored);
        var (firstRow, endRow) = blocks.Rows(block);
        return new RowBlock(columns.Ends, firstRow, endRow, raw);
    }

    private protected override void SelectIn(int first, int end, ReadOnlySpan<AttributeFilter> filters, List<int> matches)
    {
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
            var index = Find(filters[i].Attribute);
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

    private AttributeIndex? Find(EventAttribute attribute) => (int)attribute < attributes.Length ? attributes[(int)attribute] : null;
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
