using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActionTrail.LocalRunner.Triggers;

/// <summary>What differs between two deliveries of the same thing: when it is sent, and the host's random id.</summary>
internal sealed record InvocationStamp(string FunctionName, DateTimeOffset UtcNow, Guid RandGuid);

/// <summary>
/// The body of <c>POST /{function}</c>: <c>{"Data":{binding:value},"Metadata":{…}}</c>, as the Functions host 4.1037 sends it.
/// The host puts text, numbers and arrays as JSON inside a JSON string; objects and times go as they are.
/// </summary>
internal static class InvocationBody
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the body; each callback writes the members of its object.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> data, Action<Utf8JsonWriter> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("Data");
            data(writer);
            writer.WriteEndObject();
            writer.WriteStartObject("Metadata");
            metadata(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>The value as JSON text inside a JSON string.</summary>
    public static void WriteEncoded(this Utf8JsonWriter writer, string name, Action<Utf8JsonWriter> value)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var inner = new Utf8JsonWriter(buffer, Options))
        {
            value(inner);
        }

        writer.WriteString(name, buffer.WrittenSpan);
    }

    /// <summary>Text, encoded twice.</summary>
    public static void WriteEncodedText(this Utf8JsonWriter writer, string name, string text) =>
        writer.WriteEncoded(name, inner => inner.WriteStringValue(text));

    public static void WriteSys(this Utf8JsonWriter writer, InvocationStamp stamp)
    {
        writer.WriteStartObject("sys");
        writer.WriteString("MethodName", stamp.FunctionName);
        writer.WriteString("UtcNow", stamp.UtcNow.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        writer.WriteString("RandGuid", stamp.RandGuid.ToString("D"));
        writer.WriteEndObject();
    }

    /// <summary>A DateTimeOffset of the trigger's data: whole seconds, offset written out.</summary>
    public static string WholeSeconds(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    /// <summary>A DateTime inside an array: up to seven digits of a second, no zone.</summary>
    public static string NoZone(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
}
