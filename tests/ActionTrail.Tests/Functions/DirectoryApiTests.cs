using System.Net;
using System.Text;
using ActionTrail.Functions.Triggers;
using ActionTrail.Layout;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Functions;

public sealed class DirectoryApiTests : IAsyncLifetime
{
    private TestApp app = null!;
    private (string, string) boss;
    private (string, string) deputy;
    private (string, string) kid;
    private (string, string) stranger;
    private string directory = "";

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync(change: static s =>
        {
            s["ActionTrail:DeliveryWindow"] = "00:00:01";
            s["ActionTrail:DeliverySettle"] = "00:00:00";
        });
        foreach (var container in (string[])["all-audit", "kid-audit"])
            await app.Get<IObjectStore>().CreateContainerAsync(container, default);
        (boss, deputy, kid, stranger) = (await app.IssueAsync("boss"), await app.IssueAsync("deputy"), await app.IssueAsync("kid"), await app.IssueAsync("stranger"));
        var made = await app.SendAsync("POST", "/v1/directories", """{"displayName":"Boss & Co"}""", boss);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        directory = "/v1/directories/" + made.Json.GetProperty("directoryId").GetString();
        foreach (var (account, user) in new[] { ("deputy", deputy), ("kid", kid) })
        {
            Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", directory + "/invitations", $$"""{"accountId":"{{account}}"}""", boss)).Status);
            Assert.Single((await app.SendAsync("GET", "/v1/directories/invitations", user: user)).Json.GetProperty("value").EnumerateArray());
            Assert.Equal("Member", (await app.SendAsync("POST", directory + "/accept", user: user)).Json.GetProperty("state").GetString());
        }

        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("PUT", directory + "/administrators/deputy", user: boss)).Status);
    }

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task What_each_account_may_do_with_a_directory_is_this_table()
    {
        // Management account, delegated administrator, member, stranger.
        (string Method, string Path, string? Body, string Boss, string Deputy, string Kid, string Stranger)[] table =
        [
            ("GET", "", null, "200", "200", "200", "DirectoryNotFound"),
            ("GET", "/members", null, "200", "200", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("GET", "/members/kid", null, "200", "200", "200", "DirectoryNotFound"),
            ("GET", "/members/boss", null, "200", "200", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("GET", "/members/stranger", null, "MemberNotFound", "MemberNotFound", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("GET", "/administrators", null, "200", "200", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("POST", "/accept", null, "200", "200", "200", "InvitationNotFound"),
            ("POST", "/decline", null, "InvitationNotFound", "InvitationNotFound", "InvitationNotFound", "InvitationNotFound"),
            ("POST", "/invitations", """{"accountId":"nobody"}""", "201", "NotOrganizationMasterAccount", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("POST", "/invitations", """{"accountId":"stranger"}""", "201", "NotOrganizationMasterAccount", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("POST", "/members", """{"displayName":"New"}""", "201", "NotOrganizationMasterAccount", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("POST", "/members", """{"accountId":"chosen"}""", "InvalidParameter", "InvalidParameter", "InvalidParameter", "InvalidParameter"),
            ("PUT", "/administrators/nobody", null, "MemberNotFound", "NotOrganizationMasterAccount", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("DELETE", "/administrators/kid", null, "MemberNotFound", "NotOrganizationMasterAccount", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("DELETE", "/members/boss", null, "Conflict", "NotOrganizationMasterAccount", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("DELETE", "/members/nobody-else", null, "MemberNotFound", "NotOrganizationMasterAccount", "NotOrganizationMasterAccount", "DirectoryNotFound"),
            ("DELETE", "", null, "Conflict", "NotOrganizationMasterAccount", "NotOrganizationMasterAccount", "DirectoryNotFound"),
        ];
        foreach (var row in table)
        {
            // The stranger first: what the management account does with it comes later.
            foreach (var (user, expected) in new[] { (stranger, row.Stranger), (kid, row.Kid), (deputy, row.Deputy), (boss, row.Boss) })
            {
                var answer = await app.SendAsync(row.Method, directory + row.Path, row.Body, user);
                Assert.Equal($"{row.Method} {row.Path} {expected}", $"{row.Method} {row.Path} {answer.Code ?? $"{(int)answer.Status}"}");
            }
        }
    }

    [Fact]
    public async Task A_member_learns_whose_directory_it_is_in_and_nothing_else()
    {
        var seen = (await app.SendAsync("GET", "/v1/directories", user: kid)).Json.GetProperty("value").EnumerateArray().Single();
        Assert.Equal(["directoryId", "managementAccountId", "role"], seen.EnumerateObject().Select(static p => p.Name));
        Assert.Empty((await app.SendAsync("GET", "/v1/directories", user: stranger)).Json.GetProperty("value").EnumerateArray());
        Assert.Equal("AccountInDirectory", (await app.SendAsync("POST", "/v1/directories", "{}", kid)).Code);
        Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", "/v1/directories", "{}", headers: ("ActionTrail-Account", "stranger"))).Status);
        Assert.Equal("AccountNotFound", (await app.SendAsync("POST", "/v1/directories", "{}")).Code);
    }

    [Fact]
    public async Task Versions_guard_directories_and_members()
    {
        var before = await app.SendAsync("GET", directory, user: boss);
        var member = await app.SendAsync("GET", directory + "/members/kid", user: boss);
        Assert.Equal("PreconditionFailed", (await app.SendAsync("DELETE", directory + "/members/kid", body: null, boss, ("If-Match", "\"0\""))).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", directory + "/administrators/deputy", body: null, boss, ("If-Match", before.ETag!))).Status);
        Assert.Equal("PreconditionFailed", (await app.SendAsync("PUT", directory + "/administrators/kid", body: null, boss, ("If-Match", before.ETag!))).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", directory + "/members/kid", body: null, boss, ("If-Match", member.ETag!))).Status);
        Assert.Equal("DirectoryNotFound", (await app.SendAsync("GET", directory, user: kid)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", directory + "/members/deputy", body: null, boss)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", directory, body: null, boss)).Status);
        Assert.Equal("DirectoryNotFound", (await app.SendAsync("GET", directory, user: boss)).Code);
    }

    [Fact]
    public async Task The_directorys_trail_is_a_shadow_to_members_and_not_there_to_strangers()
    {
        const string trail = """{"name":"trail-all","container":"all-audit","isOrganizationTrail":true,"prefix":"secret-prefix"}""";
        Assert.Equal("NotOrganizationMasterAccount", (await app.SendAsync("POST", "/v1/trails", trail, kid)).Code);
        Assert.Equal("NotOrganizationMasterAccount", (await app.SendAsync("POST", "/v1/trails", trail, stranger)).Code);
        var made = await app.SendAsync("POST", "/v1/trails", trail, deputy);
        Assert.Equal((HttpStatusCode.Created, "boss"), (made.Status, made.Json.GetProperty("accountId").GetString()));
        Assert.Equal("TrailLimitExceeded", (await app.SendAsync("POST", "/v1/trails", trail.Replace("trail-all", "trail-two", StringComparison.Ordinal), boss)).Code);
        await app.SendAsync("POST", "/v1/trails", """{"name":"kids-trail","container":"kid-audit"}""", kid);

        foreach (var (user, single, all) in new[] { (boss, 0, 1), (deputy, 0, 1), (kid, 1, 2), (stranger, 0, 0) })
        {
            Assert.Equal(single, await CountAsync("", user));
            Assert.Equal(all, await CountAsync("?includeOrganizationTrail=true", user));
            Assert.Equal(all, await CountAsync("?includeShadowTrails=true", user));
        }

        var shadow = await app.SendAsync("GET", "/v1/trails/trail-all", user: kid);
        Assert.True(shadow.Json.GetProperty("isShadowTrail").GetBoolean());
        Assert.DoesNotContain("all-audit", shadow.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-prefix", shadow.Text, StringComparison.Ordinal);
        const string data = """{"isTrailAllRegion":true,"eventSelectors":[{"serviceName":"Oss"}]}""";
        foreach (var (method, path, body) in new (string, string, string?)[]
        {
            ("PATCH", "", "{}"), ("DELETE", "", null), ("POST", "/start", null), ("POST", "/stop", null), ("GET", "/status", null), ("GET", "/deliveries", null),
            ("POST", "/redeliver", null), ("POST", "/deliveries/1/redeliver", null), ("GET", "/data-event-selectors", null), ("PUT", "/data-event-selectors", data), ("DELETE", "/data-event-selectors", null),
        })
        {
            foreach (var query in (string[])["", "?isOrganizationTrail=true"])
            {
                Assert.Equal("NotOrganizationMasterAccount", (await app.SendAsync(method, "/v1/trails/trail-all" + path + query, body, kid)).Code);
                Assert.Equal("TrailNotFound", (await app.SendAsync(method, "/v1/trails/trail-all" + path + query, body, stranger)).Code);
            }

            // Nobody in the directory reaches a member's own trail.
            Assert.Equal("TrailNotFound", (await app.SendAsync(method, "/v1/trails/kids-trail" + path, body, boss)).Code);
            Assert.Equal("TrailNotFound", (await app.SendAsync(method, "/v1/trails/kids-trail" + path, body, deputy)).Code);
        }

        Assert.Equal("DataEventSelectorNotFound", (await app.SendAsync("GET", "/v1/trails/trail-all/data-event-selectors", user: deputy)).Code);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("PUT", "/v1/trails/trail-all/data-event-selectors", data, deputy)).Status);
        Assert.True((await app.SendAsync("GET", "/v1/trails/trail-all/data-event-selectors", user: boss)).Json.GetProperty("isTrailAllRegion").GetBoolean());
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", "/v1/trails/trail-all/data-event-selectors", user: boss)).Status);
        Assert.Equal("Conflict", (await app.SendAsync("DELETE", directory, user: boss)).Code);
        await app.SendAsync("DELETE", directory + "/administrators/deputy", user: boss);
        Assert.Equal("NotOrganizationMasterAccount", (await app.SendAsync("POST", "/v1/trails/trail-all/start", body: null, deputy)).Code);
    }

    [Fact]
    public async Task Events_of_members_are_delivered_and_looked_up_by_their_own_account_alone()
    {
        await app.SendAsync("POST", "/v1/trails", """{"name":"trail-all","container":"all-audit","isOrganizationTrail":true}""", boss);
        await app.SendAsync("POST", "/v1/trails/trail-all/start", body: null, deputy);
        foreach (var (account, user) in new[] { ("boss", boss), ("kid", kid), ("stranger", stranger) })
        {
            var posted = await app.SendAsync("POST", "/v1/events", $$$"""{"eventId":"of-{{{account}}}","eventName":"A","eventTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Write","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"{{{account}}}"}}""", user);
            Assert.Equal(HttpStatusCode.OK, posted.Status);
        }

        var accounts = new HashSet<string>();
        for (var attempt = 0; accounts.Count < 2 && attempt < 100; attempt++)
        {
            await Task.Delay(100);
            await RunAsync("ScheduleDeliveries", "{}");
            foreach (var message in await app.Get<IWorkQueue>().ReceiveAsync(Queues.DeliverBlob, 32, TimeSpan.FromMinutes(1), default))
                await RunAsync("DeliverToBlob", $"{{\"Data\":{{\"message\":\"{System.Text.Json.JsonEncodedText.Encode($"\"{System.Text.Json.JsonEncodedText.Encode(message.Text)}\"")}\"}},\"Metadata\":{{}}}}");
            await foreach (var found in app.Get<IObjectStore>().ListAsync("all-audit", $"ActionTrail/ActionTrail/{directory.Split('/')[^1]}/", default))
                accounts.Add(found.Name.Split('/')[3]);
        }

        Assert.Contains("boss", accounts);
        Assert.Contains("kid", accounts);
        Assert.DoesNotContain("stranger", accounts);
        foreach (var user in new[] { boss, deputy, stranger })
            Assert.Equal("EventNotFound", (await app.SendAsync("GET", "/v1/events/of-kid", user: user)).Code);
    }

    [Fact]
    public async Task A_logstore_holds_the_events_of_all_members_for_the_management_account_alone()
    {
        const string Logstore = "/v1/logstores/audit/actiontrail_trail-all";
        var made = await app.SendAsync("POST", "/v1/trails", """{"name":"trail-all","logstoreProject":"audit","isOrganizationTrail":true}""", deputy);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        await app.SendAsync("POST", "/v1/trails/trail-all/start", body: null, boss);
        foreach (var (account, user) in new[] { ("boss", boss), ("kid", kid), ("stranger", stranger) })
            await app.SendAsync("POST", "/v1/events", $$$"""{"eventId":"same","eventName":"A","eventTime":"2026-01-01T00:00:00Z","eventRW":"Write","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"{{{account}}}"}}""".Replace("2026-01-01T00:00:00Z", Today, StringComparison.Ordinal), user);

        var found = new List<string>();
        for (var attempt = 0; found.Count < 2 && attempt < 200; attempt++)
        {
            await Task.Delay(100);
            await RunAsync("ScheduleDeliveries", "{}");
            foreach (var message in await app.Get<IWorkQueue>().ReceiveAsync(Queues.DeliverLogstore, 32, TimeSpan.FromMinutes(1), default))
                await RunAsync("DeliverToLogstore", $"{{\"Data\":{{\"message\":\"{System.Text.Json.JsonEncodedText.Encode($"\"{System.Text.Json.JsonEncodedText.Encode(message.Text)}\"")}\"}},\"Metadata\":{{}}}}");
            found = await OwnersAsync("?serviceName=Ecs");
        }

        // One id at one time, and yet two events.
        Assert.Equal(["boss", "kid"], found.Order());
        Assert.Equal(["kid"], await OwnersAsync("?serviceName=Ecs&recipientAccountId=kid"));
        foreach (var user in new[] { kid, deputy, stranger })
            Assert.Equal("LogstoreNotFound", (await app.SendAsync("GET", Logstore + "/events", user: user)).Code);

        async Task<List<string>> OwnersAsync(string query) =>
            [.. (await app.SendAsync("GET", Logstore + "/events" + query, user: boss)).Json.GetProperty("value").EnumerateArray().Select(static e => e.GetProperty("userIdentity").GetProperty("accountId").GetString()!)];
    }

    /// <summary>One time for all events of a test.</summary>
    private static string Today { get; } = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<int> CountAsync(string query, (string, string) user) =>
        (await app.SendAsync("GET", "/v1/trails" + query, user: user)).Json.GetProperty("value").GetArrayLength();

    private Task RunAsync(string function, string invocation) =>
        app.Get<IEnumerable<ITrigger>>().Single(t => t.Function == function).RunAsync(Encoding.UTF8.GetBytes(invocation), default);
}
