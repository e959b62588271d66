using System.Text.Json;
using ActionTrail.Events;

namespace ActionTrail.Trails;

/// <summary>What a trail asks of an event, read in one pass over its stored bytes. Members that are absent, empty or of another type are null.</summary>
public sealed record EventTraits
{
    public string? EventId { get; private set; }

    public string? EventName { get; private set; }

    public string? ServiceName { get; private set; }

    public string? EventRW { get; private set; }

    /// <summary><c>acsRegion</c>.</summary>
    public string? Region { get; private set; }

    /// <summary><c>eventCategory</c>.</summary>
    public string? Category { get; private set; }

    /// <summary>The parts of <c>resourceType</c> between semicolons, and the member names of <c>referencedResources</c>.</summary>
    public IReadOnlyList<string> ResourceTypes => resourceTypes;

    /// <summary><c>eventAttributes.SensitiveAction</c> is true or "true".</summary>
    public bool IsSensitive { get; private set; }

    public string? EventType { get; private set; }

    public string? EventSource { get; private set; }

    public string? ErrorCode { get; private set; }

    public string? SourceIpAddress { get; private set; }

    /// <summary>The parts of <c>resourceName</c> between semicolons, and the strings in <c>referencedResources</c>.</summary>
    public IReadOnlyList<string> ResourceNames => resourceNames;

    /// <summary><c>userIdentity.userName</c>.</summary>
    public string? UserName { get; private set; }

    /// <summary><c>userIdentity.type</c>.</summary>
    public string? UserType { get; private set; }

    /// <summary><c>userIdentity.accessKeyId</c>.</summary>
    public string? AccessKeyId { get; private set; }

    private readonly List<string> resourceTypes = [];
    private readonly List<string> resourceNames = [];
    private readonly bool isWide;

    private EventTraits(bool isWide) => this.isWide = isWide;

    /// <summary>Those of no event.</summary>
    internal static EventTraits None(bool isWide) => new(isWide);

    /// <summary>Reads everything.</summary>
    /// <param name="body">One event as it is stored: a JSON object.</param>
    /// <exception cref="JsonException">The bytes are no JSON object.</exception>
    public static EventTraits Read(ReadOnlySpan<byte> body) => Read(body, isWide: true);

    /// <param name="body">One event as it is stored: a JSON object.</param>
    /// <param name="isWide">False leaves out what only advanced and data event selectors ask: what follows <see cref="IsSensitive"/>.</param>
    /// <exception cref="JsonException">The bytes are no JSON object.</exception>
    public static EventTraits Read(ReadOnlySpan<byte> body, bool isWide)
    {
        var traits = new EventTraits(isWide);
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 256 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("An event is a JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            traits.ReadMember(ref reader);
        return traits;
    }

    /// <summary>Becomes the traits of another event. False, and of no event any more, when a value that it asks for is written with escapes.</summary>
    /// <param name="body">One event as it is stored.</param>
    /// <param name="members">Its members, no name of which has an escape.</param>
    /// <param name="selection">Says what is asked for.</param>
    /// <param name="texts">Makes the strings.</param>
    /// <param name="eventId">UTF-8, in the body; empty when there is none.</param>
    internal bool TryTake(ReadOnlySpan<byte> body, ReadOnlySpan<EventMember> members, EventSelection selection, RecurringTexts texts, out ReadOnlySpan<byte> eventId)
    {
        Clear();
        eventId = default;
        foreach (ref readonly var member in members)
        {
            var name = member.Name(body);
            var value = member.Value(body);
            switch (name.Length)
            {
                case 7 when name.SequenceEqual("eventId"u8):
                    if (!TryText(value, out eventId))
                        return false;
                    break;
                case 9 when name.SequenceEqual("eventName"u8):
                    if (!TryText(value, texts, out var eventName))
                        return false;
                    EventName = eventName;
                    break;
                case 11 when name.SequenceEqual("serviceName"u8):
                    if (!TryText(value, texts, out var serviceName))
                        return false;
                    ServiceName = serviceName;
                    break;
                case 7 when name.SequenceEqual("eventRW"u8):
                    if (!TryText(value, texts, out var eventRW))
                        return false;
                    EventRW = eventRW;
                    break;
                case 9 when name.SequenceEqual("acsRegion"u8):
                    if (!TryText(value, texts, out var region))
                        return false;
                    Region = region;
                    break;
                case 13 when name.SequenceEqual("eventCategory"u8):
                    if (!TryText(value, texts, out var category))
                        return false;
                    Category = category;
                    break;
                default:
                    if (selection.AsksMore)
                        TakeMore(name, value);
                    break;
            }
        }

        return true;
    }

    /// <summary>What only some trails ask, read as <see cref="Read(ReadOnlySpan{byte})"/> does.</summary>
    private void TakeMore(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = 256 });
        if (name.SequenceEqual("resourceType"u8))
            resourceTypes.AddRange((Text(ref reader) ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries));
        else if (name.SequenceEqual("referencedResources"u8))
            ReadReferenced(ref reader);
        else if (name.SequenceEqual("eventAttributes"u8))
            ReadAttributes(ref reader);
        else if (name.SequenceEqual("eventType"u8))
            EventType = Text(ref reader);
        else if (name.SequenceEqual("eventSource"u8))
            EventSource = Text(ref reader);
        else if (name.SequenceEqual("errorCode"u8))
            ErrorCode = Text(ref reader);
        else if (name.SequenceEqual("sourceIpAddress"u8))
            SourceIpAddress = Text(ref reader);
        else if (name.SequenceEqual("resourceName"u8))
            resourceNames.AddRange((Text(ref reader) ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries));
        else if (name.SequenceEqual("userIdentity"u8))
            ReadIdentity(ref reader);
    }

    private void Clear()
    {
        (EventId, EventName, ServiceName, EventRW, Region, Category) = (null, null, null, null, null, null);
        (EventType, EventSource, ErrorCode, SourceIpAddress, UserName, UserType, AccessKeyId) = (null, null, null, null, null, null, null);
        IsSensitive = false;
        resourceTypes.Clear();
        resourceNames.Clear();
    }

    /// <summary>The text of a string, null for anything else and an empty one; false when it is written with escapes.</summary>
    private static bool TryText(ReadOnlySpan<byte> value, RecurringTexts texts, out string? text)
    {
        var isPlain = TryText(value, out var utf8);
        text = utf8.IsEmpty ? null : texts.Of(utf8);
        return isPlain;
    }

    private static bool TryText(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> utf8)
    {
        utf8 = value[0] == '"' ? value[1..^1] : default;
        if (!utf8.Contains((byte)'\\'))
            return true;
        utf8 = default;
        return false;
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("eventId"u8))
            EventId = Text(ref reader);
        else if (reader.ValueTextEquals("eventName"u8))
            EventName = Text(ref reader);
        else if (reader.ValueTextEquals("serviceName"u8))
            ServiceName = Text(ref reader);
        else if (reader.ValueTextEquals("eventRW"u8))
            EventRW = Text(ref reader);
        else if (reader.ValueTextEquals("acsRegion"u8))
            Region = Text(ref reader);
        else if (reader.ValueTextEquals("eventCategory"u8))
            Category = Text(ref reader);
        else if (reader.ValueTextEquals("resourceType"u8))
            resourceTypes.AddRange((Text(ref reader) ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries));
        else if (reader.ValueTextEquals("referencedResources"u8))
            ReadReferenced(ref reader);
        else if (reader.ValueTextEquals("eventAttributes"u8))
            ReadAttributes(ref reader);
        else if (!isWide || !TryReadWide(ref reader))
            Skip(ref reader);
    }

    private bool TryReadWide(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("eventType"u8))
            EventType = Text(ref reader);
        else if (reader.ValueTextEquals("eventSource"u8))
            EventSource = Text(ref reader);
        else if (reader.ValueTextEquals("errorCode"u8))
            ErrorCode = Text(ref reader);
        else if (reader.ValueTextEquals("sourceIpAddress"u8))
            SourceIpAddress = Text(ref reader);
        else if (reader.ValueTextEquals("resourceName"u8))
            resourceNames.AddRange((Text(ref reader) ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries));
        else if (reader.ValueTextEquals("userIdentity"u8))
            ReadIdentity(ref reader);
        else
            return false;
        return true;
    }

    private void ReadIdentity(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("userName"u8))
                UserName = Text(ref reader);
            else if (reader.ValueTextEquals("type"u8))
                UserType = Text(ref reader);
            else if (reader.ValueTextEquals("accessKeyId"u8))
                AccessKeyId = Text(ref reader);
            else
                Skip(ref reader);
        }
    }

    private void ReadReferenced(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            resourceTypes.Add(reader.GetString()!);
            reader.Read();
            if (isWide && reader.TokenType == JsonTokenType.StartArray)
                ReadNames(ref reader);
            else
                reader.Skip();
        }
    }

    private void ReadNames(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                resourceNames.Add(reader.GetString()!);
            else
                reader.Skip();
        }
    }

    private void ReadAttributes(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var sensitive = reader.ValueTextEquals("SensitiveAction"u8);
            reader.Read();
            if (sensitive)
                IsSensitive = reader.TokenType == JsonTokenType.True || (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("true"u8));
            reader.Skip();
        }
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString() is { Length: > 0 } text ? text : null;
        reader.Skip();
        return null;
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
