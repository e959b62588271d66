namespace ActionTrail.Access;

/// <summary>Who may call what: the only place that says so.</summary>
public static class AccessRules
{
    /// <summary>Whether a caller of this role may call the operation within the account it acts for.</summary>
    public static bool Allows(Role role, Operation operation) => role switch
    {
        Role.Operator => true,
        Role.Administrator or Role.TrailAdministrator or Role.Auditor or Role.Publisher when operation == Operation.GetCallerIdentity => true,
        Role.Administrator => !IsOperatorOnly(operation),
        Role.TrailAdministrator => IsTrail(operation) || operation == Operation.GetAccount,
        Role.Auditor => IsLookup(operation) || operation == Operation.GetAccount
            || IsAudit(operation) || IsDirectoryRead(operation) || (IsTrail(operation) && !IsWrite(operation)),
        Role.Publisher => operation == Operation.PublishEvents,
        _ => false,
    };

    /// <summary>Operations on accounts and on the store as a whole.</summary>
    public static bool IsOperatorOnly(Operation operation) => operation is Operation.CreateAccount or Operation.ListAccounts
        or Operation.UpdateAccount or Operation.ListQuarantine or Operation.GetQuarantineRecord or Operation.ReplayQuarantineRecord
        or Operation.VerifyStore or Operation.RepairStore or Operation.PurgeEvents
        or Operation.HoldEvents or Operation.ReleaseEvents or Operation.GetHold
        or Operation.ListAccountHolds or Operation.HoldAccount or Operation.ReleaseAccount;

    /// <summary>Whether a call changes something: its audit event is <c>Write</c> and durable before the answer.</summary>
    public static bool IsWrite(Operation operation) => !IsLookup(operation) && !IsAudit(operation) && operation is not (
        Operation.DescribeRegions or Operation.DescribeTrailDeliveryMetricData or Operation.DescribeUserTrailCount or Operation.GetDataEventSelector
        or Operation.GetDeliveryHistoryJob or Operation.GetGlobalEventsStorageRegion or Operation.GetInsightSelectors
        or Operation.ListDataEventSelectors or Operation.ListDataEventServices or Operation.ListDeliveryHistoryJobs
        or Operation.DescribeTrails or Operation.GetTrail or Operation.GetTrailStatus or Operation.ListDeliveries
        or Operation.ListDigests or Operation.ListPublicKeys or Operation.ListAccountHolds
        or Operation.ListLogstores or Operation.GetLogstore
        or Operation.GetCallerIdentity or Operation.GetAccount or Operation.GetAccessKey or Operation.ListAccessKeys or Operation.ListAccounts
        or Operation.ListQuarantine or Operation.GetQuarantineRecord or Operation.VerifyStore or Operation.GetHold) && !IsDirectoryRead(operation);

    /// <summary>What the account's place in its directory allows beyond, the operation itself decides.</summary>
    private static bool IsDirectoryRead(Operation operation) => operation is Operation.ListDirectories or Operation.GetDirectory or Operation.ListMembers
        or Operation.GetMember or Operation.ListInvitations or Operation.ListDelegatedAdministrators;

    private static bool IsLookup(Operation operation) => operation is Operation.LookupEvents or Operation.GetEvent or Operation.GetOriginalRecord
        or Operation.GetEventHistogram or Operation.GetTopValues or Operation.ExportEvents
        or Operation.GetEventProof or Operation.ListCheckpoints or Operation.ListCheckpointKeys or Operation.GetCheckpoint or Operation.GetConsistencyProof;

    private static bool IsTrail(Operation operation) => operation is Operation.CreateTrail or Operation.DescribeTrails or Operation.GetTrail
        or Operation.UpdateTrail or Operation.DeleteTrail or Operation.StartLogging or Operation.StopLogging or Operation.GetTrailStatus
        or Operation.ListDigests or Operation.ListPublicKeys
        or Operation.ListDeliveries or Operation.RedeliverWindow or Operation.RedeliverTrail
        or Operation.ListLogstores or Operation.GetLogstore or Operation.UpdateLogstore
        or Operation.DescribeRegions or Operation.DescribeTrailDeliveryMetricData or Operation.DescribeUserTrailCount
        or Operation.PutDataEventSelector or Operation.GetDataEventSelector or Operation.DeleteDataEventSelector
        or Operation.ListDataEventSelectors or Operation.ListDataEventServices
        or Operation.CreateDeliveryHistoryJob or Operation.GetDeliveryHistoryJob or Operation.DeleteDeliveryHistoryJob or Operation.ListDeliveryHistoryJobs
        or Operation.CancelDeliveryHistoryJob or Operation.RetryDeliveryHistoryJob
        or Operation.GetGlobalEventsStorageRegion or Operation.UpdateGlobalEventsStorageRegion
        or Operation.PutInsightSelectors or Operation.GetInsightSelectors;

    /// <summary>Reading what happened, and the queries that are kept for it.</summary>
    private static bool IsAudit(Operation operation) => operation is Operation.DescribeResourceLifeCycleEvents
        or Operation.DescribeUserLogCount or Operation.DescribeUserAlertCount or Operation.GetGovernanceMetrics
        or Operation.GetAccessKeyLastUsedEvents or Operation.GetAccessKeyLastUsedInfo or Operation.GetAccessKeyLastUsedIps
        or Operation.GetAccessKeyLastUsedProducts or Operation.GetAccessKeyLastUsedResources
        or Operation.DescribeAdvancedQueryHistory or Operation.DescribeAdvancedQueryTemplate or Operation.GetAdvancedQueryTemplate
        or Operation.DescribeScenes or Operation.DescribeSearchTemplates
        or Operation.GetInsightTypes or Operation.GetInsightsEventsCount or Operation.LookupInsightEvents;
}
