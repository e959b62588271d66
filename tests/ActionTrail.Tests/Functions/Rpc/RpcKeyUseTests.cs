namespace ActionTrail.Tests.Functions.Rpc;

public class RpcKeyUseTests : IAsyncLifetime
{
    private RpcWorld world = null!;

    public async Task InitializeAsync()
    {
        world = await RpcWorld.StartAsync();
        const string Identity = ",\"sourceIpAddress\":\"203.0.113.1\",\"resourceName\":\"i-1\",\"resourceType\":\"ACS::ECS::Instance\"";
        await PublishAsync(30, "RunInstances", Identity);
        await PublishAsync(20, "StopInstance", Identity);
        await PublishAsync(10, "RunInstances", Identity.Replace("203.0.113.1", "203.0.113.2", StringComparison.Ordinal));
    }

    public Task DisposeAsync() => world.DisposeAsync().AsTask();

    [Fact]
    public async Task A_key_tells_what_it_did_last()
    {
        var info = (await world.DoAsync("GetAccessKeyLastUsedInfo", "AccessKey=LTAI-of-another-system")).Json;
        Assert.Equal(("Ecs", "ManagementEvent", "ram-user", "bob"), (Text("ServiceName"), Text("Source"), Text("AccountType"), Text("UserName")));
        Assert.Contains("\"RunInstances\"", Text("Detail"), StringComparison.Ordinal);
        Assert.True(info.GetProperty("UsedTimestamp").GetInt64() > 0);
        string Text(string name) => info.GetProperty(name).GetString()!;
    }

    [Theory]
    [InlineData("GetAccessKeyLastUsedProducts", "", "Products", "ServiceName", "Ecs")]
    [InlineData("GetAccessKeyLastUsedEvents", "&ServiceName=Ecs", "Events", "EventName", "RunInstances StopInstance")]
    [InlineData("GetAccessKeyLastUsedIps", "&ServiceName=Ecs", "Ips", "Ip", "203.0.113.2 203.0.113.1")]
    [InlineData("GetAccessKeyLastUsedResources", "&ServiceName=Ecs&PageSize=0", "Resources", "ResourceName", "i-1")]
    [InlineData("GetAccessKeyLastUsedResources", "&ServiceName=Oss", "Resources", "ResourceName", "")]
    public async Task Each_kind_of_use_is_listed_once_newest_first(string action, string more, string member, string name, string expected)
    {
        var list = (await world.DoAsync(action, "AccessKey=LTAI-of-another-system" + more)).Json.GetProperty(member).EnumerateArray();
        Assert.Equal(expected, string.Join(' ', list.Select(one => one.GetProperty(name).GetString())));
    }

    [Fact]
    public async Task Lists_go_on_page_by_page()
    {
        var first = (await world.DoAsync("GetAccessKeyLastUsedEvents", "AccessKey=LTAI-of-another-system&ServiceName=Ecs&PageSize=1")).Json;
        var second = (await world.DoAsync("GetAccessKeyLastUsedEvents", $"AccessKey=LTAI-of-another-system&ServiceName=Ecs&PageSize=1&NextToken={first.GetProperty("NextToken").GetString()}")).Json;
        Assert.Equal(("RunInstances", "StopInstance", ""), (Name(first), Name(second), second.GetProperty("NextToken").GetString()));
        static string? Name(System.Text.Json.JsonElement page) => page.GetProperty("Events")[0].GetProperty("EventName").GetString();
    }

    [Theory]
    [InlineData("GetAccessKeyLastUsedInfo", "", "400 MissingParameter")]
    [InlineData("GetAccessKeyLastUsedInfo", "AccessKey=nobody", "404 AccessKeyNotFound")]
    [InlineData("GetAccessKeyLastUsedEvents", "AccessKey=x", "400 MissingParameter")]
    [InlineData("GetAccessKeyLastUsedIps", "AccessKey=x&ServiceName=Ecs&PageSize=101", "400 InvalidParameterValue")]
    [InlineData("GetAccessKeyLastUsedIps", "AccessKey=x&ServiceName=Ecs&NextToken=x", "400 InvalidParameterValue")]
    public async Task What_may_not_be_asked_is_refused(string action, string parameters, string expected) => Assert.Equal(expected, await world.RefusedAsync(action, parameters));

    [Fact]
    public async Task Another_account_learns_nothing_of_it()
    {
        var other = await world.App.IssueAsync("other");
        Assert.Equal("404 AccessKeyNotFound", await world.RefusedAsync("GetAccessKeyLastUsedInfo", "AccessKey=LTAI-of-another-system", other));
        Assert.Equal("404 AccessKeyNotFound", await world.RefusedAsync("GetAccessKeyLastUsedInfo", $"AccessKey={world.User.KeyId}", other));
        Assert.Equal(0, (await world.CallAsync("GetAccessKeyLastUsedProducts", "AccessKey=LTAI-of-another-system", other)).Json.GetProperty("Products").GetArrayLength());
    }

    private async Task PublishAsync(int secondsAgo, string name, string more)
    {
        var at = DateTimeOffset.UtcNow.AddSeconds(-secondsAgo);
        var body = $$$"""{"eventId":"{{{name}}}-{{{secondsAgo}}}","eventName":"{{{name}}}","eventTime":"{{{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo","userName":"bob","accessKeyId":"LTAI-of-another-system"}{{{more}}}}""";
        var answer = await world.App.SendAsync("POST", "/v1/events", body, world.User);
        Assert.True(answer.Status == System.Net.HttpStatusCode.OK, answer.Text);
    }
}
