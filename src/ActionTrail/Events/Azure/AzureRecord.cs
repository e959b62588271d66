using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <summary>One record of Azure Monitor, with all its spellings behind one reading. Names at the top compare without case; each may appear once.</summary>
internal sealed class AzureRecord
{
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

        Properties = Field("properties").Unwrapped();
        EventProperties = Properties.Member("eventProperties").Unwrapped();
        var identity = Field("identity").Unwrapped();
        var claim = identity.Member("claims");
        Claims = claim.ValueKind == JsonValueKind.Object ? claim : identity.Member("claim") is { ValueKind: JsonValueKind.Object } single ? single : Field("claims");
        Authorization = identity.Member("authorization") is { ValueKind: JsonValueKind.Object } inIdentity ? inIdentity : Field("authorization");
        StatusMessage = Properties.Member("statusMessage").Unwrapped();
        Category = Text("category");
        var activity = Properties.Text("eventCategory");
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

    public string? TenantId => (Text("tenantId") ?? Resource.TenantId ?? Claim("http://schemas.microsoft.com/identity/claims/tenantid") ?? Properties.Text("tenantId"))?.ToLowerInvariant();

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

    public string? Text(string name) => Field(name).AsText();

    public string? Claim(string name) => Claims.Text(name);
}
