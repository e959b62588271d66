using System.Buffers.Binary;

namespace ActionTrail.Segments.Compact;

/// <summary>A text of a block that is in no dictionary: its code and where its bytes are.</summary>
internal readonly record struct BlockLiteral(int Code, int Start, int Bytes);

/// <summary>
/// Reads a block as <see cref="CompactBlockWriter"/> wrote it: skeletons, then codes column by column. What is foretold is worked out when a row is
/// asked for.
/// </summary>
internal sealed class BlockDecoder(GroupCodec codec, ICompactRows rows, int firstRow, int rowCount)
{
    private readonly List<BlockLiteral> literals = [];
    private readonly SkeletonText[] skeletons = new SkeletonText[rowCount];
    private int textBytes;
    private int binaryBytes;

    public ShreddedBlock Decode(ReadOnlyMemory<byte> stored, long eventBytes)
    {
        var bytes = stored.Span;
        var storedLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        var binaryLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]);
        var content = stored[CompactFormat.BlockHeaderBytes..];
        if (storedLength < 0 || binaryLength < 0 || storedLength != content.Length - (long)binaryLength)
            throw new SegmentFormatException("A block does not have the lengths that it says.");
        var kind = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (kind > byte.MaxValue)
            throw new SegmentFormatException("A block is stored in an unknown way.");
        ReadOnlyMemory<byte> raw = Packing.Inflate((BlockCodec)kind, content.Span[..storedLength], BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
        var binary = content[storedLength..].ToArray();

        var outer = new VarintReader(raw.Span);
        var codesLength = outer.Number(outer.Left);
        var codes = raw.Slice(raw.Length - outer.Left, codesLength);
        var text = raw[(raw.Length - outer.Left + codesLength)..];
        var cells = ReadCodes(codes);
        if (textBytes != text.Length || binaryBytes != binary.Length)
            throw new SegmentFormatException("A block has more or fewer texts than its codes.");
        return new(codec, rows, skeletons, cells, [.. literals], text, binary, firstRow, eventBytes);
    }

    private BlockCells ReadCodes(ReadOnlyMemory<byte> codes)
    {
        var reader = new VarintReader(codes.Span);
        var leaves = ReadSkeletons(ref reader, codes);
        var columns = codec.Forecasts.Length;
        var counts = new int[columns];
        foreach (var skeleton in skeletons)
        {
            foreach (var column in skeleton.Columns)
                counts[column]++;
        }

        var present = 0;
        foreach (var count in counts)
            present += count > 0 ? 1 : 0;
        var flags = reader.Take((present + 7) / 8);
        var cells = new int[Math.Min(leaves, reader.Left)];
        var firsts = new int[columns];
        var (at, place) = (0, 0);
        for (var column = 0; column < columns; column++)
        {
            if (counts[column] == 0)
                continue;
            var hasCodes = (flags[place / 8] & (1 << (place % 8))) != 0;
            place++;
            firsts[column] = hasCodes ? at : -1;
            if (!hasCodes)
                continue;
            if (counts[column] > cells.Length - at)
                throw new SegmentFormatException("A column has fewer codes than leaves.");
            ReadColumn(ref reader, column, cells.AsSpan(at, counts[column]));
            at += counts[column];
        }

        reader.End();
        return new(cells, firsts, leaves);
    }

    private int ReadSkeletons(ref VarintReader reader, ReadOnlyMemory<byte> codes)
    {
        var leaves = 0;
        var numbers = new int[rowCount];
        for (var row = 0; row < rowCount; row++)
            numbers[row] = reader.Number(codec.Skeletons.Length);
        for (var row = 0; row < rowCount; row++)
        {
            skeletons[row] = numbers[row] == 0 ? SkeletonText.Read(ref reader, codes, codec.Forecasts, place: -1) : codec.Skeletons[numbers[row] - 1];
            leaves += skeletons[row].Columns.Length;
        }

        return leaves;
    }

    private void ReadColumn(ref VarintReader reader, int column, Span<int> cells)
    {
        var entries = codec.Dictionary.Count;
        var home = codec.Forecasts[column].FirstEntry;
        foreach (ref var cell in cells)
        {
            var code = reader.Number(LeafCode.Home + entries);
            if (code >= LeafCode.Home)
            {
                cell = home + code - LeafCode.Home;
                if (cell >= entries)
                    throw new SegmentFormatException("A leaf names an entry that is not there.");
            }
            else
            {
                cell = code switch
                {
                    LeafCode.Predicted => BlockCells.Foretold,
                    LeafCode.Foreign => reader.Number(entries - 1),
                    LeafCode.Text => TextLiteral(reader.Number(CompactFormat.MaxRawBytes)),
                    LeafCode.GuidLower or LeafCode.GuidUpper => BinaryLiteral(code, LeafLiteral.GuidBytes),
                    _ => BinaryLiteral(code, reader.Number(ushort.MaxValue)),
                };
            }
        }
    }

    private int TextLiteral(int length)
    {
        literals.Add(new(LeafCode.Text, textBytes, length));
        textBytes = length <= CompactFormat.MaxRawBytes - textBytes ? textBytes + length : throw new SegmentFormatException("A block has more text than a reader takes.");
        return ~(literals.Count - 1);
    }

    private int BinaryLiteral(int code, int length)
    {
        literals.Add(new(code, binaryBytes, length));
        binaryBytes += length;
        return ~(literals.Count - 1);
    }
}

/// <summary>
/// The leaves of a block, column by column: an entry of the dictionary, <c>~n</c> for literal n, or <see cref="Foretold"/>.
/// </summary>
/// <param name="Cells">Of the columns with codes, one per leaf in row order.</param>
/// <param name="Firsts">Where a column's begin; -1: all of it is foretold.</param>
/// <param name="Leaves">Leaves of all columns.</param>
internal readonly record struct BlockCells(int[] Cells, int[] Firsts, int Leaves)
{
    public const int Foretold = int.MinValue;
}

/// <summary>What rebuilding an event needs to know of its row, by its number in the segment.</summary>
internal interface ICompactRows
{
    string AccountId(int row);

    long EventTimeMs(int row);

    /// <summary>Code of the row's first value of an attribute.</summary>
    int FirstCode(int attribute, int row);
}
