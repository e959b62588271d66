using System.Text.Json;
using ActionTrail.Events.Azure;

namespace ActionTrail.Events.CloudEvents;

/// <summary>
/// Events of Event Grid about changes of Azure resources (<c>Microsoft.Resources.ResourceWriteSuccess</c> and its like). Their data are the parts of an
/// activity-log record under partly other names, so that they are mapped as the record that they came from.
/// </summary>
internal static class EventGridResource
{
    private static readonly string[] Outcomes = ["Success", "Failure", "Cancel"];

    public static bool Is(CloudEventRecord record, JsonElement data) =>
        record.TimeMs is not null && record.Type.StartsWith("Microsoft.Resources.Resource", StringComparison.OrdinalIgnoreCase) && data.Text("operationName") is not null;

    /// <summary>Writes the activity-log record.</summary>
    /// <param name="record">The CloudEvent, which has a time.</param>
    /// <param name="data">Its data, an object.</param>
    /// <param name="eventId">The id of the event.</param>
    /// <param name="output">Cleared, then holds one JSON object.</param>
    public static void Write(CloudEventRecord record, JsonElement data, string eventId, RecordBuffer output)
    {
        output.Clear();
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("time"u8, record.Text("time") is { } text && AzureTimes.TryParse(text, out _) ? text : AzureTimes.Format(record.TimeMs!.Value));
        json.WriteString("eventDataId"u8, eventId);
        json.WriteString("category"u8, "Administrative"u8);
        json.WriteString("operationName"u8, data.Text("operationName"));
        Text(json, "resourceId", data.Text("resourceUri") ?? record.Subject ?? record.Source);
        Text(json, "resultType", Outcome(record.Type) ?? data.Text("status"));
        Text(json, "correlationId", data.Text("correlationId"));
        Text(json, "subscriptionId", data.Text("subscriptionId"));
        Text(json, "tenantId", data.Text("tenantId"));
        Value(json, "claims", data.Member("claims").Unwrapped());
        Value(json, "authorization", data.Member("authorization").Unwrapped());
        Value(json, "httpRequest", data.Member("httpRequest").Unwrapped());
        json.WriteEndObject();
    }

    // "...WriteFailure" says it always; the status is sometimes "Failed" and sometimes absent.
    private static string? Outcome(string type) => Array.Find(Outcomes, outcome => type.EndsWith(outcome, StringComparison.OrdinalIgnoreCase)) switch
    {
        "Success" => "Succeeded",
        "Failure" => "Failed",
        "Cancel" => "Canceled",
        _ => null,
    };

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private static void Value(Utf8JsonWriter json, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return;
        json.WritePropertyName(name);
        value.WriteTo(json);
    }
}
