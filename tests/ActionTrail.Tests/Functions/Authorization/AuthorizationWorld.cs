using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Functions.Authorization;

/// <summary>Whose resources a call is about, seen from the account that calls.</summary>
internal enum Relation
{
    /// <summary>A member about itself.</summary>
    Own,

    /// <summary>A member about another member of its directory.</summary>
    Sibling,

    /// <summary>A member about an account of another directory.</summary>
    Foreign,

    /// <summary>A member about what is nowhere.</summary>
    Absent,

    /// <summary>A member about its directory's management account.</summary>
    Management,

    /// <summary>The management account about a member.</summary>
    Member,

    /// <summary>A delegated administrator about the management account.</summary>
    Delegate,
}

/// <summary>
/// Two directories in one deployment: <c>boss</c> manages <c>kid</c>, <c>sib</c> and <c>deputy</c>, a delegated administrator; <c>stranger</c> manages itself. Each has a trail
/// that logs, data event selectors, an event with an original, a query template, a history job that waits and keys of every role; <c>boss</c> has the directory's trail too.
/// </summary>
internal sealed partial class AuthorizationWorld : IAsyncDisposable
{
    public const string Nobody = "nobody";

    public static readonly string[] Accounts = ["boss", "kid", "sib", "deputy", "stranger"];

    public static readonly string[] Roles = ["Operator", "Administrator", "TrailAdministrator", "Auditor", "Publisher", "None"];

    private const string DataEvents = """{"isTrailAllRegion":true,"eventSelectors":[{"serviceName":"Oss"}]}""";

    private readonly Dictionary<(string Account, string Role), (string KeyId, string Secret)> keys = [];
    private readonly Dictionary<string, string> spares = new() { [Nobody] = "ATAAAAAAAAAAAAAAAAAA" };
    private readonly Dictionary<string, string> templates = new() { [Nobody] = "00000000000000000000000000000000" };
    private readonly Dictionary<string, string> jobs = new() { [Nobody] = "1" };
    private readonly Dictionary<string, string> directories = new() { [Nobody] = "rd-0000000000000000" };
    private int made;

    private AuthorizationWorld(TestApp app) => App = app;

    public TestApp App { get; }

    /// <param name="clock">Null: the real one.</param>
    public static async Task<AuthorizationWorld> StartAsync(TimeProvider? clock = null)
    {
        var world = new AuthorizationWorld(await TestApp.StartAsync(clock: clock, change: static settings =>
        {
            settings["ActionTrail:LookupsPerSecond"] = "10000";
            settings["ActionTrail:LookupBurst"] = "100000";
        }));
        foreach (var account in Accounts)
        {
            foreach (var role in Roles.Skip(1).SkipLast(1))
                world.keys[(account, role)] = await world.App.IssueAsync(account, role);
            world.spares[account] = (await world.App.IssueAsync(account, "Auditor")).KeyId;
            await world.App.Get<IObjectStore>().CreateContainerAsync(account + "-audit", default);
        }

        await world.DoAsync("boss", "POST", "/v1/directories", "{}");
        await world.DoAsync("stranger", "POST", "/v1/directories", "{}");
        foreach (var account in Accounts)
        {
            if (account is not ("boss" or "stranger"))
                await world.JoinAsync(account);
            world.directories[account] = (await world.DoAsync(account, "GET", "/v1/directories")).Json.GetProperty("value")[0].GetProperty("directoryId").GetString()!;
            await world.AddTrailAsync(account);
            await world.PublishAsync(account);
            await world.AddJobAsync(account);
            world.templates[account] = (await world.DoAsync(account, "GET", "/?Action=CreateAdvancedQueryTemplate&Version=2020-07-06&SimpleQuery=true&TemplateSql=a")).Json.GetProperty("TemplateId").GetString()!;
        }

        await world.DoAsync("boss", "PUT", $"/v1/directories/{world.directories["boss"]}/administrators/deputy");
        await world.App.Get<IObjectStore>().CreateContainerAsync("all-audit", default);
        await world.AddTrailAsync("all");
        return world;
    }

    public static string Caller(Relation relation) => relation switch { Relation.Member => "boss", Relation.Delegate => "deputy", _ => "kid" };

    public static string Target(Relation relation) => relation switch
    {
        Relation.Own or Relation.Member => "kid",
        Relation.Sibling => "sib",
        Relation.Foreign => "stranger",
        Relation.Management or Relation.Delegate => "boss",
        _ => Nobody,
    };

    /// <summary>Makes one call and puts back what it changed.</summary>
    /// <param name="one">The operation.</param>
    /// <param name="relation">Who calls, and about whom.</param>
    /// <param name="role">The caller's role; the operator acts for the account that would call.</param>
    public async Task<Answer> CallAsync(Operated one, Relation relation, string role)
    {
        var (caller, target) = (Caller(relation), Target(relation));

        // What names nothing of an account is tried in the name of the other account.
        var acts = Whose().IsMatch(one.Address) || relation == Relation.Own ? caller : target;
        var address = Fill(one.Address, acts, target);
        var body = one.Body is null ? null : Fill(one.Body, acts, target);
        using var request = new HttpRequestMessage(new HttpMethod(one.Method), address);
        if (body is not null)
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        if (role != "None")
        {
            var (id, secret) = role == "Operator" ? ("operator", TestApp.OperatorKey) : keys[(caller, role)];
            request.Headers.TryAddWithoutValidation("Authorization", Access.AccessBench.Basic(id, secret));
        }

        if (acts != caller || role == "Operator")
            request.Headers.Add("ActionTrail-Account", acts);
        request.Headers.Add("X-Forwarded-For", SignInApp.NewAddress());
        using var response = await App.Client.SendAsync(request);
        var answer = await Answer.ReadAsync(response);
        if (response.IsSuccessStatusCode && (one.Method != "GET" || one.IsRpc))
            await MendAsync(one.Name, acts, target, answer);
        return answer;
    }

    /// <summary>The body without what differs from call to call, and without the names that the caller gave.</summary>
    public string Blank(string text, Relation relation)
    {
        var target = Target(relation);
        foreach (var name in (string[])[spares[target], templates[target], directories[target], target])
            text = text.Replace(name, "*", StringComparison.Ordinal);
        return RequestId().Replace(text, "*");
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private string Fill(string text, string acts, string target) => text
        .Replace("{accountId}", target, StringComparison.Ordinal).Replace("{name}", target == "boss" ? "all-trail" : target + "-trail", StringComparison.Ordinal)
        .Replace("{eventId}", target + "-event", StringComparison.Ordinal).Replace("{accessKeyId}", spares[target], StringComparison.Ordinal)
        .Replace("{template}", templates[target], StringComparison.Ordinal).Replace("{templateId}", templates[target], StringComparison.Ordinal).Replace("{queryId}", "query-none", StringComparison.Ordinal)
        .Replace("{jobId}", jobs[acts], StringComparison.Ordinal).Replace("{directoryId}", directories[target], StringComparison.Ordinal)
        .Replace("{project}", "audit", StringComparison.Ordinal).Replace("{logstore}", "actiontrail_" + target + "-trail", StringComparison.Ordinal)
        .Replace("{container}", acts + "-audit", StringComparison.Ordinal).Replace("{window}", "1", StringComparison.Ordinal).Replace("{id}", "api-00.1.0", StringComparison.Ordinal)
        .Replace("{now}", DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{soon}", DateTime.UtcNow.AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{acts}", acts, StringComparison.Ordinal)
        .Replace("{new}", "new-" + (made++).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>So that every call finds the world as the first did.</summary>
    private async Task MendAsync(string operation, string acts, string target, Answer answer)
    {
        switch (operation)
        {
            case "DeleteTrail":
                await AddTrailAsync(acts);
                await AddTrailAsync("all");
                break;
            case "DeleteDataEventSelector" or "StopLogging":
                goto case "DeleteTrail";
            case "CreateTrail":
                await DoAsync(acts, "DELETE", "/v1/trails/" + (answer.Json.TryGetProperty("Name", out var name1) ? name1 : answer.Json.GetProperty("name")).GetString());
                break;
            case "CreateAccessKey" or "RotateAccessKey":
                await DoAsync("operator", "DELETE", $"/v1/accounts/{target}/access-keys/{answer.Json.GetProperty("accessKeyId").GetString()}");
                break;
            case "DeleteAccessKey":
                spares[target] = (await App.IssueAsync(target, "Auditor")).KeyId;
                break;
            case "DeleteDeliveryHistoryJob" or "CancelDeliveryHistoryJob":
                await AddJobAsync(acts);
                break;
            case "RemoveMember":
                await JoinAsync(target);
                break;
            case "CreateMember":
                await DoAsync("boss", "DELETE", $"/v1/directories/{directories["boss"]}/members/{answer.Json.GetProperty("accountId").GetString()}");
                break;
            case "RegisterDelegatedAdministrator":
                await DoAsync("boss", "DELETE", $"/v1/directories/{directories["boss"]}/administrators/{target}");
                break;
            case "HoldEvents":
                await DoAsync("operator", "DELETE", "/v1/retention/hold");
                break;
            case "DeleteAdvancedQueryTemplate":
                templates[target] = (await DoAsync(target, "GET", "/?Action=CreateAdvancedQueryTemplate&Version=2020-07-06&SimpleQuery=true&TemplateSql=a")).Json.GetProperty("TemplateId").GetString()!;
                break;
            default:
                break;
        }
    }

    /// <summary>Makes the trail <c>X-trail</c> of account X, or the directory's for <c>all</c>, and whatever is missing of it.</summary>
    private async Task AddTrailAsync(string whose)
    {
        var account = whose == "all" ? "boss" : whose;
        await SendAsync(account, "POST", "/v1/trails", $$"""{"name":"{{whose}}-trail","container":"{{whose}}-audit","logstoreProject":"audit","isOrganizationTrail":{{(whose == "all" ? "true" : "false")}}}""");
        await DoAsync(account, "POST", $"/v1/trails/{whose}-trail/start");
        await DoAsync(account, "PUT", $"/v1/trails/{whose}-trail/data-event-selectors", DataEvents);
    }

    /// <summary>Makes a job of the account that waits for its worker; the one before is deleted.</summary>
    private async Task AddJobAsync(string account)
    {
        if (jobs.TryGetValue(account, out var before))
            await SendAsync(account, "DELETE", "/v1/history-jobs/" + before);
        jobs[account] = (await DoAsync(account, "POST", "/v1/history-jobs", $$"""{"trailName":"{{account}}-trail"}""")).Json.GetProperty("jobId").GetRawText();
    }

    private async Task JoinAsync(string account)
    {
        var directory = (await DoAsync("boss", "GET", "/v1/directories")).Json.GetProperty("value")[0].GetProperty("directoryId").GetString();
        await DoAsync("boss", "POST", $"/v1/directories/{directory}/invitations", $$"""{"accountId":"{{account}}"}""");
        await DoAsync(account, "POST", $"/v1/directories/{directory}/accept");
    }

    private Task PublishAsync(string account) => DoAsync(account, "POST", "/v1/events", $$$"""
        {"Records":[{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDA1","accountId":"{{{account}}}","userName":"alice"},"eventTime":"{{{DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}}",
        "eventSource":"ec2.amazonaws.com","eventName":"StopInstances","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1","userAgent":"x","eventID":"{{{account}}}-event","eventType":"AwsApiCall","recipientAccountId":"{{{account}}}","readOnly":false}]}
        """);

    private Task<Answer> SendAsync(string account, string method, string path, string? body = null) =>
        App.SendAsync(method, path, body, user: null, [.. account == "operator" ? [] : ((string, string)[])[("ActionTrail-Account", account)]]);

    private async Task<Answer> DoAsync(string account, string method, string path, string? body = null)
    {
        var answer = await SendAsync(account, method, path, body);
        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted or HttpStatusCode.NoContent, $"{method} {path}: {answer.Text}");
        return answer;
    }

    /// <summary>Placeholders that name something of an account.</summary>
    [GeneratedRegex(@"\{(accountId|name|eventId|accessKeyId|template|templateId|directoryId|logstore)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Whose();

    [GeneratedRegex("[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RequestId();
}
