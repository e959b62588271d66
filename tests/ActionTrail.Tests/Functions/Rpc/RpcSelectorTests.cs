using System.Net;

namespace ActionTrail.Tests.Functions.Rpc;

public class RpcSelectorTests : IAsyncLifetime
{
    private const string Selectors = """[{"ServiceName":"Oss","ReadWriteType":"All","EventName":{"Equals":["GetObject","PutObject"]},"ResourceArn":{"NotEquals":["secret"]}}]""";

    private RpcWorld world = null!;

    public async Task InitializeAsync()
    {
        world = await RpcWorld.StartAsync();
        await world.DoAsync("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit");
    }

    public Task DisposeAsync() => world.DisposeAsync().AsTask();

    [Fact]
    public async Task Data_event_selectors_are_put_read_listed_and_deleted()
    {
        var put = (await world.DoAsync("PutDataEventSelector", $"TrailName=demo-trail&TrailRegionIds=cn-shanghai,cn-hangzhou&EventSelectors={Uri.EscapeDataString(Selectors)}")).Json;
        Assert.Equal(("acs:actiontrail:local:demo:trail/demo-trail", Selectors), (put.GetProperty("TrailArn").GetString(), put.GetProperty("DataEventSelectors").GetString()));

        var got = (await world.DoAsync("GetDataEventSelector", "TrailName=demo-trail")).Json;
        Assert.Equal((Selectors, false), (got.GetProperty("DataEventSelectors").GetString(), got.GetProperty("IsTrailAllRegion").GetBoolean()));

        await world.DoAsync("CreateTrail", "Name=next-trail&OssBucketName=demo-audit");
        await world.DoAsync("PutDataEventSelector", $"TrailName=next-trail&IsTrailAllRegion=true&EventSelectors={Uri.EscapeDataString(Selectors)}");
        var first = (await world.DoAsync("ListDataEventSelectors", "MaxResults=1")).Json.GetProperty("Data");
        var second = (await world.DoAsync("ListDataEventSelectors", $"MaxResults=1&NextToken={first.GetProperty("NextToken").GetString()}")).Json.GetProperty("Data");
        Assert.Equal(["demo-trail", "next-trail"], new[] { first, second }.Select(static page => page.GetProperty("DataEventSelectorInfos")[0].GetProperty("TrailName").GetString()));
        Assert.Equal("", second.GetProperty("NextToken").GetString());

        await world.DoAsync("DeleteDataEventSelector", "TrailName=demo-trail");
        Assert.Equal("404 DataEventSelectorNotFound", await world.RefusedAsync("GetDataEventSelector", "TrailName=demo-trail"));
    }

    [Theory]
    [InlineData("TrailName=demo-trail&IsTrailAllRegion=true", "400 MissingParameter")]
    [InlineData("TrailName=demo-trail&IsTrailAllRegion=true&EventSelectors=[", "400 InvalidParameterValue")]
    [InlineData("TrailName=demo-trail&IsTrailAllRegion=true&EventSelectors={}", "400 InvalidParameterValue")]
    [InlineData("TrailName=demo-trail&IsTrailAllRegion=true&EventSelectors=[]", "400 InvalidParameterValue")]
    [InlineData("TrailName=demo-trail&IsTrailAllRegion=true&EventSelectors=[{%22ServiceName%22:%22Oss%22,%22Nothing%22:1}]", "400 InvalidParameterValue")]
    [InlineData("TrailName=demo-trail&EventSelectors=[{%22ServiceName%22:%22Oss%22}]", "400 InvalidParameterValue")]
    [InlineData("TrailName=none-trail&IsTrailAllRegion=true&EventSelectors=[{%22ServiceName%22:%22Oss%22}]", "404 TrailNotFoundException")]
    public async Task Selectors_that_break_a_rule_are_refused(string parameters, string expected) =>
        Assert.Equal(expected, await world.RefusedAsync("PutDataEventSelector", parameters));

    [Fact]
    public async Task A_member_sees_the_directorys_trail_and_not_where_it_delivers_to()
    {
        var boss = await world.App.IssueAsync("boss");
        var directory = await world.App.SendAsync("POST", "/v1/directories", "{}", boss);
        Assert.True(directory.Status == HttpStatusCode.Created, directory.Text);
        var id = directory.Json.GetProperty("directoryId").GetString();
        var invited = await world.App.SendAsync("POST", $"/v1/directories/{id}/invitations", """{"accountId":"demo"}""", boss);
        Assert.True((int)invited.Status < 300, invited.Text);
        var accepted = await world.App.SendAsync("POST", $"/v1/directories/{id}/accept", body: null, world.User);
        Assert.True((int)accepted.Status < 300, accepted.Text);
        await world.App.Get<Storage.IObjectStore>().CreateContainerAsync("boss-audit", default);

        Assert.Equal("403 NotOrganizationMasterAccount", await world.RefusedAsync("CreateTrail", "Name=all-trail&OssBucketName=demo-audit&IsOrganizationTrail=true"));
        Assert.Equal(HttpStatusCode.OK, (await world.CallAsync("CreateTrail", "Name=all-trail&OssBucketName=boss-audit&IsOrganizationTrail=true", boss)).Status);

        Assert.Equal(["demo-trail"], await NamesAsync("DescribeTrails", ""));
        Assert.Equal(["demo-trail", "all-trail"], await NamesAsync("DescribeTrails", "IncludeShadowTrails=true"));
        var shadow = (await world.DoAsync("DescribeTrails", "NameList=all-trail&IncludeOrganizationTrail=true")).Json.GetProperty("TrailList")[0];
        Assert.Equal(id, shadow.GetProperty("OrganizationId").GetString());
        Assert.DoesNotContain("boss-audit", shadow.GetRawText(), StringComparison.Ordinal);
        foreach (var action in new[] { "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging", "GetTrailStatus" })
            Assert.Equal("403 NotOrganizationMasterAccount", await world.RefusedAsync(action, "Name=all-trail"));
        Assert.Equal(HttpStatusCode.OK, (await world.CallAsync("GetTrailStatus", "Name=all-trail&IsOrganizationTrail=true", boss)).Status);
    }

    private async Task<IEnumerable<string?>> NamesAsync(string action, string parameters) =>
        (await world.DoAsync(action, parameters)).Json.GetProperty("TrailList").EnumerateArray().Select(static one => one.GetProperty("Name").GetString());
}
