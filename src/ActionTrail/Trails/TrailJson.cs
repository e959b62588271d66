using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActionTrail.Layout;

namespace ActionTrail.Trails;

/// <summary>
/// Trails as JSON, read from request bodies and stored rows and written by hand. Selectors:
/// <code>{"eventNames":[],"services":[],"resourceTypes":[],"regions":[],"categories":[],"sensitiveOnly":false,
///  "exclude":{"eventNames":[],"services":[],"resourceTypes":[],"regions":[],"categories":[]}}</code>
/// where every member may be left out.
/// </summary>
public static class TrailJson
{
    private const string UnknownField = "There is no such field.";
    private const string NotText = "The value is a string.";

    internal static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads the body of a creation. Faults of form go to <paramref name="errors"/>; <see cref="TrailRules"/> judges the values.</summary>
    public static TrailDraft ReadDraft(JsonElement body, List<TrailFieldError> errors)
    {
        var draft = new TrailDraft();
        foreach (var field in Fields(body, "", errors))
        {
            draft = field.Name switch
            {
                "name" => draft with { Name = Text(field, "", errors) },
                "container" => draft with { Container = Text(field, "", errors) },
                "stream" => draft with { Stream = Text(field, "", errors) },
                "logAnalytics" => draft with { LogAnalytics = Text(field, "", errors) },
                "prefix" => draft with { Prefix = Text(field, "", errors) },
                "format" => draft with { Format = Text(field, "", errors) },
                "maxObjectMegabytes" => draft with { MaxObjectMegabytes = Number(field, "", errors) },
                "flushAfterSeconds" => draft with { FlushAfterSeconds = Number(field, "", errors) },
                "eventRW" => draft with { EventRW = Text(field, "", errors) },
                "trailRegion" => draft with { TrailRegion = Text(field, "", errors) },
                "logFileValidation" => draft with { LogFileValidation = Flag(field, "", errors) },
                "isOrganizationTrail" => draft with { IsOrganizationTrail = Flag(field, "", errors) },
                "isInnerTrail" => draft with { IsInnerTrail = Flag(field, "", errors) },
                "logstoreProject" => draft with { LogstoreProject = Text(field, "", errors) },
                "selectors" => draft with { Selectors = ReadSelectors(field.Value, "/selectors", errors) },
                "advancedSelectors" => draft with { AdvancedSelectors = SelectorJson.ReadAdvanced(field.Value, "/advancedSelectors", errors) },
                _ => Unknown(draft, field, "", errors),
            };
        }

        return draft;
    }

    /// <summary>Reads the body of an update; as <see cref="ReadDraft"/>.</summary>
    public static TrailChange ReadChange(JsonElement body, List<TrailFieldError> errors)
    {
        var change = new TrailChange();
        foreach (var field in Fields(body, "", errors))
        {
            change = field.Name switch
            {
                "container" => change with { Container = TextOr("", field, errors) },
                "stream" => change with { Stream = TextOr("", field, errors) },
                "logAnalytics" => change with { LogAnalytics = TextOr("", field, errors) },
                "prefix" => change with { Prefix = TextOr("", field, errors) },
                "format" => change with { Format = TextOr(nameof(ObjectFormat.ActionTrail), field, errors) },
                "maxObjectMegabytes" => change with { MaxObjectMegabytes = Number(field, "", errors) ?? 0 },
                "flushAfterSeconds" => change with { FlushAfterSeconds = Number(field, "", errors) },
                "eventRW" => change with { EventRW = TextOr(nameof(TrailEventRW.All), field, errors) },
                "trailRegion" => change with { TrailRegion = TextOr(TrailRules.AllRegions, field, errors) },
                "logFileValidation" => change with { LogFileValidation = field.Value.ValueKind == JsonValueKind.Null || (Flag(field, "", errors) ?? true) },
                "isOrganizationTrail" => change with { IsOrganizationTrail = Flag(field, "", errors) },
                "isInnerTrail" => change with { IsInnerTrail = Flag(field, "", errors) },
                "logstoreProject" => change with { LogstoreProject = TextOr("", field, errors) },
                "selectors" => change with { Selectors = ReadSelectors(field.Value, "/selectors", errors) },
                "advancedSelectors" => change with { AdvancedSelectors = SelectorJson.ReadAdvanced(field.Value, "/advancedSelectors", errors) },
                _ => Unknown(change, field, "", errors),
            };
        }

        return change;
    }

    public static TrailSelectors ReadSelectors(JsonElement value, string pointer, List<TrailFieldError> errors)
    {
        var selectors = TrailSelectors.Everything;
        foreach (var field in Fields(value, pointer, errors))
        {
            selectors = field.Name switch
            {
                "sensitiveOnly" => selectors with { SensitiveOnly = Flag(field, pointer, errors) ?? false },
                "exclude" => selectors with { Exclude = ReadExclude(field.Value, pointer + "/exclude", errors) },
                _ => selectors with { Include = ReadList(selectors.Include, field, pointer, errors) },
            };
        }

        return selectors;
    }

    /// <summary>Compact JSON of the selectors, with what is empty left out.</summary>
    public static string Format(TrailSelectors selectors)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            Write(writer, selectors);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(Utf8JsonWriter writer, TrailSelectors selectors)
    {
        writer.WriteStartObject();
        WriteLists(writer, selectors.Include);
        if (selectors.SensitiveOnly)
            writer.WriteBoolean("sensitiveOnly", value: true);
        if (!selectors.Exclude.IsEmpty)
        {
            writer.WriteStartObject("exclude");
            WriteLists(writer, selectors.Exclude);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <exception cref="JsonException">The text is not JSON, or not what <see cref="Format"/> makes.</exception>
    internal static TrailSelectors Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        var errors = new List<TrailFieldError>();
        var selectors = ReadSelectors(document.RootElement, "", errors);
        return errors.Count == 0 ? selectors : throw new JsonException($"{errors[0].Pointer}: {errors[0].Rule}");
    }

    /// <summary>All lists of the selectors with their pointers relative to the selectors.</summary>
    internal static IEnumerable<(string Pointer, IReadOnlyList<string> Values)> Lists(TrailSelectors selectors) =>
        Lists(selectors.Include).Concat(Lists(selectors.Exclude).Select(static list => ("exclude/" + list.Name, list.Values)));

    private static (string Name, IReadOnlyList<string> Values)[] Lists(SelectorValues values) =>
    [
        ("eventNames", values.EventNames),
        ("services", values.Services),
        ("resourceTypes", values.ResourceTypes),
        ("regions", values.Regions),
        ("categories", values.Categories),
    ];

    private static void WriteLists(Utf8JsonWriter writer, SelectorValues lists)
    {
        foreach (var (name, values) in Lists(lists))
        {
            if (values.Count == 0)
                continue;
            writer.WriteStartArray(name);
            foreach (var value in values)
                writer.WriteStringValue(value);
            writer.WriteEndArray();
        }
    }

    private static SelectorValues ReadExclude(JsonElement value, string pointer, List<TrailFieldError> errors)
    {
        var lists = SelectorValues.None;
        foreach (var field in Fields(value, pointer, errors))
            lists = ReadList(lists, field, pointer, errors);
        return lists;
    }

    private static SelectorValues ReadList(SelectorValues lists, JsonProperty field, string pointer, List<TrailFieldError> errors) => field.Name switch
    {
        "eventNames" => lists with { EventNames = Texts(field, pointer, errors) },
        "services" => lists with { Services = Texts(field, pointer, errors) },
        "resourceTypes" => lists with { ResourceTypes = Texts(field, pointer, errors) },
        "regions" => lists with { Regions = Texts(field, pointer, errors) },
        "categories" => lists with { Categories = Texts(field, pointer, errors) },
        _ => Unknown(lists, field, pointer, errors),
    };

    internal static IEnumerable<JsonProperty> Fields(JsonElement value, string pointer, List<TrailFieldError> errors)
    {
        if (value.ValueKind == JsonValueKind.Object)
            return value.EnumerateObject();
        errors.Add(new(pointer, "The value is an object."));
        return [];
    }

    internal static string? Text(JsonProperty field, string pointer, List<TrailFieldError> errors)
    {
        if (field.Value.ValueKind == JsonValueKind.Null)
            return null;
        if (TryText(field.Value, out var text))
            return text;
        errors.Add(new($"{pointer}/{field.Name}", NotText));
        return null;
    }

    /// <summary>Null in a change takes away what a trail has (the empty text), or brings a default back.</summary>
    private static string? TextOr(string ofNull, JsonProperty field, List<TrailFieldError> errors) => field.Value.ValueKind == JsonValueKind.Null ? ofNull : Text(field, "", errors);

    internal static bool? Flag(JsonProperty field, string pointer, List<TrailFieldError> errors)
    {
        if (field.Value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null)
            return field.Value.ValueKind == JsonValueKind.Null ? null : field.Value.GetBoolean();
        errors.Add(new($"{pointer}/{field.Name}", "The value is true or false."));
        return null;
    }

    internal static int? Number(JsonProperty field, string pointer, List<TrailFieldError> errors)
    {
        if (field.Value.ValueKind == JsonValueKind.Null)
            return null;

        // Zero is how a change says null; of a caller it is a number like -1.
        if (field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt32(out var number))
            return number == 0 ? -1 : number;
        errors.Add(new($"{pointer}/{field.Name}", "The value is a whole number."));
        return null;
    }

    internal static IReadOnlyList<string> Texts(JsonProperty field, string pointer, List<TrailFieldError> errors)
    {
        if (field.Value.ValueKind != JsonValueKind.Array)
        {
            errors.Add(new($"{pointer}/{field.Name}", "The value is an array of strings."));
            return [];
        }

        var values = new List<string>();
        foreach (var item in field.Value.EnumerateArray())
        {
            if (!TryText(item, out var text))
                errors.Add(new($"{pointer}/{field.Name}/{values.Count}", NotText));
            values.Add(text);
        }

        return values;
    }

    private static bool TryText(JsonElement value, out string text)
    {
        text = "";
        if (value.ValueKind != JsonValueKind.String)
            return false;
        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // An escape that stands for half a surrogate pair: valid JSON, no text.
            return false;
        }
    }

    internal static T Unknown<T>(T unchanged, JsonProperty field, string pointer, List<TrailFieldError> errors)
    {
        errors.Add(new($"{pointer}/{field.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", UnknownField));
        return unchanged;
    }
}
