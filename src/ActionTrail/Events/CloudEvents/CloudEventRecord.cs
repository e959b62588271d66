using System.Buffers;
using System.Text;
using System.Text.Json;
using ActionTrail.Events.Azure;

namespace ActionTrail.Events.CloudEvents;

/// <summary>The members of one CloudEvent in structured form, judged by the rules of CloudEvents 1.0.</summary>
internal sealed class CloudEventRecord
{
    private static readonly AzureResource NoResource = AzureResource.Parse(null);

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    private readonly Dictionary<string, JsonElement> members = new(StringComparer.Ordinal);
    private readonly List<string> names = [];

    private CloudEventRecord()
    {
    }

    public string Id { get; private set; } = "";

    public string Source { get; private set; } = "";

    public string Type { get; private set; } = "";

    public string? Subject { get; private set; }

    /// <summary>The Azure resource that <see cref="Source"/> is; without any part when it is none.</summary>
    public AzureResource Resource { get; private set; } = NoResource;

    /// <summary>The Azure subscription in <see cref="Source"/>, else in <see cref="Subject"/>, with the name of the attribute.</summary>
    public (string Id, string Attribute)? Subscription =>
        Resource.SubscriptionId is { } inSource ? (inSource, "source")
        : ResourceIn(Subject).SubscriptionId is { } inSubject ? (inSubject, "subject")
        : null;

    public string? ContentType => Text("datacontenttype");

    /// <summary>Unix milliseconds; null when the event gives no time.</summary>
    public long? TimeMs { get; private set; }

    public JsonElement Data => members.GetValueOrDefault("data");

    public JsonElement Base64 => members.GetValueOrDefault("data_base64");

    /// <summary>All members but the data, in the order of the record; no nulls.</summary>
    public IEnumerable<KeyValuePair<string, JsonElement>> Attributes =>
        names.Where(static name => name is not ("data" or "data_base64")).Select(name => KeyValuePair.Create(name, members[name]));

    /// <summary>The attribute as text; null when it is absent or empty.</summary>
    public string? Text(string name) => members.GetValueOrDefault(name) is { ValueKind: JsonValueKind.String } text
        ? text.GetString() is { Length: > 0 } some ? some : null
        : members.GetValueOrDefault(name).AsText();

    /// <summary>Reads the record; the first broken rule when it is no valid CloudEvent.</summary>
    /// <param name="root">An object whose strings hold no half surrogate pairs.</param>
    /// <param name="record">The record, also when it is refused.</param>
    public static Rejection? Read(JsonElement root, out CloudEventRecord record)
    {
        record = new CloudEventRecord();
        foreach (var member in root.EnumerateObject())
        {
            if (!IsName(member.Name))
                return new Rejection(RejectCode.BadValue, Pointer(member.Name), CloudEventRules.Name);
            if (member.Value.ValueKind == JsonValueKind.Null)
                continue;
            if (!record.members.TryAdd(member.Name, member.Value))
                return new Rejection(RejectCode.BadValue, Pointer(member.Name), CloudEventRules.Twice);
            record.names.Add(member.Name);
        }

        return record.Check();
    }

    private Rejection? Check()
    {
        foreach (var name in (ReadOnlySpan<string>)["specversion", "id", "source", "type"])
        {
            var value = members.GetValueOrDefault(name);
            if (value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String))
                return new Rejection(RejectCode.WrongType, Pointer(name), CloudEventRules.Text);
            if (value.ValueKind == JsonValueKind.Undefined || string.IsNullOrWhiteSpace(value.GetString()))
                return new Rejection(RejectCode.Missing, Pointer(name), CloudEventRules.Required);
        }

        if (!members["specversion"].ValueEquals("1.0"u8))
            return new Rejection(RejectCode.BadValue, "/specversion", CloudEventRules.Version);
        (Id, Source, Type) = (Text("id")!, Text("source")!, Text("type")!);
        foreach (var name in (ReadOnlySpan<string>)["time", "subject", "datacontenttype", "dataschema"])
        {
            if (members.GetValueOrDefault(name).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String))
                return new Rejection(RejectCode.WrongType, Pointer(name), CloudEventRules.Text);
        }

        Subject = Text("subject");
        Resource = ResourceIn(Source);
        if (members.TryGetValue("time", out var given))
        {
            if (!TryTime(given.GetString()!, out var time))
                return new Rejection(RejectCode.BadValue, "/time", CloudEventRules.Time);
            TimeMs = time;
        }

        return !names.Contains("data_base64") ? null
            : names.Contains("data") ? new Rejection(RejectCode.BadValue, "/data_base64", CloudEventRules.OneData)
            : Base64.ValueKind != JsonValueKind.String ? new Rejection(RejectCode.WrongType, "/data_base64", CloudEventRules.Base64)
            : null;
    }

    // RFC 3339 also has the letters in lower case and any number of fraction digits.
    private static bool TryTime(string text, out long unixMs)
    {
        unixMs = 0;
        if (text.Length is < 20 or > 64)
            return false;
        var upper = text.ToUpperInvariant();
        var end = 20;
        while (upper[19] == '.' && end < upper.Length && char.IsAsciiDigit(upper[end]))
            end++;
        return EventTimes.TryParse(Encoding.UTF8.GetBytes(end > 29 ? upper[..29] + upper[end..] : upper), out unixMs);
    }

    // Most sources are nothing of Azure.
    private static AzureResource ResourceIn(string? text) =>
        text is not null && (text.Contains("subscriptions/", StringComparison.OrdinalIgnoreCase) || text.Contains("providers/", StringComparison.OrdinalIgnoreCase)) ? AzureResource.Parse(text) : NoResource;

    private static bool IsName(string name) => name == "data_base64" || (name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameCharacters));

    private static string Pointer(string name) =>
        "/" + (name.Length <= 64 ? name : name[..64]).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
