namespace ActionTrail.Generator.Formats;

/// <summary>
/// One service of AWS: the first part of its event source, whether it reports us-east-1 wherever the call came from, its type of resource, the
/// ARN's part before the resource's name (such as <c>key/</c>), and the request parameter that names the resource.
/// </summary>
internal sealed record CloudTrailSource(string Name, bool IsGlobal, string ResourceType, string ArnPart, string Parameter, string[] Reads, string[] Writes);

/// <summary>The services and calls that CloudTrail records are drawn from, the most used first.</summary>
internal static class CloudTrailCatalog
{
    // service | g = global, r = regional | resource type | ARN part | parameter | reads | writes
    private const string Text = """
        ec2|r|AWS::EC2::Instance|instance/i-|instanceId|DescribeInstances DescribeInstanceStatus DescribeVolumes DescribeSecurityGroups DescribeSubnets DescribeVpcs DescribeImages DescribeTags DescribeNetworkInterfaces DescribeAvailabilityZones GetConsoleOutput DescribeSnapshots|RunInstances TerminateInstances StopInstances StartInstances AuthorizeSecurityGroupIngress RevokeSecurityGroupEgress CreateTags ModifyInstanceAttribute CreateVolume AttachVolume ModifySnapshotAttribute CreateKeyPair
        sts|r|AWS::IAM::Role|role/|roleArn|GetCallerIdentity AssumeRole AssumeRoleWithWebIdentity GetSessionToken|
        s3|r|AWS::S3::Bucket|:::|bucketName|ListBuckets GetBucketAcl GetBucketPolicy GetBucketLocation GetBucketEncryption GetBucketPolicyStatus GetBucketPublicAccessBlock|CreateBucket DeleteBucket PutBucketPolicy PutBucketAcl PutBucketLifecycle DeleteBucketPolicy PutBucketPublicAccessBlock
        iam|g|AWS::IAM::User|user/|userName|ListUsers ListRoles GetUser GetRole ListAccessKeys ListAttachedRolePolicies GetAccountSummary GetPolicyVersion SimulatePrincipalPolicy|CreateUser DeleteUser AttachRolePolicy CreateAccessKey UpdateLoginProfile PutUserPolicy AddUserToGroup CreateRole UpdateAssumeRolePolicy DeactivateMFADevice
        kms|r|AWS::KMS::Key|key/|keyId|DescribeKey Decrypt GenerateDataKey ListKeys GetKeyRotationStatus ListAliases GetKeyPolicy|CreateKey ScheduleKeyDeletion DisableKey PutKeyPolicy CreateGrant RetireGrant
        logs|r|AWS::Logs::LogGroup|log-group:|logGroupName|DescribeLogGroups DescribeLogStreams GetLogEvents FilterLogEvents|CreateLogStream CreateLogGroup PutRetentionPolicy DeleteLogGroup
        lambda|r|AWS::Lambda::Function|function:|functionName|ListFunctions20150331 GetFunction20150331v2 GetPolicy20150331v2 ListTags20170331|UpdateFunctionCode20150331v2 CreateFunction20150331 AddPermission20150331v2 UpdateFunctionConfiguration20150331v2
        secretsmanager|r|AWS::SecretsManager::Secret|secret:|secretId|GetSecretValue DescribeSecret ListSecrets|CreateSecret PutSecretValue RotateSecret DeleteSecret
        ssm|r|AWS::SSM::ManagedInstance|managed-instance/|instanceId|DescribeInstanceInformation GetParameters ListCommands|SendCommand StartSession PutParameter UpdateInstanceInformation
        dynamodb|r|AWS::DynamoDB::Table|table/|tableName|DescribeTable ListTables DescribeTimeToLive DescribeContinuousBackups|CreateTable UpdateTable DeleteTable
        rds|r|AWS::RDS::DBInstance|db:|dBInstanceIdentifier|DescribeDBInstances DescribeDBClusters DescribeDBSnapshots|ModifyDBInstance CreateDBInstance DeleteDBInstance CreateDBSnapshot ModifyDBSnapshotAttribute
        cloudformation|r|AWS::CloudFormation::Stack|stack/|stackName|DescribeStacks DescribeStackEvents ListStackResources|CreateStack UpdateStack DeleteStack CreateChangeSet
        elasticloadbalancing|r|AWS::ElasticLoadBalancingV2::LoadBalancer|loadbalancer/app/|loadBalancerArn|DescribeLoadBalancers DescribeTargetHealth DescribeTargetGroups DescribeListeners|RegisterTargets DeregisterTargets ModifyListener
        autoscaling|r|AWS::AutoScaling::AutoScalingGroup|autoScalingGroup:|autoScalingGroupName|DescribeAutoScalingGroups DescribeScalingActivities|UpdateAutoScalingGroup SetDesiredCapacity
        eks|r|AWS::EKS::Cluster|cluster/|name|DescribeCluster ListClusters ListNodegroups|CreateNodegroup UpdateClusterConfig CreateAccessEntry
        sqs|r|AWS::SQS::Queue|:|queueUrl|GetQueueAttributes ListQueues|CreateQueue SetQueueAttributes PurgeQueue
        cloudtrail|r|AWS::CloudTrail::Trail|trail/|name|DescribeTrails GetTrailStatus LookupEvents GetEventSelectors|StopLogging StartLogging PutEventSelectors UpdateTrail DeleteTrail
        organizations|g|AWS::Organizations::Account|account/|accountId|ListAccounts DescribeOrganization ListRoots|CreateAccount MoveAccount LeaveOrganization
        """;

    public static IReadOnlyList<CloudTrailSource> All { get; } = [.. Text.Split('\n').Select(Parse)];

    private static CloudTrailSource Parse(string line)
    {
        var part = line.Trim().Split('|');
        return new CloudTrailSource(part[0], part[1] == "g", part[2], part[3], part[4],
            part[5].Split(' ', StringSplitOptions.RemoveEmptyEntries), part[6].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
