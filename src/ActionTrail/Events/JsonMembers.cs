using System.Globalization;
using System.Text.Json;

namespace ActionTrail.Events;

/// <summary>Members of parsed JSON, read leniently: what is absent, of another type or empty is null or undefined, never an exception.</summary>
internal static class JsonMembers
{
    // Longer JSON text in a string is left as text.
    private const int MaxNestedText = 256 << 10;

    public static JsonElement Member(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member : default;

    public static string? Text(this JsonElement parent, string name) => parent.Member(name).AsText();

    /// <summary>Text of a string, number or flag, or of <c>{"value": ...}</c>; null for what is absent or empty.</summary>
    public static string? AsText(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString() is { } text && !string.IsNullOrWhiteSpace(text) && text != "<null>" ? text : null,
        JsonValueKind.Number => element.TryGetInt64(out var number) ? number.ToString(CultureInfo.InvariantCulture) : element.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Object => element.TryGetProperty("value", out var value) && value.ValueKind is (JsonValueKind.String or JsonValueKind.Number) ? value.AsText() : null,
        _ => null,
    };

    /// <summary>The element, or what its text holds when that is a JSON object.</summary>
    public static JsonElement Unwrapped(this JsonElement element)
    {
        // Text in single quotes and other near-JSON is common and left alone.
        if (element.ValueKind != JsonValueKind.String || element.GetString() is not { Length: > 1 and <= MaxNestedText } text
            || text.AsSpan().TrimStart() is not ['{', ..] || text.AsSpan().TrimStart()[1..].TrimStart() is not ['"' or '}', ..])
        {
            return element;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Not JSON after all: it stays the text that it is.
            return element;
        }
    }
}
