using System.Buffers.Binary;

namespace ActionTrail.Segments.Compact;

/// <summary>A text of a block that is in no dictionary: its code and where its bytes are.</summary>
internal readonly record struct BlockLiteral(int Code, int Start, int Bytes);

/// <summary>
/// Reads a block as <see cref="CompactBlockWriter"/> wrote it: skeletons, codes column by column, then row by row what each leaf is: an entry
/// of the dictionary, or <c>~n</c> for literal n.
/// </summary>
internal sealed class BlockDecoder(GroupCodec codec, ICompactRows rows, int firstRow, int rowCount)
{
    private const int Foretold = int.MinValue;

    private readonly List<BlockLiteral> literals = [];
    private readonly SkeletonText[] skeletons = new SkeletonText[rowCount];
    private readonly int[] starts = new int[rowCount + 1];
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
        var leaves = ReadCodes(codes);
        if (textBytes != text.Length || binaryBytes != binary.Length)
            throw new SegmentFormatException("A block has more or fewer texts than its codes.");
        var block = new ShreddedBlock(codec, rows, skeletons, starts, leaves, [.. literals], text, binary, firstRow);
        for (var row = 0; row < rowCount; row++)
            eventBytes -= block.EventLength(firstRow + row);
        return eventBytes == 0 ? block : throw new SegmentFormatException("The events of a block do not have the length that the directory says.");
    }

    private int[] ReadCodes(ReadOnlyMemory<byte> codes)
    {
        var reader = new VarintReader(codes.Span);
        ReadSkeletons(ref reader, codes);
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
        var cells = new int[starts[rowCount]];
        var cursors = new int[columns];
        var (at, place) = (0, 0);
        for (var column = 0; column < columns; column++)
        {
            if (counts[column] == 0)
                continue;
            var hasCodes = (flags[place / 8] & (1 << (place % 8))) != 0;
            place++;
            cursors[column] = hasCodes ? at : -1;
            if (!hasCodes)
                continue;
            ReadColumn(ref reader, column, cells.AsSpan(at, counts[column]));
            at += counts[column];
        }

        reader.End();
        return Resolve(cells, cursors);
    }

    private void ReadSkeletons(ref VarintReader reader, ReadOnlyMemory<byte> codes)
    {
        var numbers = new int[rowCount];
        for (var row = 0; row < rowCount; row++)
            numbers[row] = reader.Number(codec.Skeletons.Length);
        for (var row = 0; row < rowCount; row++)
        {
            skeletons[row] = numbers[row] == 0 ? SkeletonText.Read(ref reader, codes, codec.Forecasts) : codec.Skeletons[numbers[row] - 1];
            starts[row + 1] = starts[row] + skeletons[row].Columns.Length;
        }
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
                    LeafCode.Predicted => Foretold,
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

    /// <summary>Brings the leaves into row order and works out those that are foretold.</summary>
    private int[] Resolve(int[] cells, int[] cursors)
    {
        var leaves = new int[cells.Length];
        for (var row = 0; row < rowCount; row++)
        {
            var skeleton = skeletons[row];
            var own = leaves.AsSpan(starts[row], skeleton.Columns.Length);
            for (var hole = 0; hole < own.Length; hole++)
            {
                var column = skeleton.Columns[hole];
                ref var cursor = ref cursors[column];
                var leaf = cursor < 0 ? Foretold : cells[cursor++];
                own[hole] = leaf == Foretold ? Forecast(codec.Forecasts[column], own, skeleton.Parents[hole], row) : leaf;
            }
        }

        return leaves;
    }

    private int Forecast(ColumnForecast forecast, ReadOnlySpan<int> own, int parent, int row)
    {
        if (forecast.Kind == PredictorKind.None || (forecast.ParentColumn >= 0 && parent < 0))
            throw new SegmentFormatException("A leaf is foretold by nothing.");
        if (forecast.Kind == PredictorKind.Copy)
            return own[parent];
        if (forecast.ParentColumn >= 0)
            return forecast.Map![own[parent]];
        return forecast.Map![forecast.Context == PredictorContext.Nothing ? 0 : rows.FirstCode(forecast.Context - PredictorContext.FirstAttribute, firstRow + row)];
    }
}

/// <summary>What rebuilding an event needs to know of its row, by its number in the segment.</summary>
internal interface ICompactRows
{
    string AccountId(int row);

    long EventTimeMs(int row);

    /// <summary>Code of the row's first value of an attribute.</summary>
    int FirstCode(int attribute, int row);
}
