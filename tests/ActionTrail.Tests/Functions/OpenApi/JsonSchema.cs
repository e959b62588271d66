using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActionTrail.Tests.Functions.OpenApi;

/// <summary>Judges JSON by the part of JSON schema that the document uses. A keyword that is not known here is a fault of the schema, not passed over.</summary>
internal sealed class JsonSchema(JsonElement document)
{
    private static readonly HashSet<string> Known =
    [
        "$ref", "description", "type", "format", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "default", "items", "required", "properties", "additionalProperties",
    ];

    /// <summary>What is wrong with the value, each with its JSON pointer.</summary>
    public List<string> Judge(JsonElement schema, JsonElement value)
    {
        var faults = new List<string>();
        Judge(schema, value, "", faults);
        return faults;
    }

    /// <summary>The component that a reference names, or the element itself.</summary>
    public JsonElement Resolve(JsonElement element)
    {
        if (!element.TryGetProperty("$ref", out var reference))
            return element;
        var found = document;
        foreach (var part in reference.GetString()!.Split('/').Skip(1))
            found = found.GetProperty(part);
        return found;
    }

    private void Judge(JsonElement reference, JsonElement value, string at, List<string> faults)
    {
        var schema = Resolve(reference);
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!Known.Contains(keyword.Name))
                throw new InvalidOperationException($"The schema has the unknown keyword {keyword.Name}.");
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => IsOf(name, value)))
        {
            faults.Add($"{at}: {value.ValueKind} instead of {type}");
            return;
        }

        if (schema.TryGetProperty("enum", out var choices) && !choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value)))
            faults.Add($"{at}: {value} is none of {choices}");
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                JudgeText(schema, value.GetString()!, at, faults);
                break;
            case JsonValueKind.Number:
                if (schema.TryGetProperty("minimum", out var minimum) && value.GetDouble() < minimum.GetDouble())
                    faults.Add($"{at}: {value} is below {minimum}");
                if (schema.TryGetProperty("maximum", out var maximum) && value.GetDouble() > maximum.GetDouble())
                    faults.Add($"{at}: {value} is above {maximum}");
                break;
            case JsonValueKind.Array when schema.TryGetProperty("items", out var items):
                var index = 0;
                foreach (var item in value.EnumerateArray())
                    Judge(items, item, string.Create(CultureInfo.InvariantCulture, $"{at}/{index++}"), faults);
                break;
            case JsonValueKind.Object:
                JudgeMembers(schema, value, at, faults);
                break;
            default:
                break;
        }
    }

    private void JudgeMembers(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        if (schema.TryGetProperty("required", out var required))
            faults.AddRange(required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{at}/{name} is missing"));
        foreach (var member in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var known))
                Judge(known, member.Value, $"{at}/{member.Name}", faults);
            else if (!schema.TryGetProperty("additionalProperties", out var others) || others.ValueKind == JsonValueKind.True)
                continue;
            else if (others.ValueKind == JsonValueKind.False)
                faults.Add($"{at}/{member.Name} is not described");
            else
                Judge(others, member.Value, $"{at}/{member.Name}", faults);
        }
    }

    private static void JudgeText(JsonElement schema, string text, string at, List<string> faults)
    {
        if (schema.TryGetProperty("minLength", out var least) && text.Length < least.GetInt32())
            faults.Add($"{at}: shorter than {least}");
        if (schema.TryGetProperty("maxLength", out var most) && text.Length > most.GetInt32())
            faults.Add($"{at}: longer than {most}");
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1)))
            faults.Add($"{at}: {text} does not fit {pattern}");
        if (!schema.TryGetProperty("format", out var format))
            return;
        var fits = format.GetString() switch
        {
            "date-time" => text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
            "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
            var other => throw new InvalidOperationException($"The schema has the unknown format {other}."),
        };
        if (!fits)
            faults.Add($"{at}: {text} is no {format}");
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.String ? [type.GetString()!] : type.EnumerateArray().Select(static one => one.GetString()!);

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new InvalidOperationException($"The schema has the unknown type {type}."),
    };
}
