using System.Text.Json;
using ActionTrail.Functions.Rpc;
using ActionTrail.Tests.Functions.OpenApi;

namespace ActionTrail.Tests.Functions.Authorization;

/// <summary>One operation as the matrix calls it: from the OpenAPI document or from the table of RPC actions, with placeholders for whose resources it names.</summary>
internal sealed record Operated(string Key, string Name, string Method, string Address, string? Body)
{
    /// <summary>What an RPC action needs beside action and version; an action that is not here is called without parameters.</summary>
    private static readonly Dictionary<string, string> Parameters = new()
    {
        ["CreateTrail"] = "Name={new}-trail&OssBucketName={container}",
        ["DeleteTrail"] = "Name={name}",
        ["UpdateTrail"] = "Name={name}&EventRW=All",
        ["StartLogging"] = "Name={name}",
        ["StopLogging"] = "Name={name}",
        ["GetTrailStatus"] = "Name={name}",
        ["DescribeTrailDeliveryMetricData"] = "TrailName={name}&MetricName=delivery_oss_success_count&StartTime={now}&EndTime={soon}&Period=60",
        ["PutDataEventSelector"] = "TrailName={name}&IsTrailAllRegion=true&EventSelectors=%5B%7B%22ServiceName%22%3A%22Oss%22%7D%5D",
        ["GetDataEventSelector"] = "TrailName={name}",
        ["DeleteDataEventSelector"] = "TrailName={name}",
        ["DescribeResourceLifeCycleEvents"] = "ServiceName=Ecs&ResourceType=ACS::ECS::Instance",
        ["GetAccessKeyLastUsedEvents"] = "AccessKey={accessKeyId}&ServiceName=Ecs",
        ["GetAccessKeyLastUsedInfo"] = "AccessKey={accessKeyId}",
        ["GetAccessKeyLastUsedIps"] = "AccessKey={accessKeyId}&ServiceName=Ecs",
        ["GetAccessKeyLastUsedProducts"] = "AccessKey={accessKeyId}",
        ["GetAccessKeyLastUsedResources"] = "AccessKey={accessKeyId}&ServiceName=Ecs",
        ["CreateAdvancedQueryHistory"] = "SimpleQuery=false&QuerySql=q",
        ["CreateAdvancedQueryTemplate"] = "SimpleQuery=true&TemplateSql=x",
        ["UpdateAdvancedQueryTemplate"] = "TemplateId={template}&SimpleQuery=true&TemplateSql=a",
        ["GetAdvancedQueryTemplate"] = "TemplateId={template}",
        ["DeleteAdvancedQueryTemplate"] = "TemplateId={template}",
        ["DeleteAdvancedQueryHistory"] = "QueryId=0",
        ["CreateDeliveryHistoryJob"] = "TrailName={name}",
        ["GetDeliveryHistoryJob"] = "JobId={jobId}",
        ["DeleteDeliveryHistoryJob"] = "JobId={jobId}",
        ["UpdateGlobalEventsStorageRegion"] = "StorageRegion=local",
    };

    /// <summary>Bodies that the example of the document is not good enough for: names that are taken, times that pass.</summary>
    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["CreateAccount"] = """{"accountId":"{new}"}""",
        ["CreateTrail"] = """{"name":"{new}-trail","container":"{container}"}""",
        ["CreateDeliveryHistoryJob"] = """{"trailName":"{name}"}""",
        ["InviteAccount"] = """{"accountId":"{accountId}"}""",
        ["CreateMember"] = "{}",
        ["PublishEvents"] = """[{"eventId":"{new}","eventName":"DeleteDisk","eventTime":"{now}","eventRW":"Write","serviceName":"Ecs","recipientAccountId":"{acts}","userIdentity":{"type":"ram-user","userName":"alice"}}]""",
    };

    public bool IsRpc => Key.StartsWith("rpc:", StringComparison.Ordinal);

    /// <summary>Everything that the document describes and wants to be signed in for, and every action.</summary>
    public static IEnumerable<Operated> All(ApiContract contract, RpcOperations actions)
    {
        foreach (var path in contract.Document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(static o => !o.Value.TryGetProperty("security", out _)))
            {
                var name = operation.Value.GetProperty("operationId").GetString()!;
                var query = string.Join('&', operation.Value.GetProperty("parameters").EnumerateArray().Select(contract.Schema.Resolve)
                    .Where(static p => p.GetProperty("in").GetString() == "query" && p.TryGetProperty("required", out _)).Select(static p => $"{p.GetProperty("name").GetString()}={(p.GetProperty("name").GetString() == "confirm" ? "{logstore}" : Sample(p.GetProperty("schema")))}"));
                yield return new Operated(name, name, operation.Name.ToUpperInvariant(), query.Length == 0 ? path.Name : $"{path.Name}?{query}", Bodies.GetValueOrDefault(name) ?? Example(operation.Value));
            }
        }

        foreach (var action in actions.All)
        {
            var more = Parameters.TryGetValue(action.Action, out var parameters) ? "&" + parameters : "";
            yield return new Operated("rpc:" + action.Action, action.Action, "GET", $"/?Version=2020-07-06&Action={action.Action}{more}", Body: null);
        }
    }

    private static string Sample(JsonElement schema) => schema.TryGetProperty("enum", out var choices) ? choices[0].GetString()! : throw new InvalidOperationException("A required parameter needs choices, or a sample here.");

    private static string? Example(JsonElement operation) =>
        operation.TryGetProperty("requestBody", out var body) ? body.GetProperty("content").GetProperty("application/json").GetProperty("example").GetRawText() : null;
}
