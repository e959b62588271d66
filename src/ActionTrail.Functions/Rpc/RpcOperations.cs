using ActionTrail.Access;
using ActionTrail.Functions.Rest;

namespace ActionTrail.Functions.Rpc;

/// <summary>One action of the RPC API. <paramref name="Handler"/> is null when it is not offered; then <paramref name="Lacks"/> says what it would need.</summary>
internal sealed record RpcOperation(Operation Operation, Func<ApiCall, RpcParameters, Task<ApiResult>>? Handler, string Lacks = "")
{
    public string Action => Operation.ToString();

    public Task<ApiResult> HandleAsync(ApiCall call, RpcRequest request) => Handler is null
        ? Task.FromResult<ApiResult>(new Problem(RpcErrors.ActionNotImplemented, $"{Action} needs {Lacks}."))
        : Handler(call, new RpcParameters(call, request.Parameters));
}

/// <summary>All 48 actions of ActionTrail's API 2020-07-06. docs/rpc.md has the same table; a test compares.</summary>
internal sealed class RpcOperations(
    TrailCalls trails,
    LookupCalls lookups,
    LifeCycleCalls lifeCycles,
    DeploymentCalls deployment,
    QueryCalls queries,
    DataEventCalls dataEvents,
    KeyUseCalls keyUses,
    HistoryJobCalls jobs,
    EventCountCalls eventCounts)
{
    private const string Insights = "insights, which are not built yet";
    private const string Engine = "a query engine over a Logstore, which is not built yet";

    public IReadOnlyList<RpcOperation> All { get; } =
    [
        new(Operation.CreateAdvancedQueryHistory, queries.CreateRecordAsync),
        new(Operation.CreateAdvancedQueryTemplate, queries.CreateTemplateAsync),
        new(Operation.CreateDeliveryHistoryJob, jobs.CreateAsync),
        new(Operation.CreateTrail, trails.CreateAsync),
        new(Operation.DeleteAdvancedQueryHistory, queries.DeleteRecordAsync),
        new(Operation.DeleteAdvancedQueryTemplate, queries.DeleteTemplateAsync),
        new(Operation.DeleteDataEventSelector, dataEvents.DeleteAsync),
        new(Operation.DeleteDeliveryHistoryJob, jobs.DeleteAsync),
        new(Operation.DeleteTrail, trails.DeleteAsync),
        new(Operation.DescribeAdvancedQueryHistory, queries.DescribeRecordsAsync),
        new(Operation.DescribeAdvancedQueryTemplate, queries.DescribeTemplatesAsync),
        new(Operation.DescribeRegions, deployment.DescribeRegionsAsync),
        new(Operation.DescribeResourceLifeCycleEvents, lifeCycles.DescribeAsync),
        new(Operation.DescribeScenes, Handler: null, Engine),
        new(Operation.DescribeSearchTemplates, Handler: null, Engine),
        new(Operation.DescribeTrailDeliveryMetricData, trails.MetricAsync),
        new(Operation.DescribeTrails, trails.DescribeAsync),
        new(Operation.DescribeUserAlertCount, Handler: null, "alerts, which are not built yet"),
        new(Operation.DescribeUserLogCount, eventCounts.DescribeLogCountAsync),
        new(Operation.DescribeUserTrailCount, deployment.CountTrailsAsync),
        new(Operation.DisableInsight, Handler: null, Insights),
        new(Operation.EnableInsight, Handler: null, Insights),
        new(Operation.GetAccessKeyLastUsedEvents, keyUses.EventsAsync),
        new(Operation.GetAccessKeyLastUsedInfo, keyUses.InfoAsync),
        new(Operation.GetAccessKeyLastUsedIps, keyUses.AddressesAsync),
        new(Operation.GetAccessKeyLastUsedProducts, keyUses.ProductsAsync),
        new(Operation.GetAccessKeyLastUsedResources, keyUses.ResourcesAsync),
        new(Operation.GetAdvancedQueryTemplate, queries.GetTemplateAsync),
        new(Operation.GetDataEventSelector, dataEvents.GetAsync),
        new(Operation.GetDeliveryHistoryJob, jobs.GetAsync),
        new(Operation.GetGlobalEventsStorageRegion, deployment.GetGlobalEventsRegionAsync),
        new(Operation.GetGovernanceMetrics, Handler: null, "rules of governance, which are not built yet"),
        new(Operation.GetInsightSelectors, Handler: null, Insights),
        new(Operation.GetInsightTypes, Handler: null, Insights),
        new(Operation.GetInsightsEventsCount, Handler: null, Insights),
        new(Operation.GetTrailStatus, trails.StatusAsync),
        new(Operation.ListDataEventSelectors, dataEvents.ListAsync),
        new(Operation.ListDataEventServices, Handler: null, "a list of services that send data events, which there is none of: any service may"),
        new(Operation.ListDeliveryHistoryJobs, jobs.ListAsync),
        new(Operation.LookupEvents, lookups.LookupAsync),
        new(Operation.LookupInsightEvents, Handler: null, Insights),
        new(Operation.PutDataEventSelector, dataEvents.PutAsync),
        new(Operation.PutInsightSelectors, Handler: null, Insights),
        new(Operation.StartLogging, trails.StartAsync),
        new(Operation.StopLogging, trails.StopAsync),
        new(Operation.UpdateAdvancedQueryTemplate, queries.UpdateTemplateAsync),
        new(Operation.UpdateGlobalEventsStorageRegion, deployment.UpdateGlobalEventsRegionAsync),
        new(Operation.UpdateTrail, trails.UpdateAsync),
    ];

    public RpcOperation? Find(string action) => All.FirstOrDefault(operation => operation.Action == action);
}
