namespace ActionTrail.Segments.Compact;

/// <summary>What rebuilds the events of a row group: dictionary, skeletons, forecasts. Read from its sections at the first block that is decoded.</summary>
internal sealed class GroupCodec
{
    private GroupCodec(GroupDictionary dictionary, ColumnForecast[] forecasts, SkeletonText[] skeletons)
    {
        Dictionary = dictionary;
        Forecasts = forecasts;
        Skeletons = skeletons;
    }

    public GroupDictionary Dictionary { get; }

    public ColumnForecast[] Forecasts { get; }

    public SkeletonText[] Skeletons { get; }

    public static GroupCodec Read(GroupSections sections, CompactAttribute?[] attributes, int columns, int skeletonCount)
    {
        var dictionary = GroupDictionary.Read(sections.EntryLengths, sections.Entries);
        var forecasts = ColumnForecast.ReadAll(Packing.Read(sections.Predictors.Span), columns, dictionary.Count, attributes);
        ReadOnlyMemory<byte> raw = Packing.Read(sections.Skeletons.Span);
        var reader = new VarintReader(raw.Span);
        if (reader.Number(int.MaxValue) != skeletonCount || skeletonCount > reader.Left / 2)
            throw new SegmentFormatException("A row group does not have its skeletons.");
        var skeletons = new SkeletonText[skeletonCount];
        for (var i = 0; i < skeletonCount; i++)
            skeletons[i] = SkeletonText.Read(ref reader, raw, forecasts, place: i);
        reader.End();
        return new(dictionary, forecasts, skeletons);
    }
}

/// <summary>The sections of a row group that only decoding needs.</summary>
internal sealed record GroupSections(ReadOnlyMemory<byte> EntryLengths, ReadOnlyMemory<byte> Entries, ReadOnlyMemory<byte> Predictors, ReadOnlyMemory<byte> Skeletons);
