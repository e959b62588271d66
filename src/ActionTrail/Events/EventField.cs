namespace ActionTrail.Events;

/// <summary>The top-level fields that are known here, and the ones by which the other formats are told apart.</summary>
internal enum EventField : byte
{
    Unknown,
    EventId,
    EventVersion,
    EventTime,
    EventType,
    EventCategory,
    EventName,
    EventRW,
    EventSource,
    ServiceName,
    ApiVersion,
    AcsRegion,
    IsGlobal,
    RequestId,
    RequestParameters,
    RequestParameterJson,
    ResponseElements,
    ResourceType,
    ResourceName,
    ReferencedResources,
    ErrorCode,
    ErrorMessage,
    SourceIpAddress,
    UserAgent,
    AdditionalEventData,
    EventAttributes,
    RecipientAccountId,
    VpcId,
    SharedEventId,
    UserIdentity,

    // Not ours: what records of Azure Monitor have.
    OperationName,
    Time,
    Category,
    ResourceId,

    // An array under this name makes the object a wrapper of records: "records" of Azure Monitor, "Records" of CloudTrail, "Events" of lookup answers.
    Records,

    // Of CloudTrail: eventID, awsRegion.
    CloudTrailEventId,
    AwsRegion,

    // Of CloudEvents.
    SpecVersion,

    // Of a LogEntry of Google Cloud.
    ProtoPayload,
    InsertId,
    LogName,

    // Of platform events (Inner-ActionTrail): EventID, EventProduct, ResourceOwnerID.
    PlatformEventId,
    EventProduct,
    ResourceOwnerId,

    // Of envelopes that carry a record: answers of CloudTrail's lookups, EventBridge, Pub/Sub, SNS.
    CloudTrailEvent,
    Detail,
    DetailType,
    Message,
    Subscription,
    TopicArn,

    // Of digest files of CloudTrail, which hold no events.
    DigestStartTime,
}

/// <summary>Which JSON types a known field may have; null always counts as absent.</summary>
internal enum FieldType : byte
{
    Any,
    Text,
    Flag,
    Object,
    TextOrInteger,
}

/// <summary>Names, types, pointers and attributes of <see cref="EventField"/>.</summary>
internal static class EventFields
{
    private const EventAttribute None = (EventAttribute)255;

    private static readonly string[] Pointers = ["", "/eventId", "/eventVersion", "/eventTime", "/eventType", "/eventCategory",
        "/eventName", "/eventRW", "/eventSource", "/serviceName", "/apiVersion", "/acsRegion", "/isGlobal", "/requestId",
        "/requestParameters", "/requestParameterJson", "/responseElements", "/resourceType", "/resourceName", "/referencedResources",
        "/errorCode", "/errorMessage", "/sourceIpAddress", "/userAgent", "/additionalEventData", "/eventAttributes",
        "/recipientAccountId", "/vpcId", "/sharedEventId", "/userIdentity", "/operationName", "/time", "/category", "/resourceId", "/records",
        "/eventID", "/awsRegion", "/specversion", "/protoPayload", "/insertId", "/logName", "/EventID", "/EventProduct", "/ResourceOwnerID",
        "/CloudTrailEvent", "/detail", "/detail-type", "/message", "/subscription", "/TopicArn", "/digestStartTime"];

    public static string Pointer(EventField field) => Pointers[(int)field];

    public static ulong Bit(EventField field) => 1UL << (int)field;

    public static FieldType TypeOf(EventField field) => field switch
    {
        EventField.EventVersion => FieldType.TextOrInteger,
        EventField.IsGlobal => FieldType.Flag,
        EventField.RequestParameters or EventField.ResponseElements or EventField.ReferencedResources
            or EventField.AdditionalEventData or EventField.EventAttributes or EventField.UserIdentity => FieldType.Object,
        EventField.Unknown or >= EventField.OperationName => FieldType.Any,
        _ => FieldType.Text,
    };

    /// <summary>The attribute that a text field is searched by as it stands.</summary>
    public static bool TryAttribute(EventField field, out EventAttribute attribute)
    {
        attribute = field switch
        {
            EventField.EventId => EventAttribute.EventId,
            EventField.RequestId => EventAttribute.RequestId,
            EventField.EventName => EventAttribute.EventName,
            EventField.ServiceName => EventAttribute.ServiceName,
            EventField.EventRW => EventAttribute.EventRW,
            EventField.SourceIpAddress => EventAttribute.SourceIpAddress,
            EventField.ErrorCode => EventAttribute.ErrorCode,
            EventField.EventType => EventAttribute.EventType,
            EventField.AcsRegion => EventAttribute.Region,
            _ => None,
        };
        return attribute != None;
    }

    public static EventField Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when Is(name, "time"u8) || Is(name, "Time"u8) => EventField.Time,
        5 when Is(name, "vpcId"u8) => EventField.VpcId,
        6 when Is(name, "Events"u8) => EventField.Records,
        6 when Is(name, "detail"u8) => EventField.Detail,
        7 when Is(name, "eventId"u8) => EventField.EventId,
        7 when Is(name, "eventRW"u8) => EventField.EventRW,
        7 when Is(name, "records"u8) || Is(name, "Records"u8) => EventField.Records,
        7 when Is(name, "eventID"u8) => EventField.CloudTrailEventId,
        7 when Is(name, "EventID"u8) => EventField.PlatformEventId,
        7 when Is(name, "logName"u8) => EventField.LogName,
        7 when Is(name, "message"u8) || Is(name, "Message"u8) => EventField.Message,
        8 when Is(name, "isGlobal"u8) => EventField.IsGlobal,
        8 when Is(name, "category"u8) => EventField.Category,
        8 when Is(name, "insertId"u8) => EventField.InsertId,
        8 when Is(name, "TopicArn"u8) => EventField.TopicArn,
        9 => FindNine(name),
        10 when Is(name, "apiVersion"u8) => EventField.ApiVersion,
        10 when Is(name, "resourceId"u8) || Is(name, "ResourceId"u8) => EventField.ResourceId,
        11 when Is(name, "serviceName"u8) => EventField.ServiceName,
        11 when Is(name, "eventSource"u8) => EventField.EventSource,
        11 when Is(name, "specversion"u8) => EventField.SpecVersion,
        11 when Is(name, "detail-type"u8) => EventField.DetailType,
        12 => FindTwelve(name),
        13 when Is(name, "eventCategory"u8) => EventField.EventCategory,
        13 when Is(name, "sharedEventId"u8) => EventField.SharedEventId,
        13 when Is(name, "operationName"u8) => EventField.OperationName,
        14 when Is(name, "eventTimestamp"u8) => EventField.Time,
        15 when Is(name, "CloudTrailEvent"u8) => EventField.CloudTrailEvent,
        15 when Is(name, "digestStartTime"u8) => EventField.DigestStartTime,
        15 when Is(name, "ResourceOwnerID"u8) => EventField.ResourceOwnerId,
        15 when Is(name, "sourceIpAddress"u8) => EventField.SourceIpAddress,
        15 when Is(name, "eventAttributes"u8) => EventField.EventAttributes,
        16 when Is(name, "responseElements"u8) => EventField.ResponseElements,
        17 when Is(name, "requestParameters"u8) => EventField.RequestParameters,
        18 when Is(name, "recipientAccountId"u8) => EventField.RecipientAccountId,
        19 when Is(name, "additionalEventData"u8) => EventField.AdditionalEventData,
        19 when Is(name, "referencedResources"u8) => EventField.ReferencedResources,
        20 when Is(name, "requestParameterJson"u8) => EventField.RequestParameterJson,
        _ => EventField.Unknown,
    };

    private static EventField FindNine(ReadOnlySpan<byte> name) =>
        Is(name, "eventName"u8) ? EventField.EventName
        : Is(name, "eventTime"u8) ? EventField.EventTime
        : Is(name, "eventType"u8) ? EventField.EventType
        : Is(name, "requestId"u8) ? EventField.RequestId
        : Is(name, "userAgent"u8) ? EventField.UserAgent
        : Is(name, "acsRegion"u8) ? EventField.AcsRegion
        : Is(name, "errorCode"u8) ? EventField.ErrorCode
        : Is(name, "timestamp"u8) ? EventField.Time
        : Is(name, "awsRegion"u8) ? EventField.AwsRegion
        : EventField.Unknown;

    private static EventField FindTwelve(ReadOnlySpan<byte> name) =>
        Is(name, "userIdentity"u8) ? EventField.UserIdentity
        : Is(name, "eventVersion"u8) ? EventField.EventVersion
        : Is(name, "resourceName"u8) ? EventField.ResourceName
        : Is(name, "resourceType"u8) ? EventField.ResourceType
        : Is(name, "errorMessage"u8) ? EventField.ErrorMessage
        : Is(name, "protoPayload"u8) ? EventField.ProtoPayload
        : Is(name, "EventProduct"u8) ? EventField.EventProduct
        : Is(name, "subscription"u8) ? EventField.Subscription
        : EventField.Unknown;

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => name.SequenceEqual(known);
}
