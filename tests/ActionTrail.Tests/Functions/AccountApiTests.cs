using System.Net;

namespace ActionTrail.Tests.Functions;

public class AccountApiTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task The_operator_makes_an_account_once()
    {
        var first = await app.SendAsync("POST", "/v1/accounts", """{"accountId":"demo","displayName":"Demo"}""");
        var second = await app.SendAsync("POST", "/v1/accounts", """{"accountId":"demo","displayName":"Demo"}""");

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal("/v1/accounts/demo", first.Headers.Location!.OriginalString);
        Assert.Equal("Operator", first.Json.GetProperty("source").GetString());
        Assert.Equal((HttpStatusCode.Conflict, "AccountAlreadyExists"), (second.Status, second.Code));
        Assert.Equal("AccountAlreadyExists", second.Headers.GetValues("x-ms-error-code").Single());
    }

    [Fact]
    public async Task A_link_to_the_next_page_can_be_copied_from_the_terminal()
    {
        await app.IssueAsync("one");
        await app.IssueAsync("two");

        var page = await app.SendAsync("GET", "/v1/accounts?pageSize=1");

        Assert.Contains("/v1/accounts?pageSize=1&after=one\"", page.Text, StringComparison.Ordinal);
        Assert.Equal(["nosniff"], page.Headers.GetValues("X-Content-Type-Options"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("{", "")]
    [InlineData("""{"accountId":"a","accountId":"b"}""", "")]
    [InlineData("""{"accountId":"\ud800"}""", "")]
    [InlineData("{}", "/accountId")]
    [InlineData("""{"accountId":null}""", "/accountId")]
    [InlineData("""{"accountId":1}""", "/accountId")]
    [InlineData("""{"accountId":""}""", "/accountId")]
    [InlineData("""{"accountId":"a/b"}""", "/accountId")]
    [InlineData("""{"accountId":"operator"}""", "/accountId")]
    [InlineData("""{"accountId":"demo","displayName":["x"],"a/b":1}""", "/displayName /a~1b")]
    [InlineData("""{"accountId":"-","displayName":"","x":{},"y":null}""", "/displayName /accountId /x /y")]
    public async Task Every_rule_that_a_body_breaks_is_named_by_its_pointer(string body, string pointers)
    {
        var answer = await app.SendAsync("POST", "/v1/accounts", body);

        Assert.Equal((HttpStatusCode.BadRequest, "InvalidParameter"), (answer.Status, answer.Code));
        Assert.Equal(pointers, string.Join(' ', answer.Pointers));
        Assert.All(answer.Json.GetProperty("errors").EnumerateArray(), static e => Assert.NotEmpty(e.GetProperty("rule").GetString()!));
    }

    [Fact]
    public async Task A_body_nested_a_thousand_deep_is_refused()
    {
        var answer = await app.SendAsync("POST", "/v1/accounts", string.Concat(Enumerable.Repeat("[", 1000)));
        Assert.Equal((HttpStatusCode.BadRequest, "InvalidParameter"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Accounts_are_listed_page_by_page_over_absolute_links()
    {
        for (var i = 0; i < 5; i++)
            await app.SendAsync("POST", "/v1/accounts", $$"""{"accountId":"acc-{{i}}"}""");

        var seen = new List<string>();
        var pages = 0;
        for (var next = "/v1/accounts?pageSize=2"; next is not null;)
        {
            var page = await app.SendAsync("GET", next);
            seen.AddRange(page.Json.GetProperty("value").EnumerateArray().Select(static a => a.GetProperty("accountId").GetString()!));
            next = page.Json.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
            Assert.True(next is null || Uri.IsWellFormedUriString(next, UriKind.Absolute));
            pages++;
        }

        Assert.Equal(["acc-0", "acc-1", "acc-2", "acc-3", "acc-4"], seen);
        Assert.Equal(3, pages);
    }

    [Fact]
    public async Task A_secret_is_shown_once_and_never_again()
    {
        var (keyId, secret) = await app.IssueAsync("demo");

        var list = await app.SendAsync("GET", "/v1/accounts/demo/access-keys", user: (keyId, secret));

        Assert.Equal(HttpStatusCode.OK, list.Status);
        Assert.Contains(keyId, list.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, list.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_eleventh_key_is_refused()
    {
        await app.IssueAsync("demo");
        for (var i = 1; i < 10; i++)
            await app.SendAsync("POST", "/v1/accounts/demo/access-keys", """{"role":"Auditor"}""");

        var answer = await app.SendAsync("POST", "/v1/accounts/demo/access-keys", """{"role":"Auditor"}""");

        Assert.Equal((HttpStatusCode.Conflict, "AccessKeyLimitExceeded"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task A_key_is_switched_off_and_on_and_deleted()
    {
        var admin = await app.IssueAsync("demo");
        var auditor = await app.IssueAsync("demo", "Auditor");
        var path = "/v1/accounts/demo/access-keys/" + auditor.KeyId;
        async Task<HttpStatusCode> TryAsync() => (await app.SendAsync("GET", "/v1/accounts/demo", user: auditor)).Status;

        Assert.Equal(HttpStatusCode.OK, await TryAsync());
        Assert.Equal("Inactive", (await app.SendAsync("PATCH", path, """{"state":"Inactive"}""", admin)).Json.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync());
        await app.SendAsync("PATCH", path, """{"state":"Active"}""", admin);
        Assert.Equal(HttpStatusCode.OK, await TryAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", path, user: admin)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync());
        Assert.Equal("AccessKeyNotFound", (await app.SendAsync("DELETE", path, user: admin)).Code);
    }

    [Fact]
    public async Task A_disabled_account_locks_its_keys_out_at_once_on_this_instance()
    {
        var admin = await app.IssueAsync("demo");
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/accounts/demo", user: admin)).Status);

        await app.SendAsync("PATCH", "/v1/accounts/demo", """{"state":"Disabled"}""");

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.SendAsync("GET", "/v1/accounts/demo", user: admin)).Status);
    }

    [Fact]
    public async Task Another_accounts_things_are_not_there()
    {
        var (_, _) = await app.IssueAsync("victim");
        var victimKey = await app.IssueAsync("victim", "Auditor");
        var admin = await app.IssueAsync("demo");

        Assert.Equal("AccountNotFound", (await app.SendAsync("GET", "/v1/accounts/victim", user: admin)).Code);
        Assert.Equal("AccountNotFound", (await app.SendAsync("GET", "/v1/accounts/nobody", user: admin)).Code);
        Assert.Equal("AccountNotFound", (await app.SendAsync("GET", "/v1/accounts/victim/access-keys", user: admin)).Code);
        Assert.Equal("AccountNotFound", (await app.SendAsync("POST", "/v1/accounts/victim/access-keys", """{"role":"Auditor"}""", admin)).Code);
        Assert.Equal("AccountNotFound", (await app.SendAsync("DELETE", "/v1/accounts/victim/access-keys/" + victimKey.KeyId, user: admin)).Code);
        Assert.Equal("AccessKeyNotFound", (await app.SendAsync("DELETE", "/v1/accounts/demo/access-keys/" + victimKey.KeyId, user: admin)).Code);
        Assert.Equal("AccountNotFound", (await app.SendAsync("GET", "/v1/trails", body: null, admin, ("ActionTrail-Account", "victim"))).Code);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/accounts/victim", user: victimKey)).Status);
    }
}
