using System.Text;
using System.Text.Json;
using ActionTrail.Events;
using ActionTrail.Layout;

namespace ActionTrail.Tests.Events;

public class AzureMappingTests
{
    private const string Delete = """
        { "time": "2026-06-15T09:30:15.9876543Z", "resourceId": "/SUBSCRIPTIONS/0A1B/RESOURCEGROUPS/LAB/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/SAFE", "operationName": "MICROSOFT.KEYVAULT/VAULTS/DELETE", "category": "Administrative", "resultType": "Failure", "resultSignature": "Failed.Conflict", "durationMs": "31", "callerIpAddress": "198.51.100.4:50123", "correlationId": "corr-1", "identity": {"authorization": {"scope": "/subscriptions/0a1b", "action": "Microsoft.KeyVault/vaults/delete", "evidence": {"role": "Owner", "principalId": "p-9", "principalType": "User"}}, "claims": {"http://schemas.microsoft.com/identity/claims/tenantid": "T-77", "http://schemas.microsoft.com/identity/claims/objectidentifier": "o-5", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "rosa@example.com", "appid": "app-3", "uti": "tok-1", "iat": "1781510400", "http://schemas.microsoft.com/claims/authnmethodsreferences": "pwd,mfa"}}, "level": "Error", "location": "global", "properties": {"serviceRequestId": "srv-8", "statusMessage": "{\"error\":{\"code\":\"VaultLocked\",\"message\":\"The vault is locked.\"}}", "requestbody": "{\"force\":true}", "entity": "/subscriptions/0a1b/resourceGroups/lab/providers/Microsoft.Web/sites/front"} }
        """;

    private const string SignIn = """{"time":"2026-06-15T10:00:00Z","resourceId":"/tenants/TEN-1/providers/Microsoft.aadiam","operationName":"Sign-in activity","category":"SignInLogs","resultType":"50126","correlationId":"c","identity":"Rosa","Level":4,"callerIpAddress":"<null>","properties":{"id":"sign-1","userId":"u-1","userPrincipalName":"rosa@example.com","appId":"portal","ipAddress":"2001:db8::7","status":{"failureReason":"Wrong password."}}}""";

    [Fact]
    public void An_administrative_record_becomes_an_event_of_our_form()
    {
        var (body, account, time, values, _) = Assert.Single(RecordingSink.Of($"{{\"records\":[{Delete}]}}").Accepted);
        using var mapped = JsonDocument.Parse(body);
        var root = mapped.RootElement;
        Assert.Equal("0a1b", account);
        Assert.Equal(new DateTimeOffset(2026, 6, 15, 9, 30, 15, TimeSpan.Zero).ToUnixTimeMilliseconds(), time);
        string Text(params string[] path) => path.Aggregate(root, (element, name) => element.GetProperty(name)).ToString();
        Assert.Equal("2026-06-15T09:30:15Z", Text("eventTime"));
        Assert.Equal("2026-06-15T09:30:15.9876543Z", Text("additionalEventData", "time"));
        Assert.Equal("MICROSOFT.KEYVAULT/VAULTS/DELETE", Text("eventName"));
        Assert.Equal("Microsoft.KeyVault", Text("serviceName"));
        Assert.Equal("Write", Text("eventRW"));
        Assert.Equal("ApiCall", Text("eventType"));
        Assert.Equal("Management", Text("eventCategory"));
        Assert.Equal("VaultLocked", Text("errorCode"));
        Assert.Equal("The vault is locked.", Text("errorMessage"));
        Assert.Equal("198.51.100.4", Text("sourceIpAddress"));
        Assert.Equal("srv-8", Text("requestId"));
        Assert.Equal("corr-1", Text("sharedEventId"));
        Assert.Equal("global", Text("acsRegion"));
        Assert.Equal("0a1b", Text("recipientAccountId"));
        Assert.Equal("ram-user", Text("userIdentity", "type"));
        Assert.Equal("t-77", Text("userIdentity", "accountId"));
        Assert.Equal("o-5", Text("userIdentity", "principalId"));
        Assert.Equal("rosa@example.com", Text("userIdentity", "userName"));
        Assert.Equal("app-3", Text("userIdentity", "accessKeyId"));
        Assert.Equal("true", Text("userIdentity", "sessionContext", "attributes", "mfaAuthenticated"));
        Assert.Equal("2026-06-15T08:00:00Z", Text("userIdentity", "sessionContext", "attributes", "creationDate"));
        Assert.Equal("{\"force\":true}", Text("requestParameters", "requestBody"));
        Assert.Contains((EventAttribute.SensitiveAction, Hash64.Of("true")), values);
        Assert.Contains((EventAttribute.ResourceName, Hash64.Of("SAFE")), values);
        Assert.Contains((EventAttribute.ResourceName, Hash64.Of("/subscriptions/0a1b/resourcegroups/lab/providers/microsoft.keyvault/vaults/safe")), values);
        Assert.Contains((EventAttribute.ResourceType, Hash64.Of("microsoft.web/sites")), values);
        Assert.EndsWith($",\"originalRecord\":{Delete}}}", body, StringComparison.Ordinal);
        var utf8 = Encoding.UTF8.GetBytes(body);
        Assert.All(values.Where(v => v.Attribute == EventAttribute.User), _ => Assert.True(EventMatcher.Has(utf8, EventAttribute.User, "rosa@example.com"u8)));
    }

    [Fact]
    public void A_sign_in_belongs_to_its_tenant_and_keeps_its_id()
    {
        var (body, account, _, values, _) = Assert.Single(RecordingSink.Of(SignIn).Accepted);
        using var mapped = JsonDocument.Parse(body);
        var root = mapped.RootElement;
        Assert.Equal("ten-1", account);
        Assert.Equal("sign-1", root.GetProperty("eventId").GetString());
        Assert.Equal("ConsoleSignin", root.GetProperty("eventType").GetString());
        Assert.Equal("50126", root.GetProperty("errorCode").GetString());
        Assert.Equal("Wrong password.", root.GetProperty("errorMessage").GetString());
        Assert.Equal("2001:db8::7", root.GetProperty("sourceIpAddress").GetString());
        Assert.Contains((EventAttribute.User, Hash64.Of("rosa@example.com")), values);
    }

    [Fact]
    public void The_same_occurrence_sent_twice_in_other_spellings_has_one_id()
    {
        var again = Delete.Replace("/SUBSCRIPTIONS/0A1B/RESOURCEGROUPS/LAB", "/subscriptions/0a1b/resourceGroups/lab", StringComparison.Ordinal).Replace("\"level\": \"Error\", ", "", StringComparison.Ordinal);
        var ids = RecordingSink.Of($"[{Delete},{again}]").Accepted.Select(a => EventMatcher.EventId(Encoding.UTF8.GetBytes(a.Body))).ToList();
        Assert.Equal(ids[0], ids[1]);
        var success = Delete.Replace("Failed.Conflict", "Failed.NotFound", StringComparison.Ordinal);
        Assert.NotEqual(ids[0], EventMatcher.EventId(Encoding.UTF8.GetBytes(RecordingSink.Of(success).Accepted[0].Body)));
    }

    [Theory]
    [InlineData("\"eventDataId\":\"d-1\",\"properties\":{\"eventDataId\":\"d-2\"}", "d-1")]
    [InlineData("\"properties\":{\"eventDataId\":\"d-2\"}", "d-2")]
    [InlineData("\"properties\":\"{\\\"eventDataId\\\":\\\"d-3\\\"}\"", "d-3")]
    [InlineData("\"category\":\"AuditLogs\",\"properties\":{\"id\":\"d-4\"}", "d-4")]
    [InlineData("\"properties\":{\"eventProperties\":{\"eventDataId\":\"other\"},\"id\":\"other\"}", null)]
    [InlineData("\"properties\":\"{'eventDataId':'d-5'}\"", "d-5")]
    [InlineData("\"properties\":null,\"eventDataId\":\"\"", null)]
    public void Ids_that_azure_gave_are_kept_and_those_of_other_events_are_not(string members, string? id)
    {
        var record = $"{{\"time\":\"2026-06-15T10:00:00Z\",\"operationName\":\"A.B/c/write\",\"tenantId\":\"t\",{members}}}";
        var found = EventMatcher.EventId(Encoding.UTF8.GetBytes(Assert.Single(RecordingSink.Of(record).Accepted).Body))!;
        Assert.Equal(id ?? new Guid(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(record)).AsSpan(0, 16), bigEndian: true).ToString(), found);
    }

    [Theory]
    [InlineData("2026-06-15T10:00:00.1234567Z")]
    [InlineData("2026-06-15T12:00:00+02:00")]
    [InlineData("2026-06-15T10:00:00")]
    [InlineData("2026-06-15T10: 00: 00.58Z")]
    [InlineData("2026-06-15 10:00:00.123")]
    [InlineData("06/15/2026 10:00:00")]
    [InlineData("6/15/2026 10:00:00 AM")]
    public void The_time_forms_of_azure_are_read(string time)
    {
        foreach (var name in (string[])["time", "Time", "timestamp", "eventTimestamp"])
        {
            var record = $"{{\"{name}\":\"{time}\",\"operationName\":{{\"value\":\"A.B/c/read\"}},\"subscriptionId\":\"S\"}}";
            var (body, account, timeMs, _, _) = Assert.Single(RecordingSink.Of(record).Accepted);
            Assert.Equal(("s", new DateTimeOffset(2026, 6, 15, 10, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()), (account, timeMs));
            Assert.Contains("\"eventRW\":\"Read\"", body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\"time\":\"2026-06-15T10:00:00Z\",\"tenantId\":\"t\"", "/operationName", RejectCode.Missing)]
    [InlineData("\"operationName\":\"a\",\"tenantId\":\"t\"", "/time", RejectCode.Missing)]
    [InlineData("\"operationName\":\"a\",\"time\":\"soon, surely\",\"tenantId\":\"t\"", "/time", RejectCode.BadValue)]
    [InlineData("\"operationName\":\"a\",\"time\":\"2026-06-15T10:00:00Z\"", "/resourceId", RejectCode.Missing)]
    [InlineData("\"operationName\":\"a\",\"time\":\"2026-06-15T10:00:00Z\",\"resourceId\":\"/subscriptions/a b\"", "/resourceId", RejectCode.BadValue)]
    [InlineData("\"operationName\":\"a\",\"time\":\"2026-06-15T10:00:00Z\",\"tenantId\":\"<t>\"", "/tenantId", RejectCode.BadValue)]
    [InlineData("\"operationName\":\"a\",\"time\":\"2026-06-15T10:00:00Z\",\"tenantId\":\"t\",\"tenantid\":\"u\"", "/tenantid", RejectCode.BadValue)]
    [InlineData("\"operationName\":\"a\",\"time\":\"2020-06-15T10:00:00Z\",\"tenantId\":\"t\"", "/time", RejectCode.TooOld)]
    [InlineData("\"operationName\":\"a\",\"time\":\"2027-06-15T10:00:00Z\",\"tenantId\":\"t\"", "/time", RejectCode.TooFarAhead)]
    [InlineData("\"operationName\":\"a\\udc00\",\"time\":\"2027-06-15T10:00:00Z\",\"tenantId\":\"t\"", null, RejectCode.BadEncoding)]
    public void A_record_that_cannot_be_mapped_names_field_and_rule(string members, string? field, RejectCode code)
    {
        var record = $"{{{members},\"category\":\"Administrative\"}}";
        var sink = RecordingSink.Of($"{{\"records\":[{Delete},{record},{SignIn}]}}");
        Assert.Equal(2, sink.Accepted.Count);
        var (raw, reason, index) = Assert.Single(sink.Rejected);
        Assert.Equal((record, code, field, 1), (raw, reason.Code, reason.Field, index));
        Assert.NotEmpty(reason.Rule);
    }

    [Theory]
    [InlineData("AuditEvent", "SecretGet", "Read", "Data", "ApiCall")]
    [InlineData("AuditEvent", "SecretSet", "Write", "Data", "ApiCall")]
    [InlineData("StorageDelete", "DeleteBlob", "Write", "Data", "ApiCall")]
    [InlineData("Policy", "Microsoft.Authorization/policies/audit/action", "Write", "Management", "ApiCall")]
    [InlineData("ServiceHealth", "Microsoft.ServiceHealth/incident/action", "Write", "Management", "ServiceEvent")]
    [InlineData("Autoscale", "Microsoft.Insights/AutoscaleSettings/Scaleup/Action", "Write", "Management", "ServiceEvent")]
    [InlineData("AuditLogs", "Add user", "Write", "Management", "ApiCall")]
    public void Category_and_operation_decide_kind_and_access(string category, string operation, string access, string eventCategory, string eventType)
    {
        var record = $"{{\"time\":\"2026-06-15T10:00:00Z\",\"operationName\":\"{operation}\",\"category\":\"{category}\",\"tenantId\":\"t\"}}";
        using var mapped = JsonDocument.Parse(Assert.Single(RecordingSink.Of(record).Accepted).Body);
        Assert.Equal(
            (access, eventCategory, eventType),
            (mapped.RootElement.GetProperty("eventRW").GetString(), mapped.RootElement.GetProperty("eventCategory").GetString(), mapped.RootElement.GetProperty("eventType").GetString()));
    }

    [Fact]
    public void Mutated_records_are_mapped_or_refused_and_never_throw()
    {
        var random = new Random(4);
        var normalizer = new MessageNormalizer(new NormalizerOptions());
        byte[][] seeds = [Encoding.UTF8.GetBytes(Delete), Encoding.UTF8.GetBytes(SignIn)];
        var mapped = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = seeds[i & 1].ToArray();
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : "{}[]\",:\\ n0u1"u8[random.Next(13)];
            }

            var sink = new RecordingSink();
            normalizer.Normalize(bytes, RecordingSink.Origin(), sink);
            Assert.True(sink.Count > 0);
            mapped += sink.Accepted.Count;
        }

        Assert.InRange(mapped, 1000, 10_000);
    }
}
