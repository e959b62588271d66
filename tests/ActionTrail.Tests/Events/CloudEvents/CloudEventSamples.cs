using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Events.CloudEvents;

namespace ActionTrail.Tests.Events.CloudEvents;

/// <summary>CloudEvents with values of our own.</summary>
internal static class CloudEventSamples
{
    public const string Order = """{"specversion":"1.0","id":"A-1","source":"https://shop.example/orders","type":"com.example.order.shipped","subject":"order/17","time":"2026-06-15T11:30:00.250+02:00","datacontenttype":"application/json; charset=utf-8","dataschema":"https://shop.example/schema","accountid":"acct-1","authid":"u-9","authtype":"user","traceparent":"00-aa-bb-01","partitionkey":"17","sequence":"5","flag":true,"data":{"carrier": "bike","requestId":"req-1"}}""";

    /// <summary>A valid CloudEvent with the members given instead of, or besides, its own.</summary>
    public static string With(params (string Name, string Json)[] members)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["specversion"] = "\"1.0\"",
            ["id"] = "\"i-1\"",
            ["source"] = "\"/machines/7\"",
            ["type"] = "\"com.example.thing.changed\"",
            ["time"] = "\"2026-06-15T11:00:00Z\"",
            ["accountid"] = "\"acct-1\"",
        };
        foreach (var (name, json) in members)
            all[name] = json;
        return "{" + string.Join(',', all.Where(static m => m.Value.Length > 0).Select(static m => $"\"{m.Key}\":{m.Value}")) + "}";
    }

    public static JsonElement Mapped(string message, string? contentType = null, params (string Name, string Json)[] properties) =>
        JsonDocument.Parse(Assert.Single(Sent(message, contentType, properties).Accepted).Body).RootElement.Clone();

    public static RecordingSink Sent(string message, string? contentType = null, params (string Name, string Json)[] properties) =>
        Sent(Encoding.UTF8.GetBytes(message), contentType, CloudEventAttributes.FromProperties(properties));

    public static RecordingSink Sent(byte[] message, string? contentType, CloudEventAttributes? attributes)
    {
        var sink = new RecordingSink();
        new MessageNormalizer(new NormalizerOptions()).Normalize(message, RecordingSink.Origin() with { ContentType = contentType, CloudEvent = attributes }, sink);
        return sink;
    }

    /// <summary>Text at a path of names.</summary>
    public static string? At(this JsonElement element, string path)
    {
        foreach (var name in path.Split('/'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }

        return element.ToString();
    }
}
