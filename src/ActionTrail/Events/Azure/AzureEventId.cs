namespace ActionTrail.Events.Azure;

/// <summary>Which id the event of a record gets.</summary>
internal static class AzureEventId
{
    /// <summary>
    /// The id that Azure gave, else one of what tells occurrences apart. The ids inside <c>properties.eventProperties</c> belong to the event that set off
    /// an alert, and <c>properties.id</c> of a risk names the user or detection, which is told of again and again. Without a correlation id only the
    /// whole record, as it was sent, tells occurrences apart.
    /// </summary>
    public static ReadOnlySpan<byte> Of(AzureEvent read, ReadOnlySpan<byte> timeText, ReadOnlySpan<byte> asSent, Span<byte> buffer)
    {
        var given = read.First(AzureField.EventDataId, AzureField.PropertiesEventDataId);
        given = !given.IsEmpty ? given
            : read.Kind is AzureKind.Directory or AzureKind.SignIn or AzureKind.Provisioning ? read[AzureField.Id]
            : read.Record.Has(AzureField.SqlAction) ? read[AzureField.SqlEventId]
            : default;
        if (EventIds.IsValid(given))
        {
            given.CopyTo(buffer);
            return buffer[..given.Length];
        }

        if (read.Correlation.IsEmpty)
        {
            EventIds.Derive(asSent, buffer);
            return buffer[..EventIds.DerivedLength];
        }

        var pages = read.Record.Pages;
        var more = read.Kind == AzureKind.Risk ? read[AzureField.Id] : read[AzureField.AuditStage];
        var resourceId = read[AzureField.ResourceId];
        var resultType = read.First(AzureField.ResultType, AzureField.Status);
        var signature = read.First(AzureField.ResultSignature, AzureField.SubStatus);
        var key = pages.Room(resourceId.Length + read.Correlation.Length + read.Operation.Length + timeText.Length + resultType.Length + signature.Length + more.Length + 7);
        var length = AddLower(key, 0, resourceId);
        length = Add(key, length, read.Correlation);
        length = AddLower(key, length, read.Operation);
        length = Add(key, length, timeText);
        length = Add(key, length, resultType);
        length = Add(key, length, signature);
        length = more.IsEmpty ? length : Add(key, length, more);
        EventIds.Derive(key[..(length - 1)], buffer);
        return buffer[..EventIds.DerivedLength];
    }

    // A part and the line feed behind it; the length with them.
    private static int Add(Span<byte> key, int length, ReadOnlySpan<byte> part)
    {
        part.CopyTo(key[length..]);
        key[length + part.Length] = (byte)'\n';
        return length + part.Length + 1;
    }

    private static int AddLower(Span<byte> key, int length, ReadOnlySpan<byte> part)
    {
        TextPages.ToLower(part, key[length..]);
        key[length + part.Length] = (byte)'\n';
        return length + part.Length + 1;
    }
}
