using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace ActionTrail.Events.CloudEvents;

/// <summary>The data of a CloudEvent, read as JSON where its content type says so or says nothing.</summary>
internal sealed class CloudEventData : IDisposable
{
    private JsonDocument? decoded;

    private CloudEventData(string pointer) => Pointer = pointer;

    /// <summary>The data as JSON, also out of Base64 and out of JSON text in a string; undefined when there is none or it is something else.</summary>
    public JsonElement Json { get; private set; }

    /// <summary>JSON pointer to the data in the record.</summary>
    public string Pointer { get; }

    /// <summary>The bytes of <see cref="Json"/> as they were sent.</summary>
    public ReadOnlySpan<byte> Bytes => JsonMarshal.GetRawUtf8Value(Json);

    /// <summary>JSON pointer into the data: Base64 has no inside, so that it is named as a whole.</summary>
    public string Below(string? pointer) => decoded is null ? Pointer + pointer : Pointer;

    /// <summary>Reads the data; the reason when it is not what its content type says.</summary>
    public static Rejection? Read(CloudEventRecord record, out CloudEventData data)
    {
        var isJson = record.ContentType is { } type ? CloudEventContent.IsJson(type) : default(bool?);
        if (record.Base64.ValueKind == JsonValueKind.String)
        {
            data = new CloudEventData("/data_base64");
            return data.Decode(record.Base64, isJson is true);
        }

        data = new CloudEventData("/data");
        if (isJson is not false || record.Data.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            data.Json = record.Data.Unwrapped();
        return null;
    }

    public void Dispose() => decoded?.Dispose();

    private Rejection? Decode(JsonElement base64, bool isJson)
    {
        var text = JsonMarshal.GetRawUtf8Value(base64)[1..^1];
        if (text.Contains((byte)'\\') || !Base64.IsValid(text))
        {
            // The slash may be written with an escape.
            if (!Base64.IsValid(base64.GetString()))
                return new Rejection(RejectCode.BadValue, Pointer, CloudEventRules.Base64);
        }

        if (!isJson || text.IsEmpty)
            return null;
        var bytes = Convert.FromBase64String(base64.GetString()!).AsMemory();
        bytes = bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        if (!Utf8.IsValid(bytes.Span))
            return new Rejection(RejectCode.BadEncoding, Pointer, CloudEventRules.Json);
        if (JsonText.HasLoneSurrogate(bytes.Span))
            return new Rejection(RejectCode.BadEncoding, Pointer, Rules.Surrogates);
        try
        {
            decoded = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 1000 });
        }
        catch (JsonException)
        {
            return new Rejection(RejectCode.Malformed, Pointer, CloudEventRules.Json);
        }

        Json = decoded.RootElement;
        return null;
    }
}
