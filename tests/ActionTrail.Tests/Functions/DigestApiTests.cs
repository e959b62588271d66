using System.Net;
using ActionTrail.Digests;
using ActionTrail.Storage;

namespace ActionTrail.Tests.Functions;

public class DigestApiTests
{
    [Fact]
    public async Task A_trail_has_log_file_validation_unless_it_is_switched_off()
    {
        await using var app = await TestApp.StartAsync();
        var user = await app.IssueAsync("acme");
        await app.Get<IObjectStore>().CreateContainerAsync("audit-logs", default);
        var created = await app.SendAsync("POST", "/v1/trails", """{"name":"trail-one","container":"audit-logs"}""", user);
        Assert.True(created.Json.GetProperty("logFileValidation").GetBoolean());
        var changed = await app.SendAsync("PATCH", "/v1/trails/trail-one", """{"logFileValidation":false}""", user);
        Assert.False(changed.Json.GetProperty("logFileValidation").GetBoolean());
        Assert.Equal(HttpStatusCode.BadRequest, (await app.SendAsync("PATCH", "/v1/trails/trail-one", """{"logFileValidation":"no"}""", user)).Status);
    }

    [Fact]
    public async Task Digests_are_sealed_listed_and_proved_with_the_keys_of_the_api()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, PemSigningKeys.Create(SigningAlgorithm.Ecdsa, DateTimeOffset.UtcNow.AddDays(-1)));
        try
        {
            await using var app = await TestApp.StartAsync(change: settings =>
            {
                settings["ActionTrail:SigningKeys"] = file;
                settings["ActionTrail:DigestInterval"] = "00:00:05";
                settings["ActionTrail:DigestSettle"] = "00:00:00";
            });
            var user = await app.IssueAsync("acme");
            await app.Get<IObjectStore>().CreateContainerAsync("audit-logs", default);
            await app.SendAsync("POST", "/v1/trails", """{"name":"trail-one","container":"audit-logs"}""", user);
            await app.SendAsync("POST", "/v1/trails/trail-one/start", null, user);
            var sealer = app.Get<DigestSealer>();
            for (var round = 0; round < 100 && (await sealer.RunAsync(default)).Digests == 0; round++)
                await Task.Delay(250);
            var status = await app.SendAsync("GET", "/v1/trails/trail-one/status", null, user);
            Assert.True(status.Json.TryGetProperty("latestDigestDeliveryTime", out _));

            var digest = (await app.SendAsync("GET", "/v1/trails/trail-one/digests?pageSize=1", null, user)).Json.GetProperty("value")[0];
            Assert.Equal("sealed", digest.GetProperty("state").GetString());
            var keys = (await app.SendAsync("GET", "/v1/public-keys", null, user)).Json.GetProperty("value");
            var key = SigningKey.Of(keys[0].GetProperty("publicKey").GetBytesFromBase64(), DateTimeOffset.MinValue, null);
            Assert.Equal(key.Fingerprint, digest.GetProperty("publicKeyFingerprint").GetString());
            var name = digest.GetProperty("object").GetString()!;
            var found = await app.Get<IObjectStore>().FindAsync("audit-logs", name, default);
            var content = await app.Get<IObjectStore>().ReadAsync("audit-logs", name, 0, (int)found!.Length, default);
            Assert.True(DigestJson.TryParse(content, out var read, out _));
            Assert.True(key.Verifies(DigestText.ToSign(read, content), Convert.FromHexString(digest.GetProperty("signature").GetString()!)));

            Assert.Equal(0, (await app.SendAsync("GET", "/v1/public-keys?endTime=2001-01-01T00:00:00Z", null, user)).Json.GetProperty("value").GetArrayLength());
            Assert.Equal(HttpStatusCode.BadRequest, (await app.SendAsync("GET", "/v1/trails/trail-one/digests?continuationToken=x", null, user)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await app.SendAsync("GET", "/v1/trails/trail-two/digests", null, user)).Status);
            var other = await app.IssueAsync("rival");
            Assert.Equal(HttpStatusCode.NotFound, (await app.SendAsync("GET", "/v1/trails/trail-one/digests", null, other)).Status);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Holds_on_accounts_are_the_operators_and_of_accounts_that_exist()
    {
        await using var app = await TestApp.StartAsync();
        var user = await app.IssueAsync("acme");
        Assert.Equal(HttpStatusCode.Forbidden, (await app.SendAsync("PUT", "/v1/retention/holds/acme", """{"reason":"x"}""", user)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.SendAsync("PUT", "/v1/retention/holds/nobody", """{"reason":"x"}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await app.SendAsync("PUT", "/v1/retention/holds/acme", "{}")).Status);
        Assert.Equal("case 7", (await app.SendAsync("PUT", "/v1/retention/holds/acme", """{"reason":"case 7"}""")).Json.GetProperty("reason").GetString());
        Assert.Equal("acme", (await app.SendAsync("GET", "/v1/retention/holds")).Json.GetProperty("value")[0].GetProperty("accountId").GetString());
        Assert.Equal("acme", (await app.SendAsync("POST", "/v1/retention/purge")).Json.GetProperty("heldAccounts")[0].GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync("DELETE", "/v1/retention/holds/acme")).Status);
        Assert.Equal(0, (await app.SendAsync("GET", "/v1/retention/holds")).Json.GetProperty("value").GetArrayLength());
    }

    [Fact]
    public void A_file_without_keys_or_an_address_that_is_no_key_is_refused_at_the_start()
    {
        foreach (var place in (string[])["/nowhere/keys.pem", "https://vault.example/secrets/x", "https://vault.example/keys/x/version"])
        {
            var settings = TestApp.Settings(7071);
            settings["ActionTrail:SigningKeys"] = place;
            var fault = Assert.Single(Assert.Throws<ActionTrail.Functions.Settings.SettingsException>(() => ActionTrail.Functions.FunctionsApp.Build(settings)).Faults);
            Assert.Contains("ActionTrail__SigningKeys", fault, StringComparison.Ordinal);
        }
    }
}
