using System.Text;
using System.Text.Json;

namespace ActionTrail.Events.CloudEvents;

/// <summary>
/// Maps CloudEvents 1.0 in structured form. Data that are an ActionTrail event are taken over; data that are a record of another known
/// format are mapped as that record; everything else becomes an event of its own.
/// </summary>
/// <param name="maxDepth">Deepest nesting that is read.</param>
/// <param name="mappingOf">The mapping of a format; null when there is none.</param>
internal sealed partial class CloudEventMapping(int maxDepth, Func<RecordFormat, IRecordMapping?> mappingOf) : IRecordMapping
{
    private readonly EventScanner scanner = new(maxDepth);
    private readonly RecordBuffer activity = new();

    public string TimePointer { get; private set; } = "/time";

    public Rejection? Map(in SourceRecord source, MappedEvent output)
    {
        TimePointer = "/time";
        if (JsonText.HasLoneSurrogate(source.Json))
            return new Rejection(RejectCode.BadEncoding, null, Rules.Surrogates);
        var reader = new Utf8JsonReader(source.Json, new JsonReaderOptions { MaxDepth = 1000 });
        using var document = JsonDocument.ParseValue(ref reader);
        if (CloudEventRecord.Read(document.RootElement, out var record) is { } fault)
            return fault;
        fault = CloudEventData.Read(record, out var data);
        using (data)
            return fault ?? MapData(source, record, data, output);
    }

    private Rejection? MapData(in SourceRecord source, CloudEventRecord record, CloudEventData data, MappedEvent output)
    {
        if (data.Json.ValueKind != JsonValueKind.Object)
            return WriteOwn(source, record, data, output);
        if (EventGridResource.Is(record, data.Json) && mappingOf(RecordFormat.AzureMonitor) is { } azure)
            return MapActivity(source, record, data, azure, output);
        var reader = new Utf8JsonReader(data.Bytes, new JsonReaderOptions { MaxDepth = 1000 });
        var none = default(NoValues);
        reader.Read();
        scanner.Scan(ref reader, ref none, mayWrapRecords: false);
        var format = RecordFormats.Detect(scanner);
        if (format == RecordFormat.Native && scanner.Saw(EventField.EventName) && scanner.Saw(EventField.EventTime))
            return TakeOver(record, data, output);
        if (IsWhole(format) && mappingOf(format) is { } mapping)
            return MapInner(source, data, mapping, output);
        return WriteOwn(source, record, data, output);
    }

    // Data of an application may share a name or two with a format; a record has these in any case.
    private bool IsWhole(RecordFormat format) => format switch
    {
        RecordFormat.AzureMonitor => scanner.Saw(EventField.OperationName) && scanner.Saw(EventField.Time),
        RecordFormat.CloudTrail => scanner.Saw(EventField.EventName) && scanner.Saw(EventField.EventTime),
        RecordFormat.GoogleLogEntry or RecordFormat.PlatformEvent => true,
        _ => false,
    };

    private Rejection? MapInner(in SourceRecord source, CloudEventData data, IRecordMapping mapping, MappedEvent output)
    {
        if (mapping.Map(new SourceRecord { Json = data.Bytes, AsSent = data.Bytes, Origin = source.Origin }, output) is { } fault)
            return fault with { Field = data.Below(fault.Field) };
        TimePointer = data.Below(mapping.TimePointer);
        output.ReplaceOriginal(source.Json);
        return null;
    }

    private Rejection? MapActivity(in SourceRecord source, CloudEventRecord record, CloudEventData data, IRecordMapping azure, MappedEvent output)
    {
        EventGridResource.Write(record, data.Json, EventIdOf(record), activity);
        var fault = azure.Map(new SourceRecord { Json = activity.Written, AsSent = source.AsSent, Origin = source.Origin }, output);
        activity.Shrink();
        if (fault is not null)
            return fault with { Field = data.Below(fault.Field == "/resourceId" ? "/resourceUri" : fault.Field) };
        output.ReplaceOriginal(source.Json);
        return null;
    }

    // The event byte for byte; before it what it lacks, behind it the attributes.
    private Rejection? TakeOver(CloudEventRecord record, CloudEventData data, MappedEvent output)
    {
        var account = default(string);
        if (scanner.AccountId is null && !scanner.Saw(EventField.RecipientAccountId) && AccountOf(record, data.Json) is { } named)
        {
            if (!AccountIds.IsValid(named.Account))
                return new Rejection(RejectCode.BadValue, named.Pointer, CloudEventRules.Account);
            account = named.Account;
        }

        if (scanner.CheckRequired() is { } fault && (account is null || fault.Field != EventFields.Pointer(EventField.RecipientAccountId)))
            return fault with { Field = data.Below(fault.Field) };
        TimePointer = data.Below(EventFields.Pointer(EventField.EventTime));

        var bytes = data.Bytes;
        var (emptyStart, emptyLength) = scanner.EmptyEventId;
        output.BeginParts();
        output.Part("{"u8);
        if (!scanner.HasEventId && emptyLength == 0)
            output.Part(Encoding.UTF8.GetBytes($"\"eventId\":{CloudEventAttributes.Quote(EventIdOf(record))},"));
        if (account is not null)
            output.Part(Encoding.UTF8.GetBytes($"\"recipientAccountId\":\"{account}\","));
        if (!scanner.HasEventId && emptyLength > 0)
        {
            output.Part(bytes[1..emptyStart]);
            output.Part(Encoding.UTF8.GetBytes(CloudEventAttributes.Quote(EventIdOf(record))));
            output.Part(bytes[(emptyStart + emptyLength)..^1]);
        }
        else
        {
            output.Part(bytes[1..^1]);
        }

        output.Part(",\""u8);
        output.Part(Encoding.UTF8.GetBytes(FreeName(data.Json)));
        output.Part("\":{"u8);
        var separator = ""u8;
        foreach (var (name, value) in record.Attributes)
        {
            output.Part(separator);
            output.Part(Encoding.UTF8.GetBytes($"\"{name}\":{value.GetRawText()}"));
            separator = ","u8;
        }

        output.Part("}}"u8);
        return null;
    }

    // An event that came as a CloudEvent before has a member of that name already.
    private static string FreeName(JsonElement data)
    {
        var name = "cloudEvent";
        while (data.TryGetProperty(name, out _))
            name += "_";
        return name;
    }

    private readonly struct NoValues : IAttributeValues
    {
        public bool Take(EventAttribute attribute, scoped ReadOnlySpan<byte> utf8) => true;
    }
}
