using ActionTrail.Functions.OpenApi;
using ActionTrail.SavedQueries;

namespace ActionTrail.Functions.Rest;

/// <summary>What the OpenAPI document says of <see cref="QueryRoutes"/>.</summary>
internal static class QueryDescriptions
{
    private static readonly Parameter TemplateInPath = new("templateId", Shape.Text("Id of a template."));

    private static readonly Shape Name = Shape.Text("For people; may be empty.") with { MaxLength = SavedQueryStore.MaxNameLength };

    private static readonly Shape Statement = Shape.Text("The query; it is kept, not read.", SavedQueryStore.MaxStatementLength);

    private static readonly Shape Simple = Shape.Flag("Whether the statement is conditions only, as its author says.");

    private static readonly Shape Template = Shape.Object(
        "A query kept under a name.",
        ("templateId", Shape.Text("Its id.")),
        ("name", Name),
        ("statement", Shape.Text("The query.")),
        ("simple", Simple),
        ("etag", AccountDescriptions.ETag)).As("QueryTemplate");

    private static readonly Shape Record = Shape.Object(
        "A query that was made once.",
        ("queryId", Shape.Text("Its id.")),
        ("statement", Shape.Text("The query.")),
        ("simple", Simple),
        ("time", Shape.Time("When it was recorded."))).As("QueryRecord");

    public static readonly RouteDescription CreateTemplate = new("Keep a query template.", Reply.Created("The new template.", Template) with { HasETag = true })
    {
        Takes = Shape.Object("The new template.", ("name?", Name), ("statement", Statement), ("simple?", Simple)) with { Example = """{"name":"Errors","statement":"event.errorCode: *"}""" },
        Problems = [ProblemType.QueryTemplateLimitExceeded],
    };

    public static readonly RouteDescription ListTemplates = new("List the query templates of the account, by name.", Reply.Ok("All of them.", Shape.Page(Template)))
    {
        Parameters = [new("name", Shape.Text("A part of the name, in any case.", SavedQueryStore.MaxNameLength))],
    };

    public static readonly RouteDescription GetTemplate = new("Show a query template.", Reply.Ok("The template.", Template) with { HasETag = true })
    {
        Parameters = [TemplateInPath],
        Problems = [ProblemType.QueryTemplateNotFound],
    };

    public static readonly RouteDescription UpdateTemplate = new("Change a query template.", Reply.Ok("The changed template.", Template) with { HasETag = true })
    {
        Parameters = [TemplateInPath],
        Takes = Shape.Object("What changes.", ("name?", Name), ("statement?", Statement), ("simple?", Simple)) with { Example = """{"name":"Errors"}""" },
        Problems = [ProblemType.QueryTemplateNotFound],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription DeleteTemplate = new("Delete a query template.", Reply.NoContent("It is gone."))
    {
        Parameters = [TemplateInPath],
        Problems = [ProblemType.QueryTemplateNotFound],
        HonoursIfMatch = true,
    };

    public static readonly RouteDescription CreateRecord = new("Record a query in the history.", Reply.Created("The record.", Record))
    {
        Takes = Shape.Object("The query.", ("statement", Statement), ("simple?", Simple)) with { Example = """{"statement":"event.errorCode: *"}""" },
    };

    public static readonly RouteDescription ListRecords = new("List the query history, newest first.", Reply.Ok("The newest 100.", Shape.Page(Record)));

    public static readonly RouteDescription DeleteRecord = new("Delete a query from the history.", Reply.NoContent("It is gone."))
    {
        Parameters = [new("queryId", Shape.Text("Id of a record."))],
        Problems = [ProblemType.QueryRecordNotFound],
    };
}
