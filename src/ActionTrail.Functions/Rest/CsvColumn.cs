using System.Text.Json;

namespace ActionTrail.Functions.Rest;

/// <summary>A column of an export in CSV; docs/api.md lists them, and a test compares.</summary>
/// <param name="Name">Its header.</param>
/// <param name="Paths">Where its value is in an event, members joined by dots; the first path that leads to a value other than null wins.</param>
internal sealed record CsvColumn(string Name, params string[] Paths)
{
    private static readonly CsvColumn Original = new(LookupParameters.Original, "originalRecord");

    private readonly string[][] steps = Array.ConvertAll(Paths, static path => path.Split('.'));

    public static IReadOnlyList<CsvColumn> All { get; } =
    [
        new("eventTime", "eventTime"), new("eventId", "eventId"), new("eventName", "eventName"), new("serviceName", "serviceName"),
        new("user", "userIdentity.userName", "userIdentity.principalId", "userIdentity.type"), new("eventRW", "eventRW"),
        new("resourceType", "resourceType"), new("resourceName", "resourceName"), new("region", "acsRegion"), new("sourceIpAddress", "sourceIpAddress"),
        new("errorCode", "errorCode"), new("eventType", "eventType"), new("requestId", "requestId"),
        new("accountId", "recipientAccountId", "userIdentity.accountId"), new("principalId", "userIdentity.principalId"),
        new("accessKeyId", "userIdentity.accessKeyId"), new("errorMessage", "errorMessage"), new("userAgent", "userAgent"),
    ];

    /// <summary>The columns that a comma-separated list names, all when there is no list, and the original's last when asked for; null when a name is unknown.</summary>
    public static IReadOnlyList<CsvColumn>? Choose(string? names, bool withOriginal)
    {
        var chosen = names is null ? All : [.. names.Split(',').Select(static name => All.FirstOrDefault(c => c.Name == name)).OfType<CsvColumn>()];
        if (names is not null && chosen.Count != names.Split(',').Length)
            return null;
        return withOriginal ? [.. chosen, Original] : chosen;
    }

    /// <summary>The value as text: strings as they are, everything else as JSON; empty when absent or null.</summary>
    public string Of(JsonElement record)
    {
        foreach (var path in steps)
        {
            if (Follow(record, path) is not { } value)
                continue;
            return value.ValueKind == JsonValueKind.String ? Text(value) : value.GetRawText();
        }

        return "";
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: the escapes still say what was sent.
            return value.GetRawText()[1..^1];
        }
    }

    private static JsonElement? Follow(JsonElement element, string[] path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }

        return element.ValueKind == JsonValueKind.Null ? null : element;
    }
}
