namespace ActionTrail.Events.CloudTrail;

/// <summary>What is known by name: types, categories, global services, calls that count as sensitive, and where a request names its resource.</summary>
internal static class CloudTrailNames
{
    // Services without regions; their records say us-east-1.
    private static readonly byte[][] Global = Utf8(
        "account", "artifact", "billing", "budgets", "ce", "cloudfront", "globalaccelerator", "health", "iam", "networkmanager", "organizations",
        "route53", "route53domains", "shield", "signin", "sts", "support", "trustedadvisor", "waf");

    // Calls that hide tracks, open doors or make credentials.
    private static readonly byte[][] Sensitive = Utf8(
        "StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "DeleteFlowLogs", "DeleteDetector", "StopConfigurationRecorder", "DeleteConfigurationRecorder",
        "CreateAccessKey", "CreateUser", "CreateLoginProfile", "UpdateLoginProfile", "DeactivateMFADevice", "DeleteVirtualMFADevice", "UpdateAssumeRolePolicy",
        "AttachUserPolicy", "AttachRolePolicy", "AttachGroupPolicy", "PutUserPolicy", "PutRolePolicy", "PutGroupPolicy", "AddUserToGroup", "CreatePolicyVersion",
        "SetDefaultPolicyVersion", "CreateSAMLProvider", "UpdateSAMLProvider", "DeleteAccountPasswordPolicy", "PutBucketPolicy", "PutBucketAcl", "DeleteBucketPolicy",
        "DeleteBucketEncryption", "PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock", "ScheduleKeyDeletion", "DisableKey", "PutKeyPolicy",
        "AuthorizeSecurityGroupIngress", "ModifySnapshotAttribute", "ModifyImageAttribute", "LeaveOrganization", "DeleteSecret");

    private static readonly byte[][] ReadVerbs = Utf8("Get", "List", "Describe", "Head");

    // A parameter of a request of that service that names a resource of that type. Records without resources[] are found by these.
    private static readonly (byte[] Service, byte[] Parameter, byte[] Type)[] Parameters =
    [
        .. new[]
        {
            ("s3", "bucketName", "AWS::S3::Bucket"), ("iam", "userName", "AWS::IAM::User"), ("iam", "roleName", "AWS::IAM::Role"), ("iam", "groupName", "AWS::IAM::Group"),
            ("iam", "policyArn", "AWS::IAM::Policy"), ("iam", "accessKeyId", "AWS::IAM::AccessKey"), ("sts", "roleArn", "AWS::IAM::Role"),
            ("kms", "keyId", "AWS::KMS::Key"), ("lambda", "functionName", "AWS::Lambda::Function"), ("dynamodb", "tableName", "AWS::DynamoDB::Table"),
            ("secretsmanager", "secretId", "AWS::SecretsManager::Secret"), ("ec2", "instanceId", "AWS::EC2::Instance"), ("ec2", "groupId", "AWS::EC2::SecurityGroup"),
            ("ec2", "volumeId", "AWS::EC2::Volume"), ("ec2", "snapshotId", "AWS::EC2::Snapshot"), ("ec2", "vpcId", "AWS::EC2::VPC"), ("ec2", "subnetId", "AWS::EC2::Subnet"),
            ("rds", "dBInstanceIdentifier", "AWS::RDS::DBInstance"), ("rds", "dBClusterIdentifier", "AWS::RDS::DBCluster"), ("cloudtrail", "name", "AWS::CloudTrail::Trail"),
            ("sns", "topicArn", "AWS::SNS::Topic"), ("sqs", "queueUrl", "AWS::SQS::Queue"), ("ecr", "repositoryName", "AWS::ECR::Repository"),
            ("eks", "name", "AWS::EKS::Cluster"), ("ssm", "name", "AWS::SSM::Parameter"), ("logs", "logGroupName", "AWS::Logs::LogGroup"),
            ("cloudformation", "stackName", "AWS::CloudFormation::Stack"),
        }.Select(row => (Bytes(row.Item1), Bytes(row.Item2), Bytes(row.Item3))),
    ];

    public static bool IsGlobal(ReadOnlySpan<byte> service, JsonSlice region) => region.Is("us-east-1"u8) && IsOneOf(service, Global);

    public static bool IsSensitive(ReadOnlySpan<byte> eventName) => IsOneOf(eventName, Sensitive);

    public static bool IsRead(ReadOnlySpan<byte> eventName)
    {
        foreach (var verb in ReadVerbs)
        {
            if (eventName.StartsWith(verb))
            {
                return true;
            }
        }

        return false;
    }

    public static ReadOnlySpan<byte> EventType(JsonSlice type) =>
        type.Is("AwsServiceEvent"u8) ? "AliyunServiceEvent"u8
        : type.Is("AwsConsoleAction"u8) ? "ConsoleOperation"u8
        : type.Is("AwsConsoleSignIn"u8) ? "ConsoleSignin"u8
        : type.Is("AwsCloudTrailInsight"u8) ? "ActionTrailInsight"u8
        : "ApiCall"u8;

    public static ReadOnlySpan<byte> Category(JsonSlice category, JsonSlice type, JsonSlice managementEvent) =>
        category.Is("Data"u8) || category.Is("NetworkActivity"u8) ? "Data"u8
        : category.Is("Insight"u8) || (!category.HasText && type.Is("AwsCloudTrailInsight"u8)) ? "Insight"u8
        : !category.HasText && (managementEvent.IsFalse || managementEvent.Is("false"u8)) ? "Data"u8
        : "Management"u8;

    /// <summary>The kind of identity in our words; an absent type is an AWS service's.</summary>
    public static ReadOnlySpan<byte> IdentityType(JsonSlice type) =>
        type.Is("AssumedRole"u8) || type.Is("Role"u8) ? "assumed-role"u8
        : type.Is("IAMUser"u8) ? "ram-user"u8
        : type.Is("Root"u8) ? "root-account"u8
        : type.Is("AWSService"u8) || !type.HasText ? "system"u8
        : type.Is("FederatedUser"u8) || type.Is("WebIdentityUser"u8) || type.Is("IdentityCenterUser"u8) ? "cloudsso-user"u8
        : type.Is("SAMLUser"u8) ? "saml"u8
        : type.Is("AWSAccount"u8) ? "alibaba-cloud-account"u8
        : "unknown"u8;

    /// <summary>Adds what the parameters of a request name.</summary>
    public static void AddNamed(ReadOnlySpan<byte> service, ObjectIndex.Members parameters, ResourceReferences resources)
    {
        foreach (var (known, parameter, type) in Parameters)
        {
            if (service.SequenceEqual(known))
            {
                resources.Add(type, parameters[parameter].Utf8);
            }
        }
    }

    private static bool IsOneOf(ReadOnlySpan<byte> name, byte[][] names)
    {
        foreach (var known in names)
        {
            if (name.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }

    private static byte[][] Utf8(params string[] names) => [.. names.Select(Bytes)];

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
