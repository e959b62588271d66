using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActionTrail.Trails;

namespace ActionTrail.Delivery;

/// <summary>How an event stands in a batch: a function of the order, its place in the delivery and its stored bytes.</summary>
internal abstract class BatchForm
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>
    /// <code>{"Body":"{\"eventId\":…}","UserProperties":{"id":"trail-one.0abc/1767225600000/7","account":"acme","trail":"trail-one"},"BrokerProperties":{"PartitionKey":"acme"}}</code>
    /// The form of Event Hubs' batch send. The partition key is the account, so that an account's events keep their order.
    /// </summary>
    public static BatchForm Stream { get; } = new StreamForm();

    /// <summary>
    /// <code>{"TimeGenerated":"2026-03-01T12:00:00.000Z","DeliveryId":"trail-one.0abc/1767225600000/7","Trail":"trail-one","AccountId":"acme","Region":"cn-hangzhou","Event":{…}}</code>
    /// One row of the Logs Ingestion API.
    /// </summary>
    public static BatchForm LogRow { get; } = new LogRowForm();

    /// <summary>Whether a batch holds events of one account only.</summary>
    public abstract bool IsByAccount { get; }

    /// <summary>Writes the event; one that is larger than <paramref name="maxBytes"/> in its form is told of instead.</summary>
    public void Write(ArrayBufferWriter<byte> output, DeliveryOrder order, long index, DueEvent one, int maxBytes)
    {
        var start = output.WrittenCount;
        var id = string.Create(CultureInfo.InvariantCulture, $"{order.Trail.TrailId}/{order.Window}/{index}");
        Write(output, order, id, one, one.Body.Span);
        if (output.WrittenCount - start <= maxBytes)
            return;
        var kept = output.WrittenSpan[..start].ToArray();
        output.ResetWrittenCount();
        output.Write(kept);
        Write(output, order, id, one, Omitted(one.Body.Span));
    }

    protected abstract void Write(Utf8JsonWriter json, DeliveryOrder order, string id, DueEvent one, ReadOnlySpan<byte> body);

    private void Write(ArrayBufferWriter<byte> output, DeliveryOrder order, string id, DueEvent one, ReadOnlySpan<byte> body)
    {
        using var json = new Utf8JsonWriter(output, Compact);
        Write(json, order, id, one, body);
    }

    /// <summary><c>{"eventId":…,"eventName":…,"omitted":{"reason":"…","bytes":n}}</c>: enough to look the event up.</summary>
    private static ReadOnlySpan<byte> Omitted(ReadOnlySpan<byte> body)
    {
        var traits = EventTraits.Read(body, isWide: false);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            json.WriteString("eventId"u8, traits.EventId);
            json.WriteString("eventName"u8, Cut(traits.EventName));
            json.WriteStartObject("omitted"u8);
            json.WriteString("reason"u8, "The event is larger than the destination takes; look it up by its id."u8);
            json.WriteNumber("bytes"u8, body.Length);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }

    private static string? Cut(string? text) => text is { Length: > 200 } ? new string([.. text.Take(200).Where(static c => !char.IsSurrogate(c))]) : text;

    private sealed class StreamForm : BatchForm
    {
        public override bool IsByAccount => true;

        protected override void Write(Utf8JsonWriter json, DeliveryOrder order, string id, DueEvent one, ReadOnlySpan<byte> body)
        {
            json.WriteStartObject();
            json.WriteString("Body"u8, body);
            json.WriteStartObject("UserProperties"u8);
            json.WriteString("id"u8, id);
            json.WriteString("account"u8, one.Account);
            json.WriteString("trail"u8, order.Trail.Name);
            json.WriteEndObject();
            json.WriteStartObject("BrokerProperties"u8);
            json.WriteString("PartitionKey"u8, one.Account);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private sealed class LogRowForm : BatchForm
    {
        public override bool IsByAccount => false;

        protected override void Write(Utf8JsonWriter json, DeliveryOrder order, string id, DueEvent one, ReadOnlySpan<byte> body)
        {
            json.WriteStartObject();
            json.WriteString("TimeGenerated"u8, DateTimeOffset.FromUnixTimeMilliseconds(one.Event.EventTimeMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("DeliveryId"u8, id);
            json.WriteString("Trail"u8, order.Trail.Name);
            json.WriteString("AccountId"u8, one.Account);
            json.WriteString("Region"u8, one.Region);
            json.WritePropertyName("Event"u8);
            json.WriteRawValue(body, skipInputValidation: true);
            json.WriteEndObject();
        }
    }
}
