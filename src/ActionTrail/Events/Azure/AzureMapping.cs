using System.Text;
using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <summary>
/// Maps records of Azure Monitor (activity log, Entra ID, resource logs) to events of our form. The record itself
/// is the last member <c>originalRecord</c>, so that nothing is lost. The same record always maps to the same bytes.
/// </summary>
internal sealed partial class AzureMapping : IRecordMapping
{
    // Bodies of requests and responses above this size are not repeated outside originalRecord.
    private const int MaxRepeatedBytes = 64 << 10;

    private MappedEvent output = null!;

    public string TimePointer => "/time";

    public Rejection? Map(in SourceRecord source, MappedEvent output)
    {
        if (JsonText.HasLoneSurrogate(source.Json))
        {
            return new Rejection(RejectCode.BadEncoding, null, Rules.Surrogates);
        }

        var reader = new Utf8JsonReader(source.Json, new JsonReaderOptions { MaxDepth = 1000 });
        using var document = JsonDocument.ParseValue(ref reader);
        var record = new AzureRecord(document.RootElement);
        var (timeName, timeText) = record.Time;
        var account = record.SubscriptionId ?? record.TenantId;
        if (record.Repeated is { } repeated)
        {
            return new Rejection(RejectCode.BadValue, "/" + repeated, Rules.Twice);
        }

        if (timeText is null || record.Operation is null)
        {
            return new Rejection(RejectCode.Missing, timeText is null ? "/time" : "/operationName", Rules.Required);
        }

        if (!AzureTimes.TryParse(timeText, out var timeMs))
        {
            return new Rejection(RejectCode.BadValue, "/" + timeName, Rules.AzureTime);
        }

        if (account is null || !AccountIds.IsValid(account))
        {
            return new Rejection(account is null ? RejectCode.Missing : RejectCode.BadValue, record.SubscriptionId is null && account is not null ? "/tenantId" : "/resourceId", Rules.AzureAccount);
        }

        this.output = output;
        output.Begin();
        Write(record, EventIdOf(record, timeText, source.AsSent), timeMs, timeText, account);
        output.End(source.Json);
        return null;
    }

    // The id that Azure gave, else one of what tells occurrences apart. The ids inside properties.eventProperties belong to
    // the event that set off an alert. Without a correlation id only the whole record tells occurrences apart.
    private static string EventIdOf(AzureRecord record, string timeText, ReadOnlySpan<byte> bytes)
    {
        var given = record.Text("eventDataId") ?? record.Properties.Text("eventDataId")
            ?? (AzureNames.IsEntra(record.Category) ? record.Properties.Text("id") : null);
        if (given is not null && EventIds.IsValid(Encoding.UTF8.GetBytes(given)))
        {
            return given;
        }

        Span<byte> id = stackalloc byte[EventIds.DerivedLength];
        if (record.Text("correlationId") is { } correlation)
        {
            var key = string.Join('\n', record.ResourceId?.ToLowerInvariant(), correlation, record.Operation!.ToLowerInvariant(), timeText, record.ResultType, record.ResultSignature);
            EventIds.Derive(Encoding.UTF8.GetBytes(key), id);
        }
        else
        {
            EventIds.Derive(bytes, id);
        }

        return Encoding.ASCII.GetString(id);
    }

    private void Write(AzureRecord record, string eventId, long timeMs, string timeText, string account)
    {
        var operation = record.Operation!;
        var region = record.Properties.Text("resourceLocation") ?? record.Properties.Text("region") ?? record.EventProperties.Text("region");
        var correlation = record.Text("correlationId");
        output.Json.WriteString("eventId"u8, eventId);
        output.Json.WriteNumber("eventVersion"u8, 1);
        output.Json.WriteString("eventTime"u8, AzureTimes.Format(timeMs));
        output.Json.WriteString("eventType"u8, AzureNames.EventType(record.Category, operation));
        output.Json.WriteString("eventCategory"u8, AzureNames.IsManagement(record.Category) ? "Management"u8 : "Data"u8);
        output.Json.WriteString("eventName"u8, operation);
        output.Json.WriteString("eventRW"u8, AzureNames.IsRead(record.Category, operation) ? "Read"u8 : "Write"u8);
        output.Text("eventSource"u8, EventSourceOf(record));
        output.Json.WriteString("serviceName"u8, ServiceOf(record));
        output.Text("apiVersion"u8, record.Text("operationVersion"));
        output.Json.WriteString("acsRegion"u8, region ?? "global");
        output.Json.WriteBoolean("isGlobal"u8, region is null);
        output.Text("requestId"u8, record.Properties.Text("serviceRequestId") ?? correlation);
        output.Text("sharedEventId"u8, correlation);
        WriteBodies(record);
        WriteResources(record);
        WriteOutcome(record);
        output.Text("sourceIpAddress"u8, WithoutPort(record.Text("callerIpAddress") ?? record.Properties.Text("ipAddress")
            ?? record.Claim("ipaddr") ?? record.Field("httpRequest").Text("clientIpAddress")));
        output.Text("userAgent"u8, record.Properties.Text("userAgent") ?? record.Properties.Text("clientInfo") ?? record.Properties.Text("userAgentHeader"));
        if (AzureNames.IsSensitive(operation))
        {
            output.Json.WriteStartObject("eventAttributes"u8);
            output.Json.WriteString("SensitiveAction"u8, "true"u8);
            output.Json.WriteEndObject();
        }

        output.Json.WriteString("recipientAccountId"u8, account);
        WriteIdentity(record);
        output.Json.WriteStartObject("additionalEventData"u8);
        output.Json.WriteString("time"u8, timeText);
        output.Text("category"u8, record.Text("category"));
        output.Text("level"u8, record.Text("level"));
        output.Text("durationMs"u8, record.Text("durationMs"));
        output.Text("resultType"u8, record.ResultType);
        output.Text("resultSignature"u8, record.ResultSignature);
        output.Text("location"u8, record.Text("location"));
        output.Text("hierarchy"u8, record.Properties.Text("hierarchy"));
        output.Json.WriteEndObject();
    }

    private static string ServiceOf(AzureRecord record)
    {
        var operation = record.Operation!;
        var slash = operation.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && operation.AsSpan(0, slash).Contains('.') ? AzureNames.Provider(operation[..slash])
            : AzureNames.IsEntra(record.Category) ? record.Properties.Text("loggedByService") ?? "Microsoft.aadiam"
            : record.Resource.Provider ?? "Azure";
    }

    private static string? EventSourceOf(AzureRecord record)
    {
        if (AzureNames.IsEntra(record.Category))
        {
            return AzureNames.IsSignIn(record.Category) ? "login.microsoftonline.com" : "graph.microsoft.com";
        }

        return AzureNames.IsManagement(record.Category) ? "management.azure.com"
            : Uri.TryCreate(record.Text("uri") ?? record.Properties.Text("id"), UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.Host
            : null;
    }

    private static string? WithoutPort(string? address)
    {
        if (address is null)
        {
            return null;
        }

        if (address.StartsWith('[') && address.IndexOf(']', StringComparison.Ordinal) is var end and > 0)
        {
            return address[1..end];
        }

        var colon = address.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon == address.LastIndexOf(':') && address.AsSpan(0, colon).Contains('.') ? address[..colon] : address;
    }
}
