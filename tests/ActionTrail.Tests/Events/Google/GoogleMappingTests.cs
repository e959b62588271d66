using System.Security.Cryptography;
using System.Text;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events.Google;

public class GoogleMappingTests
{
    [Theory]
    [InlineData("eventVersion", "1")]
    [InlineData("eventTime", "2026-06-15T09:30:15.123456789Z")]
    [InlineData("eventName", "v1.compute.instances.setIamPolicy")]
    [InlineData("serviceName", "compute.googleapis.com")]
    [InlineData("eventSource", "compute.googleapis.com")]
    [InlineData("eventType", "ApiCall")]
    [InlineData("eventCategory", "Management")]
    [InlineData("eventRW", "Write")]
    [InlineData("requestId", "abc1xyz")]
    [InlineData("sharedEventId", "op-7")]
    [InlineData("acsRegion", "europe-west1")]
    [InlineData("isGlobal", null)]
    [InlineData("errorCode", null)]
    [InlineData("sourceIpAddress", "2001:db8::9")]
    [InlineData("userAgent", "gcloud/500")]
    [InlineData("recipientAccountId", "shop-1")]
    [InlineData("resourceType", "gce_instance")]
    [InlineData("resourceName", "projects/shop-1/zones/europe-west1-b/instances/till")]
    [InlineData("userIdentity/type", "ram-user")]
    [InlineData("userIdentity/userName", "rosa@example.com")]
    [InlineData("userIdentity/principalId", "user:rosa@example.com")]
    [InlineData("requestParameters/policy/bindings", "[]")]
    [InlineData("responseElements/etag", "e")]
    [InlineData("eventAttributes/SensitiveAction", "true")]
    [InlineData("additionalEventData/log", "activity")]
    [InlineData("additionalEventData/severity", "NOTICE")]
    [InlineData("additionalEventData/operation/first", "True")]
    [InlineData("additionalEventData/resourceOriginalState/etag", "old")]
    [InlineData("additionalEventData/resourceLabels/instance_id", "42")]
    public void An_entry_is_mapped_row_by_row(string path, string? value) => Assert.Equal(value, MappedRecord.Of(GoogleRecords.SetPolicy)[path]);

    [Theory]
    [InlineData(EventAttribute.ResourceName, "till")]
    [InlineData(EventAttribute.ResourceName, "projects/shop-1")]
    [InlineData(EventAttribute.ResourceType, "compute.instances")]
    [InlineData(EventAttribute.User, "rosa@example.com")]
    [InlineData(EventAttribute.RequestId, "abc1xyz")]
    [InlineData(EventAttribute.Region, "europe-west1")]
    public void An_entry_is_found_by_what_it_names(EventAttribute attribute, string value) => Assert.True(MappedRecord.Of(GoogleRecords.SetPolicy).IsFoundBy(attribute, value));

    [Fact]
    public void The_entry_itself_is_the_last_member_byte_for_byte() =>
        Assert.EndsWith($",\"originalRecord\":{GoogleRecords.SetPolicy}}}", MappedRecord.Of(GoogleRecords.SetPolicy).Body, StringComparison.Ordinal);

    [Fact]
    public void First_and_last_of_an_operation_share_its_id_and_have_their_own()
    {
        var last = GoogleRecords.SetPolicy.Replace("\"first\":true", "\"last\":true", StringComparison.Ordinal).Replace("abc1xyz", "abc1xyy", StringComparison.Ordinal);
        var both = MappedRecord.AllOf($"[{GoogleRecords.SetPolicy},{last}]");
        Assert.Equal(both[0]["sharedEventId"], both[1]["sharedEventId"]);
        Assert.NotEqual(both[0]["eventId"], both[1]["eventId"]);
    }

    [Fact]
    public void The_id_is_made_of_log_time_and_insert_id()
    {
        const string Key = "projects/shop-1/logs/cloudaudit.googleapis.com%2Factivity\n2026-06-15T09:30:15.123456789Z\nabc1xyz";
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(Key)).AsSpan(0, 16), bigEndian: true).ToString();
        Assert.Equal(id, MappedRecord.Of(GoogleRecords.SetPolicy)["eventId"]);
        Assert.Equal(id, MappedRecord.Of(GoogleRecords.SetPolicy.Replace("NOTICE", "ERROR", StringComparison.Ordinal))["eventId"]);
        Assert.NotEqual(id, MappedRecord.Of(GoogleRecords.SetPolicy.Replace("2Factivity", "2Fdata_access", StringComparison.Ordinal))["eventId"]);
        var without = GoogleRecords.SetPolicy.Replace("\"insertId\":\"abc1xyz\",", "", StringComparison.Ordinal);
        Assert.Equal(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(without)).AsSpan(0, 16), bigEndian: true).ToString(), MappedRecord.Of(without)["eventId"]);
    }

    [Theory]
    [InlineData("activity", "\"methodName\":\"storage.buckets.create\"", "Management", "ApiCall", "Write")]
    [InlineData("activity", "\"methodName\":\"storage.buckets.get\"", "Management", "ApiCall", "Write")]
    [InlineData("data_access", "\"methodName\":\"storage.objects.get\"", "Data", "ApiCall", "Read")]
    [InlineData("data_access", "\"methodName\":\"google.pubsub.v1.Publisher.ListTopics\"", "Data", "ApiCall", "Read")]
    [InlineData("data_access", "\"methodName\":\"storage.objects.create\"", "Data", "ApiCall", "Write")]
    [InlineData("data_access", "\"methodName\":\"m\",\"authorizationInfo\":[{\"permissionType\":\"DATA_READ\"}]", "Data", "ApiCall", "Read")]
    [InlineData("data_access", "\"methodName\":\"m.get\",\"authorizationInfo\":[{\"permissionType\":\"DATA_READ\"},{\"permissionType\":\"DATA_WRITE\"}]", "Data", "ApiCall", "Write")]
    [InlineData("activity", "\"methodName\":\"m\",\"authorizationInfo\":[{\"permissionType\":\"ADMIN_READ\"}]", "Management", "ApiCall", "Read")]
    [InlineData("system_event", "\"methodName\":\"compute.instances.migrateOnHostMaintenance\"", "Management", "AliyunServiceEvent", "Write")]
    [InlineData("policy", "\"methodName\":\"storage.objects.get\",\"authorizationInfo\":[3,null]", "Management", "ApiCall", "Write")]
    public void The_log_and_the_permissions_decide_kind_and_access(string log, string audit, string category, string type, string access)
    {
        var mapped = MappedRecord.Of(GoogleRecords.Entry(log, audit));
        Assert.Equal((category, type, access), (mapped["eventCategory"], mapped["eventType"], mapped["eventRW"]));
    }

    [Theory]
    [InlineData("google.login.LoginService.loginSuccess", "ConsoleSignin")]
    [InlineData("google.login.LoginService.loginFailure", "ConsoleSignin")]
    [InlineData("google.login.LoginService.logout", "ConsoleSignout")]
    [InlineData("google.login.LoginService.2svEnroll", "ApiCall")]
    public void Sign_ins_and_sign_outs_are_told_apart(string method, string type) => Assert.Equal(
        type,
        MappedRecord.Of(GoogleRecords.Entry("data_access", $"\"methodName\":\"{method}\"").Replace("storage.googleapis.com", "login.googleapis.com", StringComparison.Ordinal))["eventType"]);

    [Theory]
    [InlineData("activity", "{\"code\":7,\"message\":\"denied\"}", "7", "denied")]
    [InlineData("activity", "{\"code\":0}", null, null)]
    [InlineData("activity", "{\"message\":\"odd\"}", null, null)]
    [InlineData("policy", "{\"message\":\"org policy\"}", "7", "org policy")]
    [InlineData("policy", "{\"code\":9,\"message\":\"x\"}", "9", "x")]
    [InlineData("policy", "null", "7", null)]
    public void A_status_that_is_not_zero_is_the_error(string log, string status, string? code, string? message)
    {
        var mapped = MappedRecord.Of(GoogleRecords.Entry(log, $"\"methodName\":\"m\",\"status\":{status}"));
        Assert.Equal((code, message), (mapped["errorCode"], mapped["errorMessage"]));
    }

    [Theory]
    [InlineData("{\"principalEmail\":\"robot@shop-1.iam.gserviceaccount.com\",\"serviceAccountKeyName\":\"//iam.googleapis.com/projects/shop-1/serviceAccounts/robot/keys/k-9\"}", "assumed-role", "robot@shop-1.iam.gserviceaccount.com", "k-9")]
    [InlineData("{\"principalSubject\":\"serviceAccount:robot@shop-1.iam.gserviceaccount.com\"}", "assumed-role", "serviceAccount:robot@shop-1.iam.gserviceaccount.com", null)]
    [InlineData("{\"principalSubject\":\"principal://iam.googleapis.com/locations/global/workforcePools/w/subject/bo\"}", "cloudsso-user", "principal://iam.googleapis.com/locations/global/workforcePools/w/subject/bo", null)]
    [InlineData("{\"principalEmail\":\"system@google.com\"}", "system", "system@google.com", null)]
    [InlineData("{}", "system", null, null)]
    [InlineData("null", "system", null, null)]
    public void Callers_are_translated(string who, string type, string? userName, string? key)
    {
        var mapped = MappedRecord.Of(GoogleRecords.Entry("activity", $"\"methodName\":\"m\",\"authenticationInfo\":{who}"));
        Assert.Equal((type, userName, key), (mapped["userIdentity/type"], mapped["userIdentity/userName"], mapped["userIdentity/accessKeyId"]));
    }

    [Theory]
    [InlineData("\"project_id\":\"p\",\"region\":\"asia-east1\",\"zone\":\"asia-east1-a\"", "asia-east1", null)]
    [InlineData("\"project_id\":\"p\",\"location\":\"EU\"", "EU", null)]
    [InlineData("\"project_id\":\"p\",\"zone\":\"us-central1-f\"", "us-central1", null)]
    [InlineData("\"project_id\":\"p\",\"location\":\"global\"", "global", "True")]
    [InlineData("\"project_id\":\"p\"", "global", "True")]
    public void The_region_is_the_resources(string labels, string region, string? isGlobal)
    {
        var mapped = MappedRecord.Of(GoogleRecords.Entry("activity", "\"methodName\":\"m\"", labels));
        Assert.Equal((region, isGlobal), (mapped["acsRegion"], mapped["isGlobal"]));
    }

    [Theory]
    [InlineData("projects/shop-1/logs/x", "\"project_id\":\"other-2\"", "other-2")]
    [InlineData("projects/shop-1/logs/x", "\"a\":1", "shop-1")]
    [InlineData("organizations/123/logs/cloudaudit.googleapis.com%2Factivity", "\"a\":1", "organizations-123")]
    [InlineData("folders/9/logs/cloudaudit.googleapis.com/activity", "\"a\":1", "folders-9")]
    [InlineData("billingAccounts/01AB-2/logs/x", "\"a\":1", "billingAccounts-01AB-2")]
    [InlineData("projects/x/logs/x", "\"project_id\":\"example.com:shop\"", "example.com.shop")]
    public void The_account_is_the_project_else_what_owns_the_log(string logName, string labels, string account)
    {
        var entry = GoogleRecords.Entry("activity", "\"methodName\":\"m\"", labels).Replace("projects/shop-1/logs/cloudaudit.googleapis.com%2Factivity", logName, StringComparison.Ordinal);
        Assert.Equal(account, MappedRecord.Of(entry).Account);
    }

    [Fact]
    public void Exports_without_type_and_with_the_receive_time_only_are_read()
    {
        var entry = GoogleRecords.SetPolicy.Replace("\"@type\":\"type.googleapis.com/google.cloud.audit.AuditLog\",", "", StringComparison.Ordinal)
            .Replace(",\"timestamp\":\"2026-06-15T09:30:15.123456789Z\"", "", StringComparison.Ordinal);
        Assert.Equal("2026-06-15T09:30:16.5Z", MappedRecord.Of(entry)["eventTime"]);
    }

    [Theory]
    [InlineData("\"jsonPayload\":{\"message\":\"m\"}")]
    [InlineData("\"textPayload\":\"m\"")]
    [InlineData("\"protoPayload\":{\"@type\":\"type.googleapis.com/google.appengine.logging.v1.RequestLog\",\"methodName\":\"GET\",\"serviceName\":\"s\"}")]
    [InlineData("\"protoPayload\":\"x\"")]
    public void An_entry_that_holds_no_audit_log_is_no_event(string payload)
    {
        var reason = RecordingSink.Of($"{{\"insertId\":\"i\",\"logName\":\"projects/p/logs/l\",\"timestamp\":\"2026-06-15T09:30:15Z\",{payload}}}").Only();
        Assert.Equal((RejectCode.UnknownFormat, "/protoPayload"), (reason.Code, reason.Field));
        Assert.Contains("AuditLog", reason.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(",\"timestamp\":\"2026-06-15T09:31:00Z\"", "", "/timestamp", RejectCode.Missing)]
    [InlineData("2026-06-15T09:31:00Z", "soon", "/timestamp", RejectCode.BadValue)]
    [InlineData("2026-06-15T09:31:00Z", "2020-06-15T09:31:00Z", "/timestamp", RejectCode.TooOld)]
    [InlineData("\"methodName\":\"m\"", "\"x\":1", "/protoPayload/methodName", RejectCode.Missing)]
    [InlineData("\"serviceName\":\"storage.googleapis.com\"", "\"x\":1", "/protoPayload/serviceName", RejectCode.Missing)]
    [InlineData("\"project_id\":\"shop-1\"", "\"project_id\":\"a b\"", "/resource/labels/project_id", RejectCode.BadValue)]
    [InlineData("\"methodName\":\"m\"", "\"methodName\":\"m\",\"methodName\":\"n\"", "/protoPayload/methodName", RejectCode.BadValue)]
    [InlineData("\"methodName\":\"m\"", "\"methodName\":\"m\",\"x\":\"\\ud800\"", null, RejectCode.BadEncoding)]
    public void An_entry_that_cannot_be_mapped_names_field_and_rule(string part, string instead, string? field, RejectCode code)
    {
        var entry = GoogleRecords.Entry("activity", "\"methodName\":\"m\"").Replace(part, instead, StringComparison.Ordinal);
        var sink = RecordingSink.Of($"[{GoogleRecords.SetPolicy},{entry},{GoogleRecords.SetPolicy}]");
        Assert.Equal(2, sink.Accepted.Count);
        var (raw, reason, _) = Assert.Single(sink.Rejected);
        Assert.Equal((entry, code, field), (raw, reason.Code, reason.Field));
    }

    [Fact]
    public void An_entry_that_belongs_to_nobody_says_how_to_name_its_account()
    {
        var reason = RecordingSink.Of(GoogleRecords.Entry("activity", "\"methodName\":\"m\"", "\"a\":1").Replace("projects/", "x/", StringComparison.Ordinal)).Only();
        Assert.Equal((RejectCode.Missing, "/resource/labels/project_id"), (reason.Code, reason.Field));
    }

    [Fact]
    public void Mutated_entries_are_mapped_or_refused_and_harm_no_neighbour() => Assert.InRange(
        Mutation.Survive([GoogleRecords.SetPolicy, GoogleRecords.Entry("data_access", "\"methodName\":\"m\"")], seed: 12, rounds: 4_000), 500, 4_000);
}
