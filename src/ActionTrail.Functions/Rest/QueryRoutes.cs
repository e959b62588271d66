using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.SavedQueries;

namespace ActionTrail.Functions.Rest;

/// <summary><c>/v1/queries</c>: the query templates and the query history of the account: texts that are kept, not run.</summary>
internal sealed class QueryRoutes(SavedQueryStore queries, IRandomSource random)
{
    private const string Templates = "/v1/queries/templates";
    private const string Template = Templates + "/{templateId}";
    private const string History = "/v1/queries/history";

    public IEnumerable<ApiRoute> All =>
    [
        new("POST", Templates, Operation.CreateAdvancedQueryTemplate, CreateTemplateAsync, QueryDescriptions.CreateTemplate) { Body = BodyForm.Json },
        new("GET", Templates, Operation.DescribeAdvancedQueryTemplate, ListTemplatesAsync, QueryDescriptions.ListTemplates),
        new("GET", Template, Operation.GetAdvancedQueryTemplate, GetTemplateAsync, QueryDescriptions.GetTemplate),
        new("PATCH", Template, Operation.UpdateAdvancedQueryTemplate, UpdateTemplateAsync, QueryDescriptions.UpdateTemplate) { Body = BodyForm.Json },
        new("DELETE", Template, Operation.DeleteAdvancedQueryTemplate, DeleteTemplateAsync, QueryDescriptions.DeleteTemplate),
        new("POST", History, Operation.CreateAdvancedQueryHistory, CreateRecordAsync, QueryDescriptions.CreateRecord) { Body = BodyForm.Json },
        new("GET", History, Operation.DescribeAdvancedQueryHistory, ListRecordsAsync, QueryDescriptions.ListRecords),
        new("DELETE", History + "/{queryId}", Operation.DeleteAdvancedQueryHistory, DeleteRecordAsync, QueryDescriptions.DeleteRecord),
    ];

    public static Problem TooMany { get; } = new(ProblemType.QueryTemplateLimitExceeded, string.Create(CultureInfo.InvariantCulture, $"At most {SavedQueryStore.MaxTemplates} query templates."));

    public static string NewTemplateId(IRandomSource random) => "utpl-" + NewId(random);

    public static string NewRecordId(IRandomSource random) => "query-" + NewId(random);

    private async Task<ApiResult> CreateTemplateAsync(ApiCall call)
    {
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var name = call.Note("name", body.Text("name", required: false, SavedQueryStore.MaxNameLength, allowEmpty: true));
        var statement = body.Text("statement", required: true, SavedQueryStore.MaxStatementLength);
        var isSimple = body.Flag("simple", required: false) ?? false;
        if ((call.Query.Finish() ?? body.FinishWithProblem()) is { } bad)
            return bad;
        var template = new QueryTemplate(NewTemplateId(random), name ?? "", statement!, isSimple);
        return await queries.AddTemplateAsync(call.AccountId, template, call.Cancellation) is { } added
            ? ApiResult.Created($"{Templates}/{added.Id}", json => Write(json, added)) with { ETag = ETags.Of(added.ETag) }
            : TooMany;
    }

    private async Task<ApiResult> ListTemplatesAsync(ApiCall call)
    {
        var name = call.Query.Text("name", SavedQueryStore.MaxNameLength);
        if (call.Query.Finish() is { } bad)
            return bad;
        var all = await queries.ListTemplatesAsync(call.AccountId, call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, all.Where(one => name is null || one.Name.Contains(name, StringComparison.OrdinalIgnoreCase)), Write, nextLink: null));
    }

    private async Task<ApiResult> GetTemplateAsync(ApiCall call)
    {
        var id = ReadId(call, "templateId");
        if (call.Query.Finish() is { } bad)
            return bad;
        return await queries.FindTemplateAsync(call.AccountId, id, call.Cancellation) is { } template ? Ok(template) : ProblemType.QueryTemplateNotFound;
    }

    private async Task<ApiResult> UpdateTemplateAsync(ApiCall call)
    {
        var id = ReadId(call, "templateId");
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var name = body.Text("name", required: false, SavedQueryStore.MaxNameLength, allowEmpty: true);
        var statement = body.Text("statement", required: false, SavedQueryStore.MaxStatementLength);
        var isSimple = body.Flag("simple", required: false);
        if ((call.Query.Finish() ?? body.FinishWithProblem()) is { } bad)
            return bad;
        var isStale = false;
        var template = await queries.UpdateTemplateAsync(
            call.AccountId,
            id,
            before => (isStale = !ETags.Match(call.Request, before.ETag))
                ? null
                : before with { Name = name ?? before.Name, Statement = statement ?? before.Statement, IsSimple = isSimple ?? before.IsSimple },
            call.Cancellation);
        return template is not null ? Ok(template) : isStale ? ProblemType.PreconditionFailed : ProblemType.QueryTemplateNotFound;
    }

    private async Task<ApiResult> DeleteTemplateAsync(ApiCall call)
    {
        var id = ReadId(call, "templateId");
        if (call.Query.Finish() is { } bad)
            return bad;
        if (await queries.FindTemplateAsync(call.AccountId, id, call.Cancellation) is not { } template)
            return ProblemType.QueryTemplateNotFound;
        if (!ETags.Match(call.Request, template.ETag))
            return ProblemType.PreconditionFailed;
        return await queries.DeleteTemplateAsync(call.AccountId, id, call.Cancellation) ? ApiResult.NoContent : ProblemType.QueryTemplateNotFound;
    }

    private async Task<ApiResult> CreateRecordAsync(ApiCall call)
    {
        if (BodyReader.Open(call.Body, out var malformed) is not { } body)
            return malformed!;
        var statement = body.Text("statement", required: true, SavedQueryStore.MaxStatementLength);
        var isSimple = body.Flag("simple", required: false) ?? false;
        if ((call.Query.Finish() ?? body.FinishWithProblem()) is { } bad)
            return bad;
        var record = await queries.AddRecordAsync(call.AccountId, NewRecordId(random), statement!, isSimple, call.Cancellation);
        return ApiResult.Created($"{History}/{record.Id}", json => Write(json, record));
    }

    private async Task<ApiResult> ListRecordsAsync(ApiCall call)
    {
        if (call.Query.Finish() is { } bad)
            return bad;
        var records = await queries.ListRecordsAsync(call.AccountId, call.Cancellation);
        return ApiResult.Ok(json => JsonPage.Write(json, records, Write, nextLink: null));
    }

    private async Task<ApiResult> DeleteRecordAsync(ApiCall call)
    {
        var id = ReadId(call, "queryId");
        if (call.Query.Finish() is { } bad)
            return bad;
        return await queries.DeleteRecordAsync(call.AccountId, id, call.Cancellation) ? ApiResult.NoContent : ProblemType.QueryRecordNotFound;
    }

    private static string ReadId(ApiCall call, string name)
    {
        var id = call.Note(name, call.Route(name))!;
        call.ResourceName = id;
        return id;
    }

    private static ApiResult Ok(QueryTemplate template) => ApiResult.Ok(json => Write(json, template)) with { ETag = ETags.Of(template.ETag) };

    private static void Write(Utf8JsonWriter json, QueryTemplate template)
    {
        json.WriteStartObject();
        json.WriteString("templateId"u8, template.Id);
        json.WriteString("name"u8, template.Name);
        json.WriteString("statement"u8, template.Statement);
        json.WriteBoolean("simple"u8, template.IsSimple);
        json.WriteString("etag"u8, ETags.Of(template.ETag));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, QueryRecord record)
    {
        json.WriteStartObject();
        json.WriteString("queryId"u8, record.Id);
        json.WriteString("statement"u8, record.Statement);
        json.WriteBoolean("simple"u8, record.IsSimple);
        json.WriteString("time"u8, record.At.UtcDateTime);
        json.WriteEndObject();
    }

    private static string NewId(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
