using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <summary>
/// Maps records of Azure Monitor (activity log, Entra ID, resource logs) to events of our form. The record itself, byte for byte,
/// is the last member <c>originalRecord</c>, so that nothing is lost. The same record always maps to the same bytes.
/// </summary>
internal sealed partial class AzureMapping
{
    // Bodies of requests and responses above this size are not repeated outside originalRecord.
    private const int MaxRepeatedBytes = 64 << 10;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Utf8JsonWriter writer;

    private AzureMapping(Utf8JsonWriter writer) => this.writer = writer;

    /// <summary>Writes the event for <paramref name="bytes"/>, a JSON object in valid UTF-8, to <paramref name="output"/>; the reason when it cannot be mapped.</summary>
    public static Rejection? Map(ReadOnlySpan<byte> bytes, RecordBuffer output)
    {
        if (JsonText.HasLoneSurrogate(bytes))
        {
            return new Rejection(RejectCode.BadEncoding, null, Rules.Surrogates);
        }

        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 1000 });
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

        output.Clear();
        using var json = new Utf8JsonWriter(output, Plain);
        new AzureMapping(json).Write(record, EventIdOf(record, timeText, bytes), timeMs, timeText, account);
        json.WritePropertyName("originalRecord"u8);
        json.WriteRawValue(bytes, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return null;
    }

    // The id that Azure gave, else one of what tells occurrences apart. The ids inside properties.eventProperties belong to
    // the event that set off an alert. Without a correlation id only the whole record tells occurrences apart.
    private static string EventIdOf(AzureRecord record, string timeText, ReadOnlySpan<byte> bytes)
    {
        var given = record.Text("eventDataId") ?? AzureRecord.Text(record.Properties, "eventDataId")
            ?? (AzureNames.IsEntra(record.Category) ? AzureRecord.Text(record.Properties, "id") : null);
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
        var region = AzureRecord.Text(record.Properties, "resourceLocation") ?? AzureRecord.Text(record.Properties, "region") ?? AzureRecord.Text(record.EventProperties, "region");
        var correlation = record.Text("correlationId");
        writer.WriteStartObject();
        writer.WriteString("eventId"u8, eventId);
        writer.WriteNumber("eventVersion"u8, 1);
        writer.WriteString("eventTime"u8, AzureTimes.Format(timeMs));
        writer.WriteString("eventType"u8, AzureNames.EventType(record.Category, operation));
        writer.WriteString("eventCategory"u8, AzureNames.IsManagement(record.Category) ? "Management"u8 : "Data"u8);
        writer.WriteString("eventName"u8, operation);
        writer.WriteString("eventRW"u8, AzureNames.IsRead(record.Category, operation) ? "Read"u8 : "Write"u8);
        WriteText("eventSource"u8, EventSourceOf(record));
        writer.WriteString("serviceName"u8, ServiceOf(record));
        WriteText("apiVersion"u8, record.Text("operationVersion"));
        writer.WriteString("acsRegion"u8, region ?? "global");
        writer.WriteBoolean("isGlobal"u8, region is null);
        WriteText("requestId"u8, AzureRecord.Text(record.Properties, "serviceRequestId") ?? correlation);
        WriteText("sharedEventId"u8, correlation);
        WriteBodies(record);
        WriteResources(record);
        WriteOutcome(record);
        WriteText("sourceIpAddress"u8, WithoutPort(record.Text("callerIpAddress") ?? AzureRecord.Text(record.Properties, "ipAddress")
            ?? record.Claim("ipaddr") ?? AzureRecord.Text(record.Field("httpRequest"), "clientIpAddress")));
        WriteText("userAgent"u8, AzureRecord.Text(record.Properties, "userAgent") ?? AzureRecord.Text(record.Properties, "clientInfo") ?? AzureRecord.Text(record.Properties, "userAgentHeader"));
        if (AzureNames.IsSensitive(operation))
        {
            writer.WriteStartObject("eventAttributes"u8);
            writer.WriteString("SensitiveAction"u8, "true"u8);
            writer.WriteEndObject();
        }

        writer.WriteString("recipientAccountId"u8, account);
        WriteIdentity(record);
        writer.WriteStartObject("additionalEventData"u8);
        writer.WriteString("time"u8, timeText);
        WriteText("category"u8, record.Text("category"));
        WriteText("level"u8, record.Text("level"));
        WriteText("durationMs"u8, record.Text("durationMs"));
        WriteText("resultType"u8, record.ResultType);
        WriteText("resultSignature"u8, record.ResultSignature);
        WriteText("location"u8, record.Text("location"));
        WriteText("hierarchy"u8, AzureRecord.Text(record.Properties, "hierarchy"));
        writer.WriteEndObject();
    }

    private static string ServiceOf(AzureRecord record)
    {
        var operation = record.Operation!;
        var slash = operation.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && operation.AsSpan(0, slash).Contains('.') ? AzureNames.Provider(operation[..slash])
            : AzureNames.IsEntra(record.Category) ? AzureRecord.Text(record.Properties, "loggedByService") ?? "Microsoft.aadiam"
            : record.Resource.Provider ?? "Azure";
    }

    private static string? EventSourceOf(AzureRecord record)
    {
        if (AzureNames.IsEntra(record.Category))
        {
            return AzureNames.IsSignIn(record.Category) ? "login.microsoftonline.com" : "graph.microsoft.com";
        }

        return AzureNames.IsManagement(record.Category) ? "management.azure.com"
            : Uri.TryCreate(record.Text("uri") ?? AzureRecord.Text(record.Properties, "id"), UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.Host
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

    private void WriteText(ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
