namespace ActionTrail.Tests.Events.CloudTrail;

/// <summary>Records of the shapes that CloudTrail writes, with values of our own.</summary>
internal static class CloudTrailRecords
{
    public const string Secret = """
        {"eventVersion":"1.09","userIdentity":{"type":"IAMUser","principalId":"AIDAROSA","arn":"arn:aws:iam::210987654321:user/rosa","accountId":"210987654321","accessKeyId":"AKIAROSA","userName":"rosa"},"eventTime":"2026-06-15T09:30:15Z","eventSource":"secretsmanager.amazonaws.com","eventName":"GetSecretValue","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.4","userAgent":"aws-cli/2.1","errorCode":"AccessDenied","errorMessage":"not allowed","requestParameters":{"secretId":"arn:aws:secretsmanager:eu-west-1:210987654321:secret:db-1"},"responseElements":null,"requestID":"req-1","eventID":"11111111-2222-3333-4444-555555555555","readOnly":true,"eventType":"AwsApiCall","apiVersion":"2017-10-17","managementEvent":true,"recipientAccountId":"210987654321","eventCategory":"Management","vpcEndpointId":"vpce-1","vpcEndpointAccountId":"333","sharedEventID":"shared-1","sessionCredentialFromConsole":"true","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"X"},"addendum":{"reason":"DELIVERY_DELAY"},"edgeDeviceDetails":{"a":1},"additionalEventData":{"eventVersion":"theirs","SignatureVersion":"SigV4"}}
        """;

    public const string RoleCall = """
        {"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA1:nightly-job","arn":"arn:aws:sts::210987654321:assumed-role/Deployer/nightly-job","accountId":"210987654321","accessKeyId":"ASIA1","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA1","arn":"arn:aws:iam::210987654321:role/Deployer","accountId":"210987654321","userName":"Deployer"},"webIdFederationData":{},"attributes":{"creationDate":"2026-06-15T08:00:00Z","mfaAuthenticated":"false"}},"invokedBy":"cloudformation.amazonaws.com"},"eventTime":"2026-06-15T09:31:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-west-1","sourceIPAddress":"cloudformation.amazonaws.com","userAgent":"cloudformation.amazonaws.com","requestParameters":{"bucketName":"ledger","key":"2026/a.csv","Host":"ledger.s3.amazonaws.com"},"responseElements":{"x-amz-version-id":"7"},"additionalEventData":{"bytesTransferredIn":10.0},"requestID":"req-2","eventID":"22222222-2222-3333-4444-555555555555","readOnly":false,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::ledger/2026/a.csv"},{"accountId":"210987654321","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::ledger"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"210987654321","eventCategory":"Data"}
        """;

    public const string FailedLogin = """
        {"eventVersion":"1.08","userIdentity":{"type":"IAMUser","accountId":"210987654321","accessKeyId":"","userName":"HIDDEN_DUE_TO_SECURITY_REASONS"},"eventTime":"2026-06-15T09:32:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.8","userAgent":"Mozilla/5.0","errorMessage":"Failed authentication","requestParameters":null,"responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"LoginTo":"https://console.example","MobileVersion":"No","MFAUsed":"No"},"eventID":"33333333-2222-3333-4444-555555555555","readOnly":false,"eventType":"AwsConsoleSignIn","managementEvent":true,"recipientAccountId":"210987654321","eventCategory":"Management"}
        """;

    public const string ServiceEvent = """
        {"eventVersion":"1.05","userIdentity":{"accountId":"210987654321","invokedBy":"AWS Internal"},"eventTime":"2026-06-15T09:33:00Z","eventSource":"kms.amazonaws.com","eventName":"RotateKey","awsRegion":"eu-west-1","sourceIPAddress":"AWS Internal","userAgent":"AWS Internal","requestParameters":null,"responseElements":null,"eventID":"44444444-2222-3333-4444-555555555555","readOnly":false,"resources":[{"ARN":"arn:aws:kms:eu-west-1:210987654321:key/k-1","accountId":"210987654321","type":"AWS::KMS::Key"}],"eventType":"AwsServiceEvent","recipientAccountId":"210987654321","serviceEventDetails":{"keyId":"k-1"}}
        """;

    public const string Insight = """
        {"eventVersion":"1.07","eventTime":"2026-06-15T09:34:00Z","awsRegion":"us-east-1","eventID":"55555555-2222-3333-4444-555555555555","eventType":"AwsCloudTrailInsight","recipientAccountId":"210987654321","sharedEventID":"pair-1","insightDetails":{"state":"Start","eventSource":"iam.amazonaws.com","eventName":"ListUsers","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"baseline":{"average":0.02},"insight":{"average":9}}}},"eventCategory":"Insight"}
        """;

    public static string Bare(string members) =>
        $$"""{"eventTime":"2026-06-15T09:30:15Z","eventID":"e","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","recipientAccountId":"210987654321",{{members}}}""";
}
