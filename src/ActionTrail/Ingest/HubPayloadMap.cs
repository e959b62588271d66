using System.Text.Json;

namespace ActionTrail.Ingest;

/// <summary>Where the values that matter lie within an invocation body: slices of raw JSON, quotes included; empty when absent.</summary>
internal sealed class HubPayloadMap
{
    public Range? Events { get; private set; }

    /// <summary>Null in the single form, whose metadata is not to be trusted.</summary>
    public Range? SequenceNumbers { get; private set; }

    public Range? EnqueuedTimes { get; private set; }

    public Range? Properties { get; private set; }

    public Range? SystemProperties { get; private set; }

    public string? FullyQualifiedNamespace { get; private set; }

    public string? EventHubName { get; private set; }

    public string? PartitionId { get; private set; }

    public bool HasPartition => FullyQualifiedNamespace is not null && EventHubName is not null && PartitionId is not null;

    /// <exception cref="HubPayloadException">The body is no JSON object.</exception>
    public static HubPayloadMap Read(ReadOnlySpan<byte> body)
    {
        var map = new HubPayloadMap();
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 512 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new HubPayloadException("The invocation body is no JSON object.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("Data"u8))
                    map.ReadData(ref reader);
                else if (reader.ValueTextEquals("Metadata"u8))
                    map.ReadMetadata(ref reader);
                else
                    Value(ref reader);
            }
        }
        catch (JsonException error)
        {
            throw new HubPayloadException("The invocation body is no JSON: " + error.Message, error);
        }

        return map.Events is null ? throw new HubPayloadException("The invocation body has no value Data.events.") : map;
    }

    private void ReadData(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isEvents = reader.ValueTextEquals("events"u8);
            var value = Value(ref reader);
            if (isEvents)
                Events = value;
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("TriggerPartitionContext"u8) || reader.ValueTextEquals("PartitionContext"u8))
                ReadPartition(ref reader);
            else if (reader.ValueTextEquals("SequenceNumberArray"u8))
                SequenceNumbers = Value(ref reader);
            else if (reader.ValueTextEquals("EnqueuedTimeUtcArray"u8))
                EnqueuedTimes = Value(ref reader);
            else if (reader.ValueTextEquals("PropertiesArray"u8))
                Properties = Value(ref reader);
            else if (reader.ValueTextEquals("SystemPropertiesArray"u8))
                SystemProperties = Value(ref reader);
            else
                Value(ref reader);
        }
    }

    private void ReadPartition(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("FullyQualifiedNamespace"u8))
                FullyQualifiedNamespace = Text(ref reader) ?? FullyQualifiedNamespace;
            else if (reader.ValueTextEquals("EventHubName"u8))
                EventHubName = Text(ref reader) ?? EventHubName;
            else if (reader.ValueTextEquals("PartitionId"u8))
                PartitionId = Text(ref reader) ?? PartitionId;
            else
                Value(ref reader);
        }
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return System.Text.Encoding.ASCII.GetString(reader.ValueSpan);
            default:
                reader.Skip();
                return null;
        }
    }

    /// <summary>Steps into an object; passes over anything else and says false.</summary>
    private static bool Enter(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            return true;
        reader.Skip();
        return false;
    }

    /// <summary>Passes over the value of the current property.</summary>
    private static Range Value(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }
}
