using System.Net;
using ActionTrail.Functions;
using ActionTrail.Functions.Settings;
using ActionTrail.Tests.Access;

namespace ActionTrail.Tests.Functions;

public class SignInApiTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public Task DisposeAsync() => app.DisposeAsync().AsTask();

    [Fact]
    public async Task A_signed_body_is_used_as_it_was_signed()
    {
        var key = await app.IssueAsync("demo");

        var answer = await SendAsync(SignedCall.Make(DateTimeOffset.UtcNow, "POST", "/v1/accounts/demo/access-keys", """{"role":"Auditor"}""").Sign(key.KeyId, key.Secret));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("Auditor", answer.Json.GetProperty("role").GetString());
    }

    [Fact]
    public async Task A_signed_lookup_finds_what_a_signed_call_published()
    {
        var key = await app.IssueAsync("demo");
        var body = $$$"""{"eventId":"x 1","eventName":"A b","eventTime":"{{{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}}}","eventRW":"Read","serviceName":"Ecs","userIdentity":{"type":"ram-user","accountId":"demo"}}""";

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(SignedCall.Make(DateTimeOffset.UtcNow, "POST", "/v1/events", body).Sign(key.KeyId, key.Secret))).Status);
        var found = await SendAsync(SignedCall.Make(DateTimeOffset.UtcNow, "GET", "/v1/events", json: null, ("pageSize", "2"), ("eventName", "A%20b")).Sign(key.KeyId, key.Secret));

        Assert.Equal("x 1", found.Json.GetProperty("value")[0].GetProperty("eventId").GetString());
    }

    [Fact]
    public async Task A_flood_is_answered_429_with_Retry_After_and_not_recorded()
    {
        for (var i = 0; i < 125; i++)
            await app.SendAsync("GET", "/v1/trails", user: ("operator", "wrong"));

        var refused = await app.SendAsync("GET", "/v1/trails", user: ("operator", "wrong"));
        var elsewhere = await app.SendAsync("GET", "/v1/trails", body: null, user: null, ("X-Forwarded-For", "192.0.2.9"));

        Assert.Equal((HttpStatusCode.TooManyRequests, "TooManyRequests"), (refused.Status, refused.Code));
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, elsewhere.Status);
        Assert.InRange((await app.StoredEventsAsync(121)).Count, 121, 125);
    }

    [Fact]
    public void Every_fault_of_the_settings_of_tokens_is_told()
    {
        var settings = TestApp.Settings(7071);
        settings["ActionTrail:OperatorKey"] = "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/operator)";
        settings["ActionTrail:FailedSignInsPerMinute"] = "0";
        settings["ActionTrail:Entra:Issuers"] = "http://login.example/";
        settings["ActionTrail:Entra:MetadataAddress"] = "http://login.example/meta";
        settings["ActionTrail:Entra:KeyRefresh"] = "00:00:00";
        settings["ActionTrail:Entra:Roles"] = "x=Operator";
        settings["ActionTrail:Entra:Accounts"] = "tid=operator";

        var faults = Assert.Throws<SettingsException>(() => FunctionsApp.Build(settings)).Faults;

        foreach (var name in new[] { "OperatorKey", "FailedSignInsPerMinute", "Entra__Issuers", "Entra__Audiences", "Entra__Tenants", "Entra__MetadataAddress", "Entra__KeyRefresh", "Entra__Roles", "Entra__Accounts" })
            Assert.Single(faults, fault => fault.Contains("ActionTrail__" + name, StringComparison.Ordinal));
        Assert.Equal(9, faults.Count);
        Assert.Contains(faults, static fault => fault.Contains("Key Vault reference", StringComparison.Ordinal));
        Assert.DoesNotContain(faults, static fault => fault.Contains("vault.azure.net", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_of_tokens_without_an_issuer_are_faults()
    {
        var settings = TestApp.Settings(7071);
        settings["ActionTrail:Entra:Audiences"] = "api://x";

        Assert.Contains("ActionTrail__Entra__Audiences", Assert.Single(Assert.Throws<SettingsException>(() => FunctionsApp.Build(settings)).Faults), StringComparison.Ordinal);
    }

    private async Task<Answer> SendAsync(SignedCall call)
    {
        using var message = call.ToMessage("203.0.113.7");
        using var response = await app.Client.SendAsync(message);
        return await Answer.ReadAsync(response);
    }
}
