using System.Net;
using System.Text;
using ActionTrail.Storage;
using ActionTrail.Tests.Functions;

namespace ActionTrail.Tests.Cli;

/// <summary>The commands for trails, accounts, keys and directories: which calls they make, and, against the real app, that those are the right ones.</summary>
public class ResourceCommandTests
{
    [Theory]
    [InlineData("account create contoso --name Co", "POST /v1/accounts", """{"accountId":"contoso","displayName":"Co"}""")]
    [InlineData("account show a/b", "GET /v1/accounts/a%2Fb", "")]
    [InlineData("account rename contoso --name New", "PATCH /v1/accounts/contoso", """{"displayName":"New"}""")]
    [InlineData("account disable contoso", "PATCH /v1/accounts/contoso", """{"state":"Disabled"}""")]
    [InlineData("account enable contoso", "PATCH /v1/accounts/contoso", """{"state":"Active"}""")]
    [InlineData("accesskey create --role Auditor", "POST /v1/accounts/acme/access-keys", """{"role":"Auditor"}""")]
    [InlineData("accesskey show AT1", "GET /v1/accounts/acme/access-keys/AT1", "")]
    [InlineData("accesskey rotate AT1", "POST /v1/accounts/acme/access-keys/AT1/rotate", "")]
    [InlineData("accesskey disable AT1", "PATCH /v1/accounts/acme/access-keys/AT1", """{"state":"Inactive"}""")]
    [InlineData("accesskey enable AT1", "PATCH /v1/accounts/acme/access-keys/AT1", """{"state":"Active"}""")]
    [InlineData("accesskey delete AT1", "DELETE /v1/accounts/acme/access-keys/AT1", "")]
    [InlineData("accesskey last-used AT1", "GET /v1/accounts/acme/access-keys/AT1/last-used", "")]
    [InlineData("trail create my-trail --container c --event-rw Write --selectors {\"services\":[\"Ecs\"]}", "POST /v1/trails", """{"name":"my-trail","container":"c","eventRW":"Write","selectors":{"services":["Ecs"]}}""")]
    [InlineData("trail create my-trail --organization --container c", "POST /v1/trails?", """{"name":"my-trail","isOrganizationTrail":true,"container":"c"}""")]
    [InlineData("trail show my-trail --organization", "GET /v1/trails/my-trail?isOrganizationTrail=true", "")]
    [InlineData("trail update my-trail --prefix p --trail-region All", "PATCH /v1/trails/my-trail", """{"prefix":"p","trailRegion":"All"}""")]
    [InlineData("trail start my-trail", "POST /v1/trails/my-trail/start", "")]
    [InlineData("trail stop my-trail", "POST /v1/trails/my-trail/stop", "")]
    [InlineData("trail delete my-trail", "DELETE /v1/trails/my-trail", "")]
    [InlineData("trail status my-trail", "GET /v1/trails/my-trail/status", "")]
    [InlineData("trail redeliver my-trail 17", "POST /v1/trails/my-trail/deliveries/17/redeliver", "")]
    [InlineData("trail redeliver my-trail --all", "POST /v1/trails/my-trail/redeliver", "")]
    [InlineData("directory create --name Co", "POST /v1/directories", """{"displayName":"Co"}""")]
    [InlineData("directory accept rd-1", "POST /v1/directories/rd-1/accept", "")]
    [InlineData("directory decline rd-1", "POST /v1/directories/rd-1/decline", "")]
    public async Task Each_command_is_one_call(string line, string call, string body)
    {
        var bodies = new List<string>();
        var bench = new CliBench
        {
            Api = (_, sent) =>
            {
                bodies.Add(sent);
                return CliBench.Answer(HttpStatusCode.OK, """{"name":"x","list":[1, 2]}""");
            },
        };

        Assert.Equal(0, await bench.RunAsync([.. line.Split(' '), "--account", "acme"]));
        Assert.Equal([call.TrimEnd('?')], bench.Calls);
        Assert.Equal([body], bodies);
        Assert.Equal("name  x\nlist  [1, 2]\n", bench.Output);
    }

    [Theory]
    [InlineData("directory show", "GET /v1/directories/rd-1")]
    [InlineData("directory delete", "DELETE /v1/directories/rd-1")]
    [InlineData("directory members", "GET /v1/directories/rd-1/members?pageSize=1000")]
    [InlineData("directory add --name X", "POST /v1/directories/rd-1/members")]
    [InlineData("directory invite fab", "POST /v1/directories/rd-1/invitations")]
    [InlineData("directory remove fab", "DELETE /v1/directories/rd-1/members/fab")]
    [InlineData("directory delegates", "GET /v1/directories/rd-1/administrators")]
    [InlineData("directory delegate fab", "PUT /v1/directories/rd-1/administrators/fab")]
    [InlineData("directory revoke fab", "DELETE /v1/directories/rd-1/administrators/fab")]
    public async Task What_is_done_within_a_directory_asks_first_which_that_is(string line, string call)
    {
        var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.OK, """{"value":[{"directoryId":"rd-1","accountId":"a"}]}""") };
        Assert.Equal(0, await bench.RunAsync(line.Split(' ')));
        Assert.Equal(["GET /v1/directories", call], bench.Calls);

        bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.OK, """{"value":[]}""") };
        Assert.Equal(4, await bench.RunAsync(line.Split(' ')));
        Assert.Equal(["GET /v1/directories"], bench.Calls);
    }

    [Fact]
    public async Task What_must_not_happen_twice_is_tried_once_and_a_conflict_has_its_own_exit_code()
    {
        foreach (var (line, tries) in new[] { ("accesskey create --role Auditor --account a", 1), ("accesskey rotate AT1 --account a", 1), ("account create a", 1), ("account disable a", 5), ("trail start my-trail", 5) })
        {
            var bench = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.ServiceUnavailable, "{}") };
            Assert.Equal(6, await bench.RunAsync(line.Split(' ')));
            Assert.Equal(tries, bench.Calls.Count);
        }

        var taken = new CliBench { Api = static (_, _) => CliBench.Answer(HttpStatusCode.Conflict, """{"code":"TrailAlreadyExists","title":"It is there."}""") };
        Assert.Equal(8, await taken.RunAsync("trail", "create", "my-trail", "--container", "c"));
        Assert.Contains("409 TrailAlreadyExists It is there.", taken.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("accesskey list")]
    [InlineData("accesskey create --role Operator --account a")]
    [InlineData("accesskey create --account a")]
    [InlineData("account rename a")]
    [InlineData("trail redeliver my-trail")]
    [InlineData("trail redeliver my-trail 1 --all")]
    [InlineData("trail create my-trail --selectors {")]
    [InlineData("trail create my-trail --selectors /no/such/file")]
    [InlineData("trail show")]
    [InlineData("account list --output csv")]
    public async Task Wrong_use_ends_with_2_and_no_call(string line)
    {
        var bench = new CliBench();
        Assert.Equal(2, await bench.RunAsync(line.Split(' ')));
        Assert.Empty(bench.Calls);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _actiontrail actiontrail")]
    [InlineData("zsh", "compdef _actiontrail actiontrail")]
    public async Task Shells_get_their_completion(string shell, string line)
    {
        var bench = new CliBench();
        Assert.Equal(0, await bench.RunAsync("completion", shell));
        Assert.Contains(line + "\n", bench.Output, StringComparison.Ordinal);
    }

    /// <summary>A life of a trail and of a directory, against the app itself, whose contract every call is held to.</summary>
    [Fact]
    public async Task A_trail_a_key_and_a_directory_live_from_the_command_line()
    {
        await using var app = await TestApp.StartAsync();
        await app.Get<IObjectStore>().CreateContainerAsync("contoso-audit", default);
        var bench = new CliBench { Api = (request, body) => Forward(app, request, body) };
        bench.Variables["ACTIONTRAIL_KEY"] = $"operator:{TestApp.OperatorKey}";
        async Task<string> DoAsync(string line)
        {
            var before = bench.Output.Length;
            Assert.True(await bench.RunAsync(line.Split(' ')) == 0, line + ": " + bench.Errors);
            return bench.Output[before..];
        }

        await DoAsync("account create contoso --name Contoso");
        await DoAsync("account create fabrikam");
        Assert.Equal(["ACCOUNTID", "contoso", "fabrikam"], (await DoAsync("account list")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static row => row.Split(' ')[0]));
        var key = Member(await DoAsync("accesskey create --role Administrator --account contoso"), "accessKeyId");
        Assert.Contains("rotatedFrom  " + key, await DoAsync($"accesskey rotate {key} --account contoso"), StringComparison.Ordinal);
        await DoAsync($"accesskey disable {key} --account contoso");
        await DoAsync($"accesskey delete {key} --account contoso");
        Assert.DoesNotContain("\n" + key, await DoAsync("accesskey list --account contoso"), StringComparison.Ordinal);

        await DoAsync("trail create my-trail --container contoso-audit --account contoso");
        await DoAsync("trail update my-trail --event-rw Write --account contoso");
        Assert.Equal("Enable", Member(await DoAsync("trail start my-trail --account contoso"), "status"));
        Assert.Equal("true", Member(await DoAsync("trail status my-trail --account contoso"), "isLogging"));
        await DoAsync("trail undelivered my-trail --account contoso");
        await DoAsync("trail redeliver my-trail --all --account contoso");
        await DoAsync("trail stop my-trail --account contoso");
        await DoAsync("trail delete my-trail --account contoso");

        var directory = Member(await DoAsync("directory create --name Co --account contoso"), "directoryId");
        await DoAsync("directory invite fabrikam --account contoso");
        Assert.Contains(directory, await DoAsync("directory invitations --account fabrikam"), StringComparison.Ordinal);
        await DoAsync($"directory accept {directory} --account fabrikam");
        await DoAsync("directory delegate fabrikam --account contoso");
        Assert.Contains("fabrikam", await DoAsync("directory delegates --account contoso"), StringComparison.Ordinal);
        await DoAsync("directory revoke fabrikam --account contoso");
        await DoAsync("directory remove fabrikam --account contoso");
        await DoAsync("directory delete --account contoso");
        Assert.Equal(4, await bench.RunAsync("trail", "show", "my-trail", "--account", "contoso"));
        Assert.Equal(8, await bench.RunAsync("account", "create", "contoso"));
    }

    private static string Member(string lines, string name) => lines.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal))[name.Length..].Trim();

    private static HttpResponseMessage Forward(TestApp app, HttpRequestMessage request, string body)
    {
        using var copy = new HttpRequestMessage(request.Method, request.RequestUri!.PathAndQuery);
        foreach (var (name, values) in request.Headers)
            copy.Headers.TryAddWithoutValidation(name, values);
        if (body.Length > 0)
            copy.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return app.Client.SendAsync(copy).GetAwaiter().GetResult();
    }
}
