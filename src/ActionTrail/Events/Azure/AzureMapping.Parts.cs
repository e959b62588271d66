using System.Globalization;
using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <content>The parts of a mapped event that are objects or need several sources.</content>
internal sealed partial class AzureMapping
{
    private void WriteBodies(AzureRecord record)
    {
        var request = AzureRecord.Member(record.Properties, "requestbody") is { ValueKind: not JsonValueKind.Undefined } body ? body : AzureRecord.Member(record.Properties, "requestBody");
        if (record.Authorization.ValueKind == JsonValueKind.Object || IsRepeated(request))
        {
            writer.WriteStartObject("requestParameters"u8);
            WriteText("action"u8, AzureRecord.Text(record.Authorization, "action"));
            WriteText("scope"u8, AzureRecord.Text(record.Authorization, "scope"));
            WriteBody("requestBody"u8, request);
            writer.WriteEndObject();
        }

        var response = AzureRecord.Member(record.Properties, "responseBody");
        if (IsRepeated(response))
        {
            writer.WriteStartObject("responseElements"u8);
            WriteBody("responseBody"u8, response);
            writer.WriteEndObject();
        }
    }

    private static bool IsRepeated(JsonElement body) =>
        body.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && body.GetRawText().Length <= MaxRepeatedBytes;

    private void WriteBody(ReadOnlySpan<byte> name, JsonElement body)
    {
        if (IsRepeated(body))
        {
            writer.WritePropertyName(name);
            body.WriteTo(writer);
        }
    }

    // resourceType and resourceName as spelled in the record; referencedResources hold whole ids in lower case, because the stream
    // spells one resource in several ways.
    private void WriteResources(AzureRecord record)
    {
        var (type, name) = (record.Resource.Type, record.Resource.Name);
        var references = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        void Refer(string? kind, string? id)
        {
            if (kind is not null && id is not null)
            {
                references.TryAdd(kind, new SortedSet<string>(StringComparer.Ordinal));
                references[kind].Add(id);
            }
        }

        Refer(type?.ToLowerInvariant(), record.ResourceId?.ToLowerInvariant());
        if (AzureRecord.Text(record.Properties, "entity") is { } entity)
        {
            Refer(AzureResource.Parse(entity).Type?.ToLowerInvariant(), entity.ToLowerInvariant());
        }

        if (AzureNames.IsEntra(record.Category) && AzureRecord.Member(record.Properties, "targetResources") is { ValueKind: JsonValueKind.Array } targets)
        {
            foreach (var target in targets.EnumerateArray())
            {
                var kind = AzureRecord.Text(target, "type") ?? "Other";
                var label = AzureRecord.Text(target, "userPrincipalName") ?? AzureRecord.Text(target, "displayName") ?? AzureRecord.Text(target, "id");
                (type, name) = (type ?? kind, name ?? label);
                Refer(kind, AzureRecord.Text(target, "id") ?? label);
            }
        }

        WriteText("resourceType"u8, type);
        WriteText("resourceName"u8, name);
        if (references.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("referencedResources"u8);
        foreach (var (kind, ids) in references)
        {
            writer.WriteStartArray(kind);
            foreach (var id in ids)
            {
                writer.WriteStringValue(id);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private void WriteOutcome(AzureRecord record)
    {
        var result = record.ResultType;
        var isNumber = result is not null && result.All(char.IsAsciiDigit);
        var isFailure = result is not null
            ? result.StartsWith("Fail", StringComparison.OrdinalIgnoreCase) || result.Equals("Error", StringComparison.OrdinalIgnoreCase) || (isNumber && result.Trim('0').Length > 0)
            : AzureRecord.Text(record.Properties, "result")?.StartsWith("fail", StringComparison.OrdinalIgnoreCase) is true;
        var status = AzureRecord.Text(record.Properties, "httpStatusCode") ?? record.Text("statusCode");
        isFailure |= int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code >= 400;
        if (!isFailure)
        {
            return;
        }

        var error = AzureRecord.Member(record.StatusMessage, "error");
        var signature = record.ResultSignature;
        var detail = signature?.IndexOf('.', StringComparison.Ordinal) is { } dot and >= 0 && dot + 1 < signature.Length ? signature[(dot + 1)..] : null;
        WriteText("errorCode"u8, AzureRecord.Text(error, "code") ?? AzureRecord.Text(record.StatusMessage, "code") ?? detail
            ?? AzureRecord.Text(record.Properties, "statusCode") ?? (isNumber ? result : null) ?? status ?? result ?? "Failure");
        WriteText("errorMessage"u8, AzureRecord.Text(error, "message") ?? AzureRecord.Text(record.StatusMessage, "message") ?? record.Text("resultDescription")
            ?? record.Text("description") ?? AzureRecord.Text(AzureRecord.Member(record.Properties, "status"), "failureReason"));
    }

    private void WriteIdentity(AzureRecord record)
    {
        const string Soap = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";
        const string Microsoft = "http://schemas.microsoft.com/";
        var initiator = AzureRecord.Member(record.Properties, "initiatedBy");
        var user = AzureRecord.Member(initiator, "user");
        var app = AzureRecord.Member(initiator, "app");
        var evidence = AzureRecord.Member(record.Authorization, "evidence");
        var upn = record.Claim(Soap + "upn") ?? record.Claim("upn");
        var label = record.Text("identity") is { } text && text != "NA" ? text : null;
        var appId = record.Claim("appid") ?? AzureRecord.Text(record.Properties, "appId");
        var person = upn ?? AzureRecord.Text(user, "userPrincipalName") ?? AzureRecord.Text(record.Properties, "userPrincipalName");

        writer.WriteStartObject("userIdentity"u8);
        writer.WriteString("type"u8, AzureRecord.Text(evidence, "principalType") is { } principal
            ? principal.Equals("User", StringComparison.OrdinalIgnoreCase) ? "ram-user" : "assumed-role"
            : TypeOf(record, person, label, app));
        WriteText("accountId"u8, record.TenantId);
        WriteText("principalId"u8, record.Claim(Microsoft + "identity/claims/objectidentifier") ?? record.Claim("oid") ?? AzureRecord.Text(evidence, "principalId")
            ?? AzureRecord.Text(user, "id") ?? AzureRecord.Text(record.Properties, "userId") ?? AzureRecord.Text(app, "servicePrincipalId"));
        WriteText("userName"u8, person ?? record.Claim(Soap + "name") ?? record.Claim("name") ?? AzureRecord.Text(app, "displayName") ?? label ?? record.Text("caller") ?? appId);
        WriteText("accessKeyId"u8, appId);
        WriteSession(record, Microsoft + "claims/authnmethodsreferences");
        writer.WriteEndObject();
    }

    private static string TypeOf(AzureRecord record, string? person, string? label, JsonElement app)
    {
        if (record.Claims.ValueKind == JsonValueKind.Object)
        {
            return person is null || record.Claim("idtyp") == "app" || record.Claim("xms_mirid") is not null ? "assumed-role" : "ram-user";
        }

        return app.ValueKind == JsonValueKind.Object && person is null ? "assumed-role" : person is not null || label is not null ? "ram-user" : "system";
    }

    private void WriteSession(AzureRecord record, string methodsClaim)
    {
        var methods = record.Claim(methodsClaim) ?? record.Claim("amr");
        var issued = long.TryParse(record.Claim("iat"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800 ? seconds : -1;
        var token = record.Claim("uti");
        if (methods is null && issued < 0 && token is null)
        {
            return;
        }

        writer.WriteStartObject("sessionContext"u8);
        writer.WriteStartObject("attributes"u8);
        WriteText("mfaAuthenticated"u8, methods is null ? null : methods.Contains("mfa", StringComparison.OrdinalIgnoreCase) ? "true" : "false");
        WriteText("creationDate"u8, issued < 0 ? null : AzureTimes.Format(issued * 1000));
        WriteText("tokenId"u8, token);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
