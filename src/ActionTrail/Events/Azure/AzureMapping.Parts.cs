using System.Globalization;
using System.Text.Json;

namespace ActionTrail.Events.Azure;

/// <content>The parts of a mapped event that are objects or need several sources.</content>
internal sealed partial class AzureMapping
{
    private void WriteBodies(AzureRecord record)
    {
        var request = record.Properties.Member("requestbody") is { ValueKind: not JsonValueKind.Undefined } body ? body : record.Properties.Member("requestBody");
        if (record.Authorization.ValueKind == JsonValueKind.Object || IsRepeated(request))
        {
            output.Json.WriteStartObject("requestParameters"u8);
            output.Text("action"u8, record.Authorization.Text("action"));
            output.Text("scope"u8, record.Authorization.Text("scope"));
            WriteBody("requestBody"u8, request);
            output.Json.WriteEndObject();
        }

        var response = record.Properties.Member("responseBody");
        if (IsRepeated(response))
        {
            output.Json.WriteStartObject("responseElements"u8);
            WriteBody("responseBody"u8, response);
            output.Json.WriteEndObject();
        }
    }

    private static bool IsRepeated(JsonElement body) =>
        body.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && body.GetRawText().Length <= MaxRepeatedBytes;

    private void WriteBody(ReadOnlySpan<byte> name, JsonElement body)
    {
        if (IsRepeated(body))
        {
            output.Json.WritePropertyName(name);
            body.WriteTo(output.Json);
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
        if (record.Properties.Text("entity") is { } entity)
        {
            Refer(AzureResource.Parse(entity).Type?.ToLowerInvariant(), entity.ToLowerInvariant());
        }

        if (AzureNames.IsEntra(record.Category) && record.Properties.Member("targetResources") is { ValueKind: JsonValueKind.Array } targets)
        {
            foreach (var target in targets.EnumerateArray())
            {
                var kind = target.Text("type") ?? "Other";
                var label = target.Text("userPrincipalName") ?? target.Text("displayName") ?? target.Text("id");
                (type, name) = (type ?? kind, name ?? label);
                Refer(kind, target.Text("id") ?? label);
            }
        }

        output.Text("resourceType"u8, type);
        output.Text("resourceName"u8, name);
        if (references.Count == 0)
        {
            return;
        }

        output.Json.WriteStartObject("referencedResources"u8);
        foreach (var (kind, ids) in references)
        {
            output.Json.WriteStartArray(kind);
            foreach (var id in ids)
            {
                output.Json.WriteStringValue(id);
            }

            output.Json.WriteEndArray();
        }

        output.Json.WriteEndObject();
    }

    private void WriteOutcome(AzureRecord record)
    {
        var result = record.ResultType;
        var isNumber = result is not null && result.All(char.IsAsciiDigit);
        var isFailure = result is not null
            ? result.StartsWith("Fail", StringComparison.OrdinalIgnoreCase) || result.Equals("Error", StringComparison.OrdinalIgnoreCase) || (isNumber && result.Trim('0').Length > 0)
            : record.Properties.Text("result")?.StartsWith("fail", StringComparison.OrdinalIgnoreCase) is true;
        var status = record.Properties.Text("httpStatusCode") ?? record.Text("statusCode");
        isFailure |= int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code >= 400;
        if (!isFailure)
        {
            return;
        }

        var error = record.StatusMessage.Member("error");
        var signature = record.ResultSignature;
        var detail = signature?.IndexOf('.', StringComparison.Ordinal) is { } dot and >= 0 && dot + 1 < signature.Length ? signature[(dot + 1)..] : null;
        output.Text("errorCode"u8, error.Text("code") ?? record.StatusMessage.Text("code") ?? detail
            ?? record.Properties.Text("statusCode") ?? (isNumber ? result : null) ?? status ?? result ?? "Failure");
        output.Text("errorMessage"u8, error.Text("message") ?? record.StatusMessage.Text("message") ?? record.Text("resultDescription")
            ?? record.Text("description") ?? record.Properties.Member("status").Text("failureReason"));
    }

    private void WriteIdentity(AzureRecord record)
    {
        const string Soap = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";
        const string Microsoft = "http://schemas.microsoft.com/";
        var initiator = record.Properties.Member("initiatedBy");
        var user = initiator.Member("user");
        var app = initiator.Member("app");
        var evidence = record.Authorization.Member("evidence");
        var upn = record.Claim(Soap + "upn") ?? record.Claim("upn");
        var label = record.Text("identity") is { } text && text != "NA" ? text : null;
        var appId = record.Claim("appid") ?? record.Properties.Text("appId");
        var person = upn ?? user.Text("userPrincipalName") ?? record.Properties.Text("userPrincipalName");

        output.Json.WriteStartObject("userIdentity"u8);
        output.Json.WriteString("type"u8, evidence.Text("principalType") is { } principal
            ? principal.Equals("User", StringComparison.OrdinalIgnoreCase) ? "ram-user" : "assumed-role"
            : TypeOf(record, person, label, app));
        output.Text("accountId"u8, record.TenantId);
        output.Text("principalId"u8, record.Claim(Microsoft + "identity/claims/objectidentifier") ?? record.Claim("oid") ?? evidence.Text("principalId")
            ?? user.Text("id") ?? record.Properties.Text("userId") ?? app.Text("servicePrincipalId"));
        output.Text("userName"u8, person ?? record.Claim(Soap + "name") ?? record.Claim("name") ?? app.Text("displayName") ?? label ?? record.Text("caller") ?? appId);
        output.Text("accessKeyId"u8, appId);
        WriteSession(record, Microsoft + "claims/authnmethodsreferences");
        output.Json.WriteEndObject();
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

        output.Json.WriteStartObject("sessionContext"u8);
        output.Json.WriteStartObject("attributes"u8);
        output.Text("mfaAuthenticated"u8, methods is null ? null : methods.Contains("mfa", StringComparison.OrdinalIgnoreCase) ? "true" : "false");
        output.Text("creationDate"u8, issued < 0 ? null : AzureTimes.Format(issued * 1000));
        output.Text("tokenId"u8, token);
        output.Json.WriteEndObject();
        output.Json.WriteEndObject();
    }
}
