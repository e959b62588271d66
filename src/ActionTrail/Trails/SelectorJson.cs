using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ActionTrail.Trails;

/// <summary>
/// Advanced selectors and data event selectors as JSON, read from requests and stored rows and written by hand:
/// <code>[{"name":"…","fieldSelectors":[{"field":"eventName","equals":[],"startsWith":[],"endsWith":[],"notEquals":[],"notStartsWith":[],"notEndsWith":[]}]}]
/// {"isTrailAllRegion":false,"trailRegionIds":[],"eventSelectors":[{"serviceName":"…","readWriteType":"All","eventName":{"equals":[]},"resourceArn":{"notEquals":[]}}]}</code>
/// Names of members may begin with a capital letter, as ActionTrail and CloudTrail write them.
/// </summary>
public static class SelectorJson
{
    /// <summary>Reads advanced selectors; faults of form go to <paramref name="errors"/>.</summary>
    public static IReadOnlyList<AdvancedSelector> ReadAdvanced(JsonElement value, string pointer, List<TrailFieldError> errors) =>
        Items(value, pointer, errors, ReadSelector);

    /// <summary>Reads data event selectors; faults of form go to <paramref name="errors"/>.</summary>
    public static DataEventSelectors ReadDataEvents(JsonElement value, string pointer, List<TrailFieldError> errors)
    {
        var read = new DataEventSelectors(IsTrailAllRegion: false, [], []);
        foreach (var field in TrailJson.Fields(value, pointer, errors))
        {
            read = Camel(field.Name) switch
            {
                "isTrailAllRegion" => read with { IsTrailAllRegion = TrailJson.Flag(field, pointer, errors) ?? false },
                "trailRegionIds" => read with { TrailRegionIds = TrailJson.Texts(field, pointer, errors) },
                "eventSelectors" => read with { Selectors = ReadDataEventList(field.Value, pointer + "/eventSelectors", errors) },
                _ => TrailJson.Unknown(read, field, pointer, errors),
            };
        }

        return read;
    }

    /// <summary>Reads the list alone, as ActionTrail's <c>EventSelectors</c> holds it.</summary>
    public static IReadOnlyList<DataEventSelector> ReadDataEventList(JsonElement value, string pointer, List<TrailFieldError> errors) =>
        Items(value, pointer, errors, ReadDataEvent);

    public static void Write(Utf8JsonWriter writer, IReadOnlyList<AdvancedSelector> selectors)
    {
        writer.WriteStartArray();
        foreach (var selector in selectors)
        {
            writer.WriteStartObject();
            if (selector.Name is not null)
                writer.WriteString("name"u8, selector.Name);
            writer.WriteStartArray("fieldSelectors"u8);
            foreach (var field in selector.Fields)
            {
                writer.WriteStartObject();
                writer.WriteString("field"u8, field.Field);
                foreach (var (name, values) in field.Lists)
                    WriteList(writer, name, values);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes one object.</summary>
    public static void Write(Utf8JsonWriter writer, DataEventSelectors selectors)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("isTrailAllRegion"u8, selectors.IsTrailAllRegion);
        WriteList(writer, "trailRegionIds", selectors.TrailRegionIds);
        writer.WriteStartArray("eventSelectors"u8);
        foreach (var one in selectors.Selectors)
        {
            writer.WriteStartObject();
            writer.WriteString("serviceName"u8, one.ServiceName);
            writer.WriteString("readWriteType"u8, one.ReadWriteType.ToString());
            Write(writer, "eventName", one.EventName);
            Write(writer, "resourceArn", one.ResourceArn);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    internal static string Format(IReadOnlyList<AdvancedSelector> selectors) => Format(writer => Write(writer, selectors));

    internal static string Format(DataEventSelectors selectors) => Format(writer => Write(writer, selectors));

    /// <exception cref="JsonException">The text is not JSON, or not what <see cref="Format(IReadOnlyList{AdvancedSelector})"/> makes.</exception>
    internal static IReadOnlyList<AdvancedSelector> ParseAdvanced(string text) => Parse(text, ReadAdvanced);

    /// <exception cref="JsonException">The text is not JSON, or not what <see cref="Format(DataEventSelectors)"/> makes.</exception>
    internal static DataEventSelectors ParseDataEvents(string text) => Parse(text, ReadDataEvents);

    private static AdvancedSelector ReadSelector(JsonElement value, string pointer, List<TrailFieldError> errors)
    {
        var selector = new AdvancedSelector(null, []);
        foreach (var field in TrailJson.Fields(value, pointer, errors))
        {
            selector = Camel(field.Name) switch
            {
                "name" => selector with { Name = TrailJson.Text(field, pointer, errors) },
                "fieldSelectors" => selector with { Fields = Items(field.Value, pointer + "/fieldSelectors", errors, ReadField) },
                _ => TrailJson.Unknown(selector, field, pointer, errors),
            };
        }

        return selector;
    }

    private static FieldSelector ReadField(JsonElement value, string pointer, List<TrailFieldError> errors)
    {
        var read = new FieldSelector("");
        foreach (var field in TrailJson.Fields(value, pointer, errors))
        {
            read = Camel(field.Name) switch
            {
                "field" => read with { Field = TrailJson.Text(field, pointer, errors) ?? "" },
                "equals" => read with { EqualTo = TrailJson.Texts(field, pointer, errors) },
                "startsWith" => read with { StartsWith = TrailJson.Texts(field, pointer, errors) },
                "endsWith" => read with { EndsWith = TrailJson.Texts(field, pointer, errors) },
                "notEquals" => read with { NotEqualTo = TrailJson.Texts(field, pointer, errors) },
                "notStartsWith" => read with { NotStartsWith = TrailJson.Texts(field, pointer, errors) },
                "notEndsWith" => read with { NotEndsWith = TrailJson.Texts(field, pointer, errors) },
                _ => TrailJson.Unknown(read, field, pointer, errors),
            };
        }

        return read;
    }

    private static DataEventSelector ReadDataEvent(JsonElement value, string pointer, List<TrailFieldError> errors)
    {
        var read = new DataEventSelector("", TrailEventRW.All, ValueCondition.Any, ValueCondition.Any);
        foreach (var field in TrailJson.Fields(value, pointer, errors))
        {
            read = Camel(field.Name) switch
            {
                "serviceName" => read with { ServiceName = TrailJson.Text(field, pointer, errors) ?? "" },
                "readWriteType" => read with { ReadWriteType = ReadWrite(field, pointer, errors) },
                "eventName" => read with { EventName = ReadCondition(field.Value, pointer + "/eventName", errors) },
                "resourceArn" => read with { ResourceArn = ReadCondition(field.Value, pointer + "/resourceArn", errors) },
                _ => TrailJson.Unknown(read, field, pointer, errors),
            };
        }

        return read;
    }

    private static TrailEventRW ReadWrite(JsonProperty field, string pointer, List<TrailFieldError> errors)
    {
        var text = TrailJson.Text(field, pointer, errors);
        if (text is null)
            return TrailEventRW.All;
        if (TrailRules.ParseEventRW(text) is { } value)
            return value;
        errors.Add(new($"{pointer}/readWriteType", "readWriteType is Read, Write or All."));
        return TrailEventRW.All;
    }

    private static ValueCondition ReadCondition(JsonElement value, string pointer, List<TrailFieldError> errors)
    {
        var read = ValueCondition.Any;
        foreach (var field in TrailJson.Fields(value, pointer, errors))
        {
            read = Camel(field.Name) switch
            {
                "equals" => read with { EqualTo = TrailJson.Texts(field, pointer, errors) },
                "notEquals" => read with { NotEqualTo = TrailJson.Texts(field, pointer, errors) },
                _ => TrailJson.Unknown(read, field, pointer, errors),
            };
        }

        return read;
    }

    private static List<T> Items<T>(JsonElement value, string pointer, List<TrailFieldError> errors, Func<JsonElement, string, List<TrailFieldError>, T> read)
    {
        var items = new List<T>();
        if (value.ValueKind != JsonValueKind.Array)
        {
            errors.Add(new(pointer, "The value is an array of objects."));
            return items;
        }

        foreach (var item in value.EnumerateArray())
            items.Add(read(item, $"{pointer}/{items.Count}", errors));
        return items;
    }

    private static void Write(Utf8JsonWriter writer, string name, ValueCondition condition)
    {
        if (condition.EqualTo.Count + condition.NotEqualTo.Count == 0)
            return;
        writer.WriteStartObject(name);
        WriteList(writer, "equals", condition.EqualTo);
        WriteList(writer, "notEquals", condition.NotEqualTo);
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    private static string Format(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, TrailJson.Compact))
            write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static T Parse<T>(string text, Func<JsonElement, string, List<TrailFieldError>, T> read)
    {
        using var document = JsonDocument.Parse(text);
        var errors = new List<TrailFieldError>();
        var value = read(document.RootElement, "", errors);
        return errors.Count == 0 ? value : throw new JsonException($"{errors[0].Pointer}: {errors[0].Rule}");
    }

    private static string Camel(string name) => name.Length > 0 && char.IsAsciiLetterUpper(name[0]) ? char.ToLowerInvariant(name[0]) + name[1..] : name;
}
