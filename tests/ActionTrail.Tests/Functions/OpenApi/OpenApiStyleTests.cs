using System.Text.Json;
using System.Text.RegularExpressions;

namespace ActionTrail.Tests.Functions.OpenApi;

/// <summary>The document is complete and has one style: what linters of OpenAPI ask for, and our own rules.</summary>
public partial class OpenApiStyleTests : IAsyncLifetime
{
    private TestApp app = null!;
    private JsonElement document;
    private List<(string Path, string Method, JsonElement Operation)> operations = [];

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync();
        document = app.Contract.Document;
        operations = [.. document.GetProperty("paths").EnumerateObject().SelectMany(static path => path.Value.EnumerateObject().Select(operation => (path.Name, operation.Name, operation.Value)))];
    }

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public void Every_operation_has_an_id_of_its_own_a_tag_and_sentences()
    {
        Assert.Equal(operations.Count, operations.Select(static o => Text(o.Operation, "operationId")).Distinct().Count());
        var tags = document.GetProperty("tags").EnumerateArray().ToList();
        Assert.All(tags, static tag => Assert.EndsWith(".", Text(tag, "description"), StringComparison.Ordinal));
        Assert.Equal(tags.Select(static tag => Text(tag, "name")).Order(), operations.Select(static o => o.Operation.GetProperty("tags").EnumerateArray().Single().GetString()!).Distinct().Order());
        Assert.All(operations, static o =>
        {
            Assert.Matches("^[A-Z][A-Za-z]+$", Text(o.Operation, "operationId"));
            Assert.Matches("^[A-Z][^.]{5,80}\\.$", Text(o.Operation, "summary"));
            Assert.EndsWith(".", Text(o.Operation, "description"), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Paths_are_in_one_style_and_declare_their_parameters()
    {
        Assert.All(operations, o =>
        {
            Assert.True(o.Path == "/" || o.Path.Split('/').Skip(1).All(static part => Segment().IsMatch(part)), o.Path);
            var declared = Parameters(o.Operation).Where(static p => Text(p, "in") == "path").Select(static p => Text(p, "name"));
            Assert.Equal(o.Path.Split('/').Where(static part => part.StartsWith('{')).Select(static part => part.Trim('{', '}')), declared);
            Assert.Equal(Parameters(o.Operation).Count, Parameters(o.Operation).Select(static p => Text(p, "in") + Text(p, "name")).Distinct().Count());
        });
    }

    [Fact]
    public void Every_operation_tells_success_and_failure_and_who_may_call_it()
    {
        Assert.All(operations, static o =>
        {
            var statuses = o.Operation.GetProperty("responses").EnumerateObject().Select(static r => r.Name).ToList();
            Assert.Contains(statuses, static status => status.StartsWith('2'));
            if (o.Operation.TryGetProperty("security", out _))
                return;
            foreach (var status in new[] { "400", "401", "403", "404", "429", "500", "503" })
                Assert.Contains(status, statuses);
            Assert.Equal(o.Method is "post" or "put" or "patch" && o.Operation.TryGetProperty("requestBody", out _), statuses.Contains("415"));
            Assert.Contains("Operator", o.Operation.GetProperty("x-roles").EnumerateArray().Select(static r => r.GetString()));
        });
        Assert.Equal(["acs3", "basic", "bearer"], document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(static s => s.Name).Order());
    }

    [Fact]
    public void Lists_have_one_form() => Assert.All(
        document.GetProperty("components").GetProperty("schemas").EnumerateObject().Where(static s => s.Name.EndsWith("Page", StringComparison.Ordinal)),
        static page =>
        {
            Assert.Equal(["value", "nextLink"], page.Value.GetProperty("properties").EnumerateObject().Select(static p => p.Name));
            Assert.Equal(["value"], page.Value.GetProperty("required").EnumerateArray().Select(static r => r.GetString()));
        });

    [Fact]
    public void Everything_is_described_every_default_and_example_fits_and_no_member_is_left_open_by_oversight()
    {
        var schemas = new List<JsonElement>();
        Walk(document, (name, value) =>
        {
            if (name is "schema" or "items" || (name is "additionalProperties" && value.ValueKind == JsonValueKind.Object))
                schemas.Add(value);
            if (name is "properties" or "schemas")
                schemas.AddRange(value.EnumerateObject().Select(static p => p.Value));
        });
        Assert.True(schemas.Count > 300, $"{schemas.Count} schemas");
        Assert.All(schemas.Where(static s => !s.TryGetProperty("$ref", out _)), schema =>
        {
            Assert.True(schema.TryGetProperty("description", out var about) && about.GetString() is { Length: > 2 } text && text.EndsWith('.'), schema.ToString());
            if (schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "object")
                Assert.True(schema.TryGetProperty("additionalProperties", out _), schema.ToString());
            if (schema.TryGetProperty("default", out var value))
                Assert.Empty(app.Contract.Schema.Judge(schema, value));
            _ = app.Contract.Schema.Judge(schema, JsonSerializer.SerializeToElement<string?>(null));
        });
        foreach (var (_, _, operation) in operations.Where(static o => o.Operation.TryGetProperty("requestBody", out _)))
        {
            foreach (var media in operation.GetProperty("requestBody").GetProperty("content").EnumerateObject().Where(static m => m.Value.TryGetProperty("example", out _)))
                Assert.Empty(app.Contract.Schema.Judge(media.Value.GetProperty("schema"), media.Value.GetProperty("example")));
        }
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_component_is_used()
    {
        var referred = new HashSet<string>();
        Walk(document, (name, value) =>
        {
            if (name == "$ref")
                referred.Add(value.GetString()!);
        });
        var components = document.GetProperty("components").EnumerateObject().Where(static kind => kind.Name != "securitySchemes")
            .SelectMany(static kind => kind.Value.EnumerateObject().Select(one => $"#/components/{kind.Name}/{one.Name}"));

        Assert.Equal(referred.Order(StringComparer.Ordinal), components.Order(StringComparer.Ordinal));
    }

    private List<JsonElement> Parameters(JsonElement operation) => [.. operation.GetProperty("parameters").EnumerateArray().Select(app.Contract.Schema.Resolve)];

    private static void Walk(JsonElement element, Action<string, JsonElement> visit)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                visit(member.Name, member.Value);
                Walk(member.Value, visit);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Walk(item, visit);
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    [GeneratedRegex(@"^([a-z0-9]+(-[a-z0-9]+)*(\.json)?|\{[a-z][A-Za-z]+\})$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Segment();
}
