using System.Globalization;
using System.Text.Json;
using ActionTrail.Access;
using ActionTrail.Functions.Rest;
using ActionTrail.SavedQueries;

namespace ActionTrail.Functions.Rpc;

/// <summary>Query templates and the query history of an account: texts that are kept, not run.</summary>
internal sealed class QueryCalls(SavedQueryStore queries, IRandomSource random)
{
    public async Task<ApiResult> CreateTemplateAsync(ApiCall call, RpcParameters parameters)
    {
        var isSimple = parameters.Flag("SimpleQuery", required: true);
        var name = parameters.Text("TemplateName", maxLength: SavedQueryStore.MaxNameLength);
        var statement = parameters.Text("TemplateSql", required: true, SavedQueryStore.MaxStatementLength);
        if (parameters.Finish() is { } refused)
            return refused;
        var template = new QueryTemplate(QueryRoutes.NewTemplateId(random), name ?? "", statement!, isSimple!.Value);
        return await queries.AddTemplateAsync(call.AccountId, template, call.Cancellation) is null ? QueryRoutes.TooMany : Ok(call, template);
    }

    public async Task<ApiResult> GetTemplateAsync(ApiCall call, RpcParameters parameters)
    {
        var id = parameters.Text("TemplateId", required: true);
        if (parameters.Finish() is { } refused)
            return refused;
        return await queries.FindTemplateAsync(call.AccountId, id!, call.Cancellation) is { } template ? Ok(call, template) : ProblemType.QueryTemplateNotFound;
    }

    public async Task<ApiResult> UpdateTemplateAsync(ApiCall call, RpcParameters parameters)
    {
        var id = parameters.Text("TemplateId", required: true);
        var isSimple = parameters.Flag("SimpleQuery", required: true);
        var name = parameters.Text("TemplateName", maxLength: SavedQueryStore.MaxNameLength);
        var statement = parameters.Text("TemplateSql", maxLength: SavedQueryStore.MaxStatementLength);
        if (parameters.Finish() is { } refused)
            return refused;
        var template = await queries.UpdateTemplateAsync(
            call.AccountId,
            id!,
            before => before with { IsSimple = isSimple!.Value, Name = name ?? before.Name, Statement = statement ?? before.Statement },
            call.Cancellation);
        return template is null ? ProblemType.QueryTemplateNotFound : Ok(call, template);
    }

    public async Task<ApiResult> DeleteTemplateAsync(ApiCall call, RpcParameters parameters)
    {
        var id = parameters.Text("TemplateId", required: true);
        if (parameters.Finish() is { } refused)
            return refused;
        return await queries.DeleteTemplateAsync(call.AccountId, id!, call.Cancellation) ? RpcAnswerForm.Ok(call) : ProblemType.QueryTemplateNotFound;
    }

    public async Task<ApiResult> DescribeTemplatesAsync(ApiCall call, RpcParameters parameters)
    {
        var number = parameters.Number("PageNumber", 1, int.MaxValue, 1);
        var size = parameters.Number("PageSize", 1, 100, 20);
        var name = parameters.Text("TemplateName", maxLength: SavedQueryStore.MaxNameLength);
        if (parameters.Finish() is { } refused)
            return refused;
        var all = await queries.ListTemplatesAsync(call.AccountId, call.Cancellation);
        var found = all.Where(template => name is null || template.Name.Contains(name, StringComparison.OrdinalIgnoreCase)).ToList();
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteStartObject("TemplatePage"u8);
            json.WriteString("PageNumber"u8, number.ToString(CultureInfo.InvariantCulture));
            json.WriteString("PageSize"u8, size.ToString(CultureInfo.InvariantCulture));
            json.WriteNumber("Total"u8, found.Count);
            json.WriteStartArray("TemplateList"u8);
            foreach (var template in found.Skip((int)Math.Min((long)(number - 1) * size, int.MaxValue)).Take(size))
            {
                json.WriteStartObject();
                Write(json, template);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task<ApiResult> CreateRecordAsync(ApiCall call, RpcParameters parameters)
    {
        var isSimple = parameters.Flag("SimpleQuery", required: true);
        var statement = parameters.Text("QuerySql", maxLength: SavedQueryStore.MaxStatementLength) ?? "";
        var isDryRun = parameters.Flag("DryRun");
        if (parameters.Finish() is { } refused)
            return refused;
        if (isDryRun == true)
            return new Problem(RpcErrors.ActionNotImplemented, "Statements are kept, not run; leave DryRun out.");
        var record = await queries.AddRecordAsync(call.AccountId, QueryRoutes.NewRecordId(random), statement, isSimple!.Value, call.Cancellation);
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteString("QueryId"u8, record.Id);
            json.WriteString("QuerySql"u8, record.Statement);
            json.WriteBoolean("SimpleQuery"u8, record.IsSimple);
        });
    }

    public async Task<ApiResult> DescribeRecordsAsync(ApiCall call, RpcParameters parameters)
    {
        if (parameters.Finish() is { } refused)
            return refused;
        var records = await queries.ListRecordsAsync(call.AccountId, call.Cancellation);
        return RpcAnswerForm.Ok(call, json =>
        {
            json.WriteStartArray("QueryHistoryList"u8);
            foreach (var record in records)
            {
                json.WriteStartObject();
                json.WriteString("QueryId"u8, record.Id);
                json.WriteString("QuerySql"u8, record.Statement);
                json.WriteBoolean("SimpleQuery"u8, record.IsSimple);
                json.WriteString("TimeStamp"u8, record.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    public async Task<ApiResult> DeleteRecordAsync(ApiCall call, RpcParameters parameters)
    {
        var id = parameters.Text("QueryId", required: true);
        if (parameters.Finish() is { } refused)
            return refused;
        return await queries.DeleteRecordAsync(call.AccountId, id!, call.Cancellation) ? RpcAnswerForm.Ok(call) : ProblemType.QueryRecordNotFound;
    }

    private static ApiResult Ok(ApiCall call, QueryTemplate template) => RpcAnswerForm.Ok(call, json => Write(json, template));

    private static void Write(Utf8JsonWriter json, QueryTemplate template)
    {
        json.WriteString("TemplateId"u8, template.Id);
        json.WriteString("TemplateName"u8, template.Name);
        json.WriteString("TemplateSql"u8, template.Statement);
        json.WriteBoolean("SimpleQuery"u8, template.IsSimple);
    }
}
