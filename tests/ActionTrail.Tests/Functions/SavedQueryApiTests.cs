using System.Net;

namespace ActionTrail.Tests.Functions;

public class SavedQueryApiTests : IAsyncLifetime
{
    private const string Templates = "/v1/queries/templates";

    private TestApp app = null!;
    private (string, string) admin;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync();
        admin = await app.IssueAsync("demo");
    }

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task A_template_is_made_changed_under_its_version_and_deleted_and_the_rpc_api_sees_the_same()
    {
        var made = await app.SendAsync("POST", Templates, """{"name":"Keys","statement":"event.errorCode: *","simple":true}""", admin);
        var path = made.Headers.Location!.ToString();
        var read = await app.SendAsync("GET", path, user: admin);
        var changed = await app.SendAsync("PATCH", path, """{"name":""}""", admin, ("If-Match", made.ETag!));
        var stale = await app.SendAsync("PATCH", path, """{"statement":"x"}""", admin, ("If-Match", made.ETag!));
        var rpc = await app.SendAsync("GET", $"/?Action=GetAdvancedQueryTemplate&Version=2020-07-06&TemplateId={made.Json.GetProperty("templateId").GetString()}", user: admin);

        Assert.Equal((HttpStatusCode.Created, made.Text, made.ETag), (made.Status, read.Text, read.ETag));
        Assert.Equal(("", "event.errorCode: *", true), (changed.Json.GetProperty("name").GetString(), changed.Json.GetProperty("statement").GetString(), changed.Json.GetProperty("simple").GetBoolean()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.Status);
        Assert.Equal("event.errorCode: *", rpc.Json.GetProperty("TemplateSql").GetString());
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await app.SendAsync("DELETE", path, user: admin, headers: ("If-Match", made.ETag!))).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", path, user: admin, headers: ("If-Match", changed.ETag!))).Status);
        foreach (var (method, body) in new[] { ("GET", null), ("PATCH", "{}"), ("DELETE", null) })
            Assert.Equal("QueryTemplateNotFound", (await app.SendAsync(method, path, body, admin)).Code);
    }

    [Fact]
    public async Task Lists_are_the_accounts_own_and_an_auditor_only_reads_them()
    {
        foreach (var name in (string[])["b", "A1", "a2"])
            await app.SendAsync("POST", Templates, $$"""{"name":"{{name}}","statement":"s"}""", admin);
        await app.SendAsync("POST", "/v1/queries/history", """{"statement":"one"}""", admin);
        var record = await app.SendAsync("POST", "/v1/queries/history", """{"statement":"two","simple":true}""", admin);
        var (other, auditor) = (await app.IssueAsync("other"), await app.IssueAsync("demo", "Auditor"));

        Assert.Equal(["A1", "a2"], (await app.SendAsync("GET", Templates + "?name=a", user: auditor)).Json.GetProperty("value").EnumerateArray().Select(static t => t.GetProperty("name").GetString()));
        Assert.Equal(["two", "one"], (await app.SendAsync("GET", "/v1/queries/history", user: auditor)).Json.GetProperty("value").EnumerateArray().Select(static t => t.GetProperty("statement").GetString()));
        Assert.Empty((await app.SendAsync("GET", Templates, user: other)).Json.GetProperty("value").EnumerateArray());
        Assert.Equal("Forbidden", (await app.SendAsync("POST", Templates, """{"statement":"s"}""", auditor)).Code);
        Assert.Equal("QueryRecordNotFound", (await app.SendAsync("DELETE", record.Headers.Location!.ToString(), user: other)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", record.Headers.Location!.ToString(), user: admin)).Status);
    }

    [Theory]
    [InlineData("{}", "/statement")]
    [InlineData("""{"statement":"","simple":1}""", "/simple,/statement")]
    [InlineData("""{"statement":"s","Name":"x"}""", "/Name")]
    public async Task What_a_template_may_not_be_is_named(string body, string pointers) =>
        Assert.Equal(pointers, string.Join(',', (await app.SendAsync("POST", Templates, body, admin)).Pointers.Order(StringComparer.Ordinal)));
}
