using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using ActionTrail.Access;
using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.OpenApi;

/// <summary>
/// Writes the OpenAPI 3.1 document of the routes. The same routes give the same bytes: <c>docs/openapi.json</c> is a copy, which a test compares.
/// </summary>
internal sealed partial class OpenApiDocument(Utf8JsonWriter json)
{
    /// <summary>What the first segment after <c>/v1</c> stands for; others have a tag of their own.</summary>
    private static readonly Dictionary<string, string> Tags = new(StringComparer.Ordinal)
    {
        ["service"] = "What this is and whether it works. Nobody need sign in.",
        ["caller"] = "Who calls.",
        ["accounts"] = "Accounts and their access keys.",
        ["events"] = "Sending, looking up, counting and exporting events.",
        ["checkpoints"] = "Signed checkpoints of everything stored.",
        ["trails"] = "Trails, their selectors, their status and their deliveries.",
        ["public-keys"] = "The public keys that prove digests.",
        ["history-jobs"] = "Jobs that deliver what a trail did not.",
        ["queries"] = "Query templates and the query history: texts that are kept.",
        ["logstores"] = "Logstores, and looking up, counting and exporting their events.",
        ["directories"] = "Resource directories: members, invitations, delegated administrators.",
        ["quarantine"] = "Records that were refused.",
        ["store"] = "Proving and mending the store.",
        ["retention"] = "The purge and holding it up.",
    };

    private readonly SortedDictionary<string, Shape> shapes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IReadOnlyList<ProblemType>> problems = new(StringComparer.Ordinal);
    private readonly HashSet<string> referred = new(StringComparer.Ordinal);

    /// <summary>The document of these routes, with a line break at its end.</summary>
    /// <exception cref="InvalidOperationException">A description lacks something or does not fit its route.</exception>
    public static byte[] Write(IEnumerable<DescribedRoute> routes)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            new OpenApiDocument(json).WriteAll([.. routes.OrderBy(static r => r.Pattern, StringComparer.Ordinal).ThenBy(static r => r.Method, StringComparer.Ordinal)]);
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteAll(IReadOnlyList<DescribedRoute> routes)
    {
        json.WriteStartObject();
        json.WriteString("openapi", "3.1.0");
        Object("info", () =>
        {
            json.WriteString("title", "ActionTrail.Functions");
            json.WriteString("version", "v1");
            json.WriteString("description", DocumentText.Introduction);
            Object("license", () =>
            {
                json.WriteString("name", "MIT");
                json.WriteString("identifier", "MIT");
            });
        });
        List("servers", ["/"], server => json.WriteString("url", server));
        List("security", DocumentText.Schemes, scheme => List(scheme.Name));
        var used = routes.Select(TagOf).ToHashSet(StringComparer.Ordinal);
        List("tags", Tags.Where(tag => used.Contains(tag.Key)), tag =>
        {
            json.WriteString("name", tag.Key);
            json.WriteString("description", tag.Value);
        });
        Object("paths", () =>
        {
            foreach (var path in routes.GroupBy(static r => r.Pattern, StringComparer.Ordinal))
                Object(path.Key, () => WritePath([.. path]));
        });
        Object("components", WriteComponents);
        json.WriteEndObject();
    }

    private void WritePath(IReadOnlyList<DescribedRoute> routes)
    {
        foreach (var route in routes)
            Object(route.Method.ToLowerInvariant(), () => WriteOperation(route));
    }

    private void WriteOperation(DescribedRoute route)
    {
        var about = route.Description;
        json.WriteString("operationId", route.OperationId);
        List("tags", TagOf(route));
        json.WriteString("summary", about.Summary);
        json.WriteString("description", string.Join(' ', ((string?[])[about.Details ?? about.Summary, Roles(route)]).Where(static part => part is not null)));
        if (route.Operation is { } operation)
            List("x-roles", [.. RolesOf(operation).Select(static role => role.ToString())]);
        else
            List("security");
        WriteParameters(route);
        WriteRequest(route);
        Object("responses", () =>
        {
            foreach (var reply in about.Replies)
                Object(Text(reply.Status), () => WriteReply(reply));
            if (route.IsRpc)
                Object("default", WriteRpcProblem);
            foreach (var group in route.Problems().GroupBy(static p => p.Status).OrderBy(static g => g.Key))
                Object(Text(group.Key), () => Refer("responses", Keep([.. group])));
        });
    }

    private void WriteParameters(DescribedRoute route)
    {
        var inPath = Placeholder().Matches(route.Pattern).Select(static match => match.Groups["name"].Value).ToList();
        var named = route.Description.Parameters;
        if (!inPath.SequenceEqual(named.Take(inPath.Count).Select(static p => p.Name)))
            throw new InvalidOperationException($"{route.OperationId}: the parameters of the path come first, in its order: {string.Join(", ", inPath)}.");
        json.WriteStartArray("parameters");
        foreach (var parameter in named)
        {
            json.WriteStartObject();
            json.WriteString("name", parameter.Name);
            json.WriteString("in", inPath.Contains(parameter.Name) ? "path" : "query");
            json.WriteString("description", parameter.Shape.About);
            if (parameter.IsRequired || inPath.Contains(parameter.Name))
                json.WriteBoolean("required", value: true);
            Object("schema", () => WriteShape(parameter.Shape));
            json.WriteEndObject();
        }

        foreach (var header in DocumentText.RequestHeaders.Where(header => header.IsOf(route)))
        {
            json.WriteStartObject();
            Refer("parameters", header.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteRequest(DescribedRoute route)
    {
        var takes = route.Description.Takes;
        if (takes is null != route.Body is BodyForm.None)
            throw new InvalidOperationException($"{route.OperationId}: a description says what is taken when, and only when, the route reads a body.");
        if (takes is null)
            return;
        Object("requestBody", () =>
        {
            json.WriteString("description", takes.About);
            json.WriteBoolean("required", !route.IsRpc);
            Object("content", () =>
            {
                foreach (var type in route.IsRpc ? ["application/x-www-form-urlencoded"] : RequestBody.TypesOf(route.Body))
                {
                    Object(type, () =>
                    {
                        var isJson = type is "application/json" || route.IsRpc;
                        Object("schema", () => Use(isJson ? takes : Shape.Text("Bytes in this form.")));
                        if (isJson)
                            Raw("example", takes.Example ?? throw new InvalidOperationException($"{route.OperationId}: the body has an example."));
                    });
                }
            });
        });
    }

    private void WriteReply(Reply reply)
    {
        json.WriteString("description", reply.About);
        Object("headers", () =>
        {
            foreach (var header in DocumentText.ReplyHeaders.Where(header => header.IsOf(reply)))
                Object(header.Name, () => Refer("headers", header.Name));
        });
        var contents = reply.Files.Count > 0 ? reply.Files : reply.Body is { } body ? [("application/json", body)] : [];
        if (contents.Count == 0)
            return;
        Object("content", () =>
        {
            foreach (var (type, shape) in contents)
                Object(type, () => Object("schema", () => Use(shape)));
        });
    }

    private void WriteRpcProblem()
    {
        json.WriteString("description", "The call was refused or failed.");
        Object("content", () => Object("application/json", () => Object("schema", () => Use(DocumentText.RpcProblem))));
    }

    private void WriteComponents()
    {
        _ = Register(DocumentText.Problem);
        Object("responses", () =>
        {
            foreach (var (name, types) in problems)
            {
                Object(name, () =>
                {
                    json.WriteString("description", string.Join(' ', types.Select(static type => $"{type.Code}: {type.Title}")));
                    List("x-codes", [.. types.Select(static type => type.Code)]);
                    Object("headers", () =>
                    {
                        foreach (var header in DocumentText.ProblemHeaders.Where(header => header.IsOf(types)))
                            Object(header.Name, () => Refer("headers", header.Component ?? header.Name));
                    });
                    Object("content", () => Object("application/problem+json", () => Object("schema", () => Refer("schemas", DocumentText.Problem.Name!))));
                });
            }
        });
        Object("parameters", () =>
        {
            foreach (var header in DocumentText.RequestHeaders.Where(header => referred.Contains("parameters/" + header.Name)))
            {
                Object(header.Name, () =>
                {
                    json.WriteString("name", header.Name);
                    json.WriteString("in", "header");
                    json.WriteString("description", header.Shape.About);
                    Object("schema", () => WriteShape(header.Shape));
                });
            }
        });
        Object("headers", () =>
        {
            foreach (var (name, isRequired, shape) in DocumentText.AllHeaders.Where(header => referred.Contains("headers/" + header.Name)))
            {
                Object(name, () =>
                {
                    json.WriteString("description", shape.About);
                    json.WriteBoolean("required", isRequired);
                    Object("schema", () => WriteShape(shape));
                });
            }
        });
        Object("securitySchemes", () =>
        {
            foreach (var scheme in DocumentText.Schemes)
                Object(scheme.Name, () => Array.ForEach(scheme.Members, member => json.WriteString(member.Name, member.Value)));
        });
        Object("schemas", () =>
        {
            // Writing one may find others, also before it in the order: all names first.
            foreach (var found in shapes.Values.ToList())
                Find(found);
            foreach (var (name, shape) in shapes)
                Object(name, () => WriteShape(shape));
        });
    }

    private void Find(Shape shape)
    {
        foreach (var inner in (Shape?[])[shape.Items, shape.Others, .. shape.Members.Select(static m => m.Shape)])
        {
            if (inner is not null && (inner.Name is null || Register(inner)))
                Find(inner);
        }
    }

    /// <summary>A shape, by its name when it has one.</summary>
    private void Use(Shape shape)
    {
        if (shape.Name is null)
        {
            WriteShape(shape);
            Find(shape);
            return;
        }

        _ = Register(shape);
        Refer("schemas", shape.Name);
    }

    /// <summary>Whether the name is new.</summary>
    private bool Register(Shape shape)
    {
        if (shapes.TryGetValue(shape.Name!, out var known))
            return known.About == shape.About ? false : throw new InvalidOperationException($"Two shapes are called {shape.Name}.");
        shapes.Add(shape.Name!, shape);
        return true;
    }

    private void WriteShape(Shape shape)
    {
        json.WriteString("description", shape.About);
        if (shape.IsNullable)
            List("type", shape.Type!, "null");
        else if (shape.Type is not null)
            json.WriteString("type", shape.Type);
        if (shape.Format is not null)
            json.WriteString("format", shape.Format);
        IEnumerable<string?> choices = shape.Choices;
        if (shape.Choices.Count > 0)
            List("enum", [.. shape.IsNullable ? choices.Append(null) : choices]);
        if (shape.Pattern is not null)
            json.WriteString("pattern", shape.Pattern);
        Number("minLength", shape.MinLength);
        Number("maxLength", shape.MaxLength);
        Number("minimum", shape.Minimum);
        Number("maximum", shape.Maximum);
        if (shape.Default is not null)
            Raw("default", shape.Default);
        if (shape.Items is not null)
            Object("items", () => Use(shape.Items));
        if (shape.Type != "object")
            return;
        if (shape.Members.Any(static member => !member.Name.EndsWith('?')))
            List("required", [.. shape.Members.Select(static member => member.Name).Where(static name => !name.EndsWith('?'))]);
        Object("properties", () =>
        {
            foreach (var (name, member) in shape.Members)
                Object(name.TrimEnd('?'), () => Use(member));
        });
        if (shape.Others is null)
            json.WriteBoolean("additionalProperties", value: false);
        else
            Object("additionalProperties", () => Use(shape.Others));
    }

    /// <summary>The name of the response that may be any of these problems.</summary>
    private string Keep(IReadOnlyList<ProblemType> types)
    {
        var name = string.Join("Or", types.Select(static type => type.Code));
        problems[name] = types;
        return name;
    }

    private static string TagOf(DescribedRoute route)
    {
        var parts = route.Pattern.Split('/');
        var tag = parts.Length > 2 && parts[1] == "v1" ? parts[2] : "service";
        tag = tag.Contains('.', StringComparison.Ordinal) ? "service" : tag;
        return Tags.ContainsKey(tag) ? tag : throw new InvalidOperationException($"{route.Pattern}: say in {nameof(OpenApiDocument)}.{nameof(Tags)} what {tag} is.");
    }

    private static IEnumerable<Role> RolesOf(Operation operation) => Enum.GetValues<Role>().Where(role => AccessRules.Allows(role, operation));

    private static string? Roles(DescribedRoute route) =>
        route.Operation is { } operation ? $"For {string.Join(", ", RolesOf(operation).Select(static role => role == Role.Operator ? "the operator" : role.ToString()))}." : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Refer(string kind, string name)
    {
        referred.Add($"{kind}/{name}");
        json.WriteString("$ref", $"#/components/{kind}/{name}");
    }

    private void Number(string name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }

    private void Raw(string name, string text)
    {
        json.WritePropertyName(name);
        using var value = JsonDocument.Parse(text);
        value.RootElement.WriteTo(json);
    }

    private void Object(string name, Action members)
    {
        json.WriteStartObject(name);
        members();
        json.WriteEndObject();
    }

    private void List(string name, params IReadOnlyList<string?> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private void List<T>(string name, IEnumerable<T> values, Action<T> members)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStartObject();
            members(value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
