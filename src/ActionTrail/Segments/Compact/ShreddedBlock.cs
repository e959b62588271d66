using System.Text;

namespace ActionTrail.Segments.Compact;

/// <summary>A decoded block of level 1 or 2: an event is put together when it is asked for.</summary>
internal sealed class ShreddedBlock(
    GroupCodec codec, ICompactRows rows, SkeletonText[] skeletons, int[] starts, int[] leaves, BlockLiteral[] literals,
    ReadOnlyMemory<byte> text, byte[] binary, int firstRow) : SegmentBlock(firstRow, firstRow + skeletons.Length)
{
    internal override int Length => text.Length + binary.Length + (4 * leaves.Length) + (12 * literals.Length) + (16 * skeletons.Length);

    public long EventLength(int row)
    {
        var skeleton = skeletons[row - FirstRow];
        var own = Leaves(row);
        long length = skeleton.Text.Length;
        foreach (var leaf in own)
            length += LeafLength(leaf, row);
        return length;
    }

    private protected override ReadOnlyMemory<byte> Body(int row)
    {
        var length = EventLength(row);
        if (length > SegmentBuilder.MaxEventBytes)
            throw new SegmentFormatException("An event is larger than events can be.");
        var body = GC.AllocateUninitializedArray<byte>((int)length);
        var skeleton = skeletons[row - FirstRow];
        var own = Leaves(row);
        var source = skeleton.Text.Span;
        var (from, at) = (0, 0);
        for (var i = 0; i < own.Length; i++)
        {
            var hole = skeleton.Holes[i];
            source[from..hole].CopyTo(body.AsSpan(at));
            at += hole - from;
            from = hole;
            var size = LeafLength(own[i], row);
            Spell(own[i], row, body.AsSpan(at, size));
            at += size;
        }

        source[from..].CopyTo(body.AsSpan(at));
        return body;
    }

    private ReadOnlySpan<int> Leaves(int row) => leaves.AsSpan(starts[row - FirstRow]..starts[row - FirstRow + 1]);

    private int LeafLength(int leaf, int row) => leaf switch
    {
        < 0 => LeafLiteral.TextLength(literals[~leaf].Code, literals[~leaf].Bytes),
        RowEntry.Account => Encoding.UTF8.GetByteCount(rows.AccountId(row)),
        RowEntry.Seconds => RowText.SecondsBytes,
        RowEntry.Milliseconds => RowText.MillisecondsBytes,
        _ => codec.Dictionary.Length(leaf),
    };

    private void Spell(int leaf, int row, Span<byte> target)
    {
        switch (leaf)
        {
            case < 0:
                var literal = literals[~leaf];
                var source = literal.Code == LeafCode.Text ? text.Span : binary;
                LeafLiteral.Spell(literal.Code, source.Slice(literal.Start, literal.Bytes), target);
                break;
            case RowEntry.Account:
                Encoding.UTF8.GetBytes(rows.AccountId(row), target);
                break;
            case RowEntry.Seconds or RowEntry.Milliseconds:
                RowText.Time(rows.EventTimeMs(row), target, withMilliseconds: leaf == RowEntry.Milliseconds);
                break;
            default:
                codec.Dictionary.Copy(leaf, target);
                break;
        }
    }
}
