using System.Globalization;
using System.Text.Json;
using ActionTrail.SavedQueries;

namespace ActionTrail.Tests.Functions.Rpc;

public class RpcQueryTests : IAsyncLifetime
{
    private RpcWorld world = null!;

    public async Task InitializeAsync() => world = await RpcWorld.StartAsync();

    public Task DisposeAsync() => world.DisposeAsync().AsTask();

    [Fact]
    public async Task A_template_is_made_read_changed_and_deleted()
    {
        var made = (await world.DoAsync("CreateAdvancedQueryTemplate", "SimpleQuery=false&TemplateName=Keys&TemplateSql=event.errorCode:%20*")).Json;
        var id = made.GetProperty("TemplateId").GetString()!;
        Assert.StartsWith("utpl-", id, StringComparison.Ordinal);

        var changed = (await world.DoAsync("UpdateAdvancedQueryTemplate", $"TemplateId={id}&SimpleQuery=true&TemplateSql=a")).Json;
        var read = (await world.DoAsync("GetAdvancedQueryTemplate", $"TemplateId={id}")).Json;
        Assert.Equal(Facts(changed), Facts(read));
        Assert.Equal(("Keys", "a", true), Facts(read));

        await world.DoAsync("DeleteAdvancedQueryTemplate", $"TemplateId={id}");
        Assert.Equal("404 TemplateNotFoundException", await world.RefusedAsync("GetAdvancedQueryTemplate", $"TemplateId={id}"));
        Assert.Equal("404 TemplateNotFoundException", await world.RefusedAsync("UpdateAdvancedQueryTemplate", $"TemplateId={id}&SimpleQuery=true"));
        Assert.Equal("404 TemplateNotFoundException", await world.RefusedAsync("DeleteAdvancedQueryTemplate", "TemplateId=a/b%23"));
    }

    [Fact]
    public async Task Templates_are_found_by_a_part_of_their_name_page_by_page_and_by_their_own_account()
    {
        foreach (var name in new[] { "a1", "A2", "b1" })
            await world.DoAsync("CreateAdvancedQueryTemplate", $"SimpleQuery=true&TemplateName={name}&TemplateSql=x");
        var other = await world.App.IssueAsync("other");

        var page = (await world.DoAsync("DescribeAdvancedQueryTemplate", "TemplateName=a&PageNumber=2&PageSize=1")).Json.GetProperty("TemplatePage");
        Assert.Equal((2, "a1"), (page.GetProperty("Total").GetInt32(), page.GetProperty("TemplateList")[0].GetProperty("TemplateName").GetString()));
        Assert.Equal(3, (await world.DoAsync("DescribeAdvancedQueryTemplate")).Json.GetProperty("TemplatePage").GetProperty("TemplateList").GetArrayLength());
        Assert.Equal(0, (await world.CallAsync("DescribeAdvancedQueryTemplate", user: other)).Json.GetProperty("TemplatePage").GetProperty("Total").GetInt32());
        Assert.Equal(0, (await world.DoAsync("DescribeAdvancedQueryTemplate", "PageNumber=2147483647&PageSize=100")).Json.GetProperty("TemplatePage").GetProperty("TemplateList").GetArrayLength());
    }

    [Theory]
    [InlineData("CreateAdvancedQueryTemplate", "TemplateSql=x", "400 MissingParameter")]
    [InlineData("CreateAdvancedQueryTemplate", "SimpleQuery=true", "400 MissingParameter")]
    [InlineData("CreateAdvancedQueryTemplate", "SimpleQuery=1&TemplateSql=x", "400 InvalidParameterValue")]
    [InlineData("CreateAdvancedQueryTemplate", "SimpleQuery=true&TemplateSql=x&TemplateName=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg", "400 InvalidParameterValue")]
    [InlineData("CreateAdvancedQueryHistory", "SimpleQuery=true&DryRun=true", "501 ActionNotImplemented")]
    [InlineData("DeleteAdvancedQueryHistory", "QueryId=query-none", "404 QueryNotFoundException")]
    public async Task What_a_saved_query_may_not_be_is_refused(string action, string parameters, string expected) => Assert.Equal(expected, await world.RefusedAsync(action, parameters));

    [Fact]
    public async Task The_history_keeps_the_newest_hundred_newest_first()
    {
        for (var i = 0; i <= SavedQueryStore.MaxRecords; i++)
            await world.DoAsync("CreateAdvancedQueryHistory", string.Create(CultureInfo.InvariantCulture, $"SimpleQuery=false&QuerySql=q{i}"));

        var records = (await world.DoAsync("DescribeAdvancedQueryHistory")).Json.GetProperty("QueryHistoryList").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, 100).Reverse().Select(static i => string.Create(CultureInfo.InvariantCulture, $"q{i}")), records.Select(static one => one.GetProperty("QuerySql").GetString()));

        await world.DoAsync("DeleteAdvancedQueryHistory", $"QueryId={records[0].GetProperty("QueryId").GetString()}");
        Assert.Equal("q99", (await world.DoAsync("DescribeAdvancedQueryHistory")).Json.GetProperty("QueryHistoryList")[0].GetProperty("QuerySql").GetString());
    }

    [Fact]
    public async Task Two_hundred_templates_are_the_most()
    {
        for (var i = 0; i < SavedQueryStore.MaxTemplates; i++)
            await world.DoAsync("CreateAdvancedQueryTemplate", "SimpleQuery=false&TemplateSql=x");
        Assert.Equal("400 LimitExceededException", await world.RefusedAsync("CreateAdvancedQueryTemplate", "SimpleQuery=false&TemplateSql=x"));
    }

    private static (string, string, bool) Facts(JsonElement one) =>
        (one.GetProperty("TemplateName").GetString()!, one.GetProperty("TemplateSql").GetString()!, one.GetProperty("SimpleQuery").GetBoolean());
}
