using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ActionTrail.Functions.WebConsole;

namespace ActionTrail.Tests.Functions;

/// <summary>The console's files as they are served, and who a caller is.</summary>
public sealed partial class WebConsoleTests
{
    [Fact]
    public async Task Every_file_is_served_with_its_type_its_version_and_a_policy_that_allows_this_origin_alone()
    {
        await using var app = await TestApp.StartAsync();
        foreach (var (name, asset) in ConsoleAssets.All)
        {
            var answer = await app.Client.GetAsync(new Uri($"/console/{name}", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(asset.Content, await answer.Content.ReadAsByteArrayAsync());
            Assert.Equal(asset.ContentType, answer.Content.Headers.ContentType!.ToString());
            Assert.Equal(asset.ETag, answer.Headers.ETag!.ToString());
            Assert.StartsWith("default-src 'none'; script-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

            using var again = new HttpRequestMessage(HttpMethod.Get, $"/console/{name}") { Headers = { { "If-None-Match", asset.ETag }, { "Accept-Encoding", "gzip" } } };
            Assert.Equal(HttpStatusCode.NotModified, (await app.Client.SendAsync(again)).StatusCode);
            using var packed = new HttpRequestMessage(HttpMethod.Get, $"/console/{name}") { Headers = { { "Accept-Encoding", "br, gzip" } } };
            var small = await app.Client.SendAsync(packed);
            Assert.Equal("gzip", small.Content.Headers.ContentEncoding.Single());
            await using var plain = new GZipStream(await small.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
            using var content = new MemoryStream();
            await plain.CopyToAsync(content);
            Assert.Equal(asset.Content, content.ToArray());
        }
    }

    [Fact]
    public async Task The_console_is_a_folder_and_has_no_other_files()
    {
        await using var app = await TestApp.StartAsync();
        var bare = await app.Client.GetAsync(new Uri("/console", UriKind.Relative));
        Assert.Equal((HttpStatusCode.PermanentRedirect, "/console/"), (bare.StatusCode, bare.Headers.Location!.ToString()));
        Assert.Equal("text/html; charset=utf-8", (await app.Client.GetAsync(new Uri("/console/", UriKind.Relative))).Content.Headers.ContentType!.ToString());
        foreach (var path in new[] { "/console/index.html/", "/console/nothing.js", "/console/..%2Fhost.json", "/console/Main.js", "/console/%2e%2e/host.json" })
            Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
    }

    [Fact]
    public void What_the_files_name_is_there_and_nothing_comes_from_elsewhere()
    {
        foreach (var (name, asset) in ConsoleAssets.All)
        {
            var text = Encoding.UTF8.GetString(asset.Content);
            foreach (Match match in Reference().Matches(text))
                Assert.True(ConsoleAssets.All.ContainsKey(match.Groups["file"].Value), $"{name} names {match.Groups["file"].Value}");
            Assert.DoesNotContain("https://", text, StringComparison.Ordinal);
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Administrator")]
    [InlineData("TrailAdministrator")]
    [InlineData("Auditor")]
    [InlineData("Publisher")]
    public async Task Every_role_learns_who_it_is(string role)
    {
        await using var app = await TestApp.StartAsync();
        var key = await app.IssueAsync("acme", role);

        var answer = await app.SendAsync("GET", "/v1/caller", user: key);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(("acme", role, key.KeyId), (answer.Json.GetProperty("accountId").GetString(), answer.Json.GetProperty("role").GetString(), answer.Json.GetProperty("principalId").GetString()));
    }

    [Fact]
    public async Task The_operator_learns_for_whom_it_acts()
    {
        await using var app = await TestApp.StartAsync();
        await app.IssueAsync("acme");

        var answer = await app.SendAsync("GET", "/v1/caller", body: null, user: null, ("ActionTrail-Account", "acme"));

        Assert.Equal(("acme", "Operator"), (answer.Json.GetProperty("accountId").GetString(), answer.Json.GetProperty("role").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await app.SendAsync("GET", "/v1/caller?x=1")).Status);
    }

    [GeneratedRegex("""(?:from|src=|href=) ?"(?:\./)?(?<file>[a-z]+\.(?:js|css|svg))";?""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
