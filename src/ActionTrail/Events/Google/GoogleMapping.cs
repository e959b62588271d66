namespace ActionTrail.Events.Google;

/// <summary>
/// Maps LogEntries of Google Cloud that hold an AuditLog (logs activity, data_access, system_event and policy) to events of our form. Values are
/// copied as they stand; the entry itself is the last member <c>originalRecord</c>.
/// </summary>
internal sealed partial class GoogleMapping : IRecordMapping
{
    // Requests and responses above this size are not repeated outside originalRecord.
    private const int MaxRepeatedBytes = 128 << 10;

    private readonly ObjectIndex top = new();
    private readonly ObjectIndex payload = new();
    private readonly ObjectIndex resource = new();
    private readonly ObjectIndex labels = new();
    private readonly ObjectIndex operation = new();
    private readonly ObjectIndex status = new();
    private readonly ObjectIndex caller = new();
    private readonly ObjectIndex request = new();
    private readonly ObjectIndex location = new();
    private readonly ObjectIndex permission = new();
    private readonly ObjectIndex attributes = new();
    private readonly ResourceReferences resources = new();
    private readonly RecordBuffer key = new();
    private readonly RecordBuffer account = new();

    public string TimePointer { get; private set; } = "/timestamp";

    public Rejection? Map(in SourceRecord source, MappedEvent output)
    {
        if (JsonText.HasLoneSurrogate(source.Json))
        {
            return new Rejection(RejectCode.BadEncoding, null, Rules.Surrogates);
        }

        var entry = top.Read(source.Json, "");
        var audit = payload.Read(entry["protoPayload"u8].Raw, "/protoPayload");
        var target = resource.Read(entry["resource"u8].Raw, "/resource");
        var label = labels.Read(target["labels"u8].Raw, "/resource/labels");
        ReadAccount(entry["logName"u8], label);
        if (Check(entry, audit, label) is { } fault)
        {
            return fault;
        }

        var log = LogOf(entry["logName"u8].Utf8);
        output.Begin();
        WriteEventId(entry, source.AsSent, output);
        output.Json.WriteNumber("eventVersion"u8, 1);
        output.CopyText("eventTime"u8, entry["timestamp"u8].Or(entry["receiveTimestamp"u8]));
        output.CopyText("eventName"u8, audit["methodName"u8]);
        output.CopyText("eventSource"u8, audit["serviceName"u8]);
        output.CopyText("serviceName"u8, audit["serviceName"u8]);
        output.Json.WriteString("recipientAccountId"u8, account.Written);
        output.Json.WriteString("eventType"u8, GoogleNames.EventType(log, audit["serviceName"u8], audit["methodName"u8].Utf8));
        output.Json.WriteString("eventCategory"u8, log.SequenceEqual("data_access"u8) ? "Data"u8 : "Management"u8);
        output.Json.WriteString("eventRW"u8, ReadPermissions(audit, target["type"u8], log) ? "Read"u8 : "Write"u8);
        output.CopyText("requestId"u8, entry["insertId"u8]);
        output.CopyText("sharedEventId"u8, operation.Read(entry["operation"u8].Raw, "/operation")["id"u8]);
        WriteRegion(audit, label, output);
        WriteOutcome(audit, log, output);
        resources.Write(output);
        WriteCaller(audit, output);
        WriteBody("requestParameters"u8, audit["request"u8], output);
        WriteBody("responseElements"u8, audit["response"u8], output);
        WriteSensitive(audit["methodName"u8].Utf8, output);
        WriteAdditional(entry, audit, log, target, output);
        if ((top.Repeated ?? payload.Repeated ?? resource.Repeated ?? labels.Repeated ?? caller.Repeated ?? request.Repeated) is { } repeated)
        {
            return new Rejection(RejectCode.BadValue, repeated, Rules.Twice);
        }

        output.End(source.Json);
        return null;
    }

    private Rejection? Check(ObjectIndex.Members entry, ObjectIndex.Members audit, ObjectIndex.Members label)
    {
        var time = entry["timestamp"u8];
        TimePointer = time.HasText ? "/timestamp" : "/receiveTimestamp";
        time = time.Or(entry["receiveTimestamp"u8]);
        return !IsAudit(entry, audit) ? new Rejection(RejectCode.UnknownFormat, "/protoPayload", Rules.GoogleAudit)
            : !time.HasText ? new Rejection(RejectCode.Missing, "/timestamp", Rules.Required)
            : !EventTimes.TryParse(time.Utf8, out _) ? new Rejection(RejectCode.BadValue, TimePointer, Rules.Time)
            : !audit["methodName"u8].HasText ? new Rejection(RejectCode.Missing, "/protoPayload/methodName", Rules.Required)
            : !audit["serviceName"u8].HasText ? new Rejection(RejectCode.Missing, "/protoPayload/serviceName", Rules.Required)
            : account.Length == 0 ? new Rejection(RejectCode.Missing, "/resource/labels/project_id", Rules.GoogleAccount)
            : !AccountIds.IsValid(account.Written) ? new Rejection(RejectCode.BadValue, label["project_id"u8].HasText ? "/resource/labels/project_id" : "/logName", Rules.Account)
            : null;
    }

    // Entries that were exported without "@type" are audit logs when they look like one.
    private static bool IsAudit(ObjectIndex.Members entry, ObjectIndex.Members audit)
    {
        var type = audit["@type"u8];
        return entry["protoPayload"u8].IsObject && (type.HasText ? type.Utf8.EndsWith("google.cloud.audit.AuditLog"u8) : audit["methodName"u8].HasText || audit["serviceName"u8].HasText);
    }

    // The project, else what the log belongs to: "organizations/1/logs/..." is the account "organizations-1". Ids of the old
    // form "example.com:project" have a dot for the colon; no other project id has a dot.
    private void ReadAccount(JsonSlice logName, ObjectIndex.Members label)
    {
        account.Clear();
        var project = label["project_id"u8].Utf8;
        var name = logName.Utf8;
        if (project.IsEmpty && name.IndexOf((byte)'/') is var first and > 0)
        {
            var kind = name[..first];
            var rest = name[(first + 1)..];
            var id = rest.IndexOf((byte)'/') is var second and >= 0 ? rest[..second] : rest;
            if (kind.SequenceEqual("projects"u8))
            {
                project = id;
            }
            else if (!id.IsEmpty && (kind.SequenceEqual("organizations"u8) || kind.SequenceEqual("folders"u8) || kind.SequenceEqual("billingAccounts"u8)))
            {
                account.Append(kind);
                account.Append("-"u8);
                account.Append(id);
            }
        }

        if (project.IndexOf((byte)':') is var colon and >= 0)
        {
            account.Append(project[..colon]);
            account.Append("."u8);
            account.Append(project[(colon + 1)..]);
        }
        else
        {
            account.Append(project);
        }
    }

    // "projects/p/logs/cloudaudit.googleapis.com%2Factivity" -> "activity"; the slash may also stand unescaped.
    private static ReadOnlySpan<byte> LogOf(ReadOnlySpan<byte> logName)
    {
        var slash = logName.LastIndexOf((byte)'/');
        var last = logName[(slash + 1)..];
        var escaped = Math.Max(last.LastIndexOf("%2F"u8), last.LastIndexOf("%2f"u8));
        return escaped >= 0 ? last[(escaped + 3)..] : last;
    }

    // insertId is unique only together with the log and the time.
    private void WriteEventId(ObjectIndex.Members entry, ReadOnlySpan<byte> asSent, MappedEvent output)
    {
        Span<byte> id = stackalloc byte[EventIds.DerivedLength];
        key.Clear();
        if (entry["insertId"u8] is { HasText: true } insertId)
        {
            key.Append(entry["logName"u8].Utf8);
            key.Append("\n"u8);
            key.Append(entry["timestamp"u8].Or(entry["receiveTimestamp"u8]).Utf8);
            key.Append("\n"u8);
            key.Append(insertId.Utf8);
            asSent = key.Written;
        }

        EventIds.Derive(asSent, id);
        output.Json.WriteString("eventId"u8, id);
    }

    private static void WriteBody(ReadOnlySpan<byte> name, JsonSlice body, MappedEvent output)
    {
        if (body.Raw.Length <= MaxRepeatedBytes)
        {
            output.CopyObject(name, body);
        }
    }
}
