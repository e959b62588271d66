using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Generator;

namespace ActionTrail.Benchmarks.Segments;

/// <summary>Makes invocation bodies as the Functions host posts them (cardinality many, dataType binary), filled by the generator.</summary>
internal static class HubPayloadMaker
{
    public static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Bodies of generated events of about 1.3 KB, spread over <paramref name="accounts"/> accounts within five minutes.</summary>
    public static List<byte[]> Events(int count, int accounts)
    {
        using var generator = new EventGenerator(7, new GeneratorOptions { Start = Start, Span = TimeSpan.FromMinutes(5), Users = 2_000, Accounts = GeneratorOptions.ManyAccounts(accounts) });
        var events = new List<byte[]>();
        var buffer = new ArrayBufferWriter<byte>();
        for (var i = 0; i < count; i++)
        {
            generator.Next(buffer);
            events.Add(buffer.WrittenSpan.ToArray());
            buffer.Clear();
        }

        return events;
    }

    public static byte[] Body(List<byte[]> events) => Body(events, first: 0, Start.AddMinutes(5));

    /// <param name="events">Bodies of the messages.</param>
    /// <param name="first">Sequence number of the first of them.</param>
    /// <param name="enqueued">When the hub took it.</param>
    public static byte[] Body(List<byte[]> events, long first, DateTimeOffset enqueued)
    {
        var body = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var sent = enqueued.UtcDateTime;
        writer.WriteStartObject();
        writer.WriteStartObject("Data");
        writer.WriteString("events", Array(events, static (e, _) => "\"" + Convert.ToBase64String(e) + "\""));
        writer.WriteEndObject();
        writer.WriteStartObject("Metadata");
        foreach (var context in (string[])["TriggerPartitionContext", "PartitionContext"])
        {
            writer.WriteStartObject(context);
            writer.WriteString("FullyQualifiedNamespace", "bench.servicebus.windows.net");
            writer.WriteString("EventHubName", "activity");
            writer.WriteString("ConsumerGroup", "$Default");
            writer.WriteString("PartitionId", "1");
            writer.WriteEndObject();
        }

        writer.WriteString("PartitionKeyArray", Array(events, static (_, _) => "null"));
        writer.WriteString("OffsetArray", Array(events, static (_, i) => $"\"{i * 1400}\""));
        writer.WriteString("OffsetStringArray", Array(events, static (_, i) => $"\"{i * 1400}\""));
        writer.WriteString("SequenceNumberArray", Array(events, (_, i) => (first + i).ToString(CultureInfo.InvariantCulture)));
        writer.WriteString("EnqueuedTimeUtcArray", Array(events, (_, i) => "\"" + sent.AddMilliseconds(i).ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture) + "\""));
        writer.WriteString("PropertiesArray", Array(events, static (_, _) => "{}"));
        writer.WriteString("SystemPropertiesArray", Array(events, (_, i) => $"{{\"SequenceNumber\":{first + i},\"Offset\":{i * 1400},\"OffsetString\":\"{i * 1400}\",\"PartitionKey\":null,\"EnqueuedTimeUtc\":\"{sent.AddMilliseconds(i):yyyy-MM-ddTHH:mm:ss.fffffff}\"}}"));
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenSpan.ToArray();
    }

    private static string Array(List<byte[]> events, Func<byte[], int, string> element)
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < events.Count; i++)
            text.Append(i == 0 ? "" : ",").Append(element(events[i], i));
        return text.Append(']').ToString();
    }
}
