using System.Text.Json;

namespace ActionTrail.Functions.Rest;

/// <summary>
/// Reads a JSON object strictly: every member is asked for by name and type; what is missing, of another type, null, unknown or
/// twice there becomes a <see cref="Fault"/> with its JSON pointer. All faults of a body are reported at once.
/// </summary>
internal sealed class BodyReader
{
    private readonly JsonElement element;
    private readonly string pointer;
    private readonly List<Fault> faults;
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    private BodyReader(JsonElement element, string pointer, List<Fault> faults)
    {
        this.element = element;
        this.pointer = pointer;
        this.faults = faults;
    }

    /// <summary>What has been found wrong so far, in this object and the ones inside it.</summary>
    public IReadOnlyList<Fault> Faults => faults;

    /// <summary>Opens a body that must be one JSON object; null when it is not, with the reason in <paramref name="problem"/>.</summary>
    public static BodyReader? Open(ReadOnlyMemory<byte> body, out Problem? problem) =>
        Parse(body, out problem) is { } root ? new BodyReader(root, "", []) : null;

    /// <summary>Parses a body that must be one JSON object without repeated members and with valid text only.</summary>
    public static JsonElement? Parse(ReadOnlyMemory<byte> body, out Problem? problem)
    {
        problem = null;
        if (body.IsEmpty)
        {
            problem = Problem.Invalid(new Fault("", "The body is a JSON object; it was empty."));
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            CheckText(document.RootElement);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document.RootElement.Clone();
            problem = Problem.Invalid(new Fault("", $"The body is a JSON object, not {Kind(document.RootElement.ValueKind)}."));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problem = Problem.Invalid(new Fault("", Describe(e)));
        }

        return null;
    }

    /// <summary>A string member of 1 to <paramref name="maxLength"/> characters; null when absent (a fault if required) or wrong.</summary>
    public string? Text(string name, bool required, int maxLength, bool allowEmpty = false)
    {
        if (Find(name, required, JsonValueKind.String, "a string") is not { } value)
            return null;
        var text = value.GetString()!;
        if ((text.Length == 0 && !allowEmpty) || text.Length > maxLength)
            return Refuse(name, allowEmpty ? $"At most {maxLength} characters." : $"1 to {maxLength} characters.");
        return text.Any(char.IsControl) ? Refuse(name, "No control characters.") : text;
    }

    /// <summary>A member that is true or false; null when absent (a fault if required) or wrong.</summary>
    public bool? Flag(string name, bool required)
    {
        asked.Add(name);
        if (!element.TryGetProperty(name, out var value))
        {
            if (required)
                Refuse(name, "Required.");
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Refuse(name, $"true or false, not {Kind(value.ValueKind)}.");
        return null;
    }

    /// <summary>A string member that names a value of <typeparamref name="T"/> exactly.</summary>
    public T? Choice<T>(string name, bool required, params IReadOnlyList<T> choices)
        where T : struct, Enum
    {
        if (Find(name, required, JsonValueKind.String, "a string") is not { } value)
            return null;
        var text = value.GetString();
        foreach (var choice in choices)
        {
            if (choice.ToString() == text)
                return choice;
        }

        Refuse(name, $"One of {string.Join(", ", choices)}.");
        return null;
    }

    /// <summary>Adds a fault found by a rule of the caller; returns null for use in expressions.</summary>
    public string? Refuse(string name, string rule)
    {
        faults.Add(new Fault($"{pointer}/{name}", rule));
        return null;
    }

    /// <summary>Faults every member that nobody asked for.</summary>
    public void Finish()
    {
        foreach (var member in element.EnumerateObject())
        {
            if (!asked.Contains(member.Name))
                Refuse(Escape(member.Name), "Unknown member.");
        }
    }

    /// <summary>Finishes, and the problem with all faults or null when there are none.</summary>
    public Problem? FinishWithProblem()
    {
        Finish();
        return faults.Count == 0 ? null : Problem.Invalid(faults);
    }

    private JsonElement? Find(string name, bool required, JsonValueKind kind, string expected)
    {
        asked.Add(name);
        if (!element.TryGetProperty(name, out var value))
        {
            if (required)
                Refuse(name, "Required.");
            return null;
        }

        if (value.ValueKind == kind)
            return value;
        Refuse(name, $"{char.ToUpperInvariant(expected[0])}{expected[1..]}, not {Kind(value.ValueKind)}.");
        return null;
    }

    /// <summary>Asks for every name and string once: invalid UTF-8 and lone surrogates pass the parser and would throw later.</summary>
    private static void CheckText(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    CheckText(item);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    _ = member.Name;
                    CheckText(member.Value);
                }

                break;
            default:
                break;
        }
    }

    private static string Describe(Exception e) => e switch
    {
        JsonException { Message: var text } when text.Contains("uplicate", StringComparison.Ordinal) => "No member may be there twice.",
        JsonException { LineNumber: { } line, BytePositionInLine: { } at } => $"Not valid JSON at line {line + 1}, byte {at + 1}.",
        JsonException => "Not valid JSON.",
        _ => "A string is not valid Unicode.",
    };

    private static string Kind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
