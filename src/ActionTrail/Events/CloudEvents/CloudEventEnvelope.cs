using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ActionTrail.Events.CloudEvents;

/// <summary>
/// Writes the structured CloudEvent that stands for a message in binary mode: the attributes, <c>datacontenttype</c> from the content type,
/// and the body as <c>data</c> or <c>data_base64</c>. From here on there is only one form; quarantine keeps this one, so that a
/// replay has the attributes.
/// </summary>
internal static class CloudEventEnvelope
{
    // 1. JSON (declared, or nothing declared and it reads as JSON): data, byte for byte.
    // 2. Declared as something else, and UTF-8: data, as a JSON string.
    // 3. Anything else: data_base64. Declared as JSON, that is refused by the mapping, which reads it.

    /// <param name="attributes">The attributes beside the message.</param>
    /// <param name="contentType">The content type of the message, if any.</param>
    /// <param name="message">The body as received.</param>
    /// <param name="content">The body without gzip and byte-order mark.</param>
    /// <param name="output">Cleared, then holds one JSON object.</param>
    public static void Write(CloudEventAttributes attributes, string? contentType, ReadOnlySpan<byte> message, ReadOnlySpan<byte> content, RecordBuffer output)
    {
        output.Clear();
        output.Append("{"u8);
        attributes.WriteTo(output);
        var type = attributes.Text("datacontenttype") ?? contentType;
        if (type is not null && !attributes.Has("datacontenttype"))
        {
            output.Append("\"datacontenttype\":"u8);
            output.Append(Encoding.UTF8.GetBytes(CloudEventAttributes.Quote(type)));
            output.Append(","u8);
        }

        if (message.IsEmpty)
        {
            output.TakeBack(1);
        }
        else if ((type is null || CloudEventContent.IsJson(type)) && IsOneValue(content))
        {
            output.Append("\"data\":"u8);
            output.Append(content);
        }
        else if (type is not null && !CloudEventContent.IsJson(type) && Utf8.IsValid(message))
        {
            output.Append("\"data\":"u8);
            output.Append(Encoding.UTF8.GetBytes(CloudEventAttributes.Quote(Encoding.UTF8.GetString(message))));
        }
        else
        {
            output.Append("\"data_base64\":\""u8);
            var room = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(message.Length));
            Base64.EncodeToUtf8(message, room, out _, out var written);
            output.Advance(written);
            output.Append("\""u8);
        }

        output.Append("}"u8);
    }

    private static bool IsOneValue(ReadOnlySpan<byte> content)
    {
        if (!Utf8.IsValid(content))
            return false;
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            var isAny = false;
            while (reader.Read())
                isAny = true;
            return isAny;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
