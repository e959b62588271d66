namespace ActionTrail.Benchmarks.Segments;

/// <summary>
/// A call that sessions make. In parameters and response <c>$</c> and a letter stand for something that the session works on: <c>$i</c> instance,
/// <c>$v</c> VPC, <c>$s</c> security group, <c>$b</c> bucket, <c>$r</c> role, <c>$u</c> user, <c>$k</c> key, <c>$f</c> function, <c>$l</c> log group;
/// <c>$a</c> account, <c>$g</c> region, <c>$x</c> an id that is new, <c>$n</c> a number that is new, <c>$t</c> the time, <c>$q</c> the request id.
/// </summary>
internal sealed record SessionCall(string Source, string Name, bool IsRead, string Parameters, string Response = "null", bool IsGlobal = false);

/// <summary>Calls of a small account, the most frequent first: mostly reads, as real records have them.</summary>
internal static class SessionTrailCalls
{
    public static IReadOnlyList<SessionCall> All { get; } =
    [
        new("ec2", "DescribeInstances", true, """{"instancesSet":{},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"},{"value":"pending"}]}}]}}"""),
        new("ec2", "DescribeInstanceStatus", true, """{"instancesSet":{"items":[{"instanceId":"$i"}]},"filterSet":{},"includeAllInstances":false}"""),
        new("s3", "GetBucketAcl", true, """{"bucketName":"$b","Host":"$b.s3.$g.amazonaws.com","acl":""}"""),
        new("ec2", "DescribeSecurityGroups", true, """{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"$s"}]},"filterSet":{}}"""),
        new("iam", "GetRole", true, """{"roleName":"$r"}""", IsGlobal: true),
        new("iam", "ListAttachedRolePolicies", true, """{"roleName":"$r","maxItems":100}""", IsGlobal: true),
        new("sts", "GetCallerIdentity", true, "null"),
        new("kms", "Decrypt", true, """{"encryptionContext":{"PARAMETER_ARN":"arn:aws:ssm:$g:$a:parameter/app/$f"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT","keyId":"arn:aws:kms:$g:$a:key/$k"}"""),
        new("logs", "DescribeLogStreams", true, """{"logGroupName":"$l","orderBy":"LastEventTime","descending":true,"limit":50}"""),
        new("ec2", "DescribeNetworkInterfaces", true, """{"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"$v"}]}},{"name":"group-id","valueSet":{"items":[{"value":"$s"}]}}]}}"""),
        new("s3", "GetBucketPolicyStatus", true, """{"bucketName":"$b","Host":"$b.s3.$g.amazonaws.com","policyStatus":""}"""),
        new("s3", "GetBucketPublicAccessBlock", true, """{"publicAccessBlock":"","bucketName":"$b","Host":"$b.s3.$g.amazonaws.com"}"""),
        new("lambda", "GetFunction20150331v2", true, """{"functionName":"arn:aws:lambda:$g:$a:function:$f"}"""),
        new("ec2", "DescribeVolumes", true, """{"volumeSet":{},"filterSet":{"items":[{"name":"attachment.instance-id","valueSet":{"items":[{"value":"$i"}]}}]}}"""),
        new("iam", "ListUsers", true, "null", IsGlobal: true),
        new("iam", "ListAccessKeys", true, """{"userName":"$u"}""", IsGlobal: true),
        new("logs", "CreateLogStream", false, """{"logGroupName":"$l","logStreamName":"2026/11/01/[$LATEST]$x"}"""),
        new("ssm", "UpdateInstanceInformation", false, """{"instanceId":"$i","agentVersion":"3.2.2222.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2","iPAddress":"10.0.1.17","computerName":"ip-10-0-1-17.$g.compute.internal"}"""),
        new("ec2", "DescribeTags", true, """{"maxResults":1000,"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"$i"}]}}]}}"""),
        new("kms", "GenerateDataKey", true, """{"keyId":"arn:aws:kms:$g:$a:key/$k","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::$b"},"keySpec":"AES_256"}"""),
        new("ec2", "DescribeSnapshots", true, """{"maxResults":1000,"ownersSet":{"items":[{"owner":"self"}]},"snapshotSet":{},"sharedUsersSet":{},"filterSet":{}}"""),
        new("secretsmanager", "GetSecretValue", true, """{"secretId":"arn:aws:secretsmanager:$g:$a:secret:$f"}"""),
        new("ec2", "DescribeSubnets", true, """{"subnetSet":{},"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"$v"}]}}]}}"""),
        new("s3", "ListBuckets", true, """{"Host":"s3.$g.amazonaws.com"}"""),
        new("cloudtrail", "LookupEvents", true, """{"maxResults":50,"lookupAttributes":[{"attributeKey":"ResourceName","attributeValue":"$i"}]}"""),
        new("ec2", "CreateTags", false, """{"resourcesSet":{"items":[{"resourceId":"$i"}]},"tagSet":{"items":[{"key":"owner","value":"$u"},{"key":"stage","value":"production"}]}}""", """{"requestId":"$q","_return":true}"""),
        new("ec2", "AuthorizeSecurityGroupIngress", false, """{"groupId":"$s","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.0.0.0/16"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}""", """{"requestId":"$q","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"$a","groupId":"$s","securityGroupRuleId":"sgr-0$x","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":443,"cidrIpv4":"10.0.0.0/16"}]}}"""),
        new("ec2", "RunInstances", false, """{"instancesSet":{"items":[{"imageId":"ami-0d5d9d301c853a04a","minCount":1,"maxCount":1,"keyName":"ops"}]},"instanceType":"t3.micro","blockDeviceMapping":{},"availabilityZone":"$ga","monitoring":{"enabled":false},"disableApiTermination":false}""", """{"requestId":"$q","reservationId":"r-0$x","ownerId":"$a","groupSet":{},"instancesSet":{"items":[{"instanceId":"i-0$x","imageId":"ami-0d5d9d301c853a04a","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-0-1-17.$g.compute.internal","keyName":"ops","amiLaunchIndex":0,"productCodes":{},"instanceType":"t3.micro","launchTime":$n000,"placement":{"availabilityZone":"$ga","tenancy":"default"},"monitoring":{"state":"disabled"},"subnetId":"subnet-0aa1bb2cc3dd4ee5f","vpcId":"$v","privateIpAddress":"10.0.1.17","stateReason":{"code":"pending","message":"pending"},"architecture":"x86_64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","virtualizationType":"hvm","hypervisor":"xen","groupSet":{"items":[{"groupId":"$s","groupName":"default"}]},"sourceDestCheck":true,"ebsOptimized":false}]}}"""),
        new("iam", "CreateAccessKey", false, """{"userName":"$u"}""", """{"accessKey":{"accessKeyId":"AKIA5H7DZ2Q4EXAMPLE2","status":"Active","userName":"$u","createDate":"$t"}}""", IsGlobal: true),
        new("iam", "AttachRolePolicy", false, """{"roleName":"$r","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}""", IsGlobal: true),
        new("s3", "PutBucketPolicy", false, """{"bucketName":"$b","Host":"$b.s3.$g.amazonaws.com","policy":"","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::$a:role/$r"},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::$b","arn:aws:s3:::$b/*"]}]}}"""),
        new("lambda", "UpdateFunctionCode20150331v2", false, """{"functionName":"$f","publish":false,"dryRun":false}""", """{"functionName":"$f","functionArn":"arn:aws:lambda:$g:$a:function:$f","runtime":"python3.12","role":"arn:aws:iam::$a:role/$r","handler":"index.handler","codeSize":$n,"timeout":30,"memorySize":256,"lastModified":"$t","version":"$LATEST","tracingConfig":{"mode":"PassThrough"},"revisionId":"$q"}"""),
    ];
}
