using System.Buffers.Binary;

namespace ActionTrail.Segments;

/// <summary>Finds the rows with a value of one attribute; the layouts are those of <see cref="AttributeSections"/>.</summary>
internal abstract class AttributeIndex
{
    /// <summary>Adds the rows of [first, end) that have the value.</summary>
    public abstract void Find(ulong hash, int first, int end, List<int> matches);

    /// <summary>Adds the hashes of the row's values.</summary>
    public abstract void Append(int row, List<ulong> hashes);

    /// <summary>Counts the row under each of its values, and says whether it has any; <paramref name="scratch"/> is overwritten.</summary>
    public bool Count(int row, List<ulong> scratch, Dictionary<uint, ValueTally> tallies)
    {
        scratch.Clear();
        Append(row, scratch);
        foreach (var hash in scratch)
        {
            ref var tally = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(tallies, (uint)(hash >> 32), out _);
            tally = tally.With(row);
        }

        return scratch.Count > 0;
    }

    /// <summary>Of the rows from <paramref name="start"/> on in <paramref name="matches"/> keeps those that have the value.</summary>
    public void Keep(ulong hash, int start, List<int> matches)
    {
        var kept = start;
        if (TryResolve(hash, out var sought))
        {
            for (var i = start; i < matches.Count; i++)
            {
                if (Has(matches[i], sought))
                    matches[kept++] = matches[i];
            }
        }

        matches.RemoveRange(kept, matches.Count - kept);
    }

    /// <exception cref="SegmentFormatException">The section is malformed.</exception>
    public static AttributeIndex Read(SectionCursor cursor, int rows, ReadOnlyMemory<byte> eventIds)
    {
        var layout = (AttributeLayout)cursor.Byte();
        AttributeIndex index = layout switch
        {
            AttributeLayout.Codes => new CodeIndex(Dictionary(ref cursor), PackedColumn.Read(ref cursor, rows)),
            AttributeLayout.CodeLists => CodeListIndex.Read(Dictionary(ref cursor), ref cursor, rows),
            AttributeLayout.Hashes => new HashIndex(cursor.Take(8L * rows)),
            AttributeLayout.EventIds => new HashIndex(eventIds),
            _ => throw new SegmentFormatException($"An attribute is laid out in an unknown way ({layout})."),
        };
        cursor.End();
        return index;
    }

    /// <summary>What stands for the value in this index; false when no row has it.</summary>
    protected abstract bool TryResolve(ulong hash, out ulong sought);

    protected abstract bool Has(int row, ulong sought);

    private static ReadOnlyMemory<byte> Dictionary(ref SectionCursor cursor)
    {
        var hashes = cursor.Take(8L * cursor.Count());
        var span = hashes.Span;
        for (var at = 8; at < span.Length; at += 8)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(span[at..]) <= BinaryPrimitives.ReadUInt64LittleEndian(span[(at - 8)..]))
                throw new SegmentFormatException("The values of an attribute are not sorted.");
        }

        return hashes;
    }

    /// <summary>Place of the hash in sorted little-endian words from 1, or 0.</summary>
    private static int CodeOf(ReadOnlySpan<byte> dictionary, ulong hash)
    {
        int low = 0, high = (dictionary.Length / 8) - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var value = BinaryPrimitives.ReadUInt64LittleEndian(dictionary[(8 * middle)..]);
            if (value == hash)
                return middle + 1;
            (low, high) = value < hash ? (middle + 1, high) : (low, middle - 1);
        }

        return 0;
    }

    private static ulong HashOf(ReadOnlyMemory<byte> dictionary, long code) => code > 0 && code <= dictionary.Length / 8
        ? BinaryPrimitives.ReadUInt64LittleEndian(dictionary.Span[(8 * ((int)code - 1))..])
        : throw new SegmentFormatException("A row has a value that its attribute does not have.");

    private sealed class CodeIndex(ReadOnlyMemory<byte> dictionary, PackedColumn codes) : AttributeIndex
    {
        public override void Append(int row, List<ulong> hashes)
        {
            if (codes[row] is not 0 and var code)
                hashes.Add(HashOf(dictionary, code));
        }

        public override void Find(ulong hash, int first, int end, List<int> matches)
        {
            if (!TryResolve(hash, out var sought))
                return;
            var packed = codes.Packed;
            for (var row = first; row < end; row++)
            {
                if (PackedColumn.Bits(packed, codes.Width, row) == sought)
                    matches.Add(row);
            }
        }

        protected override bool TryResolve(ulong hash, out ulong sought)
        {
            sought = 0;
            var code = CodeOf(dictionary.Span, hash);
            return code > 0 && codes.TryEncode(code, out sought);
        }

        protected override bool Has(int row, ulong sought) => PackedColumn.Bits(codes.Packed, codes.Width, row) == sought;
    }

    private sealed class CodeListIndex(ReadOnlyMemory<byte> dictionary, PackedColumn starts, PackedColumn codes) : AttributeIndex
    {
        public static CodeListIndex Read(ReadOnlyMemory<byte> dictionary, ref SectionCursor cursor, int rows)
        {
            var starts = PackedColumn.Read(ref cursor, rows + 1);
            var total = cursor.Count();
            var codes = PackedColumn.Read(ref cursor, total);
            long before = 0;
            for (var row = 0; row <= rows; row++)
            {
                var start = starts[row];
                if (start < before || (row == 0 && start != 0))
                    throw new SegmentFormatException("The value lists of an attribute do not follow one another.");
                before = start;
            }

            return before == total ? new(dictionary, starts, codes) : throw new SegmentFormatException("The value lists of an attribute do not end with its values.");
        }

        public override void Append(int row, List<ulong> hashes)
        {
            var end = (int)starts[row + 1];
            for (var at = (int)starts[row]; at < end; at++)
                hashes.Add(HashOf(dictionary, codes[at]));
        }

        public override void Find(ulong hash, int first, int end, List<int> matches)
        {
            if (!TryResolve(hash, out var sought))
                return;
            for (var row = first; row < end; row++)
            {
                if (Has(row, sought))
                    matches.Add(row);
            }
        }

        protected override bool TryResolve(ulong hash, out ulong sought)
        {
            sought = 0;
            var code = CodeOf(dictionary.Span, hash);
            return code > 0 && codes.TryEncode(code, out sought);
        }

        protected override bool Has(int row, ulong sought)
        {
            var end = (int)starts[row + 1];
            for (var at = (int)starts[row]; at < end; at++)
            {
                if (PackedColumn.Bits(codes.Packed, codes.Width, at) == sought)
                    return true;
            }

            return false;
        }
    }

    /// <summary>One hash per row; 0 stands for no value, and no row's value hashes to 0 in this layout.</summary>
    private sealed class HashIndex(ReadOnlyMemory<byte> hashColumn) : AttributeIndex
    {
        public override void Append(int row, List<ulong> hashes)
        {
            var hash = BinaryPrimitives.ReadUInt64LittleEndian(hashColumn.Span[(8 * row)..]);
            if (hash != 0)
                hashes.Add(hash);
        }

        public override void Find(ulong hash, int first, int end, List<int> matches)
        {
            if (!TryResolve(hash, out var sought))
                return;
            var span = hashColumn.Span;
            for (var row = first; row < end; row++)
            {
                if (BinaryPrimitives.ReadUInt64LittleEndian(span[(8 * row)..]) == sought)
                    matches.Add(row);
            }
        }

        protected override bool TryResolve(ulong hash, out ulong sought)
        {
            sought = hash;
            return hash != 0;
        }

        protected override bool Has(int row, ulong sought) => BinaryPrimitives.ReadUInt64LittleEndian(hashColumn.Span[(8 * row)..]) == sought;
    }
}
