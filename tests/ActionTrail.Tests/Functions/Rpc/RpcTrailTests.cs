using System.Globalization;
using System.Text.Json;

namespace ActionTrail.Tests.Functions.Rpc;

public class RpcTrailTests : IAsyncLifetime
{
    private RpcWorld world = null!;

    public async Task InitializeAsync() => world = await RpcWorld.StartAsync();

    public Task DisposeAsync() => world.DisposeAsync().AsTask();

    [Fact]
    public async Task A_trail_goes_through_its_life_under_the_names_of_the_original()
    {
        var made = await world.DoAsync("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit&OssKeyPrefix=audit/logs&OssWriteRoleArn=acs:ram::1:role/w&SlsWriteRoleArn=acs:ram::1:role/s&EventRW=Write");
        Assert.Equal(("demo-audit", "audit/logs", "acs:ram::1:role/w", "acs:ram::1:role/s"), (Text(made.Json, "OssBucketName"), Text(made.Json, "OssKeyPrefix"), Text(made.Json, "OssWriteRoleArn"), Text(made.Json, "SlsWriteRoleArn")));
        Assert.Equal(("Write", "All", "local"), (Text(made.Json, "EventRW"), Text(made.Json, "TrailRegion"), Text(made.Json, "HomeRegion")));
        Assert.Equal("Fresh", Text(await DescribedAsync(), "Status"));

        await world.DoAsync("StartLogging", "Name=demo-trail");
        await world.DoAsync("StartLogging", "Name=demo-trail");
        Assert.Equal("Enable", Text(await DescribedAsync(), "Status"));

        // An empty value takes away, an absent one leaves as it is.
        var changed = await world.DoAsync("UpdateTrail", "Name=demo-trail&EventRW=All&OssKeyPrefix=&OssWriteRoleArn=&SlsProjectArn=");
        Assert.Equal(("All", "", "", "acs:ram::1:role/s"), (Text(changed.Json, "EventRW"), Text(changed.Json, "OssKeyPrefix"), Text(changed.Json, "OssWriteRoleArn"), Text(changed.Json, "SlsWriteRoleArn")));

        await world.DoAsync("StopLogging", "Name=demo-trail");
        var status = (await world.DoAsync("GetTrailStatus", "Name=demo-trail&IsOrganizationTrail=false")).Json;
        Assert.Equal(
            ["IsLogging", "LatestDeliveryError", "LatestDeliveryLogServiceError", "LatestDeliveryLogServiceTime", "LatestDeliveryTime", "OssBucketStatus", "RequestId", "SlsLogStoreStatus", "StartLoggingTime", "StopLoggingTime"],
            status.EnumerateObject().Select(static member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal((false, true), (status.GetProperty("IsLogging").GetBoolean(), status.GetProperty("OssBucketStatus").GetBoolean()));
        Assert.Matches("^20..-..-..T..:..:..Z$", Text(status, "StopLoggingTime"));

        await world.DoAsync("DeleteTrail", "Name=demo-trail");
        Assert.Equal("404 TrailNotFoundException", await world.RefusedAsync("GetTrailStatus", "Name=demo-trail"));
    }

    [Fact]
    public async Task A_trail_delivers_to_a_logstore_project_with_or_without_a_bucket()
    {
        var made = await world.DoAsync("CreateTrail", "Name=demo-trail&SlsProjectArn=acs:log:cn-hangzhou:1:project/audit");
        Assert.Equal(("", "acs:log:local:demo:project/audit"), (Text(made.Json, "OssBucketName"), Text(made.Json, "SlsProjectArn")));
        var both = await world.DoAsync("UpdateTrail", "Name=demo-trail&OssBucketName=demo-audit&SlsProjectArn=audit-two");
        Assert.Equal(("demo-audit", "acs:log:local:demo:project/audit-two"), (Text(both.Json, "OssBucketName"), Text(both.Json, "SlsProjectArn")));
        var status = (await world.DoAsync("GetTrailStatus", "Name=demo-trail")).Json;
        Assert.Equal((true, true, ""), (status.GetProperty("OssBucketStatus").GetBoolean(), status.GetProperty("SlsLogStoreStatus").GetBoolean(), Text(status, "LatestDeliveryLogServiceTime")));
        Assert.Equal("", Text((await world.DoAsync("UpdateTrail", "Name=demo-trail&SlsProjectArn=")).Json, "SlsProjectArn"));
        Assert.Equal("400 InvalidParameterValue", await world.RefusedAsync("UpdateTrail", "Name=demo-trail&OssBucketName="));

        var inner = await world.DoAsync("CreateTrail", "Name=demo-inner&TrailType=Inner&SlsProjectArn=audit");
        Assert.Equal("acs:log:local:demo:project/audit", Text(inner.Json, "SlsProjectArn"));
        Assert.Equal("400 InvalidParameterValue", await world.RefusedAsync("CreateTrail", "Name=other-inner&TrailType=Inner&SlsProjectArn=audit&OssBucketName=demo-audit"));
        Assert.Equal("400 MaximumNumberOfTrailsExceededException", await world.RefusedAsync("CreateTrail", "Name=other-inner&TrailType=Inner&SlsProjectArn=audit"));
        Assert.Equal(["Inner", "Standard"], (await world.DoAsync("DescribeTrails")).Json.GetProperty("TrailList").EnumerateArray().Select(static trail => Text(trail, "TrailType")));
    }

    [Fact]
    public async Task Trails_are_described_with_their_arn_and_picked_by_name()
    {
        foreach (var name in new[] { "trail-one", "trail-two", "trail-three" })
            await world.DoAsync("CreateTrail", $"Name={name}&OssBucketName=demo-audit");

        var some = (await world.DoAsync("DescribeTrails", "NameList=trail-two,trail-one,nothing&IncludeShadowTrails=false&IncludeOrganizationTrail=true")).Json.GetProperty("TrailList");

        Assert.Equal(["trail-one", "trail-two"], some.EnumerateArray().Select(static trail => Text(trail, "Name")));
        Assert.Equal("acs:actiontrail:local:demo:trail/trail-one", Text(some[0], "TrailArn"));
        Assert.Equal(3, (await world.DoAsync("DescribeTrails")).Json.GetProperty("TrailList").GetArrayLength());
        var counted = (await world.DoAsync("DescribeUserTrailCount")).Json.GetProperty("Data");
        Assert.Equal((1, 3), (counted.GetProperty("Dates").GetArrayLength(), counted.GetProperty("Counts")[0].GetInt32()));
    }

    [Theory]
    [InlineData("CreateTrail", "", "400 MissingParameter")]
    [InlineData("CreateTrail", "Name=demo-trail", "400 MissingParameter")]
    [InlineData("CreateTrail", "Name=demo-trail&OssBucketName=", "400 MissingParameter")]
    [InlineData("CreateTrail", "Name=Demo&OssBucketName=demo-audit", "400 InvalidParameterValue")]
    [InlineData("CreateTrail", "Name=demo-trail&OssBucketName=Bad_Name", "400 InvalidParameterValue")]
    [InlineData("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit&OssKeyPrefix=x", "400 InvalidParameterValue")]
    [InlineData("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit&EventRW=Maybe", "400 InvalidParameterValue")]
    [InlineData("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit&IsOrganizationTrail=yes", "400 InvalidParameterValue")]
    [InlineData("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit&SlsProjectArn=acs:log:x:1:project/p", "400 InvalidParameterValue")]
    [InlineData("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit&MaxComputeProjectArn=acs:odps:x:1:project/p", "400 InvalidParameterValue")]
    [InlineData("CreateTrail", "Name=demo-trail&Name=demo-trail&OssBucketName=demo-audit", "400 InvalidParameterValue")]
    [InlineData("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit&Nothing=1", "400 InvalidParameterValue")]
    [InlineData("CreateTrail", "Name=demo-trail&OssBucketName=not-there", "403 InsufficientBucketPolicyException")]
    [InlineData("CreateTrail", "Name=taken-trail&OssBucketName=demo-audit", "400 TrailAlreadyExistsException")]
    [InlineData("UpdateTrail", "Name=taken-trail&OssBucketName=", "400 InvalidParameterValue")]
    [InlineData("UpdateTrail", "Name=taken-trail&IsOrganizationTrail=false", "400 InvalidParameterValue")]
    [InlineData("UpdateTrail", "Name=other-trail&EventRW=All", "404 TrailNotFoundException")]
    [InlineData("DeleteTrail", "Name=other-trail", "404 TrailNotFoundException")]
    [InlineData("StartLogging", "Name=other-trail", "404 TrailNotFoundException")]
    [InlineData("StopLogging", "Name=NO", "404 TrailNotFoundException")]
    [InlineData("StopLogging", "", "400 MissingParameter")]
    [InlineData("GetTrailStatus", "Name=taken-trail&IsOrganizationTrail=true", "404 TrailNotFoundException")]
    [InlineData("DescribeTrailDeliveryMetricData", "TrailName=taken-trail", "400 MissingParameter")]
    [InlineData("DescribeTrailDeliveryMetricData", "TrailName=taken-trail&MetricName=x&StartTime=2026-01-01T00:00:00Z&EndTime=2026-01-01T01:00:00Z&Period=60", "400 InvalidParameterValue")]
    [InlineData("DescribeTrailDeliveryMetricData", "TrailName=taken-trail&MetricName=delivery_oss_success_count&StartTime=2026-01-01T00:00:00Z&EndTime=2026-01-01T01:00:00Z&Period=61", "400 InvalidParameterValue")]
    [InlineData("DescribeTrailDeliveryMetricData", "TrailName=taken-trail&MetricName=delivery_oss_success_count&StartTime=2026-01-02T00:00:01Z&EndTime=2026-01-01T01:00:00Z&Period=60", "400 InvalidParameterValue")]
    [InlineData("DescribeTrailDeliveryMetricData", "TrailName=taken-trail&MetricName=delivery_oss_success_count&StartTime=2026-01-01T00:00:00Z&EndTime=2026-01-02T00:00:01Z&Period=60", "400 InvalidParameterValue")]
    [InlineData("DescribeTrailDeliveryMetricData", "TrailName=taken-trail&MetricName=delivery_oss_fail_count&StartTime=2026-01-02T00:00:00Z&EndTime=2026-01-02T00:00:00Z&Period=60", "400 InvalidParameterValue")]
    [InlineData("DescribeTrailDeliveryMetricData", "TrailName=other-trail&MetricName=delivery_oss_success_count&StartTime=2026-01-01T00:00:00Z&EndTime=2026-01-02T00:00:00Z&Period=60", "404 TrailNotFoundException")]
    public async Task What_breaks_a_rule_has_its_code_and_changes_nothing(string action, string parameters, string expected)
    {
        await world.DoAsync("CreateTrail", "Name=taken-trail&OssBucketName=demo-audit");
        var before = (await world.DoAsync("DescribeTrails")).Json.GetProperty("TrailList").GetRawText();

        Assert.Equal(expected, await world.RefusedAsync(action, parameters));

        Assert.Equal(before, (await world.DoAsync("DescribeTrails")).Json.GetProperty("TrailList").GetRawText());
    }

    [Fact]
    public async Task The_sixth_trail_is_one_too_many()
    {
        for (var i = 0; i < 5; i++)
            await world.DoAsync("CreateTrail", string.Create(CultureInfo.InvariantCulture, $"Name=trail-{i}&OssBucketName=demo-audit"));
        Assert.Equal("400 MaximumNumberOfTrailsExceededException", await world.RefusedAsync("CreateTrail", "Name=trail-5&OssBucketName=demo-audit"));
    }

    [Fact]
    public async Task Another_accounts_trail_is_not_there()
    {
        await world.DoAsync("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit");
        var other = await world.App.IssueAsync("other");

        Assert.Equal(0, (await world.CallAsync("DescribeTrails", user: other)).Json.GetProperty("TrailList").GetArrayLength());
        foreach (var action in new[] { "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging", "GetTrailStatus" })
            Assert.Equal("404 TrailNotFoundException", await world.RefusedAsync(action, "Name=demo-trail", other));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private async Task<JsonElement> DescribedAsync() => (await world.DoAsync("DescribeTrails", "NameList=demo-trail")).Json.GetProperty("TrailList")[0];
}
