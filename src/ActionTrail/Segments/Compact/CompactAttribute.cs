using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ActionTrail.Segments.Compact;

/// <summary>The values of one attribute in a row group, by the upper 32 bits of their hashes; the layouts are those of <see cref="GroupAttributes"/>.</summary>
internal abstract class CompactAttribute
{
    /// <summary>Adds the rows of [first, end) that have the value.</summary>
    public abstract void Find(uint prefix, int first, int end, List<int> matches);

    public abstract bool Has(int row, uint prefix);

    /// <summary>Adds the prefixes of the row's values.</summary>
    public abstract void Append(int row, List<uint> prefixes);

    /// <summary>Counts the rows of [first, end) by value; <paramref name="groupStart"/> is the segment's number of the group's first row.</summary>
    /// <returns>How many of the rows have any value.</returns>
    public virtual int Count(int first, int end, int groupStart, Dictionary<uint, ValueTally> tallies)
    {
        var counted = 0;
        var prefixes = new List<uint>();
        for (var row = first; row < end; row++)
            counted += CountOne(row, groupStart, prefixes, tallies) ? 1 : 0;
        return counted;
    }

    /// <summary>As <see cref="Count"/> for one row; says whether it has any value.</summary>
    public bool CountOne(int row, int groupStart, List<uint> scratch, Dictionary<uint, ValueTally> tallies)
    {
        scratch.Clear();
        Append(row, scratch);
        foreach (var prefix in scratch)
        {
            ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(tallies, prefix, out _);
            tally = tally.With(groupStart + row);
        }

        return scratch.Count > 0;
    }

    /// <summary>Whether <see cref="FirstCode"/> can be asked.</summary>
    public virtual bool HasCodes => true;

    /// <summary>The code of the row's first value, 0 for none.</summary>
    public abstract int FirstCode(int row);

    /// <exception cref="SegmentFormatException">The section is malformed.</exception>
    public static CompactAttribute Read(SectionCursor cursor, int rows, CompactAttribute?[] others)
    {
        var layout = (CompactLayout)cursor.Byte();
        if (layout == CompactLayout.Hashes)
        {
            var words = cursor.Take(4L * rows);
            cursor.End();
            return new PlainHashes(words);
        }

        var dictionary = new PrefixDictionary(cursor.Take(4L * cursor.Count()));
        CompactAttribute attribute = layout switch
        {
            CompactLayout.Codes => new PlainCodes(dictionary, PackedColumn.Read(ref cursor, rows)),
            CompactLayout.CodeLists => CodeLists.Read(dictionary, ref cursor, rows),
            CompactLayout.Derived => DerivedCodes.Read(dictionary, ref cursor, others),
            _ => throw new SegmentFormatException($"An attribute is laid out in an unknown way ({layout})."),
        };
        cursor.End();
        return attribute;
    }

    /// <summary>Whether a section has to wait for its parent's.</summary>
    public static bool IsDerived(ReadOnlyMemory<byte> section) => !section.IsEmpty && section.Span[0] == (byte)CompactLayout.Derived;

    private abstract class Coded(PrefixDictionary dictionary) : CompactAttribute
    {
        public PrefixDictionary Dictionary => dictionary;

        public override void Find(uint prefix, int first, int end, List<int> matches)
        {
            var code = dictionary.CodeOf(prefix);
            if (code > 0)
                FindCode(code, first, end, matches);
        }

        public override bool Has(int row, uint prefix)
        {
            var code = dictionary.CodeOf(prefix);
            return code > 0 && FirstCode(row) == code;
        }

        public override void Append(int row, List<uint> prefixes)
        {
            if (FirstCode(row) is > 0 and var code)
                prefixes.Add(dictionary.Prefix(code));
        }

        public override int Count(int first, int end, int groupStart, Dictionary<uint, ValueTally> tallies)
        {
            // A place per code pays when there are more rows than codes.
            if (end - first < dictionary.Count)
                return base.Count(first, end, groupStart, tallies);
            var byCode = new ValueTally[dictionary.Count + 1];
            var counted = CountCodes(first, end, groupStart, byCode);
            for (var code = 1; code < byCode.Length; code++)
            {
                if (byCode[code].Count == 0)
                    continue;
                ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(tallies, dictionary.Prefix(code), out _);
                tally = tally.With(byCode[code]);
            }

            return counted;
        }

        protected virtual int CountCodes(int first, int end, int groupStart, ValueTally[] byCode)
        {
            for (var row = first; row < end; row++)
            {
                ref var tally = ref byCode[FirstCode(row)];
                tally = new(tally.Count + 1, groupStart + row);
            }

            return end - first - byCode[0].Count;
        }

        protected virtual void FindCode(int code, int first, int end, List<int> matches)
        {
            for (var row = first; row < end; row++)
            {
                if (FirstCode(row) == code)
                    matches.Add(row);
            }
        }

        protected int Checked(long code) => (ulong)code <= (ulong)dictionary.Count ? (int)code : throw new SegmentFormatException("A row has a value that its attribute does not have.");
    }

    private sealed class PlainCodes(PrefixDictionary dictionary, PackedColumn codes) : Coded(dictionary)
    {
        public override int FirstCode(int row) => Checked(codes[row]);

        protected override void FindCode(int code, int first, int end, List<int> matches)
        {
            if (!codes.TryEncode(code, out var sought))
                return;
            var packed = codes.Packed;
            var width = codes.Width;
            for (var row = first; row < end; row++)
            {
                if (PackedColumn.Bits(packed, width, row) == sought)
                    matches.Add(row);
            }
        }
    }

    private sealed class DerivedCodes(PrefixDictionary dictionary, CompactAttribute parent, PackedColumn map, int lines) : Coded(dictionary)
    {
        public static DerivedCodes Read(PrefixDictionary dictionary, ref SectionCursor cursor, CompactAttribute?[] others)
        {
            int number = cursor.Byte();
            if (number >= others.Length || others[number] is not PlainCodes parent)
                throw new SegmentFormatException("An attribute follows from one that is not there.");
            var lines = parent.Dictionary.Count + 1;
            return new(dictionary, parent, PackedColumn.Read(ref cursor, lines), lines);
        }

        public override int FirstCode(int row) => Checked(map[parent.FirstCode(row)]);

        protected override void FindCode(int code, int first, int end, List<int> matches)
        {
            var sought = new bool[lines];
            for (var line = 0; line < lines; line++)
                sought[line] = map[line] == code;
            for (var row = first; row < end; row++)
            {
                if (sought[parent.FirstCode(row)])
                    matches.Add(row);
            }
        }
    }

    private sealed class CodeLists : Coded
    {
        private const int Stride = 64;

        private readonly PackedColumn listLengths;
        private readonly PackedColumn listCodes;
        private readonly int[] listStarts;

        private CodeLists(PrefixDictionary dictionary, PackedColumn listLengths, PackedColumn listCodes, int[] listStarts)
            : base(dictionary)
        {
            this.listLengths = listLengths;
            this.listCodes = listCodes;
            this.listStarts = listStarts;
        }

        public static CodeLists Read(PrefixDictionary dictionary, ref SectionCursor cursor, int rows)
        {
            var counts = PackedColumn.Read(ref cursor, rows);
            var total = cursor.Count();
            var codes = PackedColumn.Read(ref cursor, total);
            var starts = new int[(rows / Stride) + 1];
            long at = 0;
            for (var row = 0; row < rows; row++)
            {
                if (row % Stride == 0)
                    starts[row / Stride] = (int)at;
                var count = counts[row];
                if (count < 0 || count > total - at)
                    throw new SegmentFormatException("The value lists of an attribute are longer than its values.");
                at += count;
            }

            return at == total ? new(dictionary, counts, codes, starts) : throw new SegmentFormatException("The value lists of an attribute do not end with its values.");
        }

        public override int FirstCode(int row)
        {
            var (start, count) = List(row);
            return count == 0 ? 0 : Checked(listCodes[start]);
        }

        public override bool Has(int row, uint prefix)
        {
            var code = Dictionary.CodeOf(prefix);
            var (start, count) = List(row);
            for (var at = start; code > 0 && at < start + count; at++)
            {
                if (listCodes[at] == code)
                    return true;
            }

            return false;
        }

        public override void Append(int row, List<uint> prefixes)
        {
            var (start, count) = List(row);
            for (var at = start; at < start + count; at++)
                prefixes.Add(Dictionary.Prefix(Checked(listCodes[at])));
        }

        protected override int CountCodes(int first, int end, int groupStart, ValueTally[] byCode)
        {
            var counted = 0;
            var at = List(first).Start;
            for (var row = first; row < end; row++)
            {
                var count = (int)listLengths[row];
                counted += count > 0 ? 1 : 0;
                for (; count > 0; count--)
                {
                    ref var tally = ref byCode[Checked(listCodes[at++])];
                    tally = new(tally.Count + 1, groupStart + row);
                }
            }

            return counted;
        }

        protected override void FindCode(int code, int first, int end, List<int> matches)
        {
            var at = List(first).Start;
            for (var row = first; row < end; row++)
            {
                var has = false;
                for (var count = (int)listLengths[row]; count > 0; count--)
                    has |= listCodes[at++] == code;
                if (has)
                    matches.Add(row);
            }
        }

        private (int Start, int Count) List(int row)
        {
            var start = listStarts[row / Stride];
            for (var before = row / Stride * Stride; before < row; before++)
                start += (int)listLengths[before];
            return (start, (int)listLengths[row]);
        }
    }

    private sealed class PlainHashes(ReadOnlyMemory<byte> words) : CompactAttribute
    {
        public override bool HasCodes => false;

        public override int FirstCode(int row) => throw new SegmentFormatException("An attribute without codes foretells a column.");

        public override void Find(uint prefix, int first, int end, List<int> matches)
        {
            for (var row = first; prefix != 0 && row < end; row++)
            {
                if (Word(row) == prefix)
                    matches.Add(row);
            }
        }

        public override bool Has(int row, uint prefix) => prefix != 0 && Word(row) == prefix;

        public override void Append(int row, List<uint> prefixes)
        {
            if (Word(row) is not 0 and var prefix)
                prefixes.Add(prefix);
        }

        private uint Word(int row) => BinaryPrimitives.ReadUInt32LittleEndian(words.Span[(4 * row)..]);
    }
}

/// <summary>Sorted distinct prefixes; their codes count from 1.</summary>
internal readonly struct PrefixDictionary
{
    private readonly ReadOnlyMemory<byte> words;

    public PrefixDictionary(ReadOnlyMemory<byte> words)
    {
        this.words = words;
        for (var code = 2; code <= Count; code++)
        {
            if (Prefix(code) <= Prefix(code - 1))
                throw new SegmentFormatException("The values of an attribute are not sorted.");
        }
    }

    public int Count => words.Length / 4;

    public uint Prefix(int code) => BinaryPrimitives.ReadUInt32LittleEndian(words.Span[(4 * (code - 1))..]);

    public int CodeOf(uint prefix)
    {
        int low = 1, high = Count;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var value = Prefix(middle);
            if (value == prefix)
                return middle;
            (low, high) = value < prefix ? (middle + 1, high) : (low, middle - 1);
        }

        return 0;
    }
}
