using System.Text;

namespace ActionTrail.Segments.Compact;

/// <summary>
/// A decoded block of level 1 or 2: an event is put together when it is asked for. The first few that are asked for have their own leaves
/// worked out; then those of all rows are, once, and what the directory says of the block's bytes is checked.
/// </summary>
internal sealed class ShreddedBlock(
    GroupCodec codec, ICompactRows rows, SkeletonText[] skeletons, BlockCells cells, BlockLiteral[] literals,
    ReadOnlyMemory<byte> text, byte[] binary, int firstRow, long eventBytes) : SegmentBlock(firstRow, firstRow + skeletons.Length)
{
    /// <summary>Events that are put together one by one before all leaves are worked out.</summary>
    private const int Singles = 4;

    private int singles = skeletons.Length > Singles ? 0 : Singles;
    private RowLeaves? all;

    internal override int Length => text.Length + binary.Length + (4 * cells.Cells.Length) + (4 * cells.Firsts.Length) + (4 * cells.Leaves) + (12 * literals.Length) + (24 * skeletons.Length);

    public GroupCodec Codec => codec;

    public SkeletonText Skeleton(int row) => skeletons[row - FirstRow];

    /// <summary>What stands in the holes of the row's skeleton: entries of the dictionary, or <c>~n</c> for literal n.</summary>
    /// <exception cref="SegmentFormatException">A leaf is foretold by nothing, or the events do not have the length that the directory says.</exception>
    public ReadOnlySpan<int> Leaves(int row)
    {
        var known = Volatile.Read(ref all) ?? ResolveAll();
        return known.Of(row - FirstRow);
    }

    public int EventLength(int row)
    {
        var known = Volatile.Read(ref all) ?? ResolveAll();
        return known.Lengths[row - FirstRow];
    }

    /// <summary>The text of literal n; in <paramref name="scratch"/> when it is not stored as it is spelt.</summary>
    public ReadOnlySpan<byte> Literal(int number, PooledBytes scratch)
    {
        var literal = literals[number];
        if (literal.Code == LeafCode.Text)
            return text.Span.Slice(literal.Start, literal.Bytes);
        scratch.Reset();
        var length = LeafLiteral.TextLength(literal.Code, literal.Bytes);
        var target = scratch.GetSpan(length)[..length];
        LeafLiteral.Spell(literal.Code, binary.AsSpan(literal.Start, literal.Bytes), target);
        scratch.Advance(length);
        return scratch.Written;
    }

    private protected override ReadOnlyMemory<byte> Body(int row)
    {
        if (Volatile.Read(ref all) is { } known || Interlocked.Increment(ref singles) > Singles)
            return Spell(row, Leaves(row), EventLength(row));
        var own = new int[skeletons[row - FirstRow].Columns.Length];
        ResolveOne(row - FirstRow, own);
        return Spell(row, own, LengthOf(row, own));
    }

    private ReadOnlyMemory<byte> Spell(int row, ReadOnlySpan<int> own, long length)
    {
        if (length > eventBytes)
            throw new SegmentFormatException("An event is larger than its block can be.");
        var body = GC.AllocateUninitializedArray<byte>((int)length);
        var skeleton = skeletons[row - FirstRow];
        var source = skeleton.Text.Span;
        var (from, at) = (0, 0);
        for (var i = 0; i < own.Length; i++)
        {
            var hole = skeleton.Holes[i];
            source[from..hole].CopyTo(body.AsSpan(at));
            at += hole - from;
            from = hole;
            at += Spell(own[i], row, body.AsSpan(at));
        }

        source[from..].CopyTo(body.AsSpan(at));
        return body;
    }

    /// <summary>Works out all leaves. Two readers at once may both do it: the results are equal.</summary>
    private RowLeaves ResolveAll()
    {
        var starts = new int[skeletons.Length + 1];
        for (var row = 0; row < skeletons.Length; row++)
            starts[row + 1] = starts[row] + skeletons[row].Columns.Length;
        var (leaves, lengths) = (new int[starts[^1]], new int[skeletons.Length]);
        var cursors = cells.Firsts.AsSpan().ToArray();
        var left = eventBytes;
        for (var row = 0; row < skeletons.Length; row++)
        {
            var own = leaves.AsSpan(starts[row]..starts[row + 1]);
            Resolve(row, own, cursors);
            var length = LengthOf(FirstRow + row, own);
            left = length <= left ? left - length : throw Differs();
            lengths[row] = (int)length;
        }

        if (left != 0)
            throw Differs();
        var known = new RowLeaves(starts, leaves, lengths);
        Volatile.Write(ref all, known);
        return known;
    }

    private void ResolveOne(int row, Span<int> own)
    {
        var cursors = cells.Firsts.AsSpan().ToArray();
        for (var before = 0; before < row; before++)
        {
            foreach (var column in skeletons[before].Columns)
                cursors[column] += cursors[column] < 0 ? 0 : 1;
        }

        Resolve(row, own, cursors);
    }

    /// <param name="row">The row, from 0.</param>
    /// <param name="own">Takes its leaves.</param>
    /// <param name="cursors">Per column where its next leaf is; moved on.</param>
    private void Resolve(int row, Span<int> own, int[] cursors)
    {
        var skeleton = skeletons[row];
        for (var hole = 0; hole < own.Length; hole++)
        {
            var column = skeleton.Columns[hole];
            ref var cursor = ref cursors[column];
            var leaf = cursor < 0 ? BlockCells.Foretold : cells.Cells[cursor++];
            own[hole] = leaf == BlockCells.Foretold ? Forecast(codec.Forecasts[column], own, skeleton.Parents[hole], row) : leaf;
        }
    }

    private int Forecast(ColumnForecast forecast, ReadOnlySpan<int> own, int parent, int row)
    {
        if (forecast.Kind == PredictorKind.None || (forecast.ParentColumn >= 0 && parent < 0))
            throw new SegmentFormatException("A leaf is foretold by nothing.");
        if (forecast.Kind == PredictorKind.Copy)
            return own[parent];
        if (forecast.ParentColumn >= 0)
            return forecast.Map![own[parent]];
        return forecast.Map![forecast.Context == PredictorContext.Nothing ? 0 : rows.FirstCode(forecast.Context - PredictorContext.FirstAttribute, FirstRow + row)];
    }

    private long LengthOf(int row, ReadOnlySpan<int> own)
    {
        long length = skeletons[row - FirstRow].Text.Length;
        foreach (var leaf in own)
            length += LeafLength(leaf, row);
        return length;
    }

    private int LeafLength(int leaf, int row) => leaf switch
    {
        < 0 => LeafLiteral.TextLength(literals[~leaf].Code, literals[~leaf].Bytes),
        RowEntry.Account => Encoding.UTF8.GetByteCount(rows.AccountId(row)),
        RowEntry.Seconds => RowText.SecondsBytes,
        RowEntry.Milliseconds => RowText.MillisecondsBytes,
        _ => codec.Dictionary.Length(leaf),
    };

    private int Spell(int leaf, int row, Span<byte> target)
    {
        switch (leaf)
        {
            case < 0:
                var literal = literals[~leaf];
                var source = literal.Code == LeafCode.Text ? text.Span : binary;
                var length = LeafLiteral.TextLength(literal.Code, literal.Bytes);
                LeafLiteral.Spell(literal.Code, source.Slice(literal.Start, literal.Bytes), target[..length]);
                return length;
            case RowEntry.Account:
                return Encoding.UTF8.GetBytes(rows.AccountId(row), target);
            case RowEntry.Seconds or RowEntry.Milliseconds:
                var bytes = leaf == RowEntry.Milliseconds ? RowText.MillisecondsBytes : RowText.SecondsBytes;
                RowText.Time(rows.EventTimeMs(row), target[..bytes], withMilliseconds: leaf == RowEntry.Milliseconds);
                return bytes;
            default:
                var entry = codec.Dictionary.Text(leaf);
                entry.CopyTo(target);
                return entry.Length;
        }
    }

    private static SegmentFormatException Differs() => new("The events of a block do not have the length that the directory says.");

    private sealed class RowLeaves(int[] starts, int[] leaves, int[] lengths)
    {
        public int[] Lengths => lengths;

        public ReadOnlySpan<int> Of(int row) => leaves.AsSpan(starts[row]..starts[row + 1]);
    }
}
