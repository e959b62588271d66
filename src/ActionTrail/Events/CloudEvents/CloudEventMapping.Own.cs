using System.Text;
using System.Text.Json;
using ActionTrail.Events.Azure;

namespace ActionTrail.Events.CloudEvents;

/// <content>A CloudEvent whose data are no record that is known here becomes an event of its own.</content>
internal sealed partial class CloudEventMapping
{
    // Larger data are not repeated outside originalRecord.
    private const int MaxRepeatedBytes = 64 << 10;

    private static readonly string[] AccountExtensions = ["recipientaccountid", "accountid", "aliyunaccountid"];

    private static Rejection? WriteOwn(in SourceRecord source, CloudEventRecord record, CloudEventData data, MappedEvent output)
    {
        if (AccountOf(record, data.Json) is not { } account)
            return new Rejection(RejectCode.Missing, "/accountid", CloudEventRules.AccountRequired);
        if (!AccountIds.IsValid(account.Account))
            return new Rejection(RejectCode.BadValue, account.Pointer, CloudEventRules.Account);
        var resource = record.Resource;
        output.Begin();
        output.Json.WriteString("eventId"u8, EventIdOf(record));
        output.Json.WriteNumber("eventVersion"u8, 1);
        output.Json.WriteString("eventTime"u8, AzureTimes.Format(record.TimeMs ?? source.Origin.ReceiveTimeMs));
        output.Json.WriteString("eventType"u8, CloudEventNames.EventType(record.Type));
        output.Json.WriteString("eventCategory"u8, "Management"u8);
        output.Json.WriteString("eventName"u8, record.Type);
        output.Json.WriteString("eventRW"u8, CloudEventNames.IsRead(record.Type) ? "Read"u8 : "Write"u8);
        output.Json.WriteString("eventSource"u8, record.Source);
        output.Json.WriteString("serviceName"u8, CloudEventNames.Service(record.Source, resource));
        output.Text("acsRegion"u8, record.Text("region") ?? record.Text("aliyunregionid"));
        output.Text("requestId"u8, data.Json.Text("requestId"));
        output.Text("sharedEventId"u8, record.Text("correlationid") ?? data.Json.Text("correlationId"));
        WriteRequest(data, output);
        WriteResource(record, resource, output);
        output.Text("errorCode"u8, data.Json.Text("errorCode") is { } error && error != "0" ? error : null);
        output.Text("errorMessage"u8, data.Json.Text("errorMessage"));
        output.Text("sourceIpAddress"u8, data.Json.Text("sourceIpAddress") ?? data.Json.Text("callerIpAddress"));
        output.Text("userAgent"u8, data.Json.Text("userAgent"));
        output.Json.WriteString("recipientAccountId"u8, account.Account);
        WriteIdentity(record, data.Json.Member("userIdentity"), output);
        WriteRest(record, data, output);
        output.End(source.Json);
        return null;
    }

    // A GUID is unique by itself; any other id is unique within its source only.
    private static string EventIdOf(CloudEventRecord record)
    {
        if (Guid.TryParseExact(record.Id, "D", out _))
            return record.Id;
        Span<byte> id = stackalloc byte[EventIds.DerivedLength];
        EventIds.Derive(Encoding.UTF8.GetBytes(record.Source + "\n" + record.Id), id);
        return Encoding.ASCII.GetString(id);
    }

    private static (string Account, string Pointer)? AccountOf(CloudEventRecord record, JsonElement data)
    {
        foreach (var name in AccountExtensions)
        {
            if (record.Text(name) is { } extension)
                return (extension, "/" + name);
        }

        return data.Text("recipientAccountId") is { } recipient ? (recipient, "/data/recipientAccountId")
            : data.Member("userIdentity").Text("accountId") is { } owner ? (owner, "/data/userIdentity/accountId")
            : record.Subscription is { } subscription ? (subscription.Id, "/" + subscription.Attribute)
            : null;
    }

    private static void WriteRequest(CloudEventData data, MappedEvent output)
    {
        if (data.Json.ValueKind != JsonValueKind.Object || data.Bytes.Length > MaxRepeatedBytes)
            return;
        output.Json.WritePropertyName("requestParameters"u8);
        output.Json.WriteRawValue(data.Bytes, skipInputValidation: true);
    }

    private static void WriteResource(CloudEventRecord record, AzureResource resource, MappedEvent output)
    {
        output.Text("resourceType"u8, resource.Type);
        output.Text("resourceName"u8, record.Subject ?? resource.Name);
        if (resource.Type is null)
            return;
        output.Json.WriteStartObject("referencedResources"u8);
        output.Json.WriteStartArray(resource.Type.ToLowerInvariant());
        output.Json.WriteStringValue(record.Source.ToLowerInvariant());
        output.Json.WriteEndArray();
        output.Json.WriteEndObject();
    }

    private static void WriteIdentity(CloudEventRecord record, JsonElement inData, MappedEvent output)
    {
        var kind = record.Text("authtype") ?? inData.Text("type");
        var principal = record.Text("authid") ?? inData.Text("principalId");
        if (kind is null && principal is null && inData.ValueKind != JsonValueKind.Object)
            return;
        output.Json.WriteStartObject("userIdentity"u8);
        output.Text("type"u8, kind switch
        {
            "user" or "app_user" => "ram-user",
            "service_account" or "api_key" => "assumed-role",
            _ => kind,
        });
        output.Text("accountId"u8, inData.Text("accountId") is { } account && AccountIds.IsValid(account) ? account : null);
        output.Text("principalId"u8, principal);
        output.Text("userName"u8, inData.Text("userName"));
        output.Text("accessKeyId"u8, inData.Text("accessKeyId"));
        output.Json.WriteEndObject();
    }

    // All attributes as they stand, and data that are no object.
    private static void WriteRest(CloudEventRecord record, CloudEventData data, MappedEvent output)
    {
        output.Json.WriteStartObject("additionalEventData"u8);
        foreach (var (name, value) in record.Attributes)
        {
            output.Json.WritePropertyName(name);
            value.WriteTo(output.Json);
        }

        if (record.TimeMs is null)
            output.Json.WriteBoolean("timeIsReceiveTime"u8, true);
        if (data.Json.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Object))
            WriteSmall("data"u8, data.Json, output);
        else if (data.Json.ValueKind == JsonValueKind.Undefined)
            WriteSmall(record.Base64.ValueKind == JsonValueKind.String ? "data_base64"u8 : "data"u8, record.Base64.ValueKind == JsonValueKind.String ? record.Base64 : record.Data, output);
        output.Json.WriteEndObject();
    }

    private static void WriteSmall(ReadOnlySpan<byte> name, JsonElement value, MappedEvent output)
    {
        if (value.ValueKind != JsonValueKind.Undefined && System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value).Length <= MaxRepeatedBytes)
            output.Value(name, value);
    }
}
