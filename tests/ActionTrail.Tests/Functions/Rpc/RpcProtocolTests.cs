using System.Net;
using System.Text;
using System.Xml.Linq;
using ActionTrail.Functions.Rpc;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Functions.Rpc;

public class RpcProtocolTests : IAsyncLifetime
{
    private RpcWorld world = null!;

    public async Task InitializeAsync() => world = await RpcWorld.StartAsync();

    public Task DisposeAsync() => world.DisposeAsync().AsTask();

    [Theory]
    [InlineData("GET", "/?Action=DescribeRegions&Version=2020-07-06", null, 200, "")]
    [InlineData("POST", "/?Action=DescribeRegions&Version=2020-07-06", null, 200, "")]
    [InlineData("POST", "/", "Action=DescribeRegions&Version=2020-07-06&AcceptLanguage=zh-CN", 200, "")]
    [InlineData("POST", "/?Action=DescribeRegions", "Version=2020-07-06&RegionId=cn-hangzhou&Format=json", 200, "")]
    [InlineData("POST", "/", "", 400, "MissingAction")]
    [InlineData("GET", "/?Version=2020-07-06", null, 400, "MissingAction")]
    [InlineData("GET", "/?Action=&Version=2020-07-06", null, 400, "MissingAction")]
    [InlineData("GET", "/?Action=DescribeNothing&Version=2020-07-06", null, 400, "InvalidAction")]
    [InlineData("GET", "/?Action=describeregions&Version=2020-07-06", null, 400, "InvalidAction")]
    [InlineData("GET", "/?Action=DescribeRegions", null, 400, "MissingParameter")]
    [InlineData("GET", "/?Action=DescribeRegions&Version=2017-12-04", null, 400, "InvalidParameterValue")]
    [InlineData("GET", "/?Action=DescribeRegions&Version=2020-07-06&Format=yaml", null, 400, "InvalidParameterValue")]
    [InlineData("GET", "/?Action=DescribeRegions&Action=DescribeTrails&Version=2020-07-06", null, 400, "InvalidParameterValue")]
    [InlineData("POST", "/?Action=DescribeRegions&Version=2020-07-06", "Action=DescribeTrails", 400, "InvalidParameterValue")]
    [InlineData("GET", "/?Action=DescribeRegions&Version=2020-07-06&x=1", null, 400, "InvalidParameterValue")]
    [InlineData("GET", "/?Action=DescribeRegions&Version=2020-07-06&AcceptLanguage=de-DE", null, 400, "InvalidParameterValue")]
    [InlineData("GET", "/?Action=DescribeRegions&Version=2020-07-06&AcceptLanguage=en-US%00", null, 400, "InvalidParameterValue")]
    public async Task A_call_comes_in_query_or_form_and_names_action_and_version(string method, string path, string? form, int status, string code)
    {
        var content = form is null ? null : new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
        var answer = await world.App.SendContentAsync(method, path, content, world.User);

        Assert.Equal((status, code), ((int)answer.Status, answer.Json.TryGetProperty("Code", out var found) ? found.GetString()! : ""));
        if (status == 200)
            Assert.Equal("local", answer.Json.GetProperty("Regions").GetProperty("Region")[0].GetProperty("RegionId").GetString());
    }

    [Fact]
    public async Task Newer_clients_name_action_and_version_in_headers()
    {
        var named = await world.App.SendAsync("POST", "/", body: null, world.User, ("x-acs-action", "DescribeRegions"), ("x-acs-version", "2020-07-06"));
        var twice = await world.App.SendAsync("GET", "/?Action=DescribeTrails&Version=2020-07-06", body: null, world.User, ("x-acs-action", "DescribeRegions"));

        Assert.Equal(HttpStatusCode.OK, named.Status);
        Assert.Equal("InvalidParameterValue", twice.Json.GetProperty("Code").GetString());
        Assert.Equal("ActionTrail.Functions", (await world.App.SendAsync("GET", "/")).Json.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_body_that_is_no_form_or_too_long_is_refused()
    {
        var json = await world.App.SendAsync("POST", "/?Action=DescribeRegions&Version=2020-07-06", "{}", world.User);
        var longer = new StringContent("x=" + new string('a', RpcRequest.MaxFormBytes), Encoding.UTF8, "application/x-www-form-urlencoded");
        var tooLong = await world.App.SendContentAsync("POST", "/?Action=DescribeRegions&Version=2020-07-06", longer, world.User);

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType"), (json.Status, json.Json.GetProperty("Code").GetString()));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "BodyTooLarge"), (tooLong.Status, tooLong.Json.GetProperty("Code").GetString()));
    }

    [Fact]
    public async Task Xml_holds_what_json_holds()
    {
        await world.PublishAsync((30, "Run", ",\"a b\":[1,\"x\\u0001<&\\ud83d\\ude00\",null],\"\":{\"1\":true}"));

        var regions = XDocument.Parse((await world.CallAsync("DescribeRegions", "Format=XML")).Text).Root!;
        var answer = await world.CallAsync("LookupEvents", "Format=XML&LookupAttribute.1.Key=EventName&LookupAttribute.1.Value=Run");
        var found = XDocument.Parse(answer.Text).Root!.Element("Events")!;
        var accepted = await world.App.SendAsync("GET", "/?Action=DescribeTrails&Version=2020-07-06", body: null, world.User, ("Accept", "text/xml"));
        var error = await world.CallAsync("DeleteTrail", "Format=xml&Name=no-such-trail");

        Assert.Equal(("DescribeRegionsResponse", "local"), (regions.Name.LocalName, regions.Element("Regions")!.Element("Region")!.Element("RegionId")!.Value));
        Assert.Equal(["1", "x\uFFFD<&😀", ""], found.Elements("a_x0020_b").Select(static item => item.Value));
        Assert.Equal("true", found.Element("_")!.Element("_x0031_")!.Value);
        Assert.Equal("text/xml", accepted.ContentType);
        var problem = XDocument.Parse(error.Text).Root!;
        Assert.Equal(("Error", "TrailNotFoundException"), (problem.Name.LocalName, problem.Element("Code")!.Value));
        Assert.Equal(HttpStatusCode.NotFound, error.Status);
    }

    [Fact]
    public async Task Who_is_not_proven_or_not_allowed_is_told_so_in_the_same_form()
    {
        var auditor = await world.App.IssueAsync("demo", "Auditor");

        Assert.Equal("401 SignatureDoesNotMatch", await world.RefusedAsync("DescribeTrails", user: (world.User.KeyId, "wrong")));
        Assert.Equal("401 SignatureDoesNotMatch", await world.RefusedAsync("DescribeTrails", user: ("ATAAAAAAAAAAAAAAAAAA", "wrong")));
        Assert.Equal("403 NeedRamAuthorize", await world.RefusedAsync("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit", auditor));
        Assert.Equal(HttpStatusCode.OK, (await world.CallAsync("DescribeTrails", user: auditor)).Status);
    }

    [Fact]
    public async Task An_action_that_is_not_offered_says_so_after_the_role_was_checked()
    {
        var publisher = await world.App.IssueAsync("demo", "Publisher");
        foreach (var operation in world.App.Get<RpcOperations>().All.Where(static one => one.Handler is null))
        {
            Assert.Equal("501 ActionNotImplemented", await world.RefusedAsync(operation.Action));
            Assert.Equal("403 NeedRamAuthorize", await world.RefusedAsync(operation.Action, user: publisher));
        }
    }

    [Fact]
    public async Task A_call_is_an_audit_event_of_this_api_with_its_parameters()
    {
        var answer = await world.DoAsync("CreateTrail", "Name=demo-trail&OssBucketName=demo-audit&EventRW=Write");

        var made = Assert.Single(await world.App.StoredEventsAsync(0), e => e.GetProperty("requestId").GetString() == answer.Json.GetProperty("RequestId").GetString());
        Assert.Equal("""{"EventRW":"Write","Name":"demo-trail","OssBucketName":"demo-audit"}""", made.GetProperty("requestParameters").GetRawText());
        Assert.Equal(("CreateTrail", "2020-07-06", "demo-trail"), (made.GetProperty("eventName").GetString(), made.GetProperty("apiVersion").GetString(), made.GetProperty("resourceName").GetString()));
    }

    [Fact]
    public async Task A_store_that_is_away_is_a_service_that_is_unavailable()
    {
        await world.DoAsync("DescribeTrails");
        world.App.Faults.FailAlways(FaultMode.BeforeRequest);
        Assert.Equal("503 ServiceUnavailable", await world.RefusedAsync("DescribeTrails"));
    }

    [Fact]
    public async Task Global_events_stay_in_the_region_of_the_deployment()
    {
        Assert.Equal("local", (await world.DoAsync("GetGlobalEventsStorageRegion")).Json.GetProperty("StorageRegion").GetString());
        await world.DoAsync("UpdateGlobalEventsStorageRegion", "StorageRegion=local");
        Assert.Equal("400 InvalidParameterValue", await world.RefusedAsync("UpdateGlobalEventsStorageRegion", "StorageRegion=ap-southeast-1"));
        Assert.Equal("400 MissingParameter", await world.RefusedAsync("UpdateGlobalEventsStorageRegion"));
    }
}
