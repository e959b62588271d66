using System.Text.Json;
using ActionTrail.Functions.Rpc;

namespace ActionTrail.Tests.Functions.Rpc;

public class RpcLookupTests : IAsyncLifetime
{
    private RpcWorld world = null!;

    public async Task InitializeAsync() => world = await RpcWorld.StartAsync(static s => s["ActionTrail:LookupBurst"] = "1000");

    public Task DisposeAsync() => world.DisposeAsync().AsTask();

    [Fact]
    public async Task Pages_go_on_where_the_one_before_ended_both_ways()
    {
        await world.PublishAsync([.. Enumerable.Range(0, 25).Select(static i => (100 + i, "Stop", ",\"eventRW\":\"Write\""))]);

        var backward = await ReadAllAsync("MaxResults=10&LookupAttribute.1.Key=EventName&LookupAttribute.1.Value=Stop");
        var forward = await ReadAllAsync("MaxResults=7&Direction=FORWARD&LookupAttribute.1.Key=EventName&LookupAttribute.1.Value=Stop");

        Assert.Equal([10, 10, 5], backward.Pages);
        Assert.Equal([7, 7, 7, 4], forward.Pages);
        Assert.Equal(25, backward.Ids.Distinct().Count());
        Assert.Equal(backward.Ids.AsEnumerable().Reverse(), forward.Ids);
    }

    [Fact]
    public async Task A_token_fits_only_its_own_query_and_account()
    {
        await world.PublishAsync([.. Enumerable.Range(0, 3).Select(static i => (100 + i, "Stop", ""))]);
        var other = await world.App.IssueAsync("other");
        var page = (await world.DoAsync("LookupEvents", "MaxResults=2&LookupAttribute.1.Key=EventName&LookupAttribute.1.Value=Stop")).Json;
        var token = page.GetProperty("NextToken").GetString();
        var range = $"&StartTime={page.GetProperty("StartTime").GetString()}&EndTime={page.GetProperty("EndTime").GetString()}";

        Assert.Equal(1, (await world.DoAsync("LookupEvents", $"MaxResults=2&NextToken={token}&LookupAttribute.1.Key=EventName&LookupAttribute.1.Value=Stop{range}")).Json.GetProperty("Events").GetArrayLength());
        Assert.Equal("400 InvalidParameterValue", await world.RefusedAsync("LookupEvents", $"NextToken={token}"));
        Assert.Equal("400 InvalidParameterValue", await world.RefusedAsync("LookupEvents", $"NextToken={token}x&LookupAttribute.1.Key=EventName&LookupAttribute.1.Value=Stop"));
        Assert.Equal("400 InvalidParameterValue", await world.RefusedAsync("LookupEvents", $"NextToken={token}&LookupAttribute.1.Key=EventName&LookupAttribute.1.Value=Stop", other));
        Assert.Equal("400 InvalidParameterValue", await world.RefusedAsync("LookupEvents", $"NextToken={token}&LookupAttribute.1.Key=EventName&LookupAttribute.1.Value=Stop&StartTime=2026-11-01T00:00:00Z&EndTime={page.GetProperty("EndTime").GetString()}"));
    }

    [Theory]
    [InlineData("1.Key=EventName&1.Value=Run", "Run")]
    [InlineData("1.Key=EventName&1.Value=run", "")]
    [InlineData("1.Key=EventName&1.Value=Run&2.Key=EventName&2.Value=Stop", "Stop")]
    [InlineData("1.Key=ServiceName&1.Value=Ecs&2.Key=EventName&2.Value=Stop&3.Key=EventName&3.Value=Run", "Stop")]
    [InlineData("1.Key=EventName&1.Value=Stop&2.Key=ServiceName&2.Value=Ecs", "Stop")]
    [InlineData("2.Key=ServiceName&2.Value=Ecs&10.Key=EventName&10.Value=Run", "Run")]
    [InlineData("1.Key=ServiceName&1.Value=Ecs&2.Key=EventRW&2.Value=Write", "Run Stop")]
    [InlineData("1.Key=ResourceName&1.Value=i-2&2.Key=ResourceType&2.Value=ACS::ECS::Instance", "Stop")]
    [InlineData("1.Key=SensitiveAction&1.Value=true", "Stop")]
    [InlineData("1.Key=PrincipalId&1.Value=nobody", "")]
    public async Task Two_attributes_at_most_count_and_the_second_of_one_key(string attributes, string names)
    {
        await world.PublishAsync(
            (30, "Run", ",\"eventRW\":\"Write\",\"resourceType\":\"ACS::ECS::Instance\",\"resourceName\":\"i-1\""),
            (20, "Stop", ",\"eventRW\":\"Write\",\"resourceType\":\"ACS::ECS::Instance\",\"resourceName\":\"i-2\",\"eventAttributes\":{\"SensitiveAction\":\"true\"}"));
        var query = string.Join('&', attributes.Split('&').Select(static one => "LookupAttribute." + one));

        var found = (await world.DoAsync("LookupEvents", "Direction=FORWARD&" + query)).Json.GetProperty("Events").EnumerateArray();

        Assert.Equal(names, string.Join(' ', found.Select(static one => one.GetProperty("eventName").GetString())));
    }

    [Fact]
    public async Task Exactly_the_pairs_of_the_reference_are_allowed()
    {
        string[] allowed =
        [
            "EventName+EventType", "EventName+ResourceName", "EventName+ServiceName", "EventRW+ServiceName", "EventType+ServiceName", "PrincipalId+ServiceName", "ResourceName+ResourceType",
            "ResourceName+RoleName", "ResourceName+ServiceName", "ResourceName+User", "RoleName+ServiceName", "SensitiveAction+ServiceName", "ServiceName+User",
        ];
        var keys = LookupCalls.Keys.Keys.Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(13, keys.Length);
        foreach (var one in keys)
        {
            foreach (var other in keys.Where(key => key != one))
            {
                var pair = string.CompareOrdinal(one, other) < 0 ? $"{one}+{other}" : $"{other}+{one}";
                var answer = await world.CallAsync("LookupEvents", $"LookupAttribute.1.Key={one}&LookupAttribute.1.Value={Value(one)}&LookupAttribute.2.Key={other}&LookupAttribute.2.Value={Value(other)}");
                Assert.Equal((pair, allowed.Contains(pair) ? 200 : 400), (pair, (int)answer.Status));
            }
        }
    }

    [Theory]
    [InlineData("MaxResults=0")]
    [InlineData("MaxResults=51")]
    [InlineData("MaxResults=-1")]
    [InlineData("Direction=backward")]
    [InlineData("StartTime=2026-01-01T00:00:00Z")]
    [InlineData("EndTime=2026-01-01T00:00:00Z")]
    [InlineData("StartTime=2020-01-01T00:00:00Z&EndTime=2020-01-02T00:00:00Z")]
    [InlineData("StartTime=tomorrow&EndTime=2020-01-02T00:00:00Z")]
    [InlineData("StartTime=2099-01-02T00:00:00Z&EndTime=2099-01-01T00:00:00Z")]
    [InlineData("LookupAttribute.1.Key=Nothing&LookupAttribute.1.Value=x")]
    [InlineData("LookupAttribute.1.Key=EventRW&LookupAttribute.1.Value=write")]
    [InlineData("LookupAttribute.1.Key=SensitiveAction&LookupAttribute.1.Value=false")]
    [InlineData("LookupAttribute.0.Key=EventName&LookupAttribute.0.Value=x")]
    [InlineData("LookupAttribute.1=EventName")]
    [InlineData("NextToken=x")]
    public async Task What_a_lookup_may_not_say_is_refused(string parameters) => Assert.Equal("400 InvalidParameterValue", await world.RefusedAsync("LookupEvents", parameters));

    [Theory]
    [InlineData("LookupAttribute.1.Key=EventName")]
    [InlineData("LookupAttribute.1.Value=EventName")]
    public async Task An_attribute_has_key_and_value(string parameters) => Assert.Equal("400 MissingParameter", await world.RefusedAsync("LookupEvents", parameters));

    [Fact]
    public async Task An_event_is_answered_as_it_was_stored()
    {
        await world.PublishAsync((30, "Run", ",\"x\":{\"deep\":[1.10,null]}"));
        var text = (await world.DoAsync("LookupEvents", "LookupAttribute.1.Key=EventName&LookupAttribute.1.Value=Run")).Text;
        Assert.Contains(",\"x\":{\"deep\":[1.10,null]}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_too_often_is_told_when_to_ask_again()
    {
        await using var slow = await RpcWorld.StartAsync(static s => s["ActionTrail:LookupBurst"] = "1");
        await slow.DoAsync("LookupEvents");
        var answer = await slow.CallAsync("LookupEvents");
        Assert.Equal((429, "Throttling.User"), ((int)answer.Status, answer.Json.GetProperty("Code").GetString()));
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task Life_cycles_are_told_from_the_accounts_own_writes()
    {
        await world.PublishAsync(
            (50, "CreateInstance", ",\"eventRW\":\"Write\",\"resourceType\":\"ACS::ECS::Instance\",\"resourceName\":\"i-1\""),
            (40, "StopInstance", ",\"eventRW\":\"Write\",\"resourceType\":\"ACS::ECS::Instance\",\"resourceName\":\"i-1\""),
            (30, "DeleteInstance", ",\"eventRW\":\"Write\",\"resourceType\":\"ACS::ECS::Instance;ACS::ECS::Disk\",\"resourceName\":\"i-1\""),
            (20, "DescribeInstances", ",\"eventRW\":\"Read\",\"resourceType\":\"ACS::ECS::Instance\",\"resourceName\":\"i-1\""));

        using var data = JsonDocument.Parse((await world.DoAsync("DescribeResourceLifeCycleEvents", "ServiceName=Ecs&ResourceType=ACS::ECS::Instance")).Json.GetProperty("Data").GetString()!);

        var leaves = data.RootElement[0].GetProperty("children")[0].GetProperty("children").EnumerateArray()
            .Select(static leaf => $"{leaf.GetProperty("labelEn").GetString()}={leaf.GetProperty("value").GetString()}");
        Assert.Equal(["Create Events=CreateInstance", "Change Events=StopInstance", "Delete Events=DeleteInstance"], leaves);
        Assert.Equal(1, data.RootElement[0].GetProperty("children").GetArrayLength());
    }

    private static string Value(string key) => key == "EventRW" ? "Read" : key == "SensitiveAction" ? "true" : "x";

    private async Task<(int[] Pages, List<string> Ids)> ReadAllAsync(string parameters)
    {
        var (pages, ids) = (new List<int>(), new List<string>());
        for (var token = ""; ;)
        {
            var page = (await world.DoAsync("LookupEvents", token.Length == 0 ? parameters : $"{parameters}&NextToken={token}")).Json;
            var events = page.GetProperty("Events").EnumerateArray().Select(static one => one.GetProperty("eventId").GetString()!).ToList();
            pages.Add(events.Count);
            ids.AddRange(events);
            token = page.GetProperty("NextToken").GetString()!;
            if (token.Length == 0)
                return ([.. pages], ids);
        }
    }
}
