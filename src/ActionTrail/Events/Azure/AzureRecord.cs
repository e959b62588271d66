using System.Globalization;
using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <summary>One record of Azure Monitor, with all its spellings behind one reading. Names at the top compare without case; each may appear once.</summary>
internal sealed class AzureRecord
{
    // Longer JSON text in a string is left as text.
    private const int MaxNestedText = 256 << 10;

    private static readonly string[] TimeNames = ["time", "timestamp", "eventTimestamp"];

    private static readonly HashSet<string> Known = new(
        [.. TimeNames, "operationName", "category", "resourceId", "tenantId", "subscriptionId", "resultType", "resultSignature", "resultDescription",
            "status", "subStatus", "description", "durationMs", "callerIpAddress", "correlationId", "identity", "claims", "authorization", "level",
            "location", "properties", "eventDataId", "operationVersion", "httpRequest", "uri", "statusCode"],
        StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, JsonElement> fields = new(StringComparer.OrdinalIgnoreCase);

    public AzureRecord(JsonElement root)
    {
        foreach (var member in root.EnumerateObject())
        {
            if (!fields.TryAdd(member.Name, member.Value) && Known.Contains(member.Name))
            {
                Repeated ??= member.Name;
            }
        }

        Properties = Parsed(Field("properties"));
        EventProperties = Parsed(Member(Properties, "eventProperties"));
        var identity = Parsed(Field("identity"));
        var claim = Member(identity, "claims");
        Claims = claim.ValueKind == JsonValueKind.Object ? claim : Member(identity, "claim") is { ValueKind: JsonValueKind.Object } single ? single : Field("claims");
        Authorization = Member(identity, "authorization") is { ValueKind: JsonValueKind.Object } inIdentity ? inIdentity : Field("authorization");
        StatusMessage = Parsed(Member(Properties, "statusMessage"));
        Category = Text("category");
        var activity = Text(Properties, "eventCategory");
        Category = Category is "Write" or "Delete" or "Action" && activity is not null ? activity : Category;
        Resource = AzureResource.Parse(ResourceId);
    }

    /// <summary>A known name that appears twice; null when there is none.</summary>
    public string? Repeated { get; }

    public string? Category { get; }

    public string? ResourceId => Text("resourceId");

    public AzureResource Resource { get; }

    /// <summary><c>properties</c>, also out of JSON text; undefined when it is neither.</summary>
    public JsonElement Properties { get; }

    public JsonElement EventProperties { get; }

    public JsonElement Claims { get; }

    public JsonElement Authorization { get; }

    public JsonElement StatusMessage { get; }

    public string? ResultType => Text("resultType") ?? Text("status");

    public string? ResultSignature => Text("resultSignature") ?? Text("subStatus");

    public string? Operation => Text("operationName");

    public string? TenantId => (Text("tenantId") ?? Resource.TenantId ?? Claim("http://schemas.microsoft.com/identity/claims/tenantid") ?? Text(Properties, "tenantId"))?.ToLowerInvariant();

    public string? SubscriptionId => Resource.SubscriptionId ?? Text("subscriptionId")?.ToLowerInvariant();

    /// <summary>The name and text of the first time field there is.</summary>
    public (string Name, string? Text) Time
    {
        get
        {
            foreach (var name in TimeNames)
            {
                if (Text(name) is { } text)
                {
                    return (name, text);
                }
            }

            return (TimeNames[0], null);
        }
    }

    public JsonElement Field(string name) => fields.GetValueOrDefault(name);

    public string? Text(string name) => TextOf(Field(name));

    public string? Claim(string name) => Text(Claims, name);

    public static string? Text(JsonElement parent, string name) => TextOf(Member(parent, name));

    public static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member : default;

    /// <summary>The element, or what its text holds when that is a JSON object.</summary>
    public static JsonElement Parsed(JsonElement element)
    {
        // Text in single quotes and other near-JSON is common here and left alone.
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

    // Text of a string, number or flag, or of {"value": ...} as the REST form has it; null for what is absent or empty.
    private static string? TextOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString() is { } text && !string.IsNullOrWhiteSpace(text) && text != "<null>" ? text : null,
        JsonValueKind.Number => element.TryGetInt64(out var number) ? number.ToString(CultureInfo.InvariantCulture) : element.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Object => element.TryGetProperty("value", out var value) && value.ValueKind is (JsonValueKind.String or JsonValueKind.Number) ? TextOf(value) : null,
        _ => null,
    };
}
