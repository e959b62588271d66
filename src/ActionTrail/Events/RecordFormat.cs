namespace ActionTrail.Events;

/// <summary>The forms of record that are told apart.</summary>
internal enum RecordFormat
{
    /// <summary>None that is known.</summary>
    Unknown,

    /// <summary>Our own: an ActionTrail event, management or data.</summary>
    Native,

    /// <summary>A record of Azure Monitor: activity log, Entra ID, resource log.</summary>
    AzureMonitor,

    /// <summary>A record of AWS CloudTrail.</summary>
    CloudTrail,

    /// <summary>A CloudEvent 1.0 in structured form.</summary>
    CloudEvent,

    /// <summary>A LogEntry of Google Cloud that holds an AuditLog.</summary>
    GoogleLogEntry,

    /// <summary>What the provider's staff did: an Inner-ActionTrail event.</summary>
    PlatformEvent,

    /// <summary>No event, but what one travelled in: see <see cref="MessageNormalizer"/>.</summary>
    Envelope,

    /// <summary>A digest file of CloudTrail: it lists files and holds no events.</summary>
    Digest,
}

/// <summary>Which format a record has, by the names of its members: the ones that a format always has and the others never.</summary>
internal static class RecordFormats
{
    /// <summary>The format of the record that the scanner has just read.</summary>
    public static RecordFormat Detect(EventScanner record) =>
        record.Saw(EventField.SpecVersion) && !record.Saw(EventField.EventTime) ? RecordFormat.CloudEvent
        : !record.LooksNative && (record.Saw(EventField.ProtoPayload) || (record.Saw(EventField.InsertId) && record.Saw(EventField.LogName))) ? RecordFormat.GoogleLogEntry
        : !record.LooksNative && (record.Saw(EventField.EventProduct) || (record.Saw(EventField.PlatformEventId) && record.Saw(EventField.ResourceOwnerId))) ? RecordFormat.PlatformEvent
        : IsCloudTrail(record) ? RecordFormat.CloudTrail
        : IsEnvelope(record) ? RecordFormat.Envelope
        : record.Saw(EventField.DigestStartTime) && !record.LooksNative ? RecordFormat.Digest
        : IsAzureMonitor(record) ? RecordFormat.AzureMonitor
        : record.LooksNative || record.Saw(EventField.EventName) ? RecordFormat.Native
        : RecordFormat.Unknown;

    // Both forms have eventTime, eventName and userIdentity; only ours has serviceName and eventId, only CloudTrail the other two.
    private static bool IsCloudTrail(EventScanner record) => (record.Saw(EventField.CloudTrailEventId) || record.Saw(EventField.AwsRegion))
        && !record.Saw(EventField.ServiceName) && !record.Saw(EventField.EventId);

    private static bool IsEnvelope(EventScanner record) => !record.LooksNative && !record.Saw(EventField.EventName)
        && (record.Saw(EventField.CloudTrailEvent) || (record.Saw(EventField.DetailType) && record.Saw(EventField.Detail))
            || (record.Saw(EventField.Message) && (record.Saw(EventField.Subscription) || record.Saw(EventField.TopicArn))));

    private static bool IsAzureMonitor(EventScanner record) => !record.Saw(EventField.EventTime)
        && (record.Saw(EventField.OperationName)
            || (record.Saw(EventField.Category) && record.Saw(EventField.ResourceId))
            || (record.Saw(EventField.Time) && (record.Saw(EventField.Category) || record.Saw(EventField.ResourceId))));
}
