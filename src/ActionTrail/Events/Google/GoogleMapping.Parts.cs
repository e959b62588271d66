using System.Text.Json;

namespace ActionTrail.Events.Google;

/// <content>Caller, resources, region and outcome.</content>
internal sealed partial class GoogleMapping
{
    // Collects the resources; true when the call only read. What the permissions say counts; without them only the log
    // data_access holds reads, told by their verb.
    private bool ReadPermissions(ObjectIndex.Members audit, JsonSlice resourceType, ReadOnlySpan<byte> log)
    {
        resources.Clear();
        var type = resourceType.HasText ? resourceType.Utf8 : "resource"u8;
        var name = audit["resourceName"u8].Utf8;
        resources.Add(type, name);
        resources.Add(type, name[(name.LastIndexOf((byte)'/') + 1)..]);
        var reads = false;
        var writes = false;
        if (audit["authorizationInfo"u8] is { IsArray: true } listed)
        {
            var reader = new Utf8JsonReader(listed.Raw, new JsonReaderOptions { MaxDepth = 1000 });
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                var one = permission.Read(listed.Raw[start..(int)reader.BytesConsumed], "/protoPayload/authorizationInfo");
                var kind = one["permissionType"u8].Utf8;
                reads |= kind.EndsWith("_READ"u8);
                writes |= kind.EndsWith("_WRITE"u8);
                var of = attributes.Read(one["resourceAttributes"u8].Raw, "/protoPayload/authorizationInfo/resourceAttributes")["type"u8];
                resources.Add(of.HasText ? of.Utf8 : type, one["resource"u8].Utf8);
            }
        }

        return reads || writes ? !writes : log.SequenceEqual("data_access"u8) && GoogleNames.IsRead(audit["methodName"u8].Utf8);
    }

    private void WriteRegion(ObjectIndex.Members audit, ObjectIndex.Members label, MappedEvent output)
    {
        var place = label["region"u8].Or(label["location"u8]).Or(label["zone"u8]);
        var text = place.HasText ? place.Utf8 : FirstOf(location.Read(audit["resourceLocation"u8].Raw, "/protoPayload/resourceLocation")["currentLocations"u8]).Utf8;

        // A zone, "europe-west1-b", lies in the region before its last hyphen.
        var region = text.Length > 2 && text[^2] == '-' && char.IsAsciiLetterLower((char)text[^1]) && char.IsAsciiDigit((char)text[^3]) ? text[..^2] : text;
        var isGlobal = region.IsEmpty || region.SequenceEqual("global"u8);
        output.Json.WriteString("acsRegion"u8, isGlobal ? "global"u8 : region);
        if (isGlobal)
        {
            output.Json.WriteBoolean("isGlobal"u8, value: true);
        }
    }

    private static JsonSlice FirstOf(JsonSlice array)
    {
        if (!array.IsArray)
        {
            return default;
        }

        var reader = new Utf8JsonReader(array.Raw, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        return reader.TokenType == JsonTokenType.String ? new JsonSlice(array.Raw[start..(int)reader.BytesConsumed]) : default;
    }

    // Code 0 is success. What a policy denied is no success even where the entry has no code: 7, permission denied.
    private void WriteOutcome(ObjectIndex.Members audit, ReadOnlySpan<byte> log, MappedEvent output)
    {
        var outcome = status.Read(audit["status"u8].Raw, "/protoPayload/status");
        var code = outcome["code"u8];
        if (code.HasText && !code.Is("0"u8))
        {
            output.CopyText("errorCode"u8, code);
            output.CopyText("errorMessage"u8, outcome["message"u8]);
        }
        else if (log.SequenceEqual("policy"u8))
        {
            output.Json.WriteString("errorCode"u8, "7"u8);
            output.CopyText("errorMessage"u8, outcome["message"u8]);
        }
    }

    private void WriteCaller(ObjectIndex.Members audit, MappedEvent output)
    {
        var sent = request.Read(audit["requestMetadata"u8].Raw, "/protoPayload/requestMetadata");
        output.CopyText("sourceIpAddress"u8, sent["callerIp"u8]);
        output.CopyText("userAgent"u8, sent["callerSuppliedUserAgent"u8]);
        var who = caller.Read(audit["authenticationInfo"u8].Raw, "/protoPayload/authenticationInfo");
        var email = who["principalEmail"u8];
        var subject = who["principalSubject"u8];
        var keyName = who["serviceAccountKeyName"u8].Utf8;
        output.Json.WriteStartObject("userIdentity"u8);
        output.Json.WriteString("type"u8, TypeOf(email, subject));
        output.CopyText("userName"u8, email.Or(subject));
        output.CopyText("principalId"u8, subject);
        if (!keyName.IsEmpty)
        {
            output.Json.WriteString("accessKeyId"u8, keyName[(keyName.LastIndexOf((byte)'/') + 1)..]);
        }

        output.Json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> TypeOf(JsonSlice email, JsonSlice subject)
    {
        var name = subject.Utf8;
        return name.StartsWith("serviceAccount:"u8) || email.Utf8.EndsWith("gserviceaccount.com"u8) ? "assumed-role"u8
            : name.StartsWith("principal"u8) ? "cloudsso-user"u8
            : email.Is("system@google.com"u8) || !(email.HasText || subject.HasText) ? "system"u8
            : "ram-user"u8;
    }

    private static void WriteSensitive(ReadOnlySpan<byte> method, MappedEvent output)
    {
        if (GoogleNames.IsSensitive(method))
        {
            output.Json.WriteStartObject("eventAttributes"u8);
            output.Json.WriteString("SensitiveAction"u8, "true"u8);
            output.Json.WriteEndObject();
        }
    }

    private static void WriteAdditional(ObjectIndex.Members entry, ObjectIndex.Members audit, ReadOnlySpan<byte> log, ObjectIndex.Members target, MappedEvent output)
    {
        output.Json.WriteStartObject("additionalEventData"u8);
        output.Json.WriteString("log"u8, log);
        output.CopyText("logName"u8, entry["logName"u8]);
        output.CopyText("severity"u8, entry["severity"u8]);
        output.CopyText("receiveTimestamp"u8, entry["receiveTimestamp"u8]);
        output.Copy("operation"u8, entry["operation"u8]);
        output.Copy("resourceLabels"u8, target["labels"u8]);
        output.Copy("resourceOriginalState"u8, audit["resourceOriginalState"u8]);
        output.Copy("policyViolationInfo"u8, audit["policyViolationInfo"u8]);
        output.Json.WriteEndObject();
    }
}
