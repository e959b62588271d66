using System.Text;
using System.Text.Json;
using ActionTrail.Events.CloudEvents;

namespace ActionTrail.Ingest;

/// <summary>
/// Finds CloudEvents in binary mode among the messages of a batch: their attributes are application properties, which the host
/// passes on as <c>PropertiesArray</c>, one object per message.
/// </summary>
internal static class HubCloudEvents
{
    /// <summary>Whether any message of the batch may be one: a look at the bytes, so that other batches are not parsed.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> properties) => properties.IndexOf("pecversion"u8) >= 0 || properties.IndexOf("cloudEvents"u8) >= 0;

    /// <param name="properties">The array.</param>
    /// <param name="messages">The messages, in its order; those that are CloudEvents get their attributes.</param>
    public static void Read(ReadOnlySpan<byte> properties, Span<HubMessage> messages)
    {
        var reader = new Utf8JsonReader(properties);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return;
        for (var index = 0; index < messages.Length && reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                reader.Skip();
            else if (ReadOne(ref reader, properties) is { } attributes)
                messages[index] = messages[index] with { CloudEvent = attributes };
        }
    }

    private static CloudEventAttributes? ReadOne(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        List<(string Name, string Json)>? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // An attribute's name has no characters that JSON would escape.
            var name = !reader.ValueIsEscaped && CloudEventAttributes.IsAttribute(reader.ValueSpan) ? Encoding.UTF8.GetString(reader.ValueSpan) : null;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (name is not null)
                (found ??= []).Add((name, Encoding.UTF8.GetString(json[start..(int)reader.BytesConsumed])));
        }

        return found is null ? null : CloudEventAttributes.FromProperties(found);
    }
}
