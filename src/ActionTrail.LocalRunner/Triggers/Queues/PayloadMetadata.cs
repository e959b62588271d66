using System.Globalization;
using System.Text.Json;

namespace ActionTrail.LocalRunner.Triggers.Queues;

/// <summary>
/// A queue message that is a JSON object puts each of its members but arrays into Metadata, over whatever the host had there. It is why a handler
/// must not trust that Metadata, and why the runner does it too.
/// </summary>
internal static class PayloadMetadata
{
    /// <summary>The members by name, each as the JSON text that Metadata gets; empty when <paramref name="text"/> is no JSON object.</summary>
    public static IReadOnlyDictionary<string, string> Read(string text)
    {
        var members = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!text.AsSpan().TrimStart().StartsWith('{'))
        {
            return members;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            foreach (var property in document.RootElement.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Array))
            {
                members[property.Name] = property.Value.ValueKind == JsonValueKind.Object ? property.Value.GetRawText() : Encode(Encode(AsText(property.Value)));
            }
        }
        catch (JsonException)
        {
            // Plain text that only looks like an object carries no members.
            members.Clear();
        }

        return members;
    }

    // The host reads times as DateTime and prints them without a culture; booleans get a capital.
    private static string AsText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: >= 19 } text && text[10] == 'T' && value.TryGetDateTime(out var time) => time.ToString("MM/dd/yyyy HH:mm:ss", CultureInfo.InvariantCulture),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => bool.TrueString,
        JsonValueKind.False => bool.FalseString,
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };

    private static string Encode(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
