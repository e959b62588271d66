namespace ActionTrail.Generator.Formats;

/// <summary>The forms in which producers send audit records.</summary>
public enum TrafficFormat
{
    /// <summary>ActionTrail management events, one to a message.</summary>
    Native,

    /// <summary>ActionTrail data events: JSON arrays.</summary>
    DataEvents,

    /// <summary>AWS CloudTrail: <c>{"Records":[...]}</c>.</summary>
    CloudTrail,

    /// <summary>Azure activity log, all eight categories: <c>{"records":[...]}</c>.</summary>
    AzureActivity,

    /// <summary>Entra ID audit log.</summary>
    EntraAudit,

    /// <summary>Entra ID sign-in log.</summary>
    EntraSignIn,

    /// <summary>Key Vault AuditEvent.</summary>
    KeyVault,

    /// <summary>Azure Storage resource logs: StorageRead, StorageWrite, StorageDelete.</summary>
    StorageLogs,

    /// <summary>Google Cloud LogEntry with AuditLog: one entry to a line.</summary>
    GoogleAudit,

    /// <summary>CloudEvents 1.0, structured mode.</summary>
    CloudEvents,

    /// <summary>CloudEvents 1.0, batched mode.</summary>
    CloudEventsBatch,

    /// <summary>CloudEvents 1.0, binary mode: attributes are properties of the message, the body is the data.</summary>
    CloudEventsBinary,

    /// <summary>Inner-ActionTrail platform events: JSON arrays.</summary>
    Platform,
}
