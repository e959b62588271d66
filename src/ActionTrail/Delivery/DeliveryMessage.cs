using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using ActionTrail.Layout;

namespace ActionTrail.Delivery;

/// <summary>
/// A nudge to make one delivery, in the queue of its kind: <c>{"store":"history","trail":"acme.trail-one.0abc…","window":1767225600000}</c>.
/// <c>trail</c> is the <see cref="DeliveryOrder.Key"/>. The row in table <c>deliveries</c> is the truth; a message that is lost, doubled or late changes nothing.
/// </summary>
public sealed record DeliveryMessage(StoreName Store, string Key, long Window)
{
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("store", Store.ToString());
            writer.WriteString("trail", Key);
            writer.WriteNumber("window", Window);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>False when the text is not a message that <see cref="ToJson"/> makes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DeliveryMessage? message)
    {
        message = null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("store", out var store) && store.ValueKind == JsonValueKind.String && StoreName.TryParse(store.GetString()!, out var storeName)
                && root.TryGetProperty("trail", out var trail) && trail.ValueKind == JsonValueKind.String
                && root.TryGetProperty("window", out var window) && window.ValueKind == JsonValueKind.Number && window.TryGetInt64(out var number) && number >= 0)
                message = new(storeName, trail.GetString()!, number);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or half a surrogate pair: not a message of ours.
            return false;
        }

        return message is not null;
    }
}
