using System.Net;

namespace ActionTrail.Tests.Functions;

/// <summary>Accounts and access keys have versions, which changes may name.</summary>
public class ConditionalApiTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task An_account_changes_only_from_the_version_that_is_named()
    {
        await app.IssueAsync("demo");
        var old = (await app.SendAsync("GET", "/v1/accounts/demo")).ETag!;
        var renamed = await app.SendAsync("PATCH", "/v1/accounts/demo", """{"displayName":"One"}""", headers: ("If-Match", old));

        Assert.Equal(HttpStatusCode.OK, renamed.Status);
        Assert.NotEqual(old, renamed.ETag);
        Assert.Equal(renamed.ETag, renamed.Json.GetProperty("etag").GetString());
        Assert.Equal("PreconditionFailed", (await app.SendAsync("PATCH", "/v1/accounts/demo", """{"displayName":"Two"}""", headers: ("If-Match", old))).Code);
        var now = await app.SendAsync("GET", "/v1/accounts/demo");
        Assert.Equal(("One", renamed.ETag), (now.Json.GetProperty("displayName").GetString(), now.ETag));
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("PATCH", "/v1/accounts/demo", """{"displayName":"Three"}""", headers: ("If-Match", "*"))).Status);
    }

    [Fact]
    public async Task A_key_is_shown_changed_and_deleted_only_in_the_version_that_is_named()
    {
        var (keyId, secret) = await app.IssueAsync("demo", "Auditor");
        var path = "/v1/accounts/demo/access-keys/" + keyId;
        var shown = await app.SendAsync("GET", path);
        Assert.DoesNotContain(secret, shown.Text, StringComparison.Ordinal);
        Assert.Equal(shown.Text, (await app.SendAsync("GET", "/v1/accounts/demo/access-keys")).Json.GetProperty("value")[0].GetRawText());

        var stopped = await app.SendAsync("PATCH", path, """{"state":"Inactive"}""", headers: ("If-Match", shown.ETag!));
        Assert.Equal("Inactive", stopped.Json.GetProperty("state").GetString());
        Assert.Equal("PreconditionFailed", (await app.SendAsync("PATCH", path, """{"state":"Active"}""", headers: ("If-Match", shown.ETag!))).Code);
        Assert.Equal("PreconditionFailed", (await app.SendAsync("DELETE", path, headers: ("If-Match", shown.ETag!))).Code);
        Assert.Equal("Inactive", (await app.SendAsync("GET", path)).Json.GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", path, headers: ("If-Match", stopped.ETag!))).Status);
        Assert.Equal("AccessKeyNotFound", (await app.SendAsync("GET", path)).Code);
    }

    [Fact]
    public async Task A_key_is_rotated_only_from_the_version_that_is_named_and_once_from_each()
    {
        var (keyId, _) = await app.IssueAsync("demo", "Auditor");
        var path = "/v1/accounts/demo/access-keys/" + keyId;
        var etag = (await app.SendAsync("GET", path)).ETag!;
        Assert.Equal("PreconditionFailed", (await app.SendAsync("POST", path + "/rotate", headers: ("If-Match", "\"0000000000000000\""))).Code);
        Assert.Single((await app.SendAsync("GET", "/v1/accounts/demo/access-keys")).Json.GetProperty("value").EnumerateArray());

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.SendAsync("POST", path + "/rotate", headers: ("If-Match", etag))));
        Assert.Single(all, static answer => answer.Status == HttpStatusCode.Created);
        Assert.All(all.Where(static answer => answer.Status != HttpStatusCode.Created), static answer => Assert.Contains(answer.Code, (string[])["PreconditionFailed", "AccessKeyLimitExceeded"]));
        Assert.Equal("PreconditionFailed", (await app.SendAsync("POST", path + "/rotate", headers: ("If-Match", etag))).Code);
        Assert.Equal(2, (await app.SendAsync("GET", "/v1/accounts/demo/access-keys")).Json.GetProperty("value").GetArrayLength());
    }

    [Theory]
    [InlineData("PUT", "/v1/retention/holds/demo")]
    [InlineData("PUT", "/v1/retention/holds/operator")]
    [InlineData("POST", "/v1/retention/hold")]
    public async Task A_hold_changes_and_ends_only_in_the_version_that_is_named(string method, string path)
    {
        await app.IssueAsync("demo");
        Assert.Equal("PreconditionFailed", (await app.SendAsync(method, path, """{"reason":"one"}""", headers: ("If-Match", "*"))).Code);
        Assert.Equal("PreconditionFailed", (await app.SendAsync("DELETE", path, headers: ("If-Match", "*"))).Code);
        var first = await app.SendAsync(method, path, """{"reason":"one"}""");
        Assert.Equal((HttpStatusCode.OK, first.ETag), (first.Status, first.Json.GetProperty("etag").GetString()));
        var second = await app.SendAsync(method, path, """{"reason":"two"}""", headers: ("If-Match", first.ETag!));
        Assert.Equal(("two", first.Json.GetProperty("since").GetString()), (second.Json.GetProperty("reason").GetString(), second.Json.GetProperty("since").GetString()));
        Assert.Equal("PreconditionFailed", (await app.SendAsync(method, path, """{"reason":"three"}""", headers: ("If-Match", first.ETag!))).Code);
        Assert.Equal("PreconditionFailed", (await app.SendAsync("DELETE", path, headers: ("If-Match", first.ETag!))).Code);
        var shown = method == "POST" ? (await app.SendAsync("GET", path)).Json : (await app.SendAsync("GET", "/v1/retention/holds")).Json.GetProperty("value")[0];
        Assert.Equal(("two", second.ETag), (shown.GetProperty("reason").GetString(), shown.GetProperty("etag").GetString()));

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => app.SendAsync(method, path, $$"""{"reason":"N{{i}}"}""", headers: ("If-Match", second.ETag!))));
        Assert.Equal((1, 7), (all.Count(static answer => answer.Status == HttpStatusCode.OK), all.Count(static answer => answer.Code == "PreconditionFailed")));
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", path, headers: ("If-Match", "*"))).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", path)).Status);
    }

    /// <summary>Somebody else is faster between the look and the change.</summary>
    [Fact]
    public async Task A_race_is_lost_not_overwritten()
    {
        await app.IssueAsync("demo");
        var etag = (await app.SendAsync("GET", "/v1/accounts/demo")).ETag!;
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => app.SendAsync("PATCH", "/v1/accounts/demo", $$"""{"displayName":"N{{i}}"}""", headers: ("If-Match", etag))));

        Assert.Single(all, static answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(7, all.Count(static answer => answer.Code == "PreconditionFailed"));
    }
}
