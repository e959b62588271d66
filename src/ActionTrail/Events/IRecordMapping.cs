namespace ActionTrail.Events;

/// <summary>Turns records of one foreign format into events of our own form. One instance serves one normaliser and may keep buffers between calls.</summary>
internal interface IRecordMapping
{
    /// <summary>JSON pointer to the event time in the names of the format, for refusals by age; of the record mapped last.</summary>
    string TimePointer { get; }

    /// <summary>
    /// Writes the event for <paramref name="record"/> to <paramref name="output"/>, its original as the last member <c>originalRecord</c>; the reason
    /// when it cannot be mapped, in the record's own names. Depends on nothing but the record, so that the same one always maps to the same bytes.
    /// Must not throw, whatever the record holds.
    /// </summary>
    Rejection? Map(in SourceRecord record, MappedEvent output);
}

/// <summary>One record of a foreign format on its way to be mapped.</summary>
internal readonly ref struct SourceRecord
{
    /// <summary>One JSON object in valid UTF-8, nested within the limit.</summary>
    public required ReadOnlySpan<byte> Json { get; init; }

    /// <summary>The record as it was sent: what derived ids are made of.</summary>
    public required ReadOnlySpan<byte> AsSent { get; init; }

    public required MessageOrigin Origin { get; init; }
}
