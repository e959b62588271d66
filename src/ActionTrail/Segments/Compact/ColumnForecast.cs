namespace ActionTrail.Segments.Compact;

/// <summary>What foretells a column, as a reader holds it.</summary>
/// <param name="FirstEntry">Number of the column's first own dictionary entry.</param>
/// <param name="Kind">How.</param>
/// <param name="Context">Of what: see <see cref="Predictors"/>.</param>
/// <param name="ParentColumn">The column whose leaf decides, or -1.</param>
/// <param name="Map">What the keys of a map foretell.</param>
internal sealed record ColumnForecast(int FirstEntry, PredictorKind Kind, int Context, int ParentColumn, ForecastMap? Map)
{

    public static ColumnForecast[] ReadAll(ReadOnlySpan<byte> raw, int columns, int entries, CompactAttribute?[] attributes)
    {
        if (columns is 0 or > CompactFormat.MaxColumns || columns > raw.Length / 2)
            throw new SegmentFormatException("A row group has an impossible number of columns.");
        var reader = new VarintReader(raw);
        var forecasts = new ColumnForecast[columns];
        var first = RowEntry.Count;
        for (var column = 0; column < columns; column++)
        {
            var own = reader.Number(entries - first);
            forecasts[column] = ReadOne(ref reader, first, columns, entries, attributes);
            first += own;
        }

        reader.End();
        return first == entries ? forecasts : throw new SegmentFormatException("There are dictionary entries of no column.");
    }

    private static ColumnForecast ReadOne(ref VarintReader reader, int firstEntry, int columns, int entries, CompactAttribute?[] attributes)
    {
        var kind = (PredictorKind)reader.Number((int)PredictorKind.Map);
        if (kind == PredictorKind.None)
            return new(firstEntry, kind, 0, -1, null);
        var context = reader.Number(kind == PredictorKind.Copy ? columns - 1 : PredictorContext.FirstColumn + columns - 1);
        var parent = Predictors.ParentColumn(kind, context);
        if (kind == PredictorKind.Copy)
            return new(firstEntry, kind, context, parent, null);
        if (context is >= PredictorContext.FirstAttribute and < PredictorContext.FirstColumn && attributes[context - PredictorContext.FirstAttribute] is not { HasCodes: true })
            throw new SegmentFormatException("A column is foretold by an attribute that is not there.");
        var lines = reader.Number(reader.Left / 2);
        var (keys, values) = (new int[lines], new int[lines]);
        for (var i = 0; i < lines; i++)
        {
            var step = reader.Number(int.MaxValue);
            if (i > 0 && (step == 0 || step > int.MaxValue - keys[i - 1]))
                throw new SegmentFormatException("The keys of a forecast do not ascend.");
            keys[i] = (i > 0 ? keys[i - 1] : 0) + step;
        }

        long entry = 0;
        for (var i = 0; i < lines; i++)
        {
            entry = unchecked(entry + reader.Zigzag());
            values[i] = entry >= 0 && entry < entries ? (int)entry : throw new SegmentFormatException("A forecast names an entry that is not there.");
        }

        return new(firstEntry, kind, context, parent, new ForecastMap(keys, values));
    }
}

/// <summary>From keys to entries: an array where the keys lie close, else a search.</summary>
internal sealed class ForecastMap
{
    private readonly int[] keys;
    private readonly int[] entries;
    private readonly bool isDense;

    /// <param name="keys">Ascending.</param>
    /// <param name="entries">As many.</param>
    public ForecastMap(int[] keys, int[] entries)
    {
        (this.keys, this.entries) = (keys, entries);
        isDense = keys.Length > 0 && keys[^1] - (long)keys[0] < (4L * keys.Length) + 64;
        if (!isDense)
            return;
        this.entries = new int[keys[^1] - keys[0] + 1];
        Array.Fill(this.entries, -1);
        for (var i = 0; i < keys.Length; i++)
            this.entries[keys[i] - keys[0]] = entries[i];
    }

    public int this[int key]
    {
        get
        {
            var found = -1;
            if (isDense && (uint)(key - keys[0]) < (uint)entries.Length)
                found = entries[key - keys[0]];
            else if (!isDense && Array.BinarySearch(keys, key) is >= 0 and var at)
                found = entries[at];
            return found >= 0 ? found : throw new SegmentFormatException("A leaf is foretold by nothing.");
        }
    }
}
