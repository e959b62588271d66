using System.Net;
using System.Text;
using ActionTrail.Digests;
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
    [InlineData("trail create my-trail --container c --format Ndjson --max-object-mib 8 --flush-after 300", "POST /v1/trails", """{"name":"my-trail","container":"c","format":"Ndjson","maxObjectMegabytes":8,"flushAfterSeconds":300}""")]
    [InlineData("trail create my-trail --organization --container c", "POST /v1/trails?", """{"name":"my-trail","isOrganizationTrail":true,"container":"c"}""")]
    [InlineData("trail show my-trail --organization", "GET /v1/trails/my-trail?isOrganizationTrail=true", "")]
    [InlineData("trail update my-trail --prefix p --trail-region All", "PATCH /v1/trails/my-trail", """{"prefix":"p","trailRegion":"All"}""")]
    [InlineData("trail start my-trail", "POST /v1/trails/my-trail/start", "")]
    [InlineData("trail stop my-trail", "POST /v1/trails/my-trail/stop", "")]
    [InlineData("trail delete my-trail", "DELETE /v1/trails/my-trail", "")]
    [InlineData("trail status my-trail", "GET /v1/trails/my-trail/status", "")]
    [InlineData("trail redeliver my-trail 17", "POST /v1/trails/my-trail/deliveries/17/redeliver", "")]
    [InlineData("trail redeliver my-trail --all", "POST /v1/trails/my-trail/redeliver", "")]
    [InlineData("trail create my-trail --logstore audit --stream siem --log-analytics sentinel", "POST /v1/trails", """{"name":"my-trail","logstoreProject":"audit","stream":"siem","logAnalytics":"sentinel"}""")]
    [InlineData("trail create my-trail --inner --logstore audit", "POST /v1/trails", """{"name":"my-trail","isInnerTrail":true,"logstoreProject":"audit"}""")]
    [InlineData("trail update my-trail --container  --logstore audit --stream  --log-analytics ", "PATCH /v1/trails/my-trail", """{"container":null,"logstoreProject":"audit","stream":null,"logAnalytics":null}""")]
    [InlineData("logstore show audit/actiontrail_x", "GET /v1/logstores/audit/actiontrail_x", "")]
    [InlineData("logstore retention audit/actiontrail_x --days 30", "PATCH /v1/logstores/audit/actiontrail_x", """{"retentionDays":30}""")]
    [InlineData("logstore retention audit/actiontrail_x --permanent", "PATCH /v1/logstores/audit/actiontrail_x", """{"retentionDays":"permanent"}""")]
    [InlineData("logstore delete audit/actiontrail_x --confirm actiontrail_x", "DELETE /v1/logstores/audit/actiontrail_x?confirm=actiontrail_x", "")]
    [InlineData("history create my-trail --client-token t1", "POST /v1/history-jobs", """{"trailName":"my-trail","clientToken":"t1"}""")]
    [InlineData("history show 7", "GET /v1/history-jobs/7", "")]
    [InlineData("history cancel 7", "POST /v1/history-jobs/7/cancel", "")]
    [InlineData("history retry 7", "POST /v1/history-jobs/7/retry", "")]
    [InlineData("history delete 7", "DELETE /v1/history-jobs/7", "")]
    [InlineData("digest start my-trail", "PATCH /v1/trails/my-trail", """{"logFileValidation":true}""")]
    [InlineData("digest stop my-trail --organization", "PATCH /v1/trails/my-trail?isOrganizationTrail=true", """{"logFileValidation":false}""")]
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
        foreach (var (line, tries) in new[] { ("accesskey create --role Auditor --account a", 1), ("accesskey rotate AT1 --account a", 1), ("account create a", 1), ("history create t", 1), ("history cancel 7", 5), ("logstore delete a/b --confirm b", 5), ("account disable a", 5), ("trail start my-trail", 5) })
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
    [InlineData("logstore show audit")]
    [InlineData("logstore retention audit/x")]
    [InlineData("logstore retention audit/x --days 3 --permanent")]
    [InlineData("logstore retention audit/x --days 0")]
    [InlineData("logstore delete audit/x")]
    [InlineData("logstore delete audit/x --confirm audit")]
    [InlineData("history show x")]
    [InlineData("history wait 1 --interval never")]
    [InlineData("digest list my-trail --start noon")]
    [InlineData("events query --recipient-account-id acme")]
    public async Task Wrong_use_ends_with_2_and_no_call(string line)
    {
        var bench = new CliBench();
        Assert.Equal(2, await bench.RunAsync(line.Split(' ')));
        Assert.Empty(bench.Calls);
    }

    [Theory]
    [InlineData("Complete", 0)]
    [InlineData("Failed", 1)]
    [InlineData("Cancelled", 1)]
    [InlineData("Delivering", 6)]
    public async Task A_job_is_waited_for_until_it_has_ended(string last, int exitCode)
    {
        var looks = 0;
        var bench = new CliBench { Api = (_, _) => CliBench.Answer(HttpStatusCode.OK, $$"""{"jobId":7,"state":"{{(++looks < 4 ? "Delivering" : last)}}"}""") };
        Assert.Equal(exitCode, await bench.RunAsync("history", "wait", "7", "--interval", "30s", "--timeout", "1h"));
        Assert.Equal(exitCode == 6 ? 121 : 4, bench.Calls.Count);
        Assert.All(bench.Clock.Waits, static wait => Assert.Equal(30, wait.TotalSeconds));
        Assert.Contains(exitCode == 6 ? "It is still Delivering." : "state  " + last, bench.Output + bench.Errors, StringComparison.Ordinal);
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

    /// <summary>Logstores, jobs and digests against the app itself.</summary>
    [Fact]
    public async Task A_logstore_a_job_and_digests_live_from_the_command_line()
    {
        var keys = Path.GetTempFileName();
        await File.WriteAllTextAsync(keys, PemSigningKeys.Create(SigningAlgorithm.Ecdsa, DateTimeOffset.UtcNow.AddDays(-1)));
        await using var app = await TestApp.StartAsync(change: s => s["ActionTrail:SigningKeys"] = keys);
        await app.Get<IObjectStore>().CreateContainerAsync("contoso-audit", default);
        await app.IssueAsync("contoso");
        var bench = new CliBench { Api = (request, body) => Forward(app, request, body) };
        bench.Variables["ACTIONTRAIL_KEY"] = $"operator:{TestApp.OperatorKey}";
        async Task<string> DoAsync(string line, int exitCode = 0)
        {
            var before = bench.Output.Length;
            Assert.True(await bench.RunAsync([.. line.Split(' '), "--account", "contoso"]) == exitCode, line + ": " + bench.Errors);
            return bench.Output[before..];
        }

        Assert.Equal("audit", Member(await DoAsync("trail create my-trail --container contoso-audit --logstore audit"), "logstoreProject"));
        Assert.Contains("actiontrail_my-trail", await DoAsync("trail list"), StringComparison.Ordinal);
        Assert.StartsWith("[{\"project\":\"audit\",\"name\":\"actiontrail_my-trail\"", (await DoAsync("logstore list --output json")).Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("permanent", Member(await DoAsync("logstore show audit/actiontrail_my-trail"), "retentionDays"));
        Assert.Equal("30", Member(await DoAsync("logstore retention audit/actiontrail_my-trail --days 30"), "retentionDays"));
        Assert.Equal("permanent", Member(await DoAsync("logstore retention audit/actiontrail_my-trail --permanent"), "retentionDays"));
        await DoAsync("events query --logstore audit/actiontrail_my-trail --recipient-account-id contoso");
        await DoAsync("events top --by recipientAccountId --logstore audit/actiontrail_my-trail --output json");
        await DoAsync("logstore show audit/actiontrail_other", exitCode: 4);

        Assert.Equal("1", Member(await DoAsync("history create my-trail"), "jobId"));
        await DoAsync("history create my-trail", exitCode: 8);
        Assert.Contains("my-trail", await DoAsync("history list"), StringComparison.Ordinal);
        Assert.Equal("my-trail", Member(await DoAsync("history show 1"), "trailName"));
        Assert.Contains(Member(await DoAsync("history cancel 1"), "state"), (string[])["Cancelling", "Cancelled"]);
        await DoAsync("history delete 1");
        await DoAsync("history wait 1", exitCode: 4);

        Assert.Equal("false", Member(await DoAsync("digest stop my-trail"), "logFileValidation"));
        Assert.Equal("true", Member(await DoAsync("digest start my-trail"), "logFileValidation"));
        await DoAsync("digest list my-trail --start 1d");
        Assert.Equal("", await DoAsync("digest status my-trail"));
        Assert.Contains("ECDSA", await DoAsync("digest keys"), StringComparison.OrdinalIgnoreCase);
        var published = Assert.Single(new PemSigningKeys(await DoAsync("digest keys --pem")).Keys);
        Assert.Equal(Assert.Single(new PemSigningKeys(await File.ReadAllTextAsync(keys)).Keys).Fingerprint, published.Fingerprint);
        File.Delete(keys);

        await DoAsync("logstore delete audit/actiontrail_my-trail --confirm actiontrail_my-trail", exitCode: 8);
        await DoAsync("trail update my-trail --logstore ");
        await DoAsync("logstore delete audit/actiontrail_my-trail --confirm actiontrail_my-trail");
        await DoAsync("logstore show audit/actiontrail_my-trail", exitCode: 4);
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
