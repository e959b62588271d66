using System.Globalization;
using System.Text;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Functions.Rest;

namespace ActionTrail.Tests.Functions.OpenApi;

/// <summary>
/// Writes docs/api-reference.md out of the OpenAPI document: an index, every route by tag with what it takes, answers and refuses and who may call it, the shapes that have
/// names, and the problems. The same document gives the same bytes.
/// </summary>
internal sealed class ReferencePage
{
    private readonly JsonElement document;
    private readonly JsonSchema schemas;
    private readonly StringBuilder page = new();
    private readonly List<(string Method, string Path, JsonElement Operation)> routes = [];
    private readonly HashSet<string> common;

    private ReferencePage(JsonElement document)
    {
        this.document = document;
        schemas = new JsonSchema(document);
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
                routes.Add((operation.Name.ToUpperInvariant(), path.Name, operation.Value));
        }

        common = [.. routes.Where(static route => RolesOf(route.Operation).Length > 0).Select(route => CodesOf(route.Operation).AsEnumerable()).Aggregate(static (all, one) => all.Intersect(one, StringComparer.Ordinal)).Order(StringComparer.Ordinal)];
    }

    public static string Write(JsonElement document)
    {
        var reference = new ReferencePage(document);
        reference.WriteAll();
        return reference.page.ToString();
    }

    private void WriteAll()
    {
        Line("# API reference");
        Line();
        Line("Generated from the descriptions of the routes, as [openapi.json](openapi.json) is: change those, then run the tests `OpenApiDocumentTests` with `ACTIONTRAIL_WRITE=1`.");
        Line("What the parts are for and how they go together, with examples: [the API](api.md). The RPC API has [a page of its own](rpc.md).");
        Line();
        Line(Text(document.GetProperty("info"), "description"));
        WriteIndex();
        WriteCommon();
        foreach (var tag in document.GetProperty("tags").EnumerateArray())
        {
            Line();
            Line($"## {Title(Text(tag, "name"))}");
            Line();
            Line(Text(tag, "description"));
            foreach (var (method, path, operation) in routes.Where(route => Text(route.Operation.GetProperty("tags")[0]) == Text(tag, "name")))
                WriteRoute(method, path, operation);
        }

        WriteShapes();
        WriteProblems();
    }

    private void WriteIndex()
    {
        Line();
        Line("## Routes");
        Line();
        Line("| route | operation | who may |");
        Line("| --- | --- | --- |");
        foreach (var (method, path, operation) in routes)
            Line($"| [`{method} {path}`](#{Anchor($"{method} {path}")}) | {Operation(operation)} | {Who(operation)} |");
    }

    private void WriteCommon()
    {
        Line();
        Line("## What holds for every call");
        Line();
        Line($"A call for which somebody has to sign in may also be refused with {string.Join(", ", common.Select(static code => $"`{code}`"))}: [problems](#problems). These are not repeated below, nor `NotAcceptable` of those that answer with JSON.");
        Line();
        Line("| header | in | what |");
        Line("| --- | --- | --- |");
        foreach (var header in document.GetProperty("components").GetProperty("parameters").EnumerateObject())
            Line($"| `{header.Name}` | request | {Text(header.Value, "description")} |");
        foreach (var header in document.GetProperty("components").GetProperty("headers").EnumerateObject().Where(static header => header.Name != "Retry-After-Perhaps"))
            Line($"| `{header.Name}` | answer | {Text(header.Value, "description")} |");
    }

    private void WriteRoute(string method, string path, JsonElement operation)
    {
        Line();
        Line($"### `{method} {path}`");
        Line();
        var (summary, description) = (Text(operation, "summary"), Text(operation, "description"));
        Line(description.StartsWith(summary, StringComparison.Ordinal) ? description : $"{summary} {description}");
        WriteParameters(operation);
        WriteBody(operation);
        WriteAnswers(operation);
        var own = CodesOf(operation).Except(RolesOf(operation).Length > 0 ? common.Append(ProblemType.NotAcceptable.Code) : [], StringComparer.Ordinal).ToList();
        if (own.Count == 0)
            return;
        Line();
        Line($"Problems: {string.Join(", ", own.Select(static code => $"`{code}`"))}.");
    }

    private void WriteParameters(JsonElement operation)
    {
        var own = operation.GetProperty("parameters").EnumerateArray().Where(static one => !one.TryGetProperty("$ref", out _)).ToList();
        var hasIfMatch = operation.GetProperty("parameters").EnumerateArray().Any(static one => one.TryGetProperty("$ref", out var reference) && reference.GetString()!.EndsWith("/If-Match", StringComparison.Ordinal));
        if (own.Count > 0)
        {
            Line();
            Line("| parameter | in | type | what |");
            Line("| --- | --- | --- | --- |");
            foreach (var one in own)
            {
                var isRequired = one.TryGetProperty("required", out var required) && required.GetBoolean() && Text(one, "in") == "query";
                Line($"| `{Text(one, "name")}` | {Text(one, "in")}{(isRequired ? ", required" : "")} | {TypeOf(one.GetProperty("schema"))} | {Cell(Text(one, "description"))} |");
            }
        }

        if (hasIfMatch)
        {
            Line();
            Line("Honours `If-Match`.");
        }
    }

    private void WriteBody(JsonElement operation)
    {
        if (!operation.TryGetProperty("requestBody", out var body))
            return;
        var content = body.GetProperty("content");
        Line();
        Line($"Takes, as {string.Join(", ", content.EnumerateObject().Select(static one => $"`{one.Name}`"))}: {Text(body, "description")}");
        var first = content.EnumerateObject().First().Value;
        WriteMembers(first.GetProperty("schema"));
        if (first.TryGetProperty("example", out var example))
        {
            Line();
            Line("```json");
            Line(example.ValueKind == JsonValueKind.String ? example.GetString()! : JsonSerializer.Serialize(example, Plain));
            Line("```");
        }
    }

    private void WriteAnswers(JsonElement operation)
    {
        foreach (var answer in operation.GetProperty("responses").EnumerateObject().Where(static one => one.Name.StartsWith('2')))
        {
            Line();
            if (!answer.Value.TryGetProperty("content", out var content))
            {
                Line($"Answers {answer.Name}: {Text(answer.Value, "description")}");
                continue;
            }

            var forms = content.EnumerateObject().Select(one => one.Name == "application/json" ? TypeOf(one.Value.GetProperty("schema")) : $"`{one.Name}` ({TypeOf(one.Value.GetProperty("schema"))})");
            Line($"Answers {answer.Name} with {string.Join(", ", forms)}: {Text(answer.Value, "description")}");
            if (content.TryGetProperty("application/json", out var json))
                WriteMembers(json.GetProperty("schema"));
        }
    }

    /// <summary>The members of a shape that has no name and is written where it stands.</summary>
    private void WriteMembers(JsonElement schema)
    {
        var rows = new List<string>();
        Members(schema, "", rows);
        if (rows.Count == 0)
            return;
        Line();
        Line("| member | type | what |");
        Line("| --- | --- | --- |");
        rows.ForEach(row => Line(row));
    }

    private void Members(JsonElement schema, string prefix, List<string> rows)
    {
        if (schema.TryGetProperty("items", out var items))
            Members(items, prefix + "[]", rows);
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(static one => one.GetString()!).ToHashSet(StringComparer.Ordinal) : [];
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var member in properties.EnumerateObject())
            {
                var name = prefix.Length == 0 ? member.Name : $"{prefix}.{member.Name}";
                var about = schemas.Resolve(member.Value).TryGetProperty("description", out var description) ? Cell(description.GetString()!) : "";
                rows.Add($"| `{name}`{(required.Contains(member.Name) ? "" : "?")} | {TypeOf(member.Value)} | {about} |");
                Members(member.Value, name, rows);
            }
        }

        if (schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object)
        {
            var name = prefix.Length == 0 ? "…" : prefix + ".…";
            rows.Add($"| `{name}` | {TypeOf(others)} | {(others.TryGetProperty("description", out var about) ? Cell(about.GetString()!) : "")} |");
            Members(others, name, rows);
        }
    }

    private void WriteShapes()
    {
        Line();
        Line("## Shapes");
        Line();
        Line("A member with `?` may be absent. A page has `value`, a list of what it is a page of, and `nextLink`, the address of the next page, absent on the last one.");
        foreach (var shape in document.GetProperty("components").GetProperty("schemas").EnumerateObject().Where(static shape => !IsPage(shape.Name)))
        {
            Line();
            Line($"### {shape.Name} (shape)");
            Line();
            Line(Text(shape.Value, "description"));
            WriteMembers(shape.Value);
        }
    }

    private void WriteProblems()
    {
        Line();
        Line("## Problems");
        Line();
        Line("| code | type | status | title |");
        Line("| --- | --- | --- | --- |");
        foreach (var one in ProblemType.All)
            Line(string.Create(CultureInfo.InvariantCulture, $"| {one.Code} | `{one.Type}` | {one.Status} | {one.Title} |"));
    }

    /// <summary>The type in a few words, with its bounds.</summary>
    private static string TypeOf(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!.Split('/')[^1];
            return IsPage(name) ? $"page of {Link(name[..^4])}" : Link(name);
        }

        if (!schema.TryGetProperty("type", out var type))
            return "anything";
        var (text, isNullable) = type.ValueKind == JsonValueKind.Array ? (type[0].GetString()!, true) : (type.GetString()!, false);
        if (text == "array" && schema.TryGetProperty("items", out var items))
            text = $"list of {TypeOf(items)}";
        if (schema.TryGetProperty("format", out var format) && format.GetString() is "date-time" or "uri")
            text = format.GetString() == "uri" ? "address" : "time";
        if (schema.TryGetProperty("enum", out var choices))
            text = string.Join(" or ", choices.EnumerateArray().Where(static one => one.ValueKind == JsonValueKind.String).Select(static one => $"`{one.GetString()}`"));
        else if (schema.TryGetProperty("pattern", out var pattern))
            text += $" `{pattern.GetString()!.Replace("|", "\\|", StringComparison.Ordinal)}`";
        text += Bounds(schema);
        if (schema.TryGetProperty("default", out var value))
            text += $", default `{value}`";
        return isNullable ? text + ", or null" : text;
    }

    private static string Bounds(JsonElement schema)
    {
        string? Number(string name) => schema.TryGetProperty(name, out var value) ? value.GetRawText() : null;
        return (Number("minimum"), Number("maximum"), Number("minLength"), Number("maxLength")) switch
        {
            ({ } min, { } max, _, _) => $" {min} to {max}",
            (_, _, _, { } most) => $", at most {most} characters",
            _ => "",
        };
    }

    private static bool IsPage(string name) => name.EndsWith("Page", StringComparison.Ordinal);

    private static string Link(string name) => $"[{name}](#{name.ToLowerInvariant()}-shape)";

    private static string[] RolesOf(JsonElement operation) => operation.TryGetProperty("x-roles", out var roles) ? [.. roles.EnumerateArray().Select(static one => one.GetString()!)] : [];

    private static string Who(JsonElement operation)
    {
        var roles = RolesOf(operation);
        return roles.Length == 0 ? "anybody" : roles.Length == Enum.GetValues<Role>().Length ? "everybody who signs in" : string.Join(", ", roles.Select(static role => role == nameof(Role.Operator) ? "operator" : role));
    }

    /// <summary>The operation that is audited; a route of Logstores has that of the history's.</summary>
    private static string Operation(JsonElement operation) => RolesOf(operation).Length == 0 ? "" : Text(operation, "operationId").Replace("InLogstore", "", StringComparison.Ordinal);

    private List<string> CodesOf(JsonElement operation) =>
    [
        .. operation.GetProperty("responses").EnumerateObject().Select(one => schemas.Resolve(one.Value)).Where(static one => one.TryGetProperty("x-codes", out _))
            .SelectMany(static one => one.GetProperty("x-codes").EnumerateArray().Select(static code => code.GetString()!)),
    ];

    /// <summary>As GitHub makes it: lower case, letters, digits, hyphens and underscores; blanks become hyphens.</summary>
    public static string Anchor(string heading) => string.Concat(heading.ToLowerInvariant().Where(static c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-' or '_').Select(static c => c == ' ' ? '-' : c));

    private static string Title(string tag) => char.ToUpperInvariant(tag[0]) + tag[1..].Replace('-', ' ');

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Text(JsonElement element, string name) => Text(element.GetProperty(name));

    private static string Text(JsonElement element) => element.GetString()!.ReplaceLineEndings(" ");

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private void Line(string text = "") => page.Append(text).Append('\n');
}
