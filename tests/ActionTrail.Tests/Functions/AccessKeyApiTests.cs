using System.Globalization;
using System.Net;
using ActionTrail.Layout;
using ActionTrail.Query;

namespace ActionTrail.Tests.Functions;

public class AccessKeyApiTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task A_rotation_makes_a_second_key_of_the_line_and_no_third()
    {
        var old = await app.IssueAsync("demo", "Auditor");
        var rotated = await app.SendAsync("POST", Path(old.KeyId) + "/rotate");
        var next = (KeyId: rotated.Json.GetProperty("accessKeyId").GetString()!, Secret: rotated.Json.GetProperty("secret").GetString()!);

        Assert.Equal(HttpStatusCode.Created, rotated.Status);
        Assert.Equal(("Auditor", old.KeyId), (rotated.Json.GetProperty("role").GetString(), rotated.Json.GetProperty("rotatedFrom").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/trails", user: old)).Status);
        Assert.Equal(HttpStatusCode.OK, (await app.SendAsync("GET", "/v1/trails", user: next)).Status);
        Assert.Equal("AccessKeyLimitExceeded", (await app.SendAsync("POST", Path(old.KeyId) + "/rotate")).Code);
        Assert.Equal("AccessKeyLimitExceeded", (await app.SendAsync("POST", Path(next.KeyId) + "/rotate")).Code);
        Assert.Equal(2, (await app.SendAsync("GET", "/v1/accounts/demo/access-keys")).Json.GetProperty("value").GetArrayLength());

        await app.SendAsync("PATCH", Path(old.KeyId), """{"state":"Inactive"}""");
        Assert.Equal("Conflict", (await app.SendAsync("POST", Path(old.KeyId) + "/rotate")).Code);
        Assert.Equal(HttpStatusCode.Created, (await app.SendAsync("POST", Path(next.KeyId) + "/rotate")).Status);
        Assert.Equal("AccessKeyNotFound", (await app.SendAsync("POST", Path("ATAAAAAAAAAAAAAAAAAA") + "/rotate")).Code);
        Assert.Equal("AccountNotFound", (await app.SendAsync("POST", $"/v1/accounts/other/access-keys/{old.KeyId}/rotate")).Code);
    }

    [Fact]
    public async Task Last_use_is_what_the_key_did_and_not_what_others_tried_with_it()
    {
        var key = await app.IssueAsync("demo");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await app.SendAsync("GET", Path(key.KeyId) + "/last-used")).Json.GetProperty("lastUsed").ValueKind);
        await app.SendAsync("DELETE", "/v1/trails/none-such", body: null, key, ("X-Forwarded-For", "192.0.2.1"));
        await app.SendAsync("GET", "/v1/trails", body: null, (key.KeyId, "wrong"), ("X-Forwarded-For", "198.51.100.1"));
        await app.StoredEventsAsync(5);

        var last = (await app.SendAsync("GET", Path(key.KeyId) + "/last-used")).Json.GetProperty("lastUsed");

        Assert.Equal(("ActionTrail", "DeleteTrail", "192.0.2.1", "ManagementEvent"), (Text(last, "serviceName"), Text(last, "eventName"), Text(last, "sourceIpAddress"), Text(last, "source")));
        Assert.NotEmpty(Text(last, "eventId"));
        Assert.Equal("AccessKeyNotFound", (await app.SendAsync("GET", Path("ATAAAAAAAAAAAAAAAAAA") + "/last-used")).Code);
    }

    [Fact]
    public async Task Uses_are_listed_by_service_event_address_and_resource()
    {
        await app.IssueAsync("demo");
        await app.SendAsync("POST", "/v1/events", $"[{Event("1", "Ecs", "Start", "192.0.2.1", "i-1", 30)},{Event("2", "Ecs", "Stop", "192.0.2.2", "i-1;i-2", 20)},{Event("3", "Oss", "GetObject", "192.0.2.1", "b", 10, "Data")},{Event("4", "Ecs", "Start", "192.0.2.1", "i-3", 5)}]", user: null, ("ActionTrail-Account", "demo"));
        var use = app.Get<AccessKeyUse>();

        var services = await use.ListServicesAsync(StoreName.History, "demo", "LTAIexample", default);
        var names = await use.ListEventsAsync(StoreName.History, "demo", "LTAIexample", "Ecs", default);
        var addresses = await use.ListAddressesAsync(StoreName.History, "demo", "LTAIexample", "Ecs", default);
        var resources = await use.ListResourcesAsync(StoreName.History, "demo", "LTAIexample", "Ecs", default);

        Assert.Equal([("Ecs", "4", KeyUseSource.ManagementEvent), ("Oss", "3", KeyUseSource.DataEvent)], services.Uses.Select(static u => (u.ServiceName, u.EventId, u.Source)));
        Assert.Equal([("Start", "4"), ("Stop", "2")], names.Uses.Select(static u => (u.EventName, u.EventId)));
        Assert.Equal([("192.0.2.1", "4"), ("192.0.2.2", "2")], addresses.Uses.Select(static u => (u.SourceIpAddress, u.EventId)));
        Assert.Equal([("i-3", "4"), ("i-1", "2"), ("i-2", "2")], resources.Uses.Select(static u => (u.ResourceName, u.EventId)));
        Assert.True(services.IsComplete);
        Assert.Empty((await use.ListServicesAsync(StoreName.History, "other", "LTAIexample", default)).Uses);
        Assert.Equal("Ecs", Text((await app.SendAsync("GET", Path("LTAIexample") + "/last-used")).Json.GetProperty("lastUsed"), "serviceName"));
    }

    private static string Path(string keyId) => $"/v1/accounts/demo/access-keys/{keyId}";

    private static string Event(string id, string service, string name, string address, string resource, int minutesAgo, string category = "Management") =>
        $$$"""{"eventId":"{{{id}}}","eventName":"{{{name}}}","eventTime":"{{{DateTime.UtcNow.AddMinutes(-minutesAgo).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}}","eventRW":"Write","serviceName":"{{{service}}}","eventCategory":"{{{category}}}","sourceIpAddress":"{{{address}}}","resourceName":"{{{resource}}}","resourceType":"ACS::X::Y","userIdentity":{"type":"ram-user","accountId":"demo","accessKeyId":"LTAIexample"}}""";

    private static string Text(System.Text.Json.JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
