using System.Text.Json;

namespace ActionTrail.Functions.Rest;

/// <summary>The one form of lists: <c>{"value":[…],"nextLink":"absolute address"}</c>; <c>nextLink</c> is absent on the last page.</summary>
internal static class JsonPage
{
    public static void Write<T>(Utf8JsonWriter json, IEnumerable<T> items, Action<Utf8JsonWriter, T> writeItem, string? nextLink)
    {
        json.WriteStartObject();
        json.WriteStartArray("value"u8);
        foreach (var item in items)
            writeItem(json, item);
        json.WriteEndArray();
        if (nextLink is not null)
            json.WriteString("nextLink"u8, nextLink);
        json.WriteEndObject();
    }
}
