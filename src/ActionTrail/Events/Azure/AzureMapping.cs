namespace ActionTrail.Events.Azure;

/// <summary>
/// Maps records of Azure Monitor (activity log, Entra ID, resource logs) to events of our form. The record itself
/// is the last member <c>originalRecord</c>, so that nothing is lost. The same record always maps to the same bytes.
/// </summary>
internal sealed class AzureMapping : IRecordMapping
{
    // Longer texts are not repeated outside originalRecord.
    private const int MaxCopiedBytes = 1024;

    private readonly AzureRecord record = new();
    private readonly AzureReferences references;

    public AzureMapping() => references = new AzureReferences(record.Pages);

    public string TimePointer { get; private set; } = "/time";

    public Rejection? Map(in SourceRecord source, MappedEvent output)
    {
        if (JsonText.HasLoneSurrogate(source.Json))
        {
            return new Rejection(RejectCode.BadEncoding, null, Rules.Surrogates);
        }

        record.Read(source.Json);
        var read = new AzureEvent(record);
        var timeField = TimeFieldOf(record);
        var timeText = record[timeField];
        TimePointer = PointerOf(timeField);
        if (record.Repeated is { } repeated)
        {
            return new Rejection(RejectCode.BadValue, "/" + repeated, Rules.Twice);
        }

        if (timeText.IsEmpty || read.Operation.IsEmpty)
        {
            return new Rejection(RejectCode.Missing, timeText.IsEmpty ? "/time" : "/operationName", Rules.Required);
        }

        if (!AzureTimes.TryParse(timeText, out var timeMs))
        {
            return new Rejection(RejectCode.BadValue, TimePointer, Rules.AzureTime);
        }

        if (!AccountIds.IsValid(read.Account))
        {
            return new Rejection(read.Account.IsEmpty ? RejectCode.Missing : RejectCode.BadValue, AccountPointer(read), Rules.AzureAccount);
        }

        output.Begin();
        Span<byte> id = stackalloc byte[EventIds.MaxLength];
        output.Json.WriteString("eventId"u8, AzureEventId.Of(read, timeText, source.AsSent, id));
        Write(read, timeMs, output);
        WriteAdditional(read, timeText, output);
        output.End(source.Json);
        return null;
    }

    // The first of the names under which the time is sent.
    private static AzureField TimeFieldOf(AzureRecord record)
    {
        foreach (var field in (ReadOnlySpan<AzureField>)[AzureField.Time, AzureField.Timestamp, AzureField.EventTimestamp, AzureField.TimeText, AzureField.TimeGenerated])
        {
            if (record.Has(field))
            {
                return field;
            }
        }

        return AzureField.ActivityTime;
    }

    private static string PointerOf(AzureField time) => time switch
    {
        AzureField.Timestamp => "/timestamp",
        AzureField.EventTimestamp => "/eventTimestamp",
        AzureField.TimeText => "/EventTimeString",
        AzureField.TimeGenerated => "/TimeGenerated",
        AzureField.ActivityTime => "/properties/activityDateTime",
        _ => "/time",
    };

    private static string AccountPointer(AzureEvent read) =>
        read.Account.IsEmpty || !read.Resource.SubscriptionId.IsEmpty ? "/resourceId"
        : !read.SubscriptionId.IsEmpty ? "/subscriptionId"
        : read.Record.Has(AzureField.TenantId) || read.Resource.TenantId.IsEmpty ? "/tenantId"
        : "/resourceId";

    private void Write(AzureEvent read, long timeMs, MappedEvent output)
    {
        var json = output.Json;
        Span<byte> time = stackalloc byte[AzureTimes.Length];
        var region = read.First(AzureField.ResourceLocation, AzureField.PropertiesRegion, AzureField.EventRegion, AzureField.Region);
        region = region.IsEmpty && read.Kind == AzureKind.Resource ? read[AzureField.Location] : region;
        json.WriteNumber("eventVersion"u8, 1);
        json.WriteString("eventTime"u8, AzureTimes.Format(timeMs, time));
        json.WriteString("eventType"u8, AzureKinds.EventType(read.Kind, read.Operation));
        json.WriteString("eventCategory"u8, read.Kind == AzureKind.Resource ? "Data"u8 : "Management"u8);
        json.WriteString("eventName"u8, read.Name);
        json.WriteString("eventRW"u8, AzureKinds.IsRead(read.Record, read.Kind, read.Category, read.Operation) ? "Read"u8 : "Write"u8);
        output.Utf8("eventSource"u8, SourceOf(read));
        json.WriteString("serviceName"u8, ServiceOf(read));
        output.Utf8("apiVersion"u8, read[AzureField.OperationVersion]);
        json.WriteString("acsRegion"u8, region.IsEmpty ? "global"u8 : region);
        json.WriteBoolean("isGlobal"u8, region.IsEmpty);
        output.Utf8("requestId"u8, read.Record.Has(AzureField.ServiceRequestId) ? read[AzureField.ServiceRequestId] : read.Correlation);
        output.Utf8("sharedEventId"u8, read.Correlation);
        AzureBodies.Write(read, output);
        references.Write(read, output);
        var failed = AzureOutcome.Write(read, output);
        output.Utf8("sourceIpAddress"u8, AzureAddress.Of(read));
        output.Utf8("userAgent"u8, AgentOf(read));
        if (SensitiveOperations.Has(read.Name))
        {
            json.WriteStartObject("eventAttributes"u8);
            json.WriteString("SensitiveAction"u8, "true"u8);
            json.WriteEndObject();
        }

        json.WriteString("recipientAccountId"u8, read.Account);
        AzureIdentity.Write(read, failed, output);
    }

    private static ReadOnlySpan<byte> ServiceOf(AzureEvent read)
    {
        var slash = read.Operation.IndexOf((byte)'/');
        return slash > 0 && read.Operation[..slash].Contains((byte)'.') ? AzureProviders.Spell(read.Operation[..slash])
            : read.Kind.IsEntra() ? read.Record.Has(AzureField.LoggedByService) ? read[AzureField.LoggedByService] : "Microsoft.aadiam"u8
            : read.Resource.Provider.IsEmpty ? "Azure"u8 : read.Resource.Provider;
    }

    private static ReadOnlySpan<byte> SourceOf(AzureEvent read) =>
        read.Kind == AzureKind.SignIn ? "login.microsoftonline.com"u8
        : read.Kind.IsEntra() ? "graph.microsoft.com"u8
        : read.Kind != AzureKind.Resource ? "management.azure.com"u8
        : AzureAddress.HostOf(read.First(AzureField.RequestUri, AzureField.Id)) is { IsEmpty: false } host ? host
        : read[AzureField.Host];

    private static ReadOnlySpan<byte> AgentOf(AzureEvent read)
    {
        var agent = read.First(AzureField.UserAgent, AzureField.ClientInfo, AzureField.AuditUserAgent, AzureField.ApplicationName);
        return agent.IsEmpty ? AzureDetails.Find(read.Record, "User-Agent"u8) : agent;
    }

    private static void WriteAdditional(AzureEvent read, ReadOnlySpan<byte> timeText, MappedEvent output)
    {
        output.Json.WriteStartObject("additionalEventData"u8);
        output.Json.WriteString("time"u8, timeText);
        output.Utf8("category"u8, read[AzureField.Category]);
        if (!read.Name.SequenceEqual(read.Operation))
        {
            output.Json.WriteString("operationName"u8, read.Operation);
        }

        output.Utf8("level"u8, read[AzureField.Level]);
        output.Utf8("durationMs"u8, read[AzureField.DurationMs]);
        output.Utf8("resultType"u8, read.First(AzureField.ResultType, AzureField.Status));
        output.Utf8("resultSignature"u8, read.First(AzureField.ResultSignature, AzureField.SubStatus));
        output.Utf8("location"u8, read[AzureField.Location]);
        output.Utf8("hierarchy"u8, read[AzureField.Hierarchy]);
        output.Utf8("tenantId"u8, read.SubscriptionId.IsEmpty ? default : read.TenantId);
        output.Utf8("stage"u8, read[AzureField.AuditStage]);
        output.Utf8("provisioningAction"u8, read[AzureField.ProvisioningAction]);
        foreach (var (field, name) in AzureSections.Copied)
        {
            if (read[field] is { Length: > 0 and <= MaxCopiedBytes } value)
            {
                output.Json.WriteString(name, value);
            }
        }

        output.Json.WriteEndObject();
    }
}
