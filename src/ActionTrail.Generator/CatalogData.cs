namespace ActionTrail.Generator;

/// <summary>The services, resource types and actions that events are drawn from: about 300 actions, the most used first.</summary>
internal static class CatalogData
{
    // service | host | api version | g = global, r = regional | weight | share of writes
    //   resource type | id prefix | parameter | reads | writes, sensitive ones marked with !
    private const string Text = """
        Ecs|ecs|2014-05-26|r|30|0.16
          ACS::ECS::Instance|i-bp1|InstanceId|DescribeInstances DescribeInstanceStatus DescribeInstanceAttribute DescribeInstanceTypes DescribeInstanceMonitorData DescribeUserData DescribeInstanceVncUrl|RunInstances StartInstance StopInstance RebootInstance ModifyInstanceAttribute DeleteInstance! ModifyInstanceSpec ReplaceSystemDisk! RunCommand! AttachInstanceRamRole!
          ACS::ECS::Disk|d-bp1|DiskId|DescribeDisks DescribeDiskMonitorData|CreateDisk AttachDisk DetachDisk DeleteDisk! ResizeDisk ModifyDiskAttribute ResetDisk!
          ACS::ECS::SecurityGroup|sg-bp1|SecurityGroupId|DescribeSecurityGroups DescribeSecurityGroupAttribute DescribeSecurityGroupReferences|AuthorizeSecurityGroup! RevokeSecurityGroup! CreateSecurityGroup DeleteSecurityGroup! JoinSecurityGroup LeaveSecurityGroup
          ACS::ECS::Image|m-bp1|ImageId|DescribeImages DescribeImageSharePermission|CreateImage CopyImage DeleteImage! ModifyImageSharePermission!
          ACS::ECS::Snapshot|s-bp1|SnapshotId|DescribeSnapshots DescribeSnapshotsUsage|CreateSnapshot DeleteSnapshot! CopySnapshot
          ACS::ECS::NetworkInterface|eni-bp1|NetworkInterfaceId|DescribeNetworkInterfaces|CreateNetworkInterface AttachNetworkInterface DeleteNetworkInterface
          ACS::ECS::KeyPair|kp-|KeyPairName|DescribeKeyPairs|CreateKeyPair! ImportKeyPair! DeleteKeyPairs!
        Oss|oss|2019-05-17|r|20|0.12
          ACS::OSS::Bucket|prod-data-|BucketName|GetBucketInfo ListObjects ListBuckets GetBucketAcl GetBucketLifecycle GetBucketEncryption GetBucketLogging GetBucketPolicy GetBucketReferer GetBucketVersioning GetBucketStat|PutBucket PutBucketAcl! PutBucketPolicy! PutBucketLifecycle PutBucketEncryption! PutBucketLogging DeleteBucket! DeleteBucketPolicy! PutBucketReferer PutBucketVersioning DeleteBucketEncryption!
        Ram|ram|2015-05-01|g|8|0.30
          ACS::RAM::User|user-|UserName|GetUser ListUsers ListPoliciesForUser ListGroupsForUser GetLoginProfile GetUserMFAInfo|CreateUser DeleteUser! UpdateUser AttachPolicyToUser! DetachPolicyFromUser! CreateLoginProfile! DeleteLoginProfile UnbindMFADevice!
          ACS::RAM::AccessKey|LTAI5t|UserAccessKeyId|ListAccessKeys GetAccessKeyLastUsed|CreateAccessKey! UpdateAccessKey! DeleteAccessKey!
          ACS::RAM::Role|role-|RoleName|GetRole ListRoles ListPoliciesForRole|CreateRole! DeleteRole! UpdateRole! AttachPolicyToRole! DetachPolicyFromRole!
          ACS::RAM::Policy|policy-|PolicyName|GetPolicy ListPolicies GetPolicyVersion ListEntitiesForPolicy|CreatePolicy! CreatePolicyVersion! DeletePolicy! SetDefaultPolicyVersion!
        Sts|sts|2015-04-01|g|6|0.90
          ACS::RAM::Role|role-|RoleArn|GetCallerIdentity|AssumeRole AssumeRoleWithSAML AssumeRoleWithOIDC
        Rds|rds|2014-08-15|r|9|0.14
          ACS::RDS::DBInstance|rm-bp1|DBInstanceId|DescribeDBInstances DescribeDBInstanceAttribute DescribeDBInstancePerformance DescribeSlowLogs DescribeErrorLogs DescribeResourceUsage DescribeDBInstanceNetInfo|CreateDBInstance DeleteDBInstance! RestartDBInstance ModifyDBInstanceSpec ModifySecurityIps! AllocateInstancePublicConnection! SwitchDBInstanceHA
          ACS::RDS::Account|acct-|AccountName|DescribeAccounts|CreateAccount! DeleteAccount! GrantAccountPrivilege! ResetAccountPassword!
          ACS::RDS::Backup|bk-|BackupId|DescribeBackups DescribeBackupPolicy DescribeBinlogFiles|CreateBackup DeleteBackup! ModifyBackupPolicy RestoreDBInstance!
        Kms|kms|2016-01-20|r|7|0.08
          ACS::KMS::Key|key-hzz|KeyId|DescribeKey ListKeys GetPublicKey ListAliases ListKeyVersions ListResourceTags Decrypt GenerateDataKey Encrypt|CreateKey ScheduleKeyDeletion! DisableKey! EnableKey CreateAlias DeleteAlias UpdateRotationPolicy CancelKeyDeletion
          ACS::KMS::Secret|secret-|SecretName|GetSecretValue ListSecrets DescribeSecret ListSecretVersionIds|CreateSecret PutSecretValue! DeleteSecret! RotateSecret
        Vpc|vpc|2016-04-28|r|6|0.18
          ACS::VPC::VPC|vpc-bp1|VpcId|DescribeVpcs DescribeVpcAttribute|CreateVpc DeleteVpc! ModifyVpcAttribute
          ACS::VPC::VSwitch|vsw-bp1|VSwitchId|DescribeVSwitches DescribeVSwitchAttributes|CreateVSwitch DeleteVSwitch! ModifyVSwitchAttribute
          ACS::VPC::EIP|eip-bp1|AllocationId|DescribeEipAddresses DescribeEipMonitorData|AllocateEipAddress AssociateEipAddress! UnassociateEipAddress ReleaseEipAddress!
          ACS::VPC::RouteTable|vtb-bp1|RouteTableId|DescribeRouteTables DescribeRouteTableList|CreateRouteEntry! DeleteRouteEntry!
          ACS::VPC::NatGateway|ngw-bp1|NatGatewayId|DescribeNatGateways DescribeSnatTableEntries|CreateNatGateway DeleteNatGateway! CreateSnatEntry
        Slb|slb|2014-05-15|r|4|0.15
          ACS::SLB::LoadBalancer|lb-bp1|LoadBalancerId|DescribeLoadBalancers DescribeLoadBalancerAttribute DescribeHealthStatus DescribeLoadBalancerHTTPSListenerAttribute|CreateLoadBalancer DeleteLoadBalancer! AddBackendServers RemoveBackendServers SetBackendServers CreateLoadBalancerHTTPSListener StartLoadBalancerListener StopLoadBalancerListener!
          ACS::SLB::ServerCertificate|cert-|ServerCertificateId|DescribeServerCertificates|UploadServerCertificate! DeleteServerCertificate!
        Cdn|cdn|2018-05-10|g|3|0.20
          ACS::CDN::Domain|www-|DomainName|DescribeUserDomains DescribeCdnDomainDetail DescribeDomainBpsData DescribeDomainHitRateData DescribeCdnDomainConfigs DescribeRefreshTasks|RefreshObjectCaches PushObjectCache AddCdnDomain DeleteCdnDomain! StopCdnDomain! BatchSetCdnDomainConfig SetCdnDomainSSLCertificate!
        Actiontrail|actiontrail|2020-07-06|r|4|0.06
          ACS::ActionTrail::Trail|trail-|Name|LookupEvents DescribeTrails GetTrailStatus DescribeRegions|CreateTrail StartLogging StopLogging! UpdateTrail! DeleteTrail!
        Sls|sls|2020-12-30|r|5|0.15
          ACS::SLS::LogStore|logstore-|Logstore|GetLogs ListLogStores GetHistograms GetIndex GetCursor|CreateLogStore UpdateLogStore DeleteLogStore! CreateIndex
          ACS::SLS::Project|proj-|Project|ListProject GetProject|CreateProject DeleteProject!
        FC|fc|2021-04-06|r|4|0.22
          ACS::FC::Function|fn-|FunctionName|GetFunction ListFunctions GetFunctionCode ListTriggers|InvokeFunction CreateFunction UpdateFunction! DeleteFunction! CreateTrigger PutFunctionAsyncInvokeConfig
        Cs|cs|2015-12-15|r|4|0.14
          ACS::CS::Cluster|c-|ClusterId|DescribeClusters DescribeClusterDetail DescribeClusterUserKubeconfig DescribeClusterNodes DescribeClusterLogs DescribeClusterNodePools|CreateCluster DeleteCluster! ScaleOutCluster UpgradeCluster ModifyCluster GrantPermissions!
        Cms|cms|2019-01-01|g|5|0.06
          ACS::CMS::MetricRule|rule-|RuleId|DescribeMetricList DescribeMetricLast DescribeMetricRuleList DescribeAlertHistoryList DescribeMonitorGroups DescribeContactList|PutResourceMetricRule DeleteMetricRules! DisableMetricRules! PutContact
        Alidns|alidns|2015-01-09|g|2|0.25
          ACS::DNS::Domain|zone-|DomainName|DescribeDomainRecords DescribeDomains DescribeDomainRecordInfo|AddDomainRecord UpdateDomainRecord! DeleteDomainRecord! SetDomainRecordStatus
        ResourceManager|resourcemanager|2020-03-31|g|2|0.12
          ACS::ResourceManager::Account|ra-|AccountId|GetAccount ListAccounts GetResourceDirectory ListFoldersForParent ListResourceGroups|CreateResourceAccount! MoveAccount! RemoveCloudAccount! CreateFolder CreateResourceGroup
        AasSub|signin|2015-05-01|g|4|1
          ACS::RAM::User|user-|UserName||ConsoleSignin ConsoleSignout
        """;

    public static IReadOnlyList<CatalogEntry> Services { get; } = Parse();

    /// <summary>Number of distinct resource types.</summary>
    public static int ResourceKindCount { get; } = Services.SelectMany(s => s.Actions).Select(a => a.Resource.Index).Max() + 1;

    private static List<CatalogEntry> Parse()
    {
        var services = new List<CatalogEntry>();
        var kinds = new Dictionary<string, int>(StringComparer.Ordinal);
        string[]? service = null;
        var actions = new List<CatalogAction>();
        foreach (var line in Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Trim().Split('|');
            if (!line.StartsWith(' '))
            {
                Flush();
                service = fields;
                continue;
            }

            kinds.TryAdd(fields[0], kinds.Count);
            var kind = new ResourceKind(kinds[fields[0]], fields[0], fields[1], fields[2]);
            actions.AddRange(Names(fields[3]).Select(name => new CatalogAction(name, IsWrite: false, IsSensitive: false, kind)));
            actions.AddRange(Names(fields[4]).Select(name => new CatalogAction(name.TrimEnd('!'), IsWrite: true, IsSensitive: name.EndsWith('!'), kind)));
        }
        Flush();
        return services;

        void Flush()
        {
            if (service is null)
                return;
            var culture = System.Globalization.CultureInfo.InvariantCulture;
            services.Add(new CatalogEntry(service[0], service[1], service[2], isGlobal: service[3] == "g",
                weight: double.Parse(service[4], culture), writeShare: double.Parse(service[5], culture), actions));
            actions = [];
        }
    }

    private static string[] Names(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
