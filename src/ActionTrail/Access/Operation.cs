namespace ActionTrail.Access;

/// <summary>Every operation of the API. The name is the <c>eventName</c> of the audit event that a call leaves: add, never rename.</summary>
public enum Operation
{
    LookupEvents,
    GetEvent,
    GetOriginalRecord,
    PublishEvents,

    CreateTrail,
    DescribeTrails,
    GetTrail,
    UpdateTrail,
    DeleteTrail,
    StartLogging,
    StopLogging,
    GetTrailStatus,
    ListDeliveries,
    RedeliverWindow,
    RedeliverTrail,

    GetAccount,
    CreateAccessKey,
    ListAccessKeys,
    UpdateAccessKey,
    DeleteAccessKey,
    RotateAccessKey,
    GetAccessKeyLastUsedInfo,

    CreateAccount,
    ListAccounts,
    UpdateAccount,
    ListQuarantine,
    GetQuarantineRecord,
    ReplayQuarantineRecord,
    VerifyStore,
    RepairStore,
    PurgeEvents,
    HoldEvents,
    ReleaseEvents,
    GetHold,
}
