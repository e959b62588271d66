using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActionTrail.Events.CloudEvents;

/// <summary>
/// The context attributes of a CloudEvent in binary mode, which travel beside its data: application properties named
/// <c>cloudEvents:id</c> or <c>cloudEvents_id</c> (AMQP binding), headers named <c>ce-id</c> (HTTP binding). Nothing is judged here:
/// <see cref="CloudEventEnvelope"/> writes them down as the structured CloudEvent that stands for the message, and that one is judged.
/// </summary>
public sealed class CloudEventAttributes
{
    private const string HeaderPrefix = "ce-";
    private static readonly string[] PropertyPrefixes = ["cloudEvents:", "cloudEvents_"];
    private static readonly string[] Texts = ["specversion", "id", "source", "type", "subject"];

    // In ordinal order, so that the same message always makes the same bytes.
    private readonly (string Name, string Json)[] attributes;

    private CloudEventAttributes(IEnumerable<(string Name, string Json)> attributes) =>
        this.attributes = [.. attributes.OrderBy(static a => a.Name, StringComparer.Ordinal).ThenBy(static a => a.Json, StringComparer.Ordinal)];

    /// <summary>
    /// The attributes among the headers of an HTTP request; null when it is no CloudEvent in binary mode, that is when none of <c>ce-specversion</c>,
    /// <c>ce-id</c>, <c>ce-source</c>, <c>ce-type</c> is there. Quotes are taken off, then percent escapes, as the HTTP binding says.
    /// </summary>
    /// <param name="headers">Names in any case, values as sent.</param>
    public static CloudEventAttributes? FromHeaders(IEnumerable<KeyValuePair<string, string>> headers)
    {
        var found = headers.Where(static h => h.Key.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase))
            .Select(static h => (Name: h.Key[HeaderPrefix.Length..].ToLowerInvariant(), Json: Quote(HeaderText.Decode(h.Value)))).ToList();
        return found.Exists(static a => a.Name is "specversion" or "id" or "source" or "type") ? new CloudEventAttributes(found) : null;
    }

    /// <summary>
    /// The attributes among the properties of a message; null when it is no CloudEvent in binary mode: when nothing starts with exactly
    /// <c>cloudEvents:</c> or <c>cloudEvents_</c> and there is no <c>specversion</c> behind such a prefix in another case or behind <c>ce-</c>.
    /// </summary>
    /// <param name="properties">Names as sent, values as JSON.</param>
    internal static CloudEventAttributes? FromProperties(IReadOnlyCollection<(string Name, string Json)> properties)
    {
        var isEvent = false;
        var found = new List<(string, string)>(properties.Count);
        foreach (var (property, json) in properties)
        {
            if (NameOf(property) is not { } name)
                continue;
            isEvent |= name == "specversion" || Array.Exists(PropertyPrefixes, prefix => property.StartsWith(prefix, StringComparison.Ordinal));
            found.Add((name, Text(name, property.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase) ? Unescape(json) : json)));
        }

        return isEvent ? new CloudEventAttributes(found) : null;
    }

    /// <summary>Whether a property of this name would be an attribute.</summary>
    internal static bool IsAttribute(ReadOnlySpan<byte> property) =>
        property.Length > HeaderPrefix.Length && (property[0] | 0x20) == 'c' && NameOf(Encoding.UTF8.GetString(property)) is not null;

    internal bool Has(string name) => Array.Exists(attributes, a => a.Name == name);

    internal string? Text(string name)
    {
        var json = Array.Find(attributes, a => a.Name == name).Json;
        return json is ['"', ..] ? Decoded(json) : null;
    }

    /// <summary>Writes <c>"name":value,</c> for each.</summary>
    internal void WriteTo(IBufferWriter<byte> output)
    {
        foreach (var (name, json) in attributes)
        {
            output.Write(Encoding.UTF8.GetBytes(Quote(name)));
            output.Write(":"u8);
            output.Write(Encoding.UTF8.GetBytes(json));
            output.Write(","u8);
        }
    }

    internal static string Quote(string text) => "\"" + JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) + "\"";

    private static string? NameOf(string property)
    {
        var prefix = property.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase) ? HeaderPrefix
            : Array.Find(PropertyPrefixes, known => property.StartsWith(known, StringComparison.OrdinalIgnoreCase));
        return prefix is null || prefix.Length == property.Length ? null : property[prefix.Length..].ToLowerInvariant();
    }

    // A sender that has no quotes around its header values makes numbers of what was meant as text; 1 was 1.0 then.
    private static string Text(string name, string json) =>
        json is ['"', ..] or "null" || !Array.Exists(Texts, text => text == name) ? json
        : name == "specversion" && json is "1" ? "\"1.0\""
        : Quote(json);

    private static string Unescape(string json) => json is ['"', ..] && Decoded(json) is { } text ? Quote(HeaderText.Decode(text)) : json;

    private static string? Decoded(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonText.HasLoneSurrogate(Encoding.UTF8.GetBytes(json)) ? null : document.RootElement.GetString();
    }
}
