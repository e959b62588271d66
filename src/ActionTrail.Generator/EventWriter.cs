using System.Text.Json;

namespace ActionTrail.Generator;

/// <summary>Writes a draft as the JSON of one ActionTrail event. Field meanings: docs of the event form, version 1.</summary>
internal static class EventWriter
{
    public static void Write(Utf8JsonWriter json, in Draft draft, ReadOnlySpan<byte> account, int targetBytes)
    {
        Span<byte> scratch = stackalloc byte[256];
        Span<byte> requestId = stackalloc byte[36];
        Span<byte> time = stackalloc byte[20];
        Span<byte> resourceBytes = stackalloc byte[64];
        Ids.Guid(requestId, draft.RequestSeed, Chance.Mix(draft.RequestSeed), upper: true);
        draft.Time.TryFormat(time, out _, "yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        ReadOnlySpan<byte> resource = draft.WriteResource(resourceBytes);

        json.WriteStartObject();
        json.WriteString("eventId"u8, draft.WriteEventId(scratch));
        json.WriteNumber("eventVersion"u8, 1);
        json.WriteString("eventTime"u8, time);
        json.WriteString("eventType"u8, draft.IsConsole ? draft.Action.NameUtf8 : "ApiCall"u8);
        json.WriteString("eventCategory"u8, "Management"u8);
        json.WriteString("eventName"u8, draft.Action.NameUtf8);
        json.WriteString("eventRW"u8, draft.Action.IsWrite ? "Write"u8 : "Read"u8);
        json.WriteString("eventSource"u8, draft.IsConsole ? "signin.aliyun.com"u8 : draft.WriteServiceHost(scratch, withRegion: true));
        json.WriteString("serviceName"u8, draft.Service.NameUtf8);
        json.WriteString("apiVersion"u8, draft.Service.ApiVersionUtf8);
        json.WriteString("acsRegion"u8, draft.RegionName);
        json.WriteBoolean("isGlobal"u8, draft.Service.IsGlobal);
        json.WriteString("requestId"u8, requestId);
        if (draft.Error is { } error)
        {
            json.WriteString("errorCode"u8, error.Code);
            json.WriteString("errorMessage"u8, error.Message);
        }
        json.WriteString("sourceIpAddress"u8, draft.WriteAddress(scratch));
        json.WriteString("userAgent"u8, draft.Actor.Kind == ActorKind.System ? draft.WriteServiceHost(scratch, withRegion: false) : draft.Actor.Agent);
        json.WriteString("resourceType"u8, draft.Action.Resource.TypeUtf8);
        json.WriteString("resourceName"u8, resource);
        if (draft.Action.IsWrite)
        {
            json.WriteStartObject("referencedResources"u8);
            json.WriteStartArray(draft.Action.Resource.TypeUtf8);
            json.WriteStringValue(resource);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteString("recipientAccountId"u8, account);
        WriteIdentity(json, draft, account, time, scratch);
        if (draft.Action.IsSensitive)
        {
            json.WriteStartObject("eventAttributes"u8);
            json.WriteString("SensitiveAction"u8, "true"u8);
            json.WriteEndObject();
        }
        WriteAdditional(json, draft);
        WriteResponse(json, draft, requestId, resource);
        WriteRequest(json, draft, requestId, resource, targetBytes, scratch);
        json.WriteEndObject();
    }

    private static void WriteIdentity(Utf8JsonWriter json, in Draft draft, ReadOnlySpan<byte> account, ReadOnlySpan<byte> time, Span<byte> scratch)
    {
        json.WriteStartObject("userIdentity"u8);
        json.WriteString("type"u8, draft.Actor.Kind switch
        {
            ActorKind.RamUser => "ram-user"u8,
            ActorKind.AssumedRole => "assumed-role"u8,
            ActorKind.RootAccount => "root-account"u8,
            _ => "system"u8,
        });
        json.WriteString("userName"u8, draft.WriteUserName(scratch));
        if (draft.Actor.Kind != ActorKind.System)
        {
            json.WriteString("accountId"u8, account);
            json.WriteString("principalId"u8, draft.WritePrincipal(scratch));
            var key = draft.WriteAccessKey(scratch);
            if (!key.IsEmpty)
                json.WriteString("accessKeyId"u8, key);
            json.WriteStartObject("sessionContext"u8);
            json.WriteStartObject("attributes"u8);
            json.WriteString("mfaAuthenticated"u8, draft.Actor.UsesMfa ? "true"u8 : "false"u8);
            json.WriteString("creationDate"u8, time);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteAdditional(Utf8JsonWriter json, in Draft draft)
    {
        json.WriteStartObject("additionalEventData"u8);
        if (draft.IsConsole)
        {
            json.WriteString("callbackUrl"u8, "https://actiontrail.console.aliyun.com/cn-hangzhou/event-list"u8);
            json.WriteString("mfaChecked"u8, draft.Actor.UsesMfa ? "true"u8 : "false"u8);
        }
        else
        {
            json.WriteString("Scheme"u8, "https"u8);
            json.WriteString("CallerBid"u8, "26842"u8);
        }
        json.WriteEndObject();
    }

    private static void WriteResponse(Utf8JsonWriter json, in Draft draft, ReadOnlySpan<byte> requestId, ReadOnlySpan<byte> resource)
    {
        if (draft.Error is not null || draft.IsConsole)
            return;
        json.WriteStartObject("responseElements"u8);
        json.WriteString("RequestId"u8, requestId);
        if (draft.Action.IsWrite)
        {
            json.WriteString(draft.Action.Resource.ParameterUtf8, resource);
        }
        else
        {
            json.WriteNumber("TotalCount"u8, (int)(draft.RequestSeed >> 20 & 0x1FF));
            json.WriteNumber("PageNumber"u8, 1);
            json.WriteNumber("PageSize"u8, 50);
        }
        json.WriteEndObject();
    }

    // Parameters common to all calls, the resource, what a read or a write asks for, and tags up to the wanted size.
    private static void WriteRequest(Utf8JsonWriter json, in Draft draft, ReadOnlySpan<byte> requestId, ReadOnlySpan<byte> resource, int targetBytes, Span<byte> scratch)
    {
        json.WriteStartObject("requestParameters"u8);
        json.WriteString("AcsProduct"u8, draft.Service.NameUtf8);
        json.WriteString("RegionId"u8, draft.RegionName);
        json.WriteString("RequestId"u8, requestId);
        json.WriteString(draft.Action.Resource.ParameterUtf8, resource);
        if (draft.Action.IsWrite)
        {
            json.WriteString("ClientToken"u8, Ids.Guid(scratch, Chance.Mix(draft.RequestSeed + 1), Chance.Mix(draft.RequestSeed + 2), upper: false));
            json.WriteString("DryRun"u8, "false"u8);
        }
        else
        {
            json.WriteString("PageNumber"u8, "1"u8);
            json.WriteString("PageSize"u8, "50"u8);
        }

        var tag = 0;
        Span<byte> name = stackalloc byte[24];
        while (targetBytes - json.BytesCommitted - json.BytesPending > 40)
        {
            var seed = Chance.Mix(draft.AccountSeed, (ulong)((draft.Resource * 7) + tag) % 97);
            tag++;
            "Tag."u8.CopyTo(name);
            tag.TryFormat(name[4..], out var digits, default, System.Globalization.CultureInfo.InvariantCulture);
            ".Value"u8.CopyTo(name[(4 + digits)..]);
            json.WriteString(name[..(10 + digits)], Ids.Text(scratch, "team-"u8, seed, 12, Ids.Base36));
        }
        json.WriteEndObject();
    }
}
