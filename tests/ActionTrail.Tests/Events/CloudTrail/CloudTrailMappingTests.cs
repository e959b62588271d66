using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActionTrail.Events;

namespace ActionTrail.Tests.Events.CloudTrail;

public class CloudTrailMappingTests
{
    /// <summary>One case per row of the mapping: path in the event, value.</summary>
    [Theory]
    [InlineData("eventId", "11111111-2222-3333-4444-555555555555")]
    [InlineData("eventVersion", "1")]
    [InlineData("additionalEventData/eventVersion", "1.09")]
    [InlineData("eventTime", "2026-06-15T09:30:15Z")]
    [InlineData("eventName", "GetSecretValue")]
    [InlineData("eventSource", "secretsmanager.amazonaws.com")]
    [InlineData("serviceName", "secretsmanager")]
    [InlineData("userAgent", "aws-cli/2.1")]
    [InlineData("errorCode", "AccessDenied")]
    [InlineData("errorMessage", "not allowed")]
    [InlineData("requestParameters/secretId", "arn:aws:secretsmanager:eu-west-1:210987654321:secret:db-1")]
    [InlineData("responseElements", null)]
    [InlineData("apiVersion", "2017-10-17")]
    [InlineData("acsRegion", "eu-west-1")]
    [InlineData("isGlobal", null)]
    [InlineData("sourceIpAddress", "198.51.100.4")]
    [InlineData("requestId", "req-1")]
    [InlineData("eventRW", "Read")]
    [InlineData("eventType", "ApiCall")]
    [InlineData("eventCategory", "Management")]
    [InlineData("recipientAccountId", "210987654321")]
    [InlineData("vpcId", "vpce-1")]
    [InlineData("sharedEventId", "shared-1")]
    [InlineData("additionalEventData/tlsDetails/tlsVersion", "TLSv1.3")]
    [InlineData("additionalEventData/addendum/reason", "DELIVERY_DELAY")]
    [InlineData("additionalEventData/edgeDeviceDetails/a", "1")]
    [InlineData("additionalEventData/sessionCredentialFromConsole", "true")]
    [InlineData("additionalEventData/managementEvent", "True")]
    [InlineData("additionalEventData/vpcEndpointAccountId", "333")]
    [InlineData("additionalEventData/serviceData/SignatureVersion", "SigV4")]
    [InlineData("additionalEventData/serviceData/eventVersion", "theirs")]
    [InlineData("userIdentity/type", "ram-user")]
    [InlineData("userIdentity/accountId", "210987654321")]
    [InlineData("userIdentity/principalId", "AIDAROSA")]
    [InlineData("userIdentity/accessKeyId", "AKIAROSA")]
    [InlineData("userIdentity/userName", "rosa")]
    [InlineData("resourceType", "AWS::SecretsManager::Secret")]
    [InlineData("resourceName", "arn:aws:secretsmanager:eu-west-1:210987654321:secret:db-1")]
    public void A_record_of_a_user_is_mapped_row_by_row(string path, string? value) => Assert.Equal(value, MappedRecord.Of(CloudTrailRecords.Secret)[path]);

    [Fact]
    public void The_record_itself_is_the_last_member_byte_for_byte()
    {
        var mapped = MappedRecord.Of($"{{\"Records\":[{CloudTrailRecords.RoleCall}]}}");
        Assert.EndsWith($",\"originalRecord\":{CloudTrailRecords.RoleCall}}}", mapped.Body, StringComparison.Ordinal);
        Assert.Equal("210987654321", mapped.Account);
        Assert.Equal(new DateTimeOffset(2026, 6, 15, 9, 31, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), mapped.TimeMs);
    }

    [Theory]
    [InlineData(EventAttribute.User, "Deployer:nightly-job")]
    [InlineData(EventAttribute.RoleName, "Deployer")]
    [InlineData(EventAttribute.PrincipalId, "AROA1:nightly-job")]
    [InlineData(EventAttribute.AccessKeyId, "ASIA1")]
    [InlineData(EventAttribute.ServiceName, "s3")]
    [InlineData(EventAttribute.ResourceType, "AWS::S3::Object")]
    [InlineData(EventAttribute.ResourceName, "arn:aws:s3:::ledger/2026/a.csv")]
    [InlineData(EventAttribute.ResourceName, "arn:aws:s3:::ledger")]
    [InlineData(EventAttribute.ResourceName, "ledger")]
    [InlineData(EventAttribute.ResourceType, "AWS::S3::Bucket")]
    [InlineData(EventAttribute.SourceIpAddress, "cloudformation.amazonaws.com")]
    [InlineData(EventAttribute.RequestId, "req-2")]
    [InlineData(EventAttribute.EventRW, "Write")]
    [InlineData(EventAttribute.Region, "eu-west-1")]
    public void A_call_of_an_assumed_role_is_found_by_what_it_names(EventAttribute attribute, string value) =>
        Assert.True(MappedRecord.Of(CloudTrailRecords.RoleCall).IsFoundBy(attribute, value));

    [Fact]
    public void A_call_of_an_assumed_role_keeps_its_session_resources_and_invoker()
    {
        var mapped = MappedRecord.Of(CloudTrailRecords.RoleCall);
        Assert.Equal("false", mapped["userIdentity/sessionContext/attributes/mfaAuthenticated"]);
        Assert.Equal("2026-06-15T08:00:00Z", mapped["userIdentity/sessionContext/attributes/creationDate"]);
        Assert.Equal("cloudformation.amazonaws.com", mapped["additionalEventData/invokedBy"]);
        Assert.Equal(("AWS::S3::Object", "arn:aws:s3:::ledger/2026/a.csv"), (mapped["resourceType"], mapped["resourceName"]));
        Assert.Equal("""{"AWS::S3::Object":["arn:aws:s3:::ledger/2026/a.csv"],"AWS::S3::Bucket":["arn:aws:s3:::ledger","ledger"]}""", mapped["referencedResources"]);
        Assert.Equal("7", mapped["responseElements/x-amz-version-id"]);
        Assert.Equal("Data", mapped["eventCategory"]);
    }

    [Fact]
    public void A_failed_sign_in_is_one_although_it_has_no_error_code()
    {
        var failed = MappedRecord.Of(CloudTrailRecords.FailedLogin);
        Assert.Equal(("ConsoleSignin", "Failure", "Failed authentication"), (failed["eventType"], failed["errorCode"], failed["errorMessage"]));
        Assert.Equal(("True", "No"), (failed["isGlobal"], failed["additionalEventData/serviceData/MFAUsed"]));
        var success = MappedRecord.Of(CloudTrailRecords.FailedLogin.Replace("\"Failure\"", "\"Success\"", StringComparison.Ordinal));
        Assert.Null(success["errorCode"]);
    }

    [Fact]
    public void A_service_event_needs_no_request_and_no_identity()
    {
        var mapped = MappedRecord.Of(CloudTrailRecords.ServiceEvent);
        Assert.Equal(("AliyunServiceEvent", null, "AWS Internal"), (mapped["eventType"], mapped["requestId"], mapped["sourceIpAddress"]));
        Assert.Equal(("system", "AWS Internal", "k-1"), (mapped["userIdentity/type"], mapped["userIdentity/userName"], mapped["additionalEventData/serviceEventDetails/keyId"]));
        Assert.True(mapped.IsFoundBy(EventAttribute.ResourceName, "arn:aws:kms:eu-west-1:210987654321:key/k-1"));
        var bare = MappedRecord.Of(CloudTrailRecords.Bare("\"eventType\":\"AwsServiceEvent\",\"userIdentity\":null"));
        Assert.Equal(("system", null), (bare["userIdentity/type"], bare["userIdentity/userName"]));
    }

    [Fact]
    public void An_insight_is_named_after_the_call_it_is_about()
    {
        var mapped = MappedRecord.Of(CloudTrailRecords.Insight);
        Assert.Equal(("ListUsers", "iam.amazonaws.com", "iam"), (mapped["eventName"], mapped["eventSource"], mapped["serviceName"]));
        Assert.Equal(("ActionTrailInsight", "Insight", "pair-1"), (mapped["eventType"], mapped["eventCategory"], mapped["sharedEventId"]));
        Assert.Equal(("Start", "ApiCallRateInsight"), (mapped["insightDetails/state"], mapped["insightDetails/insightType"]));
    }

    [Theory]
    [InlineData("\"eventType\":\"AwsApiCall\"", "ApiCall")]
    [InlineData("\"eventType\":\"AwsServiceEvent\"", "AliyunServiceEvent")]
    [InlineData("\"eventType\":\"AwsConsoleAction\"", "ConsoleOperation")]
    [InlineData("\"eventType\":\"AwsConsoleSignIn\"", "ConsoleSignin")]
    [InlineData("\"eventType\":\"AwsCloudTrailInsight\"", "ActionTrailInsight")]
    [InlineData("\"eventType\":\"AwsVpceEvent\"", "ApiCall")]
    [InlineData("\"x\":1", "ApiCall")]
    public void Event_types_are_translated(string member, string type) => Assert.Equal(type, MappedRecord.Of(CloudTrailRecords.Bare(member))["eventType"]);

    [Theory]
    [InlineData("\"eventCategory\":\"Management\"", "Management")]
    [InlineData("\"eventCategory\":\"Data\"", "Data")]
    [InlineData("\"eventCategory\":\"Insight\"", "Insight")]
    [InlineData("\"eventCategory\":\"NetworkActivity\"", "Data")]
    [InlineData("\"managementEvent\":false", "Data")]
    [InlineData("\"managementEvent\":true", "Management")]
    [InlineData("\"x\":1", "Management")]
    public void Categories_are_translated(string member, string category) => Assert.Equal(category, MappedRecord.Of(CloudTrailRecords.Bare(member))["eventCategory"]);

    [Theory]
    [InlineData("\"readOnly\":true", "RunInstances", "Read")]
    [InlineData("\"readOnly\":\"true\"", "RunInstances", "Read")]
    [InlineData("\"readOnly\":false", "GetObject", "Write")]
    [InlineData("\"readOnly\":\"false\"", "GetObject", "Write")]
    [InlineData("\"readOnly\":null", "GetObject", "Read")]
    [InlineData("\"x\":1", "ListBuckets", "Read")]
    [InlineData("\"x\":1", "DescribeInstances", "Read")]
    [InlineData("\"x\":1", "HeadBucket", "Read")]
    [InlineData("\"x\":1", "RunInstances", "Write")]
    public void Without_readOnly_the_verb_decides(string member, string name, string access) =>
        Assert.Equal(access, MappedRecord.Of(CloudTrailRecords.Bare(member).Replace("RunInstances", name, StringComparison.Ordinal))["eventRW"]);

    [Theory]
    [InlineData("\"type\":\"Root\"", "root-account", "root")]
    [InlineData("\"type\":\"Root\",\"userName\":\"alias\"", "root-account", "alias")]
    [InlineData("\"type\":\"IAMUser\",\"userName\":\"rosa\"", "ram-user", "rosa")]
    [InlineData("\"type\":\"AssumedRole\",\"principalId\":\"AROA:job\",\"arn\":\"arn:aws:sts::1:assumed-role/Deployer/job\"", "assumed-role", "Deployer:job")]
    [InlineData("\"type\":\"AssumedRole\",\"arn\":\"arn:aws:sts::1:assumed-role/Deployer/job\"", "assumed-role", "Deployer:job")]
    [InlineData("\"type\":\"AssumedRole\",\"principalId\":\"AROA\",\"sessionContext\":{\"sessionIssuer\":{\"userName\":\"Deployer\"}}", "assumed-role", "Deployer")]
    [InlineData("\"type\":\"AssumedRole\",\"principalId\":\"AROA\"", "assumed-role", null)]
    [InlineData("\"type\":\"Role\",\"arn\":\"arn:aws:iam::1:role/Deployer\"", "assumed-role", "Deployer")]
    [InlineData("\"type\":\"FederatedUser\",\"arn\":\"arn:aws:sts::1:federated-user/bo\"", "cloudsso-user", "bo")]
    [InlineData("\"type\":\"WebIdentityUser\",\"userName\":\"u\"", "cloudsso-user", "u")]
    [InlineData("\"type\":\"SAMLUser\",\"userName\":\"u\"", "saml", "u")]
    [InlineData("\"type\":\"IdentityCenterUser\",\"onBehalfOf\":{\"userId\":\"id-9\"}", "cloudsso-user", "id-9")]
    [InlineData("\"type\":\"AWSService\",\"invokedBy\":\"ec2.amazonaws.com\"", "system", "ec2.amazonaws.com")]
    [InlineData("\"type\":\"AWSAccount\",\"principalId\":\"p\"", "alibaba-cloud-account", null)]
    [InlineData("\"type\":\"Unknown\"", "unknown", null)]
    [InlineData("\"type\":\"Newcomer\",\"userName\":\"u\"", "unknown", "u")]
    [InlineData("\"type\":\"IAMUser\",\"userName\":\"r\\u00f6sa \\\"q\\\"\"", "ram-user", "rösa \"q\"")]
    public void Identities_are_translated(string members, string type, string? userName)
    {
        var mapped = MappedRecord.Of(CloudTrailRecords.Bare($"\"userIdentity\":{{{members}}}"));
        Assert.Equal((type, userName), (mapped["userIdentity/type"], mapped["userIdentity/userName"]));
        Assert.True(userName is null || mapped.IsFoundBy(EventAttribute.User, userName));
    }

    [Theory]
    [InlineData("iam", "us-east-1", "True")]
    [InlineData("iam", "eu-west-1", null)]
    [InlineData("ec2", "us-east-1", null)]
    public void Global_services_report_one_region(string service, string region, string? isGlobal) =>
        Assert.Equal(isGlobal, MappedRecord.Of(CloudTrailRecords.Bare($"\"awsRegion\":\"{region}\"").Replace("ec2.", service + ".", StringComparison.Ordinal))["isGlobal"]);

    [Theory]
    [InlineData("StopLogging", true)]
    [InlineData("CreateAccessKey", true)]
    [InlineData("GetTrailStatus", false)]
    public void Calls_that_hide_tracks_or_make_credentials_are_sensitive(string name, bool sensitive) =>
        Assert.Equal(sensitive, MappedRecord.Of(CloudTrailRecords.Bare("\"x\":1").Replace("RunInstances", name, StringComparison.Ordinal)).IsFoundBy(EventAttribute.SensitiveAction, "true"));

    [Fact]
    public void The_account_is_the_recipients_else_the_callers()
    {
        Assert.Equal("210987654321", MappedRecord.Of(CloudTrailRecords.Bare("\"userIdentity\":{\"accountId\":\"999\"}")).Account);
        var old = CloudTrailRecords.Bare("\"userIdentity\":{\"accountId\":\"999\"}").Replace("\"recipientAccountId\":\"210987654321\",", "", StringComparison.Ordinal);
        Assert.Equal("999", MappedRecord.Of(old).Account);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"eventID\":\"\",")]
    [InlineData("\"eventID\":null,")]
    [InlineData("\"eventID\":\"\u00e9\",")]
    public void A_record_without_a_usable_id_gets_one_of_its_bytes(string member)
    {
        var record = $"{{\"eventTime\":\"2026-06-15T09:30:15Z\",{member}\"awsRegion\":\"eu-west-1\",\"eventSource\":\"a.b\",\"eventName\":\"A\",\"recipientAccountId\":\"1\"}}";
        Assert.Equal(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(record)).AsSpan(0, 16), bigEndian: true).ToString(), MappedRecord.Of(record)["eventId"]);
    }

    [Fact]
    public void What_is_of_another_type_is_kept_in_the_original_only()
    {
        var mapped = MappedRecord.Of(CloudTrailRecords.Bare("\"requestParameters\":\"text\",\"responseElements\":[1],\"errorCode\":404,\"userAgent\":{},\"resources\":[1,null,{\"ARN\":\"a:b\"},{}],\"insightDetails\":7,\"userIdentity\":[]"));
        Assert.Equal((null, null, "404", null), (mapped["requestParameters"], mapped["responseElements"], mapped["errorCode"], mapped["userAgent"]));
        Assert.Equal("""{"AWS::Resource":["a:b"]}""", mapped["referencedResources"]);
        Assert.Equal("text", mapped["originalRecord/requestParameters"]);
    }

    [Theory]
    [InlineData("\"eventTime\":\"2026-06-15T09:30:15Z\",", "", "/eventTime", RejectCode.Missing)]
    [InlineData("2026-06-15T09:30:15Z", "15 June", "/eventTime", RejectCode.BadValue)]
    [InlineData("2026-06-15T09:30:15Z", "2020-06-15T09:30:15Z", "/eventTime", RejectCode.TooOld)]
    [InlineData("2026-06-15T09:30:15Z", "2027-06-15T09:30:15Z", "/eventTime", RejectCode.TooFarAhead)]
    [InlineData("\"eventName\":\"RunInstances\",", "", "/eventName", RejectCode.Missing)]
    [InlineData("ec2.amazonaws.com", "", "/eventSource", RejectCode.Missing)]
    [InlineData("\"recipientAccountId\":\"210987654321\",", "", "/recipientAccountId", RejectCode.Missing)]
    [InlineData("210987654321", "a b", "/recipientAccountId", RejectCode.BadValue)]
    [InlineData("\"recipientAccountId\":\"210987654321\",", "\"userIdentity\":{\"accountId\":\"a b\"},", "/userIdentity/accountId", RejectCode.BadValue)]
    [InlineData("\"x\":1", "\"eventName\":\"B\"", "/eventName", RejectCode.BadValue)]
    [InlineData("\"x\":1", "\"event\\u004eame\":\"B\"", "/eventName", RejectCode.BadValue)]
    [InlineData("\"x\":1", "\"userIdentity\":{\"type\":\"Root\",\"type\":\"IAMUser\"}", "/userIdentity/type", RejectCode.BadValue)]
    [InlineData("\"x\":1", "\"userAgent\":\"\\udc00\"", null, RejectCode.BadEncoding)]
    public void A_record_that_cannot_be_mapped_names_field_and_rule(string part, string instead, string? field, RejectCode code)
    {
        var record = CloudTrailRecords.Bare("\"x\":1").Replace(part, instead, StringComparison.Ordinal);
        var sink = RecordingSink.Of($"{{\"Records\":[{CloudTrailRecords.Secret},{record},{CloudTrailRecords.Insight}]}}");
        Assert.Equal(2, sink.Accepted.Count);
        var (raw, reason, index) = Assert.Single(sink.Rejected);
        Assert.Equal((record, code, field, 1), (raw, reason.Code, reason.Field, index));
        Assert.NotEmpty(reason.Rule);
    }

    [Fact]
    public void A_digest_file_holds_no_events()
    {
        const string Digest = """{"awsAccountId":"1","digestStartTime":"2026-06-15T09:00:00Z","digestEndTime":"2026-06-15T10:00:00Z","logFiles":[],"newestEventTime":null}""";
        var reason = RecordingSink.Of(Digest).Only();
        Assert.Equal(RejectCode.UnknownFormat, reason.Code);
        Assert.Contains("digest", reason.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Large_bodies_stand_in_the_original_only()
    {
        var mapped = MappedRecord.Of(CloudTrailRecords.Bare($"\"requestParameters\":{{\"policy\":\"{new string('p', 200_000)}\"}}"));
        Assert.Null(mapped["requestParameters"]);
        Assert.Equal(200_000, mapped["originalRecord/requestParameters/policy"]!.Length);
    }

    [Fact]
    public void Records_with_thousands_of_resources_are_mapped_in_bounded_work()
    {
        var resources = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"{{\"ARN\":\"arn:{i}\",\"type\":\"T{i}\"}}"));
        var mapped = MappedRecord.Of(CloudTrailRecords.Bare($"\"resources\":[{resources}]"));
        using var references = JsonDocument.Parse(mapped["referencedResources"]!);
        Assert.Equal(256, references.RootElement.EnumerateObject().Count());
    }

    [Fact]
    public void Mutated_records_are_mapped_or_refused_and_harm_no_neighbour() => Assert.InRange(
        Mutation.Survive([CloudTrailRecords.Secret, CloudTrailRecords.RoleCall, CloudTrailRecords.FailedLogin, CloudTrailRecords.ServiceEvent, CloudTrailRecords.Insight], seed: 11, rounds: 6_000), 1_000, 6_000);
}
