using System.Text;
using System.Text.Json;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events;

/// <summary>One record of our own for each kind that the samples lack, and for each quirk of the stream.</summary>
public class AzureKindTests
{
    private const string Subscription = "\"resourceId\":\"/subscriptions/5D1C/resourceGroups/rg/providers/";
    private const string Tenant = "\"resourceId\":\"/tenants/TEN/providers/Microsoft.aadiam\"";

    [Theory]
    [InlineData("eventName=create pods/exec;eventRW=Write;eventCategory=Data;sourceIpAddress=198.51.100.9;userIdentity.userName=ann@example.com;userIdentity.type=ram-user;sharedEventId=aud-1;errorCode=Forbidden;eventAttributes.SensitiveAction=true;additionalEventData.stage=ResponseComplete;additionalEventData.operationName=Microsoft.ContainerService/managedClusters/diagnosticLogs/Read;serviceName=Microsoft.ContainerService;referencedResources.kubernetes/pods=[\"shop/web-1\"]",
        Subscription + "Microsoft.ContainerService/managedClusters/aks1\",\"category\":\"kube-audit\",\"operationName\":\"Microsoft.ContainerService/managedClusters/diagnosticLogs/Read\",\"properties\":{\"log\":\"{\\\"kind\\\":\\\"Event\\\",\\\"auditID\\\":\\\"aud-1\\\",\\\"stage\\\":\\\"ResponseComplete\\\",\\\"verb\\\":\\\"create\\\",\\\"user\\\":{\\\"username\\\":\\\"ann@example.com\\\"},\\\"sourceIPs\\\":[\\\"198.51.100.9\\\"],\\\"objectRef\\\":{\\\"resource\\\":\\\"pods\\\",\\\"subresource\\\":\\\"exec\\\",\\\"namespace\\\":\\\"shop\\\",\\\"name\\\":\\\"web-1\\\"},\\\"responseStatus\\\":{\\\"code\\\":403,\\\"reason\\\":\\\"Forbidden\\\"}}\\n\",\"stream\":\"stdout\"}")]
    [InlineData("eventName=BATCH COMPLETED;eventRW=Write;userIdentity.userName=reporting;sourceIpAddress=10.1.2.3;errorCode=Failure;eventId=2f0c-1;additionalEventData.operationName=AuditEvent;referencedResources.database=[\"shop\"]",
        Subscription + "Microsoft.Sql/servers/sql1/databases/shop\",\"category\":\"SQLSecurityAuditEvents\",\"operationName\":\"AuditEvent\",\"properties\":{\"event_id\":\"2f0c-1\",\"action_name\":\"BATCH COMPLETED\",\"succeeded\":\"false\",\"client_ip\":\"10.1.2.3\",\"server_principal_name\":\"reporting\",\"database_name\":\"shop\",\"statement\":\"drop table x\"}")]
    [InlineData("eventName=AppServiceHTTPLogs;eventRW=Read;sourceIpAddress=203.0.113.8;errorCode=404;userAgent=curl/8;eventSource=shop.example.net;serviceName=Microsoft.Web;resourceName=shop",
        Subscription + "Microsoft.Web/sites/shop\",\"category\":\"AppServiceHTTPLogs\",\"EventTime\":\"2026-06-15T10:00:00Z\",\"properties\":\"{\\\"CsHost\\\":\\\"shop.example.net\\\",\\\"CIp\\\":\\\"203.0.113.8\\\",\\\"CsMethod\\\":\\\"GET\\\",\\\"ScStatus\\\":404,\\\"UserAgent\\\":\\\"curl/8\\\"}\"")]
    [InlineData("eventName=Provisioning activity;eventType=ApiCall;eventRW=Write;eventId=prov-1;userIdentity.type=assumed-role;userIdentity.userName=HR sync;resourceName=Kim;resourceType=User;errorCode=EntryConflict;errorMessage=It exists.;recipientAccountId=ten;additionalEventData.provisioningAction=Create",
        Tenant + ",\"category\":\"ProvisioningLogs\",\"operationName\":\"Provisioning activity\",\"resultType\":\"Failure\",\"properties\":{\"id\":\"prov-1\",\"provisioningAction\":\"Create\",\"servicePrincipal\":{\"id\":\"sp-1\",\"displayName\":\"HR sync\"},\"targetIdentity\":{\"id\":\"t-1\",\"displayName\":\"Kim\",\"identityType\":\"User\"},\"provisioningStatusInfo\":{\"status\":\"failure\",\"errorInformation\":{\"errorCode\":\"EntryConflict\",\"reason\":\"It exists.\"}}}")]
    [InlineData("eventName=Risky user;eventType=ServiceEvent;eventCategory=Management;userIdentity.userName=kim@example.com;userIdentity.principalId=u-7;additionalEventData.riskLevel=high;additionalEventData.riskState=atRisk;recipientAccountId=ten",
        Tenant + ",\"category\":\"RiskyUsers\",\"operationName\":\"Risky user\",\"correlationId\":\"u-7\",\"properties\":{\"id\":\"u-7\",\"userPrincipalName\":\"kim@example.com\",\"riskLevel\":\"high\",\"riskState\":\"atRisk\"}")]
    [InlineData("eventType=ConsoleSignin;userIdentity.type=assumed-role;userIdentity.userName=backup-job;userIdentity.accessKeyId=app-1;userIdentity.sessionContext.attributes.credentialKeyId=key-1;userIdentity.sessionContext.attributes.tokenId=uti-1;sourceIpAddress=2001:db8::1;resourceName=Azure Storage;resourceType=Application;errorCode=7000215",
        Tenant + ",\"category\":\"ManagedIdentitySignInLogs\",\"operationName\":\"Sign-in activity\",\"resultType\":7000215,\"callerIpAddress\":\"[2001:db8::1]:443\",\"properties\":{\"id\":\"s-1\",\"appId\":\"app-1\",\"servicePrincipalId\":\"sp\",\"servicePrincipalName\":\"backup-job\",\"servicePrincipalCredentialKeyId\":\"key-1\",\"uniqueTokenIdentifier\":\"uti-1\",\"resourceDisplayName\":\"Azure Storage\"}")]
    [InlineData("eventType=ConsoleSignin;userIdentity.sessionContext.attributes.mfaAuthenticated=true;userIdentity.userName=kim@example.com;userIdentity.type=ram-user;userIdentity.principalId=u-1;additionalEventData.conditionalAccessStatus=success;additionalEventData.isInteractive=false",
        Tenant + ",\"category\":\"NonInteractiveUserSignInLogs\",\"operationName\":\"Sign-in activity\",\"resultType\":\"0\",\"Level\":4,\"properties\":{\"id\":\"s-2\",\"userId\":\"u-1\",\"userPrincipalName\":\"kim@example.com\",\"authenticationRequirement\":\"multiFactorAuthentication\",\"conditionalAccessStatus\":\"success\",\"isInteractive\":false}")]
    [InlineData("serviceName=Core Directory;eventSource=graph.microsoft.com;eventCategory=Management;eventRW=Write;eventId=dir-1;resourceType=Policy;resourceName=Default Policy;sourceIpAddress=192.0.2.7;userAgent=portal;eventAttributes.SensitiveAction=true",
        Tenant + ",\"category\":\"Policy\",\"operationName\":\"Update conditional access policy\",\"properties\":{\"id\":\"dir-1\",\"result\":\"success\",\"loggedByService\":\"Core Directory\",\"initiatedBy\":{\"user\":{\"id\":\"u\",\"userPrincipalName\":\"ann@example.com\"}},\"additionalDetails\":[{\"key\":\"User-Agent\",\"value\":\"portal\"},{\"key\":\"ipaddr\",\"value\":\"192.0.2.7\"}],\"targetResources\":[{\"id\":\"p-1\",\"displayName\":\"Default Policy\",\"type\":\"Policy\"}]}")]
    [InlineData("eventType=ConsoleSignout;userIdentity.type=assumed-role;userIdentity.userName=Sync app;errorCode=Failure",
        Tenant + ",\"category\":\"AuditLogs\",\"operationName\":\"User sign-out\",\"properties\":{\"result\":1,\"initiatedBy\":{\"app\":{\"displayName\":\"Sync app\",\"servicePrincipalId\":\"sp-2\"}}}")]
    [InlineData("eventType=ServiceEvent;serviceName=Microsoft.Security;additionalEventData.severity=High;additionalEventData.compromisedEntity=vm-1;errorMessage=",
        Subscription + "Microsoft.Security/locations/we/alerts/a-1\",\"category\":\"Security\",\"operationName\":\"Microsoft.Security/locations/alerts/activate/action\",\"resultType\":\"Active\",\"properties\":{\"eventCategory\":\"Security\",\"eventProperties\":{\"severity\":\"High\",\"compromisedEntity\":\"vm-1\"}}")]
    [InlineData("eventType=ServiceEvent;resourceType=Microsoft.Resources/subscriptions;resourceName=5D1C;acsRegion=UK South;isGlobal=False;additionalEventData.trackingId=T1",
        "\"resourceId\":\"/subscriptions/5D1C\",\"category\":{\"value\":\"ServiceHealth\"},\"operationName\":{\"value\":\"Microsoft.ServiceHealth/incident/action\",\"localizedValue\":\"x\"},\"eventName\":{\"value\":null},\"status\":{\"value\":\"Active\"},\"properties\":{\"region\":\"UK South\",\"trackingId\":\"T1\"}")]
    [InlineData("eventName=Create Namespace;userIdentity.userName=ops@example.com;sharedEventId=act-1;acsRegion=East US;errorCode=;eventTime=2026-06-15T10:00:00Z",
        Subscription + "Microsoft.EventHub/namespaces/n1\",\"category\":\"OperationalLogs\",\"ActivityId\":\"act-1\",\"EventName\":\"Create Namespace\",\"Region\":\"East US\",\"EventTimeString\":\"6/15/2026 10:00:00 AM +00:00\",\"Status\":\"Succeeded\",\"Caller\":\"ops@example.com\"", false)]
    [InlineData("recipientAccountId=3f0e9d8c-7b6a-4958-8776-655443322110;resourceType=Microsoft.Management/managementGroups;resourceName=platform;eventAttributes.SensitiveAction=true",
        "\"resourceId\":\"/providers/Microsoft.Management/managementGroups/platform\",\"category\":\"Administrative\",\"operationName\":\"Microsoft.Management/managementGroups/write\",\"properties\":{\"hierarchy\":\"3f0e9d8c-7b6a-4958-8776-655443322110/platform\"}")]
    [InlineData("userIdentity.userName=SAS;userIdentity.type=unknown;userIdentity.accessKeyId=key1(abc);errorCode=BlobNotFound;eventRW=Read;acsRegion=westus2;eventSource=shop.blob.core.windows.net;referencedResources.object=[\"/shop/a/b.txt\"];referencedResources.microsoft.storage/storageaccounts=[\"/subscriptions/5d1c/resourcegroups/rg/providers/microsoft.storage/storageaccounts/shop\"]",
        Subscription + "Microsoft.Storage/storageAccounts/shop/blobServices/default\",\"category\":\"StorageRead\",\"operationName\":\"PeekBlob\",\"statusCode\":404,\"statusText\":\"BlobNotFound\",\"location\":\"westus2\",\"uri\":\"https://shop.blob.core.windows.net:443/a/b.txt?sig=x\",\"identity\":{\"type\":\"SAS\",\"tokenHash\":\"key1(abc)\",\"authorization\":[{\"action\":\"x\"}]},\"properties\":{\"objectKey\":\"/shop/a/b.txt\"}")]
    [InlineData("userIdentity.userName=kim@example.com;userIdentity.type=ram-user;userIdentity.accountId=ten;userIdentity.principalId=o-1",
        Subscription + "Microsoft.Storage/storageAccounts/shop/queueServices/default\",\"category\":\"StorageWrite\",\"operationName\":\"PutMessage\",\"identity\":{\"type\":\"OAuth\",\"requester\":{\"upn\":\"kim@example.com\",\"objectId\":\"o-1\",\"tenantId\":\"TEN\",\"appId\":\"a\"}}")]
    [InlineData("errorCode=Forbidden;eventRW=Read;userIdentity.principalId=o-2;userIdentity.type=assumed-role;eventSource=keys.vault.azure.net;userAgent=sdk/1",
        Subscription + "Microsoft.KeyVault/vaults/keys\",\"category\":\"AuditEvent\",\"operationName\":\"SecretList\",\"resultType\":\"Success\",\"resultSignature\":\"Forbidden\",\"durationMs\":\"-1\",\"identity\":{\"claim\":{\"oid\":\"o-2\",\"xms_mirid\":\"/x\"}},\"properties\":{\"id\":\"https://keys.vault.azure.net/secrets\",\"clientInfo\":\"sdk/1\",\"httpStatusCode\":403}")]
    [InlineData("sourceIpAddress=;additionalEventData.level=4;additionalEventData.durationMs=20;additionalEventData.message=He said \"no\", it's O'Neil's\u0001;userIdentity.type=system",
        Subscription + "Microsoft.Web/sites/shop\",\"category\":\"FunctionAppLogs\",\"operationName\":\"Microsoft.Web/sites/functions/log\",\"Level\":4,\"durationMs\":\"20\",\"callerIpAddress\":\"<null>\",\"properties\":\"{'message':'He said \\\"no\\\", it\\\\'s O\\\\'Neil\\\\'s\\\\x01','isRead':True,'none':None,'n':{'a':[1,2]}}\"")]
    [InlineData("additionalEventData.message=", Subscription + "Microsoft.Web/sites/shop\",\"category\":\"FunctionAppLogs\",\"operationName\":\"log\",\"properties\":\"{'message':'open\"")]
    [InlineData("additionalEventData.message=", Subscription + "Microsoft.Web/sites/shop\",\"category\":\"FunctionAppLogs\",\"operationName\":\"log\",\"properties\":\"{\\\"message\\\":\\\"\\\\ud800\\\"}\"")]
    [InlineData("eventName=log", Subscription + "Microsoft.Web/sites/shop\",\"category\":\"FunctionAppLogs\",\"operationName\":\"log\",\"properties\":null,\"identity\":null,\"claims\":null,\"location\":[1,{\"a\":2}],\"level\":{\"x\":{\"value\":\"no\"}}")]
    public void A_record_of_each_kind_and_quirk_becomes_the_event_it_means(string expected, string members, bool withTime = true)
    {
        using var mapped = JsonDocument.Parse(Map($"{{{(withTime ? "\"time\":\"2026-06-15T10:00:00.1Z\"," : "")}{members}}}"));
        foreach (var pair in expected.Split(';'))
        {
            var (path, value) = (pair[..pair.IndexOf('=', StringComparison.Ordinal)], pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            Assert.Equal((path, value), (path, Find(mapped.RootElement, path)));
        }
    }

    [Theory]
    [InlineData("2026-06-15T10:00:00Z")]
    [InlineData("2026-06-15T10:00:00.123456789+00:00")]
    [InlineData("2026-06-15T10: 00: 00.58Z")]
    [InlineData("2026-06-15 10:00:00.087554000")]
    [InlineData("06/15/2026 10:00:00")]
    [InlineData("6/15/2026 10:00:00 AM")]
    [InlineData("6/15/2026 12:00:00 PM +02:00")]
    [InlineData("1781517600")]
    [InlineData("1781517600123")]
    public void Every_time_form_is_read_under_every_name(string time)
    {
        foreach (var name in (string[])["time", "Time", "timestamp", "eventTimestamp", "EventTimeString", "TimeGenerated"])
        {
            foreach (var text in (string[])[$"\"{time}\"", .. time.All(char.IsAsciiDigit) ? [time] : Array.Empty<string>()])
            {
                using var mapped = JsonDocument.Parse(Map($"{{\"{name}\":{text},{Tenant},\"operationName\":\"x\",\"category\":\"AuditLogs\"}}"));
                Assert.Equal("2026-06-15T10:00:00Z", mapped.RootElement.GetProperty("eventTime").GetString());
                Assert.Equal(time, mapped.RootElement.GetProperty("additionalEventData").GetProperty("time").GetString());
            }
        }
    }

    [Theory]
    [InlineData("13/06/2026 10:00:00 hours")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("9999-12-31T23:59:59-14:00")]
    [InlineData("+178151760")]
    [InlineData("99999999999999999999")]
    [InlineData("yesterday at noon")]
    public void What_is_no_time_is_refused(string time)
    {
        var reason = RecordingSink.Of($"{{\"time\":\"{time}\",{Tenant},\"operationName\":\"x\"}}").Only();
        Assert.Equal((RejectCode.BadValue, "/time"), (reason.Code, reason.Field));
    }

    [Fact]
    public void The_two_records_of_one_operation_share_their_correlation_and_have_ids_of_their_own()
    {
        string[] records = [.. ((string[])["Start", "Success"]).Select(result =>
            $"{{\"time\":\"2026-06-15T10:00:00Z\",{Subscription}Microsoft.Compute/virtualMachines/v\",\"operationName\":\"Microsoft.Compute/virtualMachines/write\",\"category\":\"Administrative\",\"correlationId\":\"c-1\",\"resultType\":\"{result}\"}}")];
        var events = RecordingSink.Of($"[{{\"records\":[{string.Join(',', records)}],\"EventProcessedUtcTime\":\"2026-06-15T10:01:00Z\",\"PartitionId\":1}}]").Accepted.ConvertAll(accepted => accepted.Body);
        Assert.All(events, body => Assert.Contains("\"sharedEventId\":\"c-1\"", body, StringComparison.Ordinal));
        Assert.Equal(2, events.Select(body => EventMatcher.EventId(Encoding.UTF8.GetBytes(body))).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_user_at_risk_told_of_twice_is_two_events()
    {
        string Record(string time) => $"{{\"time\":\"{time}\",{Tenant},\"category\":\"RiskyUsers\",\"operationName\":\"Risky user\",\"correlationId\":\"u-7\",\"properties\":{{\"id\":\"u-7\"}}}}";
        Assert.NotEqual(EventMatcher.EventId(Encoding.UTF8.GetBytes(Map(Record("2026-06-15T10:00:00Z")))), EventMatcher.EventId(Encoding.UTF8.GetBytes(Map(Record("2026-06-15T11:00:00Z")))));
    }

    [Fact]
    public void What_is_searched_for_is_found_in_the_stored_bytes()
    {
        var stored = Encoding.UTF8.GetBytes(Map($"{{\"time\":\"2026-06-15T10:00:00Z\",{Subscription}Microsoft.Sql/servers/S1/databases/D1\",\"operationName\":\"X.Y/z/write\",\"category\":\"Administrative\",\"identity\":{{\"claims\":{{\"upn\":\"\\u00e4nn@example.com\"}}}},\"properties\":{{\"eventName\":\"no\",\"userIdentity\":{{\"userName\":\"no\"}}}}}}"));
        Assert.True(EventMatcher.Has(stored, EventAttribute.User, "änn@example.com"u8));
        Assert.True(EventMatcher.Has(stored, EventAttribute.ResourceName, "/subscriptions/5d1c/resourcegroups/rg/providers/microsoft.sql/servers/s1"u8));
        Assert.True(EventMatcher.Has(stored, EventAttribute.ResourceType, "Microsoft.Sql/servers/databases"u8));
        Assert.False(EventMatcher.Has(stored, EventAttribute.User, "no"u8));
    }

    [Theory]
    [InlineData("Microsoft.Authorization/elevateAccess/action", true)]
    [InlineData("MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE", true)]
    [InlineData("Microsoft.KeyVault/locations/deletedVaults/purge/action", true)]
    [InlineData("Update application \u2013 Certificates and secrets management ", true)]
    [InlineData("delete conditional access policy", true)]
    [InlineData("Microsoft.Compute/virtualMachines/read", false)]
    [InlineData("roleAssignments", false)]
    [InlineData("", false)]
    [InlineData("/", false)]
    public void Sensitive_operations_are_known_by_their_ending_or_whole_name(string operation, bool isSensitive) =>
        Assert.Equal(isSensitive, ActionTrail.Events.Azure.SensitiveOperations.Has(Encoding.UTF8.GetBytes(operation)));

    [Fact]
    public void A_record_may_nest_one_level_less_than_an_event()
    {
        string Record(int levels) => $"{{\"time\":\"2026-06-15T10:00:00Z\",{Tenant},\"operationName\":\"x\",\"deep\":{new string('[', levels)}{new string(']', levels)}}}";
        var limit = new NormalizerOptions().MaxDepth - 2;
        Assert.Single(RecordingSink.Of(Record(limit)).Accepted);
        Assert.Equal(RejectCode.TooDeep, RecordingSink.Of(Record(limit + 1)).Only().Code);
    }

    private static string Map(string record)
    {
        var sink = RecordingSink.Of(record);
        Assert.Empty(sink.Rejected);
        return Assert.Single(sink.Accepted).Body;
    }

    // Members under a dotted path; "" when there is none. Names of resource types may hold dots themselves.
    private static string Find(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return "";
        }

        if (root.TryGetProperty(path, out var member))
        {
            return member.ToString();
        }

        var dot = path.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && root.TryGetProperty(path[..dot], out var parent) ? Find(parent, path[(dot + 1)..]) : "";
    }
}
