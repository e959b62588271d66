namespace ActionTrail.Events.CloudTrail;

/// <content>Who did it, and what has no field of ours.</content>
internal sealed partial class CloudTrailMapping
{
    private void WriteIdentity(ObjectIndex.Members user, MappedEvent output)
    {
        var context = session.Read(user["sessionContext"u8].Raw, "/userIdentity/sessionContext");
        var issued = issuer.Read(context["sessionIssuer"u8].Raw, "/userIdentity/sessionContext/sessionIssuer");
        output.Json.WriteStartObject("userIdentity"u8);
        output.Json.WriteString("type"u8, CloudTrailNames.IdentityType(user["type"u8]));
        output.CopyText("accountId"u8, user["accountId"u8]);
        output.CopyText("principalId"u8, user["principalId"u8]);
        output.CopyText("accessKeyId"u8, user["accessKeyId"u8]);
        output.CopyText("arn"u8, user["arn"u8]);
        WriteUserName(user, issued, output);
        output.CopyObject("sessionContext"u8, user["sessionContext"u8]);
        output.Json.WriteEndObject();
    }

    private void WriteUserName(ObjectIndex.Members user, ObjectIndex.Members issued, MappedEvent output)
    {
        var type = user["type"u8];
        var given = user["userName"u8];
        if (type.Is("AssumedRole"u8) && TryRoleAndSession(user, issued))
        {
            output.Json.WriteString("userName"u8, userName.Written);
        }
        else if (given.HasText)
        {
            output.CopyText("userName"u8, given);
        }
        else if (type.Is("Root"u8))
        {
            output.Json.WriteString("userName"u8, "root"u8);
        }
        else if (type.Is("AWSService"u8) || !type.HasText)
        {
            output.CopyText("userName"u8, user["invokedBy"u8]);
        }
        else if (onBehalfOf.Read(user["onBehalfOf"u8].Raw, "/userIdentity/onBehalfOf")["userId"u8] is { HasText: true } person)
        {
            output.CopyText("userName"u8, person);
        }
        else if (AfterLast(user["arn"u8].Utf8, (byte)'/') is { IsEmpty: false } last)
        {
            output.Json.WriteString("userName"u8, last);
        }
    }

    // "role:session". The role is named by the issuer of the session, the session by principalId "id:session";
    // else both by the arn "arn:aws:sts::account:assumed-role/role/session".
    private bool TryRoleAndSession(ObjectIndex.Members user, ObjectIndex.Members issued)
    {
        const byte Colon = (byte)':';
        const byte Slash = (byte)'/';
        var role = issued["userName"u8].Utf8;
        var path = user["arn"u8].Utf8;
        var principal = AfterLast(user["principalId"u8].Utf8, Colon);
        var sessionName = principal.IsEmpty ? AfterLast(path, Slash) : principal;
        if (role.IsEmpty && path.LastIndexOf(Slash) is var end and > 0)
        {
            role = AfterLast(path[..end], Slash);
        }

        if (role.IsEmpty)
        {
            return false;
        }

        userName.Clear();
        userName.Append(role);
        if (!sessionName.IsEmpty)
        {
            userName.Append(":"u8);
            userName.Append(sessionName);
        }

        return true;
    }

    private static ReadOnlySpan<byte> AfterLast(ReadOnlySpan<byte> text, byte separator) =>
        text.LastIndexOf(separator) is var at and >= 0 ? text[(at + 1)..] : default;

    private void WriteAdditional(ObjectIndex.Members record, ObjectIndex.Members user, MappedEvent output)
    {
        output.Json.WriteStartObject("additionalEventData"u8);
        output.CopyText("eventVersion"u8, record["eventVersion"u8]);
        output.CopyText("invokedBy"u8, user["invokedBy"u8]);
        output.Copy("managementEvent"u8, record["managementEvent"u8]);
        output.Copy("sessionCredentialFromConsole"u8, record["sessionCredentialFromConsole"u8]);
        output.Copy("tlsDetails"u8, record["tlsDetails"u8]);
        output.Copy("serviceEventDetails"u8, record["serviceEventDetails"u8]);
        output.Copy("addendum"u8, record["addendum"u8]);
        output.Copy("edgeDeviceDetails"u8, record["edgeDeviceDetails"u8]);
        output.CopyText("vpcEndpointAccountId"u8, record["vpcEndpointAccountId"u8]);
        if (record["eventCategory"u8].Is("NetworkActivity"u8))
        {
            output.Json.WriteString("eventCategory"u8, "NetworkActivity"u8);
        }

        // The service's own data: in one member, since its names are not ours to keep apart from the ones above.
        output.CopyObject("serviceData"u8, record["additionalEventData"u8]);
        output.Json.WriteEndObject();
    }
}
