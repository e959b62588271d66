namespace ActionTrail.Events;

/// <summary>
/// The attributes by which events are looked up. Values compare exactly and case-sensitively, as in ActionTrail's LookupEvents.
/// The numbers are stored in segments: add, never renumber.
/// </summary>
public enum EventAttribute : byte
{
    EventId = 0,
    RequestId = 1,

    /// <summary><c>userIdentity.userName</c>.</summary>
    User = 2,

    /// <summary><c>userIdentity.principalId</c>.</summary>
    PrincipalId = 3,

    /// <summary><c>userIdentity.accessKeyId</c>.</summary>
    AccessKeyId = 4,

    /// <summary>For <c>userIdentity.type</c> <c>assumed-role</c>: <c>userName</c> before its first colon.</summary>
    RoleName = 5,

    EventName = 6,
    ServiceName = 7,

    /// <summary>Several values: each part of <c>resourceType</c> (split at <c>;</c>) and each key of <c>referencedResources</c>.</summary>
    ResourceType = 8,

    /// <summary>Several values: each part of <c>resourceName</c> (split at <c>;</c>) and each name in <c>referencedResources</c>.</summary>
    ResourceName = 9,

    /// <summary><c>Read</c> or <c>Write</c>.</summary>
    EventRW = 10,

    /// <summary><c>true</c> when <c>eventAttributes.SensitiveAction</c> is the string or boolean true; otherwise absent.</summary>
    SensitiveAction = 11,

    SourceIpAddress = 12,

    /// <summary>Absent when empty.</summary>
    ErrorCode = 13,

    EventType = 14,

    /// <summary><c>acsRegion</c>.</summary>
    Region = 15,

    /// <summary>The account that the event is of. Only in Logstores, whose rows bear their owner; everywhere else the row says it.</summary>
    RecipientAccount = 16,
}

/// <summary>Facts about <see cref="EventAttribute"/>.</summary>
public static class EventAttributes
{
    public const int Count = 17;
}
