using System.Globalization;
using ActionTrail.Functions.Rest;
using ActionTrail.Trails;

namespace ActionTrail.Functions.Rpc;

/// <summary>What the deployment itself is: one region, whose name is a setting, where everything is kept.</summary>
internal sealed class DeploymentCalls(TrailsOptions options, PublicAddress address, TrailStore trails, TimeProvider time)
{
    public Task<ApiResult> DescribeRegionsAsync(ApiCall call, RpcParameters parameters)
    {
        parameters.Choice("AcceptLanguage", "en-US", "zh-CN");
        if (parameters.Finish() is { } refused)
            return Task.FromResult<ApiResult>(refused);
        var endpoint = new Uri(address.Of(call.Request)).Authority;
        return Task.FromResult(RpcAnswerForm.Ok(call, json =>
        {
            json.WriteStartObject("Regions"u8);
            json.WriteStartArray("Region"u8);
            json.WriteStartObject();
            json.WriteString("RegionId"u8, options.Region);
            json.WriteString("LocalName"u8, options.Region);
            json.WriteString("RegionEndpoint"u8, endpoint);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    public Task<ApiResult> GetGlobalEventsRegionAsync(ApiCall call, RpcParameters parameters) => Task.FromResult(parameters.Finish() is { } refused
        ? refused
        : RpcAnswerForm.Ok(call, json => json.WriteString("StorageRegion"u8, options.Region)));

    /// <summary>There is nowhere else to keep them: only the region that they are in can be chosen.</summary>
    public Task<ApiResult> UpdateGlobalEventsRegionAsync(ApiCall call, RpcParameters parameters)
    {
        if (parameters.Text("StorageRegion", required: true) is { } region && region != options.Region)
            parameters.Refuse("StorageRegion", $"Events are kept in {options.Region}, the region of this deployment.");
        return Task.FromResult(parameters.Finish() is { } refused ? refused : RpcAnswerForm.Ok(call));
    }

    /// <summary>How many trails the account has, today: what it had on other days is not kept.</summary>
    public async Task<ApiResult> CountTrailsAsync(ApiCall call, RpcParameters parameters)
    {
        if (parameters.Finish() is { } refused)
            return refused;
        var count = (await trails.ListAsync(call.AccountId, call.Cancellation)).Count;
        var today = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return RpcAnswerForm.Ok(call, json => DailyCounts.Write(json, [(today, count)]));
    }
}
